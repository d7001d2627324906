//! How far attempts to log in have used up what they may.

use super::StoreError;
use crate::identity::login_limit::Allowance;
use jiff::Timestamp;
use sqlx::{AnyConnection, Row};

/// Takes one attempt out of the subject's allowance: `None` when there was one, else when there will be one again.
/// Processes that share the database share the allowance, and of two attempts at once each is counted.
pub async fn take(
    connection: &mut AnyConnection,
    subject: &str,
    allowance: Allowance,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let (now, price) = (now.as_microsecond(), allowance.price_microseconds());
    // All attempts but the last may be spent.
    let latest = now + allowance.total_microseconds() - price;
    let taken = sqlx::query(
        "INSERT INTO login_limits (subject, spent_until) VALUES ($1, $2 + $3) ON CONFLICT (subject) DO UPDATE \
         SET spent_until = CASE WHEN login_limits.spent_until > $2 THEN login_limits.spent_until ELSE $2 END + $3 \
         WHERE login_limits.spent_until <= $4",
    )
    .bind(subject)
    .bind(now)
    .bind(price)
    .bind(latest)
    .execute(&mut *connection)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT spent_until FROM login_limits WHERE subject = $1")
        .bind(subject)
        .fetch_optional(connection)
        .await?;
    let spent_until = match row {
        Some(row) => row.try_get("spent_until")?,
        None => latest,
    };
    let again = now + (spent_until - latest).max(1);
    Ok(Some(Timestamp::from_microsecond(again).map_err(|_| StoreError::Content("spent_until"))?))
}

/// Gives back one attempt that was taken.
pub async fn give_back(
    connection: &mut AnyConnection,
    subject: &str,
    allowance: Allowance,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE login_limits SET spent_until = spent_until - $2 WHERE subject = $1")
        .bind(subject)
        .bind(allowance.price_microseconds())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives back the whole allowance.
pub async fn restore(connection: &mut AnyConnection, subject: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM login_limits WHERE subject = $1").bind(subject).execute(connection).await?;
    Ok(())
}

/// Forgets those whose allowance is whole again.
pub async fn prune(connection: &mut AnyConnection, now: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM login_limits WHERE spent_until <= $1")
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
