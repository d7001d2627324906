//! Numbers that nobody of an organisation may call.

use super::parameters::places;
use super::{StoreError, time};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::HashMap;

/// A number that nobody of the organisation may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation.
    pub organization_id: String,
    /// The number, E.164.
    pub number: String,
    /// Why; may be empty.
    pub reason: String,
    /// Who added it.
    pub user_id: String,
    /// When.
    pub created_at: Timestamp,
}

/// Adds a number; `false` when it is there already.
pub async fn insert(connection: &mut AnyConnection, suppression: &Suppression) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO suppressions (id, organization_id, number, reason, user_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, number) DO NOTHING",
    )
    .bind(&suppression.id)
    .bind(&suppression.organization_id)
    .bind(&suppression.number)
    .bind(&suppression.reason)
    .bind(&suppression.user_id)
    .bind(suppression.created_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a number; `false` when it is not there.
pub async fn delete(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM suppressions WHERE organization_id = $1 AND number = $2")
        .bind(organization_id)
        .bind(number)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The entry of a number.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
) -> Result<Option<Suppression>, StoreError> {
    sqlx::query("SELECT * FROM suppressions WHERE organization_id = $1 AND number = $2")
        .bind(organization_id)
        .bind(number)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(suppression)
        .transpose()
}

/// Of these numbers, those that are suppressed, each with the reason.
pub async fn among(
    connection: &mut AnyConnection,
    organization_id: &str,
    numbers: &[&str],
) -> Result<HashMap<String, String>, StoreError> {
    let mut found = HashMap::new();
    for part in numbers.chunks(100) {
        let sql = format!(
            "SELECT number, reason FROM suppressions WHERE organization_id = $1 AND number IN ({})",
            places(2, part.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(organization_id);
        let rows = part.iter().fold(query, |query, number| query.bind(*number)).fetch_all(&mut *connection);
        for row in rows.await? {
            found.insert(row.try_get("number")?, row.try_get("reason")?);
        }
    }
    Ok(found)
}

/// The query of [`list`]: organisation, id before, limit.
pub const LIST_SQL: &str =
    "SELECT * FROM suppressions WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

/// The organisation's numbers that were added before the one with the id `before`, newest first, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Suppression>, StoreError> {
    let query = sqlx::query(LIST_SQL).bind(organization_id).bind(before.unwrap_or("g")).bind(limit);
    query.fetch_all(connection).await?.iter().map(suppression).collect()
}

fn suppression(row: &AnyRow) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        number: row.try_get("number")?,
        reason: row.try_get("reason")?,
        user_id: row.try_get("user_id")?,
        created_at: time(row, "created_at")?,
    })
}
