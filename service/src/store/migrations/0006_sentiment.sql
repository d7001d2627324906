-- Moods told from calls and segments of them. Additions alone.

CREATE TABLE sentiments (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- Empty when it is about the whole call.
    segment_id TEXT REFERENCES transcript_segments (id) ON DELETE CASCADE,
    segment_sequence BIGINT,
    party TEXT NOT NULL,
    basis TEXT NOT NULL,
    method TEXT NOT NULL,
    method_version TEXT,
    -- requested, analyzed, skipped or failed.
    status TEXT NOT NULL,
    reason TEXT,
    -- Score and confidence are millionths.
    label TEXT,
    score BIGINT,
    confidence BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- When `sentiment.analyzed` was written; stays empty where there is nothing to tell.
    told_at BIGINT
);
CREATE INDEX sentiments_by_call ON sentiments (call_id, id);
CREATE INDEX sentiments_by_segment ON sentiments (segment_id, id) WHERE segment_id IS NOT NULL;
-- Those of whole calls that wait for the call's end.
CREATE INDEX sentiments_untold ON sentiments (call_id)
    WHERE told_at IS NULL AND segment_id IS NULL AND status = 'analyzed';
