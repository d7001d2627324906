//! Events that were published, or kept without being published, for as long as they are kept.

use super::{StoreError, stream};
use crate::domain::event::EventMessage;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// Which events are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Those that came about at this time or later,
    pub since: Timestamp,
    /// and before this time.
    pub until: Timestamp,
    /// Of these types.
    pub types: Vec<&'static str>,
    /// Of this call or campaign alone.
    pub subject: Option<String>,
}

/// An event as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its position in the stream; none yet, if it is of just now.
    pub position: Option<i64>,
    /// The call or campaign.
    pub subject: String,
    /// What is published.
    pub message: EventMessage,
}

/// How far back the history reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether anything was ever deleted.
    pub is_cut: bool,
    /// When the oldest event came about that none was deleted after.
    pub oldest: Option<Timestamp>,
}

/// How far back the history reaches.
pub async fn reach(connection: &mut AnyConnection) -> Result<Reach, StoreError> {
    let pruned = stream::state(&mut *connection).await?.pruned;
    let row = sqlx::query("SELECT MIN(created_at) AS oldest FROM outbox WHERE position > $1")
        .bind(pruned)
        .fetch_one(connection)
        .await?;
    Ok(Reach { is_cut: pruned > 0, oldest: super::optional_time(&row, "oldest")? })
}

/// Up to `limit` events after `position`, in the order in which each subject's came about.
pub async fn after(
    connection: &mut AnyConnection,
    selection: &Selection,
    position: i64,
    limit: i64,
) -> Result<Vec<KeptEvent>, StoreError> {
    select(connection, selection, "position > $4 ORDER BY position LIMIT $5", &[position, limit]).await
}

/// Those that have no position yet, each subject's in their order.
pub async fn without_position(
    connection: &mut AnyConnection,
    selection: &Selection,
) -> Result<Vec<KeptEvent>, StoreError> {
    select(connection, selection, "position IS NULL ORDER BY subject, sequence", &[]).await
}

async fn select(
    connection: &mut AnyConnection,
    selection: &Selection,
    place: &str,
    numbers: &[i64],
) -> Result<Vec<KeptEvent>, StoreError> {
    // The names are ours, never anybody's input.
    let types = selection.types.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let subject = if selection.subject.is_some() { "subject = $3" } else { "$3 = ''" };
    let sql = format!(
        "SELECT position, subject, id, type, body, created_at FROM outbox \
         WHERE created_at >= $1 AND created_at < $2 AND {subject} AND type IN ({types}) \
         AND delivery IN ('published', 'local') AND {place}"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(selection.since.as_microsecond())
        .bind(selection.until.as_microsecond())
        .bind(selection.subject.as_deref().unwrap_or_default());
    let rows = numbers.iter().fold(query, |query, number| query.bind(*number)).fetch_all(connection).await?;
    rows.iter().map(kept).collect()
}

fn kept(row: &AnyRow) -> Result<KeptEvent, StoreError> {
    Ok(KeptEvent {
        position: row.try_get("position")?,
        subject: row.try_get("subject")?,
        message: EventMessage {
            id: row.try_get("id")?,
            event_type: row.try_get("type")?,
            timestamp: super::time(row, "created_at")?,
            body: row.try_get("body")?,
        },
    })
}
