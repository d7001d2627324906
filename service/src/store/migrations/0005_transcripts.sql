-- What was said in calls. Additions alone. What searches need differs by database and has a file for each.

CREATE TABLE transcripts (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    -- There is one transcript of a call.
    call_id TEXT NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
    -- open, completed or failed.
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    language TEXT,
    segment_count BIGINT NOT NULL,
    partial_count BIGINT NOT NULL,
    word_count BIGINT NOT NULL,
    -- Confidences are millionths.
    confidence_sum BIGINT NOT NULL,
    confidence_count BIGINT NOT NULL,
    failure_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    completed_at BIGINT,
    -- When `call.transcribed` was written: not before the call has ended.
    told_at BIGINT
);
CREATE INDEX transcripts_by_age ON transcripts (organization_id, created_at);

CREATE TABLE transcript_segments (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    transcript_id TEXT NOT NULL REFERENCES transcripts (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    party TEXT NOT NULL,
    -- Redacted characters are not in it.
    text TEXT NOT NULL,
    starts_ms BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL,
    confidence BIGINT,
    language TEXT,
    is_final BIGINT NOT NULL,
    -- JSON: [{"start","end","reason"}], in characters.
    redactions TEXT NOT NULL,
    UNIQUE (transcript_id, sequence)
);
