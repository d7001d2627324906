//! The administrators' view of the outbox: how the delivery of single events stands, and events that are parked.

use super::{StoreError, optional_time, time};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// How the delivery of an event stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The event's id.
    pub id: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// The call or campaign.
    pub subject: String,
    /// Its place among the subject's events.
    pub sequence: i64,
    /// When it came about.
    pub created_at: Timestamp,
    /// `pending`, `published`, `parked`, or `local` where events are not published.
    pub delivery: String,
    /// How often it was refused.
    pub attempts: i64,
    /// Since when it is parked.
    pub parked_at: Option<Timestamp>,
    /// Why.
    pub parked_reason: Option<String>,
    /// How many later events of the subject are not published yet.
    pub behind: i64,
}

/// The beginning of a query for [`Delivered`].
const SELECT: &str = "SELECT this.id, this.type, this.subject, this.sequence, this.created_at, this.delivery, \
     this.attempts, this.parked_at, this.parked_reason, \
     (SELECT COUNT(*) FROM outbox AS later WHERE later.subject = this.subject AND later.sequence > this.sequence \
      AND later.delivery IN ('pending', 'parked')) AS behind FROM outbox AS this WHERE this.organization_id = $1";

/// The organisation's event with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Delivered>, StoreError> {
    let query =
        sqlx::query(AssertSqlSafe(format!("{SELECT} AND this.id = $2"))).bind(organization_id).bind(id);
    query.fetch_optional(connection).await?.as_ref().map(delivered).transpose()
}

/// The organisation's parked events, newest first, at most `limit` after the one with the id `before`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Delivered>, StoreError> {
    let after = if before.is_some() { " AND this.id < $3" } else { "" };
    let sql = format!("{SELECT} AND this.delivery = 'parked'{after} ORDER BY this.id DESC LIMIT $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(organization_id).bind(limit);
    let query = before.into_iter().fold(query, sqlx::query::Query::bind);
    query.fetch_all(connection).await?.iter().map(delivered).collect()
}

/// Has a parked event of the organisation published after all; whether there was one.
pub async fn retry(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE outbox SET delivery = 'pending', attempts = 0, next_attempt_at = $3, parked_at = NULL, \
         parked_reason = NULL WHERE organization_id = $1 AND id = $2 AND delivery = 'parked'",
    )
    .bind(organization_id)
    .bind(id)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How many events are parked, of all organisations.
pub async fn count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) FROM outbox WHERE delivery = 'parked'").fetch_one(connection);
    Ok(row.await?.try_get(0)?)
}

fn delivered(row: &AnyRow) -> Result<Delivered, StoreError> {
    Ok(Delivered {
        id: row.try_get("id")?,
        event_type: row.try_get("type")?,
        subject: row.try_get("subject")?,
        sequence: row.try_get("sequence")?,
        created_at: time(row, "created_at")?,
        delivery: row.try_get("delivery")?,
        attempts: row.try_get("attempts")?,
        parked_at: optional_time(row, "parked_at")?,
        parked_reason: row.try_get("parked_reason")?,
        behind: row.try_get("behind")?,
    })
}
