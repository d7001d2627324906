//! From where accounts were logged in to of late.

use super::StoreError;
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Whether the subject, an account together with an address, is known at this time.
pub async fn is_known(
    connection: &mut AnyConnection,
    subject: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT subject FROM known_addresses WHERE subject = $1 AND known_until > $2")
        .bind(subject)
        .bind(now.as_microsecond())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Keeps the subject known until this time.
pub async fn remember(
    connection: &mut AnyConnection,
    subject: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO known_addresses (subject, known_until) VALUES ($1, $2) \
         ON CONFLICT (subject) DO UPDATE SET known_until = excluded.known_until",
    )
    .bind(subject)
    .bind(until.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets those that are no longer known.
pub async fn prune(connection: &mut AnyConnection, now: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM known_addresses WHERE known_until <= $1")
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
