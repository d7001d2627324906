CREATE FUNCTION campaign_attempts_count() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE campaign_attempts SET count = count - 1
            WHERE campaign_id = old.campaign_id AND outcome = COALESCE(old.outcome, '');
    END IF;
    INSERT INTO campaign_attempts (campaign_id, outcome, count) VALUES (new.campaign_id, COALESCE(new.outcome, ''), 1)
        ON CONFLICT (campaign_id, outcome) DO UPDATE SET count = campaign_attempts.count + 1;
    RETURN NULL;
END
$$;
-- These keep others from adding attempts until all that there are have been counted.
CREATE TRIGGER campaign_attempts_count AFTER INSERT ON contact_attempts
    FOR EACH ROW EXECUTE FUNCTION campaign_attempts_count();
CREATE TRIGGER campaign_attempts_recount AFTER UPDATE OF outcome ON contact_attempts
    FOR EACH ROW WHEN (new.outcome IS DISTINCT FROM old.outcome) EXECUTE FUNCTION campaign_attempts_count();
INSERT INTO campaign_attempts (campaign_id, outcome, count)
    SELECT campaign_id, COALESCE(outcome, ''), COUNT(*) FROM contact_attempts GROUP BY campaign_id, COALESCE(outcome, '');

-- The audit log is added to. An entry goes once it is older than its organisation wants to keep, by the server's clock and
-- with an hour for clocks that differ; until then it neither changes nor goes, whoever asks.
CREATE FUNCTION audit_is_kept() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'an entry of the audit log never changes';
    END IF;
    IF TG_OP = 'TRUNCATE' OR NOT EXISTS (
        SELECT 1 FROM retention_policies WHERE organization_id = old.organization_id AND audit_days IS NOT NULL
            AND old.at < (CAST(EXTRACT(EPOCH FROM now()) AS BIGINT) - audit_days * 86400 + 3600) * 1000000)
    THEN
        RAISE EXCEPTION 'an entry of the audit log goes only once it is older than the retention policy says';
    END IF;
    RETURN old;
END
$$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
