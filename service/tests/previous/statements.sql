-- What the release before this one asks of the database, statement by statement, for one call from begin to end. This
-- release must leave all of it possible, since pods of both run beside each other during a rollout.
INSERT INTO users (id, organization_id, email, name, role, password_hash, version, created_at, updated_at, disabled_at, not_before) VALUES ('u-old', 'ours', 'old@example.com', 'Old', 'agent', 'none', 1, 1, 1, NULL, 0) ON CONFLICT (email) DO NOTHING;
UPDATE users SET name = 'Older', role = 'agent', password_hash = 'none', version = 2, updated_at = 2, disabled_at = NULL, not_before = 0 WHERE id = 'u-old' AND version = 1;
INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ('s-old', 'u-old', 1, 9);
INSERT INTO refresh_tokens (jti_hash, session_id, issued_at) VALUES ('t-old', 's-old', 1);
UPDATE refresh_tokens SET used_at = 2, successor_hash = 'none' WHERE jti_hash = 't-old' AND used_at IS NULL;
INSERT INTO login_limits (subject, spent_until) VALUES ('l-old', 1) ON CONFLICT (subject) DO UPDATE SET spent_until = 2;
INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, to_number, campaign_id, agent_id, provider, provider_call_id, language, metadata, outcome, created_at, updated_at, started_at, answered_at, ended_at) VALUES ('c-old', 'ours', 'queued', 1, 0, 'inbound', '+420601123456', '+420222333444', NULL, NULL, 'twilio', 'CA-old', NULL, '{}', NULL, 1, 1, NULL, NULL, NULL);
UPDATE calls SET status = 'in_progress', version = 2, event_sequence = 1, outcome = NULL, updated_at = 2, started_at = 2, answered_at = 2, ended_at = NULL WHERE id = 'c-old' AND version = 1;
INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, attempts, next_attempt_at, settled_at) VALUES ('e-old-1', 'c-old', 1, 'ours', 'call.started', '{"type":"call.started","timestamp":"2026-01-05T10:00:00Z","data":{"call_id":"c-old","direction":"inbound","sequence":1}}', 2, 'local', 0, 0, 2);
UPDATE calls SET status = 'completed', version = 3, event_sequence = 2, outcome = 'sold', updated_at = 3, started_at = 2, answered_at = 2, ended_at = 3 WHERE id = 'c-old' AND version = 2;
INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, attempts, next_attempt_at, settled_at) VALUES ('e-old-2', 'c-old', 2, 'ours', 'call.ended', '{"type":"call.ended","timestamp":"2026-01-05T10:00:01Z","data":{"call_id":"c-old","status":"completed","answered":true,"duration":1,"talk_seconds":1,"sequence":2}}', 3, 'local', 0, 0, 3);
UPDATE outbox SET attempts = attempts + 1, next_attempt_at = 5 WHERE id = 'e-old-2';
UPDATE sessions SET ended_at = 4 WHERE id = 's-old' AND ended_at IS NULL;
