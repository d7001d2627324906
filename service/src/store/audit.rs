//! Who read or changed what.

use super::listing::ListQuery;
use super::{StoreError, time};
use crate::audit::Entry;
use crate::ids::first_id_of;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Adds an entry.
pub async fn append(connection: &mut AnyConnection, id: &str, entry: &Entry) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (id, organization_id, at, user_id, action, object, status, count, request_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(&entry.organization_id)
    .bind(entry.at.as_microsecond())
    .bind(&entry.user_id)
    .bind(&entry.action)
    .bind(&entry.object)
    .bind(entry.status)
    .bind(entry.count)
    .bind(&entry.request_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Which entries are meant.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this user alone.
    pub user_id: Option<String>,
    /// About this object alone.
    pub object: Option<String>,
}

/// The organisation's entries with their ids, newest first, at most `limit` after the one with the id `before`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    filter: &AuditFilter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, Entry)>, StoreError> {
    let mut query = ListQuery::of("audit", organization_id);
    query.text("user_id =", filter.user_id.as_deref());
    query.text("object =", filter.object.as_deref());
    query.text("id <", before);
    query.newest_first(limit);
    query.rows(connection).await?.iter().map(entry).collect()
}

/// Deletes up to `limit` of the organisation's entries from before `before`; how many there were.
pub async fn prune(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    // Ids begin with the time that entries were written down at, which is never before `at`: so the index ends the
    // search where the first is that stays.
    let done = sqlx::query(
        "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE organization_id = $1 AND id < $2 AND at < $3 \
         ORDER BY id LIMIT $4)",
    )
    .bind(organization_id)
    .bind(first_id_of(before))
    .bind(before.as_microsecond())
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

fn entry(row: &AnyRow) -> Result<(String, Entry), StoreError> {
    let entry = Entry {
        organization_id: row.try_get("organization_id")?,
        at: time(row, "at")?,
        user_id: row.try_get("user_id")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        status: row.try_get("status")?,
        count: row.try_get("count")?,
        request_id: row.try_get("request_id")?,
    };
    Ok((row.try_get("id")?, entry))
}
