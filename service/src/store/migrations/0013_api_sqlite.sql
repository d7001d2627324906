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

-- The audit log is added to. An entry goes once it is older than its organisation wants to keep, by this machine's clock
-- and with an hour for clocks that differ; until then it neither changes nor goes, whoever asks.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log never changes');
END;
-- What is put in place of another row is not deleted as far as triggers are concerned.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log never changes');
END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    WHEN NOT EXISTS (
        SELECT 1 FROM retention_policies WHERE organization_id = old.organization_id AND audit_days IS NOT NULL
            AND old.at < (unixepoch() - audit_days * 86400 + 3600) * 1000000)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log goes only once it is older than the retention policy says');
END;
