//! Counts of calls, for wallboards.

use super::{StoreError, optional_time};
use crate::domain::call::CallStatus;
use crate::domain::statistics::CallCounts;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Calls under way in one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// The status.
    pub status: CallStatus,
    /// How many.
    pub count: i64,
    /// When the oldest became known.
    pub oldest: Option<Timestamp>,
}

/// The organisation's calls that have not ended, by status.
pub async fn under_way(
    connection: &mut AnyConnection,
    organization_id: &str,
) -> Result<Vec<UnderWay>, StoreError> {
    let rows = sqlx::query(
        "SELECT status, COUNT(*) AS count, MIN(created_at) AS oldest FROM calls \
         WHERE organization_id = $1 AND ended_at IS NULL GROUP BY status",
    )
    .bind(organization_id)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let status: String = row.try_get("status")?;
            Ok(UnderWay {
                status: CallStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
                count: row.try_get("count")?,
                oldest: optional_time(row, "oldest")?,
            })
        })
        .collect()
}

/// Adds to the counts of a minute.
pub async fn add(
    connection: &mut AnyConnection,
    organization_id: &str,
    minute: i64,
    counts: &CallCounts,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_minutes (organization_id, minute, started, completed, failed, no_answer, busy, rejected, \
         canceled, answered, duration_seconds, talk_seconds) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (organization_id, minute) DO UPDATE SET \
         started = call_minutes.started + excluded.started, \
         completed = call_minutes.completed + excluded.completed, \
         failed = call_minutes.failed + excluded.failed, \
         no_answer = call_minutes.no_answer + excluded.no_answer, \
         busy = call_minutes.busy + excluded.busy, \
         rejected = call_minutes.rejected + excluded.rejected, \
         canceled = call_minutes.canceled + excluded.canceled, \
         answered = call_minutes.answered + excluded.answered, \
         duration_seconds = call_minutes.duration_seconds + excluded.duration_seconds, \
         talk_seconds = call_minutes.talk_seconds + excluded.talk_seconds",
    )
    .bind(organization_id)
    .bind(minute)
    .bind(counts.started)
    .bind(counts.completed)
    .bind(counts.failed)
    .bind(counts.no_answer)
    .bind(counts.busy)
    .bind(counts.rejected)
    .bind(counts.canceled)
    .bind(counts.answered)
    .bind(counts.duration_seconds)
    .bind(counts.talk_seconds)
    .execute(connection)
    .await?;
    Ok(())
}

/// The organisation's counts from this minute on.
pub async fn since(
    connection: &mut AnyConnection,
    organization_id: &str,
    minute: i64,
) -> Result<CallCounts, StoreError> {
    // Sums are of a wider type on PostgreSQL.
    let sum = |column: &str| format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT) AS {column}");
    let columns = COLUMNS.map(sum).join(", ");
    let sql = format!("SELECT {columns} FROM call_minutes WHERE organization_id = $1 AND minute >= $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(organization_id)
        .bind(minute)
        .fetch_one(connection)
        .await?;
    call_counts(&row)
}

/// Reads the columns of [`CallCounts`].
pub(super) fn call_counts(row: &AnyRow) -> Result<CallCounts, StoreError> {
    Ok(CallCounts {
        started: row.try_get("started")?,
        completed: row.try_get("completed")?,
        failed: row.try_get("failed")?,
        no_answer: row.try_get("no_answer")?,
        busy: row.try_get("busy")?,
        rejected: row.try_get("rejected")?,
        canceled: row.try_get("canceled")?,
        answered: row.try_get("answered")?,
        duration_seconds: row.try_get("duration_seconds")?,
        talk_seconds: row.try_get("talk_seconds")?,
    })
}

const COLUMNS: [&str; 10] = [
    "started",
    "completed",
    "failed",
    "no_answer",
    "busy",
    "rejected",
    "canceled",
    "answered",
    "duration_seconds",
    "talk_seconds",
];

/// Deletes the counts from before this minute.
pub async fn prune(connection: &mut AnyConnection, before: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM call_minutes WHERE minute < $1").bind(before).execute(connection).await?;
    Ok(())
}
