//! Sessions and their refresh tokens.

use super::{StoreError, optional_time, time};
use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// All tokens that came of one login.
#[derive(Debug, Clone)]
pub struct Session {
    /// `UUIDv7`.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// Whether it was ended.
    pub ended: bool,
}

/// A refresh token as recorded.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Lower-case hex SHA-256 of its `jti`.
    pub jti_hash: String,
    /// The session that it belongs to.
    pub session_id: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it was given for its successor.
    pub used_at: Option<Timestamp>,
    /// The successor's `jti_hash`.
    pub successor_hash: Option<String>,
}

/// Begins a session.
pub async fn begin(
    connection: &mut AnyConnection,
    id: &str,
    user_id: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(user_id)
        .bind(now.as_microsecond())
        .bind(expires_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session with this id.
pub async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Session>, StoreError> {
    let Some(row) = sqlx::query("SELECT id, user_id, ended_at FROM sessions WHERE id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?
    else {
        return Ok(None);
    };
    Ok(Some(Session {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        ended: row.try_get::<Option<i64>, _>("ended_at")?.is_some(),
    }))
}

/// Makes the session last until `expires_at`.
pub async fn extend(
    connection: &mut AnyConnection,
    id: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET expires_at = $2 WHERE id = $1")
        .bind(id)
        .bind(expires_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends the session, if it has not ended: none of its refresh tokens is taken any more.
pub async fn end(connection: &mut AnyConnection, id: &str, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends all sessions of a user but the one with the id `but`; which they were.
pub async fn end_all_of(
    connection: &mut AnyConnection,
    user_id: &str,
    but: Option<&str>,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id <> $3 RETURNING id",
    )
    .bind(user_id)
    .bind(now.as_microsecond())
    .bind(but.unwrap_or_default())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// The sessions that were ended at `since` or later, with the time of each.
pub async fn ended_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let rows = sqlx::query("SELECT id, ended_at FROM sessions WHERE ended_at IS NOT NULL AND ended_at >= $1")
        .bind(since.as_microsecond())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, time(row, "ended_at")?))).collect()
}

/// Deletes up to `limit` sessions that nobody can go on with since `before`, with their refresh tokens; how many.
pub async fn prune(connection: &mut AnyConnection, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT {limit})"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).bind(before.as_microsecond()).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Deletes up to `limit` used refresh tokens that were made before `before`; how many.
pub async fn prune_used_tokens(
    connection: &mut AnyConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM refresh_tokens WHERE jti_hash IN (SELECT jti_hash FROM refresh_tokens \
         WHERE used_at IS NOT NULL AND issued_at < $1 ORDER BY issued_at LIMIT {limit})"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).bind(before.as_microsecond()).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Records a refresh token.
pub async fn record(
    connection: &mut AnyConnection,
    jti_hash: &str,
    session_id: &str,
    issued_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO refresh_tokens (jti_hash, session_id, issued_at) VALUES ($1, $2, $3)")
        .bind(jti_hash)
        .bind(session_id)
        .bind(issued_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks a refresh token as used; `false` when it was used before.
pub async fn redeem(
    connection: &mut AnyConnection,
    jti_hash: &str,
    successor_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE refresh_tokens SET used_at = $3, successor_hash = $2 WHERE jti_hash = $1 AND used_at IS NULL",
    )
    .bind(jti_hash)
    .bind(successor_hash)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When the newest of a user's tokens was made. Access tokens are never newer than the refresh token beside them.
pub async fn newest_issue(
    connection: &mut AnyConnection,
    user_id: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT MAX(issued_at) AS issued_at FROM refresh_tokens \
         WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)",
    )
    .bind(user_id)
    .fetch_one(connection)
    .await?;
    optional_time(&row, "issued_at")
}

/// The refresh token with this hash.
pub async fn token(
    connection: &mut AnyConnection,
    jti_hash: &str,
) -> Result<Option<RefreshToken>, StoreError> {
    let Some(row) = sqlx::query(
        "SELECT jti_hash, session_id, issued_at, used_at, successor_hash FROM refresh_tokens WHERE jti_hash = $1",
    )
    .bind(jti_hash)
    .fetch_optional(connection)
    .await?
    else {
        return Ok(None);
    };
    Ok(Some(RefreshToken {
        jti_hash: row.try_get("jti_hash")?,
        session_id: row.try_get("session_id")?,
        issued_at: time(&row, "issued_at")?,
        used_at: optional_time(&row, "used_at")?,
        successor_hash: row.try_get("successor_hash")?,
    }))
}
