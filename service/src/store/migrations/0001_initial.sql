-- One text for SQLite and PostgreSQL: TEXT and BIGINT alone. Times are microseconds since 1970 UTC, ids are UUIDv7.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    -- Lower case: there is one account for an address, in whichever organisation.
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT
);

-- All tokens that came of one login.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Each refresh token by the SHA-256 of its jti: what is stored here is of no use to who reads it.
CREATE TABLE refresh_tokens (
    jti_hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at BIGINT NOT NULL,
    used_at BIGINT,
    successor_hash TEXT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    event_sequence BIGINT NOT NULL,
    direction TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    campaign_id TEXT,
    agent_id TEXT,
    provider TEXT,
    provider_call_id TEXT,
    language TEXT,
    metadata TEXT NOT NULL,
    outcome TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    answered_at BIGINT,
    ended_at BIGINT
);

-- Events, written in the transaction of what they tell of. `delivery` is pending, published, or local when events are
-- not sent to a broker.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    organization_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    delivery TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    settled_at BIGINT,
    UNIQUE (subject, sequence)
);
CREATE INDEX outbox_pending ON outbox (created_at, id) WHERE delivery = 'pending';
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE delivery <> 'pending';
