-- Who read or changed what. Rows are added and, when they are older than wanted, deleted; none is ever changed.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    status BIGINT NOT NULL,
    count BIGINT NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX audit_by_organization ON audit (organization_id, id);
CREATE INDEX audit_by_user ON audit (organization_id, user_id, id);
CREATE INDEX audit_by_object ON audit (organization_id, object, id);
