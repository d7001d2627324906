-- What lists of accounts, erasures by contact, counts by campaign and the audit log need. Additions alone.

-- An index for each filter and order of the list of accounts.
CREATE INDEX users_by_creation ON users (organization_id, created_at, id);
CREATE INDEX users_by_email ON users (organization_id, email, id);
CREATE INDEX users_by_role ON users (organization_id, role, created_at, id);
CREATE INDEX users_disabled ON users (organization_id, created_at, id) WHERE disabled_at IS NOT NULL;

-- Who is erased by a contact's id. The number is there only until all of it is erased; it has a column of its own, so that
-- processes of the previous release, which know of numbers alone, leave these erasures to others.
ALTER TABLE erasures ADD COLUMN contact_id TEXT;
ALTER TABLE erasures ADD COLUMN contact_number TEXT;
