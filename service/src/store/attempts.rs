//! Attempts at contacts. They are changed under the lock of the contact's campaign alone.

use super::{StoreError, optional_time, time};
use crate::domain::contact::{Attempt, Contact, ContactOutcome, SettledBy};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Adds an attempt at this contact.
pub async fn insert(
    connection: &mut AnyConnection,
    contact: &Contact,
    attempt: &Attempt,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO contact_attempts (id, organization_id, campaign_id, contact_id, number, user_id, request_id, \
         dialled_at, lease_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&attempt.id)
    .bind(&contact.organization_id)
    .bind(&contact.campaign_id)
    .bind(&contact.id)
    .bind(attempt.number)
    .bind(&attempt.user_id)
    .bind(attempt.request_id.as_deref())
    .bind(attempt.dialled_at.as_microsecond())
    .bind(attempt.lease_until.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a changed attempt.
pub async fn update(connection: &mut AnyConnection, attempt: &Attempt) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE contact_attempts SET lease_until = $2, outcome = $3, settled_by = $4, settled_at = $5, call_id = $6 \
         WHERE id = $1",
    )
    .bind(&attempt.id)
    .bind(attempt.lease_until.as_microsecond())
    .bind(attempt.outcome.map(ContactOutcome::as_str))
    .bind(attempt.settled_by.map(SettledBy::as_str))
    .bind(attempt.settled_at.map(Timestamp::as_microsecond))
    .bind(attempt.call_id.as_deref())
    .execute(connection)
    .await?;
    Ok(())
}

/// The contact's attempts, in order.
pub async fn of_contact(
    connection: &mut AnyConnection,
    contact_id: &str,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = sqlx::query("SELECT * FROM contact_attempts WHERE contact_id = $1 ORDER BY number")
        .bind(contact_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(attempt).collect()
}

/// The attempt that this request of this user got, while nobody has said what came of it.
pub async fn of_request(
    connection: &mut AnyConnection,
    campaign_id: &str,
    user_id: &str,
    request_id: &str,
) -> Result<Option<Attempt>, StoreError> {
    sqlx::query(
        "SELECT * FROM contact_attempts WHERE campaign_id = $1 AND user_id = $2 AND request_id = $3 \
         AND settled_at IS NULL AND request_id IS NOT NULL",
    )
    .bind(campaign_id)
    .bind(user_id)
    .bind(request_id)
    .fetch_optional(connection)
    .await?
    .as_ref()
    .map(attempt)
    .transpose()
}

/// Up to `limit` attempts of the campaign that nobody has said anything of in time.
pub async fn expired(
    connection: &mut AnyConnection,
    campaign_id: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM contact_attempts WHERE campaign_id = $1 AND settled_at IS NULL AND lease_until <= $2 \
         ORDER BY lease_until LIMIT $3",
    )
    .bind(campaign_id)
    .bind(now.as_microsecond())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(attempt).collect()
}

/// Organisation and campaign of up to `limit` attempts that nobody has said anything of in time.
pub async fn expired_anywhere(
    connection: &mut AnyConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query(
        "SELECT organization_id, campaign_id FROM contact_attempts WHERE settled_at IS NULL AND lease_until <= $1 \
         ORDER BY lease_until LIMIT $2",
    )
    .bind(now.as_microsecond())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("organization_id")?, row.try_get("campaign_id")?))).collect()
}

fn attempt(row: &AnyRow) -> Result<Attempt, StoreError> {
    let outcome: Option<String> = row.try_get("outcome")?;
    let settled_by: Option<String> = row.try_get("settled_by")?;
    let outcome = outcome
        .map(|name| ContactOutcome::from_name(&name).ok_or(StoreError::Content("outcome")))
        .transpose()?;
    let settled_by = settled_by
        .map(|name| SettledBy::from_name(&name).ok_or(StoreError::Content("settled_by")))
        .transpose()?;
    Ok(Attempt {
        id: row.try_get("id")?,
        contact_id: row.try_get("contact_id")?,
        number: row.try_get("number")?,
        user_id: row.try_get("user_id")?,
        request_id: row.try_get("request_id")?,
        dialled_at: time(row, "dialled_at")?,
        lease_until: time(row, "lease_until")?,
        outcome,
        settled_by,
        settled_at: optional_time(row, "settled_at")?,
        call_id: row.try_get("call_id")?,
    })
}
