-- The order in which listeners hear of events: an event gets its position after its transaction is kept. Additions
-- alone.

ALTER TABLE outbox ADD COLUMN position BIGINT;
CREATE UNIQUE INDEX outbox_positions ON outbox (position);
CREATE INDEX outbox_by_organization ON outbox (organization_id, position);
CREATE INDEX outbox_without_position ON outbox (created_at, id) WHERE position IS NULL;

-- One row. `epoch` is new when the database was put back to an earlier state, so that positions from before mean
-- nothing any more; `pruned_position` is the highest of a deleted event.
CREATE TABLE stream_state (
    id BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    last_position BIGINT NOT NULL,
    pruned_position BIGINT NOT NULL
);
INSERT INTO stream_state (id, epoch, last_position, pruned_position) VALUES (1, '', 0, 0);
