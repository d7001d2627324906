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
