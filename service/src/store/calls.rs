//! Calls.

use super::{StoreError, optional_time, time};
use crate::domain::call::{Call, CallStatus, Direction};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Adds a call.
pub async fn insert(connection: &mut AnyConnection, call: &Call) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, to_number, \
         campaign_id, agent_id, provider, provider_call_id, language, metadata, outcome, created_at, updated_at, \
         started_at, answered_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(&call.id)
    .bind(&call.organization_id)
    .bind(call.status.as_str())
    .bind(call.version)
    .bind(call.event_sequence)
    .bind(call.direction.as_str())
    .bind(&call.from)
    .bind(&call.to)
    .bind(call.campaign_id.as_deref())
    .bind(call.agent_id.as_deref())
    .bind(call.provider.as_deref())
    .bind(call.provider_call_id.as_deref())
    .bind(call.language.as_deref())
    .bind(serde_json::Value::Object(call.metadata.clone()).to_string())
    .bind(call.outcome.as_deref())
    .bind(call.created_at.as_microsecond())
    .bind(call.updated_at.as_microsecond())
    .bind(call.started_at.map(Timestamp::as_microsecond))
    .bind(call.answered_at.map(Timestamp::as_microsecond))
    .bind(call.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// The organisation's call with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Call>, StoreError> {
    sqlx::query("SELECT * FROM calls WHERE id = $1 AND organization_id = $2")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(call)
        .transpose()
}

/// Keeps a changed call, unless someone else changed it since `version`: then `false`.
pub async fn update(connection: &mut AnyConnection, call: &Call, version: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE calls SET status = $3, version = $4, event_sequence = $5, outcome = $6, updated_at = $7, \
         started_at = $8, answered_at = $9, ended_at = $10 WHERE id = $1 AND version = $2",
    )
    .bind(&call.id)
    .bind(version)
    .bind(call.status.as_str())
    .bind(call.version)
    .bind(call.event_sequence)
    .bind(call.outcome.as_deref())
    .bind(call.updated_at.as_microsecond())
    .bind(call.started_at.map(Timestamp::as_microsecond))
    .bind(call.answered_at.map(Timestamp::as_microsecond))
    .bind(call.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn call(row: &AnyRow) -> Result<Call, StoreError> {
    let status: String = row.try_get("status")?;
    let direction: String = row.try_get("direction")?;
    let metadata: String = row.try_get("metadata")?;
    Ok(Call {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        status: CallStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
        version: row.try_get("version")?,
        event_sequence: row.try_get("event_sequence")?,
        direction: Direction::from_name(&direction).ok_or(StoreError::Content("direction"))?,
        from: row.try_get("from_number")?,
        to: row.try_get("to_number")?,
        campaign_id: row.try_get("campaign_id")?,
        agent_id: row.try_get("agent_id")?,
        provider: row.try_get("provider")?,
        provider_call_id: row.try_get("provider_call_id")?,
        language: row.try_get("language")?,
        metadata: serde_json::from_str(&metadata).map_err(|_| StoreError::Content("metadata"))?,
        outcome: row.try_get("outcome")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        started_at: optional_time(row, "started_at")?,
        answered_at: optional_time(row, "answered_at")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}
