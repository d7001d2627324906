-- An index for each filter and order of the list of accounts.
CREATE INDEX users_by_creation ON users (organization_id, created_at, id);
CREATE INDEX users_by_email ON users (organization_id, email, id);
CREATE INDEX users_by_role ON users (organization_id, role, created_at, id);
CREATE INDEX users_disabled ON users (organization_id, created_at, id) WHERE disabled_at IS NOT NULL;
