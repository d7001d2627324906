//! Campaigns.

use super::{StoreError, optional_time, time};
use crate::domain::campaign::{Campaign, CampaignDetails, CampaignStatus, Counters};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// Adds a campaign.
pub async fn insert(connection: &mut AnyConnection, campaign: &Campaign) -> Result<(), StoreError> {
    let (details, counters) = (&campaign.details, &campaign.counters);
    sqlx::query(
        "INSERT INTO campaigns (id, organization_id, status, version, event_sequence, name, description, from_number, \
         language, time_zone, calling_windows, starts_at, ends_at, max_concurrency, retry, lease_seconds, metadata, \
         pending, in_progress, reached, exhausted, skipped, end_reason, created_at, updated_at, started_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24, $25, $26, $27)",
    )
    .bind(&campaign.id)
    .bind(&campaign.organization_id)
    .bind(campaign.status.as_str())
    .bind(campaign.version)
    .bind(campaign.event_sequence)
    .bind(&details.name)
    .bind(details.description.as_deref())
    .bind(&details.from)
    .bind(details.language.as_deref())
    .bind(&details.time_zone)
    .bind(json(&details.calling_windows)?)
    .bind(details.starts_at.map(Timestamp::as_microsecond))
    .bind(details.ends_at.map(Timestamp::as_microsecond))
    .bind(details.max_concurrency)
    .bind(json(&details.retry)?)
    .bind(details.lease_seconds)
    .bind(json(&details.metadata)?)
    .bind(counters.pending)
    .bind(counters.in_progress)
    .bind(counters.reached)
    .bind(counters.exhausted)
    .bind(counters.skipped)
    .bind(campaign.end_reason.as_deref())
    .bind(campaign.created_at.as_microsecond())
    .bind(campaign.updated_at.as_microsecond())
    .bind(campaign.started_at.map(Timestamp::as_microsecond))
    .bind(campaign.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// The organisation's campaign with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Campaign>, StoreError> {
    sqlx::query("SELECT * FROM campaigns WHERE id = $1 AND organization_id = $2")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(campaign)
        .transpose()
}

/// The organisation's campaign with this id; until the transaction ends nobody else changes it, nor its contacts, which
/// are changed under this lock alone.
pub async fn lock(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Campaign>, StoreError> {
    sqlx::query("UPDATE campaigns SET version = version WHERE id = $1 AND organization_id = $2 RETURNING *")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(campaign)
        .transpose()
}

/// The organisation's campaigns that were made before the one with the id `before`, newest first, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    status: Option<CampaignStatus>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Campaign>, StoreError> {
    let query = sqlx::query(AssertSqlSafe(list_sql(status.is_some())))
        .bind(organization_id)
        // Ids are lower-case hex: `g` comes after all of them.
        .bind(before.unwrap_or("g"))
        .bind(limit);
    let query = match status {
        Some(status) => query.bind(status.as_str()),
        None => query,
    };
    query.fetch_all(connection).await?.iter().map(campaign).collect()
}

/// The query of [`list`], with or without a status: organisation, id before, limit, status.
pub fn list_sql(with_status: bool) -> String {
    let status = if with_status { "AND status = $4" } else { "" };
    format!(
        "SELECT * FROM campaigns WHERE organization_id = $1 AND id < $2 {status} ORDER BY id DESC LIMIT $3"
    )
}

/// Keeps a changed campaign. It must be locked.
pub async fn update(connection: &mut AnyConnection, campaign: &Campaign) -> Result<(), StoreError> {
    let (details, counters) = (&campaign.details, &campaign.counters);
    sqlx::query(
        "UPDATE campaigns SET status = $2, version = $3, event_sequence = $4, name = $5, description = $6, \
         from_number = $7, language = $8, time_zone = $9, calling_windows = $10, starts_at = $11, ends_at = $12, \
         max_concurrency = $13, retry = $14, lease_seconds = $15, metadata = $16, pending = $17, in_progress = $18, \
         reached = $19, exhausted = $20, skipped = $21, end_reason = $22, updated_at = $23, started_at = $24, \
         ended_at = $25 WHERE id = $1",
    )
    .bind(&campaign.id)
    .bind(campaign.status.as_str())
    .bind(campaign.version)
    .bind(campaign.event_sequence)
    .bind(&details.name)
    .bind(details.description.as_deref())
    .bind(&details.from)
    .bind(details.language.as_deref())
    .bind(&details.time_zone)
    .bind(json(&details.calling_windows)?)
    .bind(details.starts_at.map(Timestamp::as_microsecond))
    .bind(details.ends_at.map(Timestamp::as_microsecond))
    .bind(details.max_concurrency)
    .bind(json(&details.retry)?)
    .bind(details.lease_seconds)
    .bind(json(&details.metadata)?)
    .bind(counters.pending)
    .bind(counters.in_progress)
    .bind(counters.reached)
    .bind(counters.exhausted)
    .bind(counters.skipped)
    .bind(campaign.end_reason.as_deref())
    .bind(campaign.updated_at.as_microsecond())
    .bind(campaign.started_at.map(Timestamp::as_microsecond))
    .bind(campaign.ended_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Organisation and id of up to `limit` campaigns that begin or end by themselves at `now` or should have before.
pub async fn due(
    connection: &mut AnyConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut due = Vec::new();
    for sql in [
        "SELECT organization_id, id FROM campaigns WHERE status = 'scheduled' AND starts_at <= $1 \
         ORDER BY starts_at LIMIT $2",
        "SELECT organization_id, id FROM campaigns WHERE ended_at IS NULL AND ends_at IS NOT NULL AND ends_at <= $1 \
         AND status <> 'draft' ORDER BY ends_at LIMIT $2",
    ] {
        let rows =
            sqlx::query(sql).bind(now.as_microsecond()).bind(limit).fetch_all(&mut *connection).await?;
        for row in rows {
            due.push((row.try_get("organization_id")?, row.try_get("id")?));
        }
    }
    Ok(due)
}

/// JSON for a column.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Content("json"))
}

/// Reads a column of JSON.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Content(column))
}

fn campaign(row: &AnyRow) -> Result<Campaign, StoreError> {
    let status: String = row.try_get("status")?;
    Ok(Campaign {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        status: CampaignStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
        version: row.try_get("version")?,
        event_sequence: row.try_get("event_sequence")?,
        details: CampaignDetails {
            name: row.try_get("name")?,
            description: row.try_get("description")?,
            from: row.try_get("from_number")?,
            language: row.try_get("language")?,
            time_zone: row.try_get("time_zone")?,
            calling_windows: from_json(row, "calling_windows")?,
            starts_at: optional_time(row, "starts_at")?,
            ends_at: optional_time(row, "ends_at")?,
            max_concurrency: row.try_get("max_concurrency")?,
            retry: from_json(row, "retry")?,
            lease_seconds: row.try_get("lease_seconds")?,
            metadata: from_json(row, "metadata")?,
        },
        counters: Counters {
            pending: row.try_get("pending")?,
            in_progress: row.try_get("in_progress")?,
            reached: row.try_get("reached")?,
            exhausted: row.try_get("exhausted")?,
            skipped: row.try_get("skipped")?,
        },
        end_reason: row.try_get("end_reason")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        started_at: optional_time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}
