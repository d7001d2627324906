//! Who read or changed what.

use super::listing::ListQuery;
use super::parameters::{in_order, rows};
use super::{StoreError, time};
use crate::audit::Entry;
use crate::ids::first_id_of;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::cell::RefCell;
use std::pin::pin;

/// How many columns an entry has.
const COLUMNS: usize = 9;

tokio::task_local! {
    /// What the change that is being made adds, where its group of changes adds it for all of them at once.
    static OF_CHANGE: RefCell<Vec<(String, Entry)>>;
}

/// Does `change`, and keeps back the entries that it adds: whoever makes the group adds them before its end.
pub(super) async fn keeping_back<T>(change: impl Future<Output = T>) -> (T, Vec<(String, Entry)>) {
    let entries = RefCell::default();
    let mut scope = pin!(OF_CHANGE.scope(entries, change));
    let outcome = scope.as_mut().await;
    (outcome, scope.take_value().map(RefCell::into_inner).unwrap_or_default())
}

/// Adds an entry, in the transaction that is under way.
pub async fn append(connection: &mut AnyConnection, id: String, entry: Entry) -> Result<(), StoreError> {
    let mut alone = vec![(id, entry)];
    if OF_CHANGE.try_with(|entries| entries.borrow_mut().append(&mut alone)).is_err() {
        insert(connection, &alone).await?;
    }
    Ok(())
}

/// Adds entries in one statement.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    entries: &[(String, Entry)],
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO audit (id, organization_id, at, user_id, action, object, status, count, request_id) VALUES {}",
        rows(entries.len(), COLUMNS)
    );
    // Groups are of many sizes: their statements are not worth being remembered.
    let query = sqlx::query(in_order(&sql, connection)).persistent(entries.len() == 1);
    let query = entries.iter().fold(query, |query, (id, entry)| {
        query
            .bind(id)
            .bind(&entry.organization_id)
            .bind(entry.at.as_microsecond())
            .bind(&entry.user_id)
            .bind(&entry.action)
            .bind(&entry.object)
            .bind(entry.status)
            .bind(entry.count)
            .bind(&entry.request_id)
    });
    query.execute(connection).await?;
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
