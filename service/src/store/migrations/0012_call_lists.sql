-- An index for each filter and order of the list of calls. Columns that may be empty cost nothing where they are.
CREATE INDEX calls_by_id ON calls (organization_id, id);
CREATE INDEX calls_by_status ON calls (organization_id, status, id);
CREATE INDEX calls_by_direction ON calls (organization_id, direction, id);
CREATE INDEX calls_by_campaign ON calls (organization_id, campaign_id, id) WHERE campaign_id IS NOT NULL;
CREATE INDEX calls_by_contact ON calls (organization_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, id) WHERE agent_id IS NOT NULL;
CREATE INDEX calls_at_provider ON calls (organization_id, provider, id) WHERE provider IS NOT NULL;
CREATE INDEX calls_by_language ON calls (organization_id, language, id) WHERE language IS NOT NULL;
CREATE INDEX calls_by_creation ON calls (organization_id, created_at, id);
CREATE INDEX calls_by_start ON calls (organization_id, started_at, id) WHERE started_at IS NOT NULL;
CREATE INDEX calls_by_ended_at ON calls (organization_id, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX calls_by_duration ON calls (organization_id, (ended_at - started_at), id) WHERE ended_at IS NOT NULL;
