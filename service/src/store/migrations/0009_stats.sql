-- What wallboards show. Additions alone.

-- Calls by the minute (since 1970) in which they began or ended, counted from their events when these get their
-- positions: by one process at a time, so that no writer waits for another's counter.
CREATE TABLE call_minutes (
    organization_id TEXT NOT NULL,
    minute BIGINT NOT NULL,
    started BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    no_answer BIGINT NOT NULL,
    busy BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    canceled BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    duration_seconds BIGINT NOT NULL,
    talk_seconds BIGINT NOT NULL,
    PRIMARY KEY (organization_id, minute)
);
CREATE INDEX call_minutes_by_time ON call_minutes (minute);

CREATE INDEX calls_under_way ON calls (organization_id, status, created_at) WHERE ended_at IS NULL;
