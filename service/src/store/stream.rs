//! The stream's view of the outbox: positions, which events get once they are kept, and events in their order.

use super::StoreError;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// How the stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamState {
    /// Positions mean something within it alone.
    pub epoch: String,
    /// The highest position there is.
    pub last: i64,
    /// The highest position of an event that was deleted.
    pub pruned: i64,
}

/// An event that has just got its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Positioned {
    /// The organisation.
    pub organization_id: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// The envelope, JSON.
    pub body: String,
}

/// An event at its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamedEvent {
    /// Its position: from 1, higher for later ones.
    pub position: i64,
    /// The organisation.
    pub organization_id: String,
    /// The call or campaign.
    pub subject: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// The envelope, JSON.
    pub body: String,
}

/// How the stream stands.
pub async fn state(connection: &mut AnyConnection) -> Result<StreamState, StoreError> {
    let row = sqlx::query("SELECT epoch, last_position, pruned_position FROM stream_state WHERE id = 1")
        .fetch_one(connection)
        .await?;
    Ok(StreamState {
        epoch: row.try_get("epoch")?,
        last: row.try_get("last_position")?,
        pruned: row.try_get("pruned_position")?,
    })
}

/// Begins an epoch, unless there is one; the one there is.
pub async fn begin_epoch(connection: &mut AnyConnection, epoch: &str) -> Result<String, StoreError> {
    sqlx::query("UPDATE stream_state SET epoch = $1 WHERE id = 1 AND epoch = ''")
        .bind(epoch)
        .execute(&mut *connection)
        .await?;
    Ok(state(connection).await?.epoch)
}

/// Whether there are events without position.
pub async fn has_new(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM outbox WHERE position IS NULL LIMIT 1").fetch_optional(connection);
    Ok(row.await?.is_some())
}

/// Gives up to `limit` events their positions: the first of each subject that has none, oldest first. Until the
/// transaction ends nobody else gives any, so that whoever sees a position sees all lower ones.
pub async fn give_positions(
    connection: &mut AnyConnection,
    limit: i64,
) -> Result<Vec<Positioned>, StoreError> {
    let state = sqlx::query(
        "UPDATE stream_state SET last_position = last_position WHERE id = 1 RETURNING last_position",
    )
    .fetch_one(&mut *connection)
    .await?;
    let last: i64 = state.try_get("last_position")?;
    let rows = sqlx::query(
        "UPDATE outbox SET position = $1 + numbered.place FROM (\
             SELECT due.id AS due_id, ROW_NUMBER() OVER (ORDER BY due.created_at, due.id) AS place FROM (\
                 SELECT id, created_at FROM outbox AS this WHERE position IS NULL AND NOT EXISTS (\
                     SELECT 1 FROM outbox AS earlier WHERE earlier.subject = this.subject \
                     AND earlier.sequence < this.sequence AND earlier.position IS NULL) \
                 ORDER BY created_at, id LIMIT $2) AS due) AS numbered \
         WHERE outbox.id = numbered.due_id RETURNING organization_id, type, body",
    )
    .bind(last)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    sqlx::query("UPDATE stream_state SET last_position = last_position + $1 WHERE id = 1")
        .bind(count)
        .execute(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Positioned {
                organization_id: row.try_get("organization_id")?,
                event_type: row.try_get("type")?,
                body: row.try_get("body")?,
            })
        })
        .collect()
}

/// Up to `limit` events after `position`, in their order.
pub async fn after(
    connection: &mut AnyConnection,
    position: i64,
    limit: i64,
) -> Result<Vec<StreamedEvent>, StoreError> {
    let rows = sqlx::query(
        "SELECT position, organization_id, subject, type, body FROM outbox WHERE position > $1 \
         ORDER BY position LIMIT $2",
    )
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(streamed).collect()
}

/// Up to `limit` events of the organisation after `position`, in their order.
pub async fn of_organization_after(
    connection: &mut AnyConnection,
    organization_id: &str,
    position: i64,
    limit: i64,
) -> Result<Vec<StreamedEvent>, StoreError> {
    let rows = sqlx::query(
        "SELECT position, organization_id, subject, type, body FROM outbox \
         WHERE organization_id = $1 AND position > $2 ORDER BY position LIMIT $3",
    )
    .bind(organization_id)
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(streamed).collect()
}

/// Notes that an event at this position, or several up to it, were deleted.
pub async fn note_pruned(connection: &mut AnyConnection, position: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE stream_state SET pruned_position = $1 WHERE id = 1 AND pruned_position < $1")
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}

fn streamed(row: &AnyRow) -> Result<StreamedEvent, StoreError> {
    Ok(StreamedEvent {
        position: row.try_get("position")?,
        organization_id: row.try_get("organization_id")?,
        subject: row.try_get("subject")?,
        event_type: row.try_get("type")?,
        body: row.try_get("body")?,
    })
}
