-- What lists of accounts, erasures by contact, counts by campaign and the audit log need. Additions alone.

-- An index for each filter and order of the list of accounts.
CREATE INDEX users_by_creation ON users (organization_id, created_at, id);
CREATE INDEX users_by_email ON users (organization_id, email, id);
CREATE INDEX users_by_role ON users (organization_id, role, created_at, id);
CREATE INDEX users_disabled ON users (organization_id, created_at, id) WHERE disabled_at IS NOT NULL;

-- Who is erased by a contact's id. The number is there only until all of it is erased; it has a column of its own, so that
-- processes of the previous release, which know of numbers alone, leave these erasures to others.
ALTER TABLE erasures ADD COLUMN contact_id TEXT;
ALTER TABLE erasures ADD COLUMN contact_number TEXT;

-- Calls of campaigns, counted from their events as `call_minutes` are, up to this position in the stream: whichever
-- process gave an event its position, also one of the previous release, it is counted here once.
ALTER TABLE stream_state ADD COLUMN counted_position BIGINT NOT NULL DEFAULT 0;
CREATE TABLE campaign_calls (
    campaign_id TEXT PRIMARY KEY REFERENCES campaigns (id) ON DELETE CASCADE,
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
    -- From begin to end, of those that were answered.
    handle_seconds BIGINT NOT NULL
);
CREATE INDEX calls_under_way_by_campaign ON calls (organization_id, campaign_id, status)
    WHERE ended_at IS NULL AND campaign_id IS NOT NULL;

-- The row is held from here on, so that no position is given meanwhile. What has none yet is counted when it has.
UPDATE stream_state SET counted_position = last_position;
INSERT INTO campaign_calls (campaign_id, started, completed, failed, no_answer, busy, rejected, canceled, answered,
        duration_seconds, talk_seconds, handle_seconds)
    SELECT campaigns.id, SUM(has_begun), SUM(CASE WHEN known.status = 'completed' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.status = 'failed' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.status = 'no_answer' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.status = 'busy' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.status = 'rejected' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.status = 'canceled' THEN has_ended ELSE 0 END),
        SUM(CASE WHEN known.answered_at IS NULL THEN 0 ELSE has_ended END),
        SUM(has_ended * (COALESCE(known.ended_at - known.started_at, 0) / 1000000)),
        SUM(has_ended * (COALESCE(known.ended_at - known.answered_at, 0) / 1000000)),
        SUM(CASE WHEN known.answered_at IS NULL THEN 0 ELSE has_ended * ((known.ended_at - known.started_at) / 1000000) END)
    FROM (
        SELECT organization_id, campaign_id, status, started_at, answered_at, ended_at,
            CASE WHEN started_at IS NULL OR id IN (
                SELECT subject FROM outbox WHERE position IS NULL AND type = 'call.started') THEN 0 ELSE 1 END AS has_begun,
            CASE WHEN ended_at IS NULL OR id IN (
                SELECT subject FROM outbox WHERE position IS NULL AND type = 'call.ended') THEN 0 ELSE 1 END AS has_ended
        FROM calls WHERE campaign_id IS NOT NULL) AS known
    JOIN campaigns ON campaigns.id = known.campaign_id AND campaigns.organization_id = known.organization_id
    GROUP BY campaigns.id;

-- Attempts of campaigns by what came of them, nothing while that is not known. Triggers count them, so that attempts of
-- the previous release's processes are counted too; whoever changes one holds the campaign's row locked anyway.
CREATE TABLE campaign_attempts (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, outcome)
);
