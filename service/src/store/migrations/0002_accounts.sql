-- Accounts that administrators manage. Additions alone: processes of the previous release go on working.

CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);
INSERT INTO organizations (id, created_at)
    SELECT organization_id, MIN(created_at) FROM users GROUP BY organization_id;

ALTER TABLE users ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- Access tokens made before this are refused. Seconds since 1970, since that is what tokens hold.
ALTER TABLE users ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0;
CREATE INDEX users_by_organization ON users (organization_id, id);
CREATE INDEX users_by_not_before ON users (not_before) WHERE not_before > 0;

CREATE INDEX refresh_tokens_used ON refresh_tokens (issued_at) WHERE used_at IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- How far the attempts of one address or for one account have used up what they may. `spent_until` is when all of it
-- has come back, in microseconds since 1970.
CREATE TABLE login_limits (
    subject TEXT PRIMARY KEY,
    spent_until BIGINT NOT NULL
);
CREATE INDEX login_limits_by_time ON login_limits (spent_until);

-- From where somebody logged in to an account of late; `subject` is a hash of both.
CREATE TABLE known_addresses (
    subject TEXT PRIMARY KEY,
    known_until BIGINT NOT NULL
);
CREATE INDEX known_addresses_by_time ON known_addresses (known_until);
