CREATE TRIGGER campaign_attempts_count AFTER INSERT ON contact_attempts BEGIN
    INSERT INTO campaign_attempts (campaign_id, outcome, count) VALUES (new.campaign_id, COALESCE(new.outcome, ''), 1)
        ON CONFLICT (campaign_id, outcome) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER campaign_attempts_recount AFTER UPDATE OF outcome ON contact_attempts
    WHEN new.outcome IS NOT old.outcome
BEGIN
    UPDATE campaign_attempts SET count = count - 1
        WHERE campaign_id = old.campaign_id AND outcome = COALESCE(old.outcome, '');
    INSERT INTO campaign_attempts (campaign_id, outcome, count) VALUES (new.campaign_id, COALESCE(new.outcome, ''), 1)
        ON CONFLICT (campaign_id, outcome) DO UPDATE SET count = count + 1;
END;
INSERT INTO campaign_attempts (campaign_id, outcome, count)
    SELECT campaign_id, COALESCE(outcome, ''), COUNT(*) FROM contact_attempts GROUP BY campaign_id, COALESCE(outcome, '');
