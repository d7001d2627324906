-- Campaigns, whom they call, and whom nobody may call. Additions alone.

CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    event_sequence BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    from_number TEXT NOT NULL,
    language TEXT,
    time_zone TEXT NOT NULL,
    -- JSON, as are `retry` and `metadata`.
    calling_windows TEXT NOT NULL,
    starts_at BIGINT,
    ends_at BIGINT,
    max_concurrency BIGINT NOT NULL,
    retry TEXT NOT NULL,
    lease_seconds BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    -- How many contacts stand where. Whoever changes a contact holds the campaign's row locked.
    pending BIGINT NOT NULL,
    in_progress BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    exhausted BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    end_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX campaigns_by_organization ON campaigns (organization_id, id);
CREATE INDEX campaigns_by_status ON campaigns (organization_id, status, id);
-- For what happens by itself.
CREATE INDEX campaigns_to_start ON campaigns (starts_at) WHERE status = 'scheduled';
CREATE INDEX campaigns_to_end ON campaigns (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;

CREATE TABLE campaign_contacts (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    number TEXT NOT NULL,
    name TEXT,
    external_id TEXT,
    language TEXT,
    -- Empty for the campaign's: then one index serves all.
    time_zone TEXT NOT NULL,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    attempt_count BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (campaign_id, number)
);
CREATE INDEX campaign_contacts_in_order ON campaign_contacts (campaign_id, id);
CREATE INDEX campaign_contacts_by_status ON campaign_contacts (campaign_id, status, id);
-- For handing out: of each time zone, whoever has been due for longest.
CREATE INDEX campaign_contacts_waiting ON campaign_contacts (campaign_id, time_zone, due_at, id)
    WHERE status = 'pending';

-- For whoever has to find a person again.
CREATE INDEX campaign_contacts_by_number ON campaign_contacts (organization_id, number);

-- The time zones that contacts of a campaign have.
CREATE TABLE campaign_time_zones (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    time_zone TEXT NOT NULL,
    PRIMARY KEY (campaign_id, time_zone)
);

-- Each time that a contact was handed out.
CREATE TABLE contact_attempts (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES campaign_contacts (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    request_id TEXT,
    dialled_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    outcome TEXT,
    settled_by TEXT,
    settled_at BIGINT,
    call_id TEXT,
    UNIQUE (contact_id, number)
);
-- A repeated request gets what it got before, until that is settled.
CREATE UNIQUE INDEX contact_attempts_by_request ON contact_attempts (campaign_id, user_id, request_id)
    WHERE settled_at IS NULL AND request_id IS NOT NULL;
CREATE INDEX contact_attempts_open ON contact_attempts (campaign_id, lease_until) WHERE settled_at IS NULL;
CREATE INDEX contact_attempts_by_lease ON contact_attempts (lease_until) WHERE settled_at IS NULL;

-- A contact that somebody talks with does not go back.
CREATE INDEX calls_open_by_contact ON calls (contact_id) WHERE ended_at IS NULL AND contact_id IS NOT NULL;

CREATE TABLE contact_imports (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    format TEXT NOT NULL,
    rows_read BIGINT NOT NULL,
    added BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    suppressed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    -- JSON; the first ones alone.
    errors TEXT NOT NULL,
    end_reason TEXT,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX contact_imports_by_campaign ON contact_imports (campaign_id, id);
CREATE INDEX contact_imports_running ON contact_imports (campaign_id) WHERE state = 'running';
CREATE INDEX contact_imports_silent ON contact_imports (updated_at) WHERE state = 'running';

-- Numbers that nobody of the organisation may call.
CREATE TABLE suppressions (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    number TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, number)
);
CREATE INDEX suppressions_in_order ON suppressions (organization_id, id);
