-- What telephony providers and dialers know of calls. Additions alone.

ALTER TABLE calls ADD COLUMN contact_id TEXT;
ALTER TABLE calls ADD COLUMN end_reason TEXT;
ALTER TABLE calls ADD COLUMN recording_url TEXT;
-- unknown, granted or denied; empty when nobody spoke of a recording.
ALTER TABLE calls ADD COLUMN recording_consent TEXT;

-- There is one call with a provider's id. Earlier releases did not hold to it: the first keeps the id, and the others
-- get one that still shows it.
UPDATE calls SET provider_call_id = provider_call_id || '#' || id
    WHERE provider IS NOT NULL AND provider_call_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM calls AS earlier WHERE earlier.organization_id = calls.organization_id
        AND earlier.provider = calls.provider AND earlier.provider_call_id = calls.provider_call_id
        AND earlier.id < calls.id);
CREATE UNIQUE INDEX calls_by_provider ON calls (organization_id, provider, provider_call_id);

-- For the watchdog: calls that are under way, longest unchanged first.
CREATE INDEX calls_open ON calls (updated_at) WHERE ended_at IS NULL;
