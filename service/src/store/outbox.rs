//! Events on their way out: written with what they tell of, published afterwards, kept for a while.

use super::claims::shard_of;
use super::{StoreError, stream};
use crate::domain::event::{Actor, Envelope, EventData};
use crate::ids::IdSource;
use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// Whether new events are for the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// They are to be published.
    Broker,
    /// They are kept for their history alone.
    Local,
}

/// What a subject looks like right after the change that its events tell of.
#[derive(Debug, Clone, Copy)]
pub struct SubjectState {
    /// How many events it has had, the new ones among them.
    pub event_sequence: i64,
    /// Its version.
    pub version: i64,
}

/// Writes the events of one change, in order; they are numbered so that the last has the subject's `event_sequence`.
pub async fn append(
    connection: &mut AnyConnection,
    ids: &dyn IdSource,
    actor: &Actor,
    events: &[EventData],
    state: SubjectState,
    delivery: Delivery,
    now: Timestamp,
) -> Result<(), StoreError> {
    let first = state.event_sequence - i64::try_from(events.len()).unwrap_or_default() + 1;
    for (sequence, event) in (first..).zip(events) {
        let id = ids.next_id().to_string();
        let envelope = Envelope::new(&id, actor, event, sequence, state.version, now);
        let body = serde_json::to_string(&envelope).map_err(|_| StoreError::Content("event"))?;
        let (delivery, settled_at) = match delivery {
            Delivery::Broker => ("pending", None),
            Delivery::Local => ("local", Some(now.as_microsecond())),
        };
        sqlx::query(
            "INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, attempts, \
             next_attempt_at, settled_at, shard) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10)",
        )
        .bind(&id)
        .bind(event.subject())
        .bind(sequence)
        .bind(&actor.organization_id)
        .bind(event.event_type())
        .bind(body)
        .bind(now.as_microsecond())
        .bind(delivery)
        .bind(settled_at)
        .bind(shard_of(event.subject()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// How many of those that wait are looked at to tell how long their texts are.
const SAMPLE: i64 = 200;

/// How much waits to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Events.
    pub events: i64,
    /// How long the newest one's texts are on average, in characters.
    pub text_length: Option<i64>,
}

/// How much waits to be published. It counts all of it.
pub async fn backlog(connection: &mut AnyConnection) -> Result<Backlog, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) AS events FROM outbox WHERE delivery = 'pending'")
        .fetch_one(&mut *connection)
        .await?;
    let sample = sqlx::query(
        "SELECT SUM(LENGTH(body)) AS length, COUNT(*) AS events FROM (\
             SELECT body FROM outbox WHERE delivery = 'pending' AND position > 0 \
             ORDER BY position DESC LIMIT $1) AS sample",
    )
    .bind(SAMPLE)
    .fetch_one(connection)
    .await?;
    let length: Option<i64> = sample.try_get("length")?;
    let count: i64 = sample.try_get("events")?;
    Ok(Backlog { events: row.try_get("events")?, text_length: length.map(|length| length / count.max(1)) })
}

/// When the oldest of those that wait to be published came about.
pub async fn oldest_pending(connection: &mut AnyConnection) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT created_at FROM outbox WHERE delivery = 'pending' ORDER BY created_at, id LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| super::time(&row, "created_at")).transpose()
}

/// Deletes up to `limit` events that were settled before `before`; how many there were. Those that listeners cannot
/// have heard of yet stay.
pub async fn prune(connection: &mut AnyConnection, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM outbox WHERE id IN (\
             SELECT id FROM outbox WHERE delivery <> 'pending' AND settled_at < $1 AND position IS NOT NULL \
             ORDER BY settled_at LIMIT {limit}) RETURNING position"
    );
    let rows =
        sqlx::query(AssertSqlSafe(sql)).bind(before.as_microsecond()).fetch_all(&mut *connection).await?;
    let mut highest = 0;
    for row in &rows {
        highest = row.try_get::<i64, _>("position")?.max(highest);
    }
    if highest > 0 {
        stream::note_pruned(connection, highest).await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}
