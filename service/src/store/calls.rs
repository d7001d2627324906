//! Calls.

use super::parameters::{in_order, rows};
use super::{StoreError, optional_time, time};
use crate::domain::call::{Call, CallDetails, CallStatus, Direction, Recording, RecordingConsent};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::collections::HashSet;

/// How many columns a call has.
const COLUMNS: usize = 24;

/// Adds a call, unless there is one with its provider's id: then `false`.
pub async fn insert(connection: &mut AnyConnection, call: &Call) -> Result<bool, StoreError> {
    Ok(insert_all(connection, &[call]).await?.contains(&call.id))
}

/// Adds calls in one statement, but for those whose provider's id another call has; the ids of those that were added.
pub(super) async fn insert_all(
    connection: &mut AnyConnection,
    calls: &[&Call],
) -> Result<HashSet<String>, sqlx::Error> {
    let sql = format!(
        "INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, to_number, \
         campaign_id, contact_id, agent_id, provider, provider_call_id, language, recording_url, recording_consent, \
         metadata, outcome, end_reason, created_at, updated_at, started_at, answered_at, ended_at) \
         VALUES {} ON CONFLICT (organization_id, provider, provider_call_id) DO NOTHING RETURNING id",
        rows(calls.len(), COLUMNS)
    );
    // So many at once are seldom so many again: their statements are not worth being remembered.
    let query = sqlx::query(in_order(&sql, connection)).persistent(calls.len() == 1);
    let query = calls.iter().fold(query, |query, call| {
        let details = &call.details;
        let (url, consent) = recording_columns(details.recording.as_ref());
        query
            .bind(&call.id)
            .bind(&call.organization_id)
            .bind(call.status.as_str())
            .bind(call.version)
            .bind(call.event_sequence)
            .bind(details.direction.as_str())
            .bind(&details.from)
            .bind(&details.to)
            .bind(details.campaign_id.as_deref())
            .bind(details.contact_id.as_deref())
            .bind(details.agent_id.as_deref())
            .bind(details.provider.as_deref())
            .bind(details.provider_call_id.as_deref())
            .bind(details.language.as_deref())
            .bind(url)
            .bind(consent)
            .bind(metadata_column(&details.metadata))
            .bind(call.outcome.as_deref())
            .bind(call.end_reason.as_deref())
            .bind(call.created_at.as_microsecond())
            .bind(call.updated_at.as_microsecond())
            .bind(call.started_at.map(Timestamp::as_microsecond))
            .bind(call.answered_at.map(Timestamp::as_microsecond))
            .bind(call.ended_at.map(Timestamp::as_microsecond))
    });
    query.fetch_all(connection).await?.iter().map(|row| row.try_get("id")).collect()
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

/// The organisation's call with this id; nobody else changes it until the transaction ends.
pub async fn lock(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Call>, StoreError> {
    sqlx::query("UPDATE calls SET version = version WHERE id = $1 AND organization_id = $2 RETURNING *")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(call)
        .transpose()
}

/// Id of the organisation's call with this id at this provider.
pub async fn id_at_provider(
    connection: &mut AnyConnection,
    organization_id: &str,
    provider: &str,
    provider_call_id: &str,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM calls WHERE organization_id = $1 AND provider = $2 AND provider_call_id = $3",
    )
    .bind(organization_id)
    .bind(provider)
    .bind(provider_call_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// Gives a call that has none the provider's id, unless another call has it: then `false`.
pub async fn set_provider(
    connection: &mut AnyConnection,
    id: &str,
    provider: &str,
    provider_call_id: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE calls SET provider = $2, provider_call_id = $3 WHERE id = $1 AND NOT EXISTS (\
             SELECT 1 FROM calls AS other WHERE other.organization_id = calls.organization_id \
             AND other.provider = $2 AND other.provider_call_id = $3)",
    )
    .bind(id)
    .bind(provider)
    .bind(provider_call_id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps a changed call. It must be locked.
pub async fn update(connection: &mut AnyConnection, call: &Call) -> Result<(), StoreError> {
    let details = &call.details;
    let (url, consent) = recording_columns(details.recording.as_ref());
    sqlx::query(
        "UPDATE calls SET status = $2, version = $3, event_sequence = $4, agent_id = $5, language = $6, \
         recording_url = $7, recording_consent = $8, metadata = $9, outcome = $10, end_reason = $11, updated_at = $12, \
         started_at = $13, answered_at = $14, ended_at = $15 WHERE id = $1",
    )
    .bind(&call.id)
    .bind(call.status.as_str())
    .bind(call.version)
    .bind(call.event_sequence)
    .bind(details.agent_id.as_deref())
    .bind(details.language.as_deref())
    .bind(url)
    .bind(consent)
    .bind(metadata_column(&details.metadata))
    .bind(call.outcome.as_deref())
    .bind(call.end_reason.as_deref())
    .bind(call.updated_at.as_microsecond())
    .bind(call.started_at.map(Timestamp::as_microsecond))
    .bind(call.answered_at.map(Timestamp::as_microsecond))
    .bind(call.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts events of a call beside its own changes; how many it has had with them. It must be locked.
pub async fn count_events(connection: &mut AnyConnection, id: &str, events: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "UPDATE calls SET event_sequence = event_sequence + $2 WHERE id = $1 RETURNING event_sequence",
    )
    .bind(id)
    .bind(events)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("event_sequence")?)
}

/// Organisation and id of up to `limit` calls that are under way and have not changed since `before`.
pub async fn stale(
    connection: &mut AnyConnection,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query(
        "SELECT organization_id, id FROM calls WHERE ended_at IS NULL AND updated_at < $1 \
         ORDER BY updated_at LIMIT $2",
    )
    .bind(before.as_microsecond())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("organization_id")?, row.try_get("id")?))).collect()
}

/// Deletes up to `limit` of the organisation's calls that ended before `before`; how many there were.
pub async fn delete_ended(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE organization_id = $1 \
         AND ended_at IS NOT NULL AND ended_at < $2 ORDER BY ended_at LIMIT $3)",
    )
    .bind(organization_id)
    .bind(before.as_microsecond())
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

fn recording_columns(recording: Option<&Recording>) -> (Option<&str>, Option<&'static str>) {
    recording.map_or((None, None), |recording| (recording.url.as_deref(), Some(recording.consent.as_str())))
}

fn metadata_column(metadata: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(metadata).unwrap_or_else(|_| "{}".to_owned())
}

/// Reads a row with all columns of `calls`.
pub(super) fn call(row: &AnyRow) -> Result<Call, StoreError> {
    let status: String = row.try_get("status")?;
    Ok(Call {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        status: CallStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
        version: row.try_get("version")?,
        event_sequence: row.try_get("event_sequence")?,
        details: details(row)?,
        outcome: row.try_get("outcome")?,
        end_reason: row.try_get("end_reason")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        started_at: optional_time(row, "started_at")?,
        answered_at: optional_time(row, "answered_at")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}

fn details(row: &AnyRow) -> Result<CallDetails, StoreError> {
    let direction: String = row.try_get("direction")?;
    let metadata: String = row.try_get("metadata")?;
    let consent: Option<String> = row.try_get("recording_consent")?;
    let recording = match consent {
        None => None,
        Some(name) => Some(Recording {
            url: row.try_get("recording_url")?,
            consent: RecordingConsent::from_name(&name).ok_or(StoreError::Content("recording_consent"))?,
        }),
    };
    Ok(CallDetails {
        direction: Direction::from_name(&direction).ok_or(StoreError::Content("direction"))?,
        from: row.try_get("from_number")?,
        to: row.try_get("to_number")?,
        campaign_id: row.try_get("campaign_id")?,
        contact_id: row.try_get("contact_id")?,
        agent_id: row.try_get("agent_id")?,
        provider: row.try_get("provider")?,
        provider_call_id: row.try_get("provider_call_id")?,
        language: row.try_get("language")?,
        recording,
        metadata: serde_json::from_str(&metadata).map_err(|_| StoreError::Content("metadata"))?,
    })
}
