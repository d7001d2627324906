//! How long organisations keep what.

use super::{StoreError, time};
use crate::domain::retention::RetentionPolicy;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// A policy as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPolicy {
    /// What it says.
    pub policy: RetentionPolicy,
    /// Counts its changes.
    pub version: i64,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// The organisation's policy, if it has one.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
) -> Result<Option<KeptPolicy>, StoreError> {
    let row = sqlx::query("SELECT * FROM retention_policies WHERE organization_id = $1")
        .bind(organization_id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(kept).transpose()
}

/// Puts a policy in place of the one of this `version` (0: there is none); `false` when it has changed since.
pub async fn put(
    connection: &mut AnyConnection,
    organization_id: &str,
    policy: &RetentionPolicy,
    version: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO retention_policies (organization_id, calls_days, transcripts_days, audit_days, version, updated_at) \
         VALUES ($1, $2, $3, $4, $5 + 1, $6) ON CONFLICT (organization_id) DO UPDATE SET calls_days = $2, \
         transcripts_days = $3, audit_days = $4, version = $5 + 1, updated_at = $6 \
         WHERE retention_policies.version = $5",
    )
    .bind(organization_id)
    .bind(policy.calls_days)
    .bind(policy.transcripts_days)
    .bind(policy.audit_days)
    .bind(version)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All policies, by organisation.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<(String, RetentionPolicy)>, StoreError> {
    let rows = sqlx::query("SELECT * FROM retention_policies").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("organization_id")?, kept(row)?.policy))).collect()
}

fn kept(row: &AnyRow) -> Result<KeptPolicy, StoreError> {
    Ok(KeptPolicy {
        policy: RetentionPolicy {
            calls_days: row.try_get("calls_days")?,
            transcripts_days: row.try_get("transcripts_days")?,
            audit_days: row.try_get("audit_days")?,
        },
        version: row.try_get("version")?,
        updated_at: time(row, "updated_at")?,
    })
}
