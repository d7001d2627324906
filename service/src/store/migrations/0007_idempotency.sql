-- Requests that were made under a key of the caller's, so that their repetition changes nothing. The row is in the
-- transaction of the change; the answer is added when it is known.
CREATE TABLE idempotency_keys (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    -- SHA-256 of the key.
    key TEXT NOT NULL,
    -- HMAC under the key of method, path and body.
    request TEXT NOT NULL,
    -- Path of what was changed or made.
    object TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    status BIGINT,
    headers TEXT,
    body TEXT,
    PRIMARY KEY (organization_id, user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
