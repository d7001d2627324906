//! Requests under a key of the caller's, and their answers.

use super::{StoreError, time};
use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// A request under a key: whose it is, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The organisation.
    pub organization_id: String,
    /// The user.
    pub user_id: String,
    /// SHA-256 of the key, in hex.
    pub key: String,
    /// What stands for method, path and body.
    pub request: String,
}

/// An answer that is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Status code.
    pub status: u16,
    /// Names and values of headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What stands for the request that it was used for.
    pub request: String,
    /// Path of what that changed or made.
    pub object: String,
    /// When.
    pub created_at: Timestamp,
    /// The answer, once it is known and where it may be kept.
    pub answer: Option<KeptAnswer>,
}

/// Takes the key for this transaction's change; `false` when it was used before. Waits for another transaction that has
/// just taken it.
pub async fn claim(
    connection: &mut AnyConnection,
    claim: &Claim,
    object: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO idempotency_keys (organization_id, user_id, key, request, object, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, user_id, key) DO NOTHING",
    )
    .bind(&claim.organization_id)
    .bind(&claim.user_id)
    .bind(&claim.key)
    .bind(&claim.request)
    .bind(object)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes what the change made.
pub async fn set_object(
    connection: &mut AnyConnection,
    claim: &Claim,
    object: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE idempotency_keys SET object = $4 WHERE organization_id = $1 AND user_id = $2 AND key = $3",
    )
    .bind(&claim.organization_id)
    .bind(&claim.user_id)
    .bind(&claim.key)
    .bind(object)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the answer.
pub async fn complete(
    connection: &mut AnyConnection,
    claim: &Claim,
    answer: &KeptAnswer,
) -> Result<(), StoreError> {
    let headers = serde_json::to_string(&answer.headers).map_err(|_| StoreError::Content("headers"))?;
    sqlx::query(
        "UPDATE idempotency_keys SET status = $5, headers = $6, body = $7 \
         WHERE organization_id = $1 AND user_id = $2 AND key = $3 AND request = $4 AND status IS NULL",
    )
    .bind(&claim.organization_id)
    .bind(&claim.user_id)
    .bind(&claim.key)
    .bind(&claim.request)
    .bind(i64::from(answer.status))
    .bind(headers)
    .bind(&answer.body)
    .execute(connection)
    .await?;
    Ok(())
}

/// What is known of a key of this user's.
pub async fn find(connection: &mut AnyConnection, claim: &Claim) -> Result<Option<Known>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM idempotency_keys WHERE organization_id = $1 AND user_id = $2 AND key = $3",
    )
    .bind(&claim.organization_id)
    .bind(&claim.user_id)
    .bind(&claim.key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let status: Option<i64> = row.try_get("status")?;
    let answer = match status {
        None => None,
        Some(status) => {
            let headers: String = row.try_get("headers")?;
            Some(KeptAnswer {
                status: u16::try_from(status).map_err(|_| StoreError::Content("status"))?,
                headers: serde_json::from_str(&headers).map_err(|_| StoreError::Content("headers"))?,
                body: row.try_get("body")?,
            })
        }
    };
    Ok(Some(Known {
        request: row.try_get("request")?,
        object: row.try_get("object")?,
        created_at: time(&row, "created_at")?,
        answer,
    }))
}

/// Deletes up to `limit` keys from before `before`; how many there were.
pub async fn prune(connection: &mut AnyConnection, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM idempotency_keys WHERE created_at < $1 AND created_at <= COALESCE((SELECT created_at \
         FROM idempotency_keys ORDER BY created_at LIMIT 1 OFFSET {limit}), $1)"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).bind(before.as_microsecond()).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Forgets the organisation's answers that hold this text.
pub async fn forget(
    connection: &mut AnyConnection,
    organization_id: &str,
    text: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE idempotency_keys SET status = NULL, headers = NULL, body = NULL \
         WHERE organization_id = $1 AND body LIKE '%' || $2 || '%'",
    )
    .bind(organization_id)
    .bind(text)
    .execute(connection)
    .await?;
    Ok(())
}
