-- Delivery by position: what is to be published is read in the order of the stream, from where reading left off.
-- `shard` is a hash of the subject, by which several processes share subjects; without one it is told from the subject.
-- `delivery` may also be parked: an event that can never be published as it is, since `parked_at` and why. It stops its
-- subject and is never deleted.
ALTER TABLE outbox ADD COLUMN shard BIGINT;
ALTER TABLE outbox ADD COLUMN parked_at BIGINT;
ALTER TABLE outbox ADD COLUMN parked_reason TEXT;
CREATE INDEX outbox_to_publish ON outbox (position) WHERE delivery = 'pending';
CREATE INDEX outbox_to_retry ON outbox (next_attempt_at) WHERE delivery = 'pending' AND next_attempt_at > 0;
CREATE INDEX outbox_parked ON outbox (organization_id, id) WHERE delivery = 'parked';
