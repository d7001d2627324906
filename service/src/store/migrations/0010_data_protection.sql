-- How long an organisation keeps what, and what of a person was erased. Additions alone.

-- Whole days; empty: for ever.
CREATE TABLE retention_policies (
    organization_id TEXT PRIMARY KEY,
    calls_days BIGINT,
    transcripts_days BIGINT,
    audit_days BIGINT,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE calls ADD COLUMN erased_at BIGINT;
CREATE INDEX calls_from ON calls (organization_id, from_number, id);
CREATE INDEX calls_to ON calls (organization_id, to_number, id);

-- Receipts. `number` is there only until all of it is erased.
CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    number TEXT,
    masked_number TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    completed_at BIGINT,
    calls BIGINT NOT NULL,
    transcripts BIGINT NOT NULL,
    contacts BIGINT NOT NULL,
    events BIGINT NOT NULL,
    -- Links to delete at the provider, JSON; dropped after a month.
    recordings TEXT NOT NULL
);
CREATE INDEX erasures_by_organization ON erasures (organization_id, id);
CREATE INDEX erasures_open ON erasures (created_at) WHERE completed_at IS NULL;
