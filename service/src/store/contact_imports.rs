//! Imports of contacts: how far each has got, and which rows did not fit.

use super::campaigns::{from_json, json};
use super::{StoreError, optional_time, time};
use crate::domain::contact_import::{ContactImport, ImportFormat, ImportState};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// Adds an import.
pub async fn insert(connection: &mut AnyConnection, import: &ContactImport) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO contact_imports (id, organization_id, campaign_id, state, format, rows_read, added, duplicates, \
         suppressed, refused, errors, user_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0, '[]', $6, $7, $8)",
    )
    .bind(&import.id)
    .bind(&import.organization_id)
    .bind(&import.campaign_id)
    .bind(import.state.as_str())
    .bind(import.format.as_str())
    .bind(&import.user_id)
    .bind(import.created_at.as_microsecond())
    .bind(import.updated_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps how far an import has got. Its campaign must be locked.
pub async fn update(connection: &mut AnyConnection, import: &ContactImport) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE contact_imports SET state = $2, rows_read = $3, added = $4, duplicates = $5, suppressed = $6, \
         refused = $7, errors = $8, end_reason = $9, updated_at = $10, ended_at = $11 WHERE id = $1",
    )
    .bind(&import.id)
    .bind(import.state.as_str())
    .bind(import.rows_read)
    .bind(import.added)
    .bind(import.duplicates)
    .bind(import.suppressed)
    .bind(import.refused)
    .bind(json(&import.errors)?)
    .bind(import.end_reason.as_deref())
    .bind(import.updated_at.as_microsecond())
    .bind(import.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// The campaign's import with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    campaign_id: &str,
    id: &str,
) -> Result<Option<ContactImport>, StoreError> {
    sqlx::query("SELECT * FROM contact_imports WHERE id = $1 AND campaign_id = $2 AND organization_id = $3")
        .bind(id)
        .bind(campaign_id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(import)
        .transpose()
}

/// The query of [`list`]: campaign, id before, limit.
pub const LIST_SQL: &str =
    "SELECT * FROM contact_imports WHERE campaign_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

/// The campaign's imports that began before the one with the id `before`, newest first, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    campaign_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<ContactImport>, StoreError> {
    let query =
        sqlx::query(AssertSqlSafe(LIST_SQL)).bind(campaign_id).bind(before.unwrap_or("g")).bind(limit);
    query.fetch_all(connection).await?.iter().map(import).collect()
}

/// Whether an import into the campaign is under way.
pub async fn any_running(connection: &mut AnyConnection, campaign_id: &str) -> Result<bool, StoreError> {
    let row =
        sqlx::query("SELECT 1 FROM contact_imports WHERE campaign_id = $1 AND state = 'running' LIMIT 1")
            .bind(campaign_id)
            .fetch_optional(connection)
            .await?;
    Ok(row.is_some())
}

/// Up to `limit` imports that are said to be under way, but have not got on since `before`.
pub async fn silent(
    connection: &mut AnyConnection,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<ContactImport>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM contact_imports WHERE state = 'running' AND updated_at < $1 ORDER BY updated_at LIMIT $2",
    )
    .bind(before.as_microsecond())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(import).collect()
}

fn import(row: &AnyRow) -> Result<ContactImport, StoreError> {
    let (state, format): (String, String) = (row.try_get("state")?, row.try_get("format")?);
    Ok(ContactImport {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        campaign_id: row.try_get("campaign_id")?,
        state: ImportState::from_name(&state).ok_or(StoreError::Content("state"))?,
        format: ImportFormat::from_name(&format).ok_or(StoreError::Content("format"))?,
        rows_read: row.try_get("rows_read")?,
        added: row.try_get("added")?,
        duplicates: row.try_get("duplicates")?,
        suppressed: row.try_get("suppressed")?,
        refused: row.try_get("refused")?,
        errors: from_json(row, "errors")?,
        end_reason: row.try_get("end_reason")?,
        user_id: row.try_get("user_id")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}
