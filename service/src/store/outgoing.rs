//! The dispatcher's view of the outbox: what is to be published next, and what became of it.
//!
//! Events are read by their positions in the stream, which they get once they are kept: so reading goes on from where it
//! left off, misses nothing that is kept late, and meets the events of a subject in their order. How many wait makes no
//! difference to it.

use super::StoreError;
use super::claims::Claimed;
use super::parameters::{in_order, places};
use crate::domain::event::EventMessage;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// An event that waits to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEvent {
    /// What is published.
    pub message: EventMessage,
    /// The call or campaign.
    pub subject: String,
    /// Its place among the subject's events.
    pub sequence: i64,
    /// The subject's last event before it that is not published either, if there is one.
    pub previous: Option<i64>,
    /// Its position in the stream.
    pub position: i64,
    /// How often it was refused.
    pub attempts: i64,
    /// Not to be tried before.
    pub next_attempt_at: Timestamp,
}

/// The beginning of a query for events as [`PendingEvent`]s; which of them wait is to be said behind it.
const SELECT: &str = "SELECT this.id, this.subject, this.sequence, this.type, this.body, this.created_at, this.position, \
     this.attempts, this.next_attempt_at, \
     (SELECT MAX(earlier.sequence) FROM outbox AS earlier WHERE earlier.subject = this.subject \
      AND earlier.sequence < this.sequence AND earlier.delivery IN ('pending', 'parked')) AS previous \
     FROM outbox AS this WHERE";

/// Whether an event waits, for statements that name the events or their subjects. It is said so that no database takes
/// the index of all that waits for it: one that was last looked at while nothing waited believes that to be short.
const WAITS: &str = "delivery || '' = 'pending'";

fn after_sql(claimed: &Claimed) -> String {
    let shards = claimed.condition();
    format!(
        "{SELECT} this.delivery = 'pending' AND this.position > $1{shards} ORDER BY this.position LIMIT $2"
    )
}

fn due_sql(claimed: &Claimed) -> String {
    let shards = claimed.condition();
    format!(
        "{SELECT} this.delivery = 'pending' AND this.next_attempt_at > 0 AND this.next_attempt_at <= $1 \
         AND this.position IS NOT NULL{shards} ORDER BY this.next_attempt_at LIMIT $2"
    )
}

fn of_subjects_sql(count: usize) -> String {
    let count = padded_len(count);
    let (list, limit) = (places(1, count), count + 1);
    format!(
        "{SELECT} this.{WAITS} AND this.position IS NOT NULL AND this.subject IN ({list}) \
         ORDER BY this.subject, this.sequence LIMIT ${limit}"
    )
}

fn first_of_type_sql(claimed: &Claimed) -> String {
    let shards = claimed.condition();
    format!(
        "{SELECT} this.delivery = 'pending' AND this.type = $1 AND this.next_attempt_at = 0 \
         AND this.position > 0{shards} AND NOT EXISTS (\
             SELECT 1 FROM outbox AS before WHERE before.subject = this.subject \
             AND before.sequence < this.sequence AND before.delivery IN ('pending', 'parked')) \
         ORDER BY this.position LIMIT 1"
    )
}

fn mark_sql(count: usize) -> String {
    let list = places(2, padded_len(count));
    format!("UPDATE outbox SET delivery = 'published', settled_at = $1 WHERE {WAITS} AND id IN ({list})")
}

/// What the dispatcher asks the database again and again: for tests, which have the database tell its plans.
pub fn statements(claimed: &Claimed) -> [String; 6] {
    let most = mark_sql(MOST_AT_ONCE);
    [after_sql(claimed), due_sql(claimed), of_subjects_sql(64), first_of_type_sql(claimed), mark_sql(2), most]
}

/// Up to `limit` events after `position`, in their order.
pub async fn after(
    connection: &mut AnyConnection,
    claimed: &Claimed,
    position: i64,
    limit: i64,
) -> Result<Vec<PendingEvent>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(after_sql(claimed)))
        .bind(position)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(pending).collect()
}

/// Up to `limit` events that were refused or put back, and whose time for another attempt has come, the longest due
/// first.
pub async fn due(
    connection: &mut AnyConnection,
    claimed: &Claimed,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<PendingEvent>, StoreError> {
    let now = now.as_microsecond();
    let rows =
        sqlx::query(AssertSqlSafe(due_sql(claimed))).bind(now).bind(limit).fetch_all(connection).await?;
    rows.iter().map(pending).collect()
}

/// Up to `limit` events of these subjects, each subject's in their order.
pub async fn of_subjects(
    connection: &mut AnyConnection,
    subjects: &[String],
    limit: i64,
) -> Result<Vec<PendingEvent>, StoreError> {
    let Some(last) = subjects.last() else { return Ok(Vec::new()) };
    let query = sqlx::query(in_order(&of_subjects_sql(subjects.len()), connection));
    let query = padded(subjects, last).fold(query, |query, subject| query.bind(subject.as_str()));
    query.bind(limit).fetch_all(connection).await?.iter().map(pending).collect()
}

/// The first event of this type that no event of its subject stands before.
pub async fn first_of_type(
    connection: &mut AnyConnection,
    claimed: &Claimed,
    event_type: &str,
) -> Result<Option<PendingEvent>, StoreError> {
    sqlx::query(AssertSqlSafe(first_of_type_sql(claimed)))
        .bind(event_type)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(pending)
        .transpose()
}

/// Notes that these events are safe with the broker; how many of them were not noted before.
pub async fn mark_published(
    connection: &mut AnyConnection,
    ids: &[String],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut marked = 0;
    for ids in ids.chunks(MOST_AT_ONCE) {
        let Some(last) = ids.last() else { continue };
        let query = sqlx::query(in_order(&mark_sql(ids.len()), connection)).bind(now.as_microsecond());
        let query = padded(ids, last).fold(query, |query, id| query.bind(id.as_str()));
        marked += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(marked)
}

/// Notes that the broker did not take this event, and when to try again.
pub async fn postpone(
    connection: &mut AnyConnection,
    id: &str,
    next_attempt_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2 WHERE id = $1 AND delivery = 'pending'",
    )
    .bind(id)
    .bind(next_attempt_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that this event can never be published as it is, and why; 1, unless that was noted before.
pub async fn park(
    connection: &mut AnyConnection,
    id: &str,
    reason: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let parked = sqlx::query(
        "UPDATE outbox SET delivery = 'parked', attempts = attempts + 1, parked_at = $2, parked_reason = $3 \
         WHERE id = $1 AND delivery = 'pending'",
    )
    .bind(id)
    .bind(now.as_microsecond())
    .bind(reason)
    .execute(connection)
    .await?;
    Ok(parked.rows_affected())
}

/// How many values one list has at most.
const MOST_AT_ONCE: usize = 512;

/// How many values a list of `count` is filled up to, so that there are few different statements to be prepared.
fn padded_len(count: usize) -> usize {
    count.next_power_of_two()
}

/// The values, and the last one again and again.
fn padded<'a>(values: &'a [String], last: &'a String) -> impl Iterator<Item = &'a String> {
    values.iter().chain(std::iter::repeat_n(last, padded_len(values.len()) - values.len()))
}

fn pending(row: &AnyRow) -> Result<PendingEvent, StoreError> {
    Ok(PendingEvent {
        message: EventMessage {
            id: row.try_get("id")?,
            event_type: row.try_get("type")?,
            timestamp: super::time(row, "created_at")?,
            body: row.try_get("body")?,
        },
        subject: row.try_get("subject")?,
        sequence: row.try_get("sequence")?,
        previous: row.try_get("previous")?,
        position: row.try_get("position")?,
        attempts: row.try_get("attempts")?,
        next_attempt_at: super::time(row, "next_attempt_at")?,
    })
}
