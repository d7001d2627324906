//! Erasing what is known of a person, and the receipts of it.

use super::{StoreError, optional_time, time};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::collections::BTreeSet;

/// What stands in place of a number that was erased.
pub const ERASED: &str = "erased";

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation.
    pub organization_id: String,
    /// The contact that it was asked for by, if it was by one.
    pub contact_id: Option<String>,
    /// The person's number, until all of it is erased.
    pub number: Option<String>,
    /// Its last three digits; none where it was erased before, and the contact alone was left.
    pub masked_number: Option<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// Why, in their words.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When all of it was erased.
    pub completed_at: Option<Timestamp>,
    /// What was erased.
    pub erased: Erased,
}

/// How much was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Calls.
    pub calls: i64,
    /// Transcripts.
    pub transcripts: i64,
    /// Campaigns' contacts.
    pub contacts: i64,
    /// Events in the history.
    pub events: i64,
    /// Where recordings were, to be deleted there.
    pub recordings: Vec<String>,
}

/// A call of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalCall {
    /// The call.
    pub id: String,
    /// The person's number in it.
    pub number: String,
    /// Where its recording is.
    pub recording: Option<String>,
}

/// Adds a receipt.
pub async fn insert(connection: &mut AnyConnection, erasure: &Erasure) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO erasures (id, organization_id, number, masked_number, requested_by, reason, created_at, calls, \
         transcripts, contacts, events, recordings, contact_id, contact_number) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, '[]', $8, $9)",
    )
    .bind(&erasure.id)
    .bind(&erasure.organization_id)
    .bind(erasure.number.as_deref().filter(|_| erasure.contact_id.is_none()))
    .bind(erasure.masked_number.as_deref().unwrap_or_default())
    .bind(&erasure.requested_by)
    .bind(erasure.reason.as_deref())
    .bind(erasure.created_at.as_microsecond())
    .bind(erasure.contact_id.as_deref())
    .bind(erasure.number.as_deref().filter(|_| erasure.contact_id.is_some()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps how far it has come; with `completed_at`, that all of it is done, and the number is forgotten.
pub async fn progress(
    connection: &mut AnyConnection,
    id: &str,
    erased: &Erased,
    completed_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE erasures SET calls = $2, transcripts = $3, contacts = $4, events = $5, recordings = $6, \
         completed_at = $7, number = CASE WHEN $8 = 1 THEN NULL ELSE number END, \
         contact_number = CASE WHEN $8 = 1 THEN NULL ELSE contact_number END WHERE id = $1",
    )
    .bind(id)
    .bind(erased.calls)
    .bind(erased.transcripts)
    .bind(erased.contacts)
    .bind(erased.events)
    .bind(Value::from(erased.recordings.clone()).to_string())
    .bind(completed_at.map(Timestamp::as_microsecond))
    .bind(i64::from(completed_at.is_some()))
    .execute(connection)
    .await?;
    Ok(())
}

/// The receipt with this id; nobody else goes on with it until the transaction ends.
pub async fn lock(connection: &mut AnyConnection, id: &str) -> Result<Option<Erasure>, StoreError> {
    let row = sqlx::query("UPDATE erasures SET calls = calls WHERE id = $1 RETURNING *")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(erasure).transpose()
}

/// The organisation's receipt with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Erasure>, StoreError> {
    let row = sqlx::query("SELECT * FROM erasures WHERE id = $1 AND organization_id = $2")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(erasure).transpose()
}

/// The organisation's receipts, newest first, at most `limit` after the one with the id `before`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Erasure>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM erasures WHERE organization_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
    )
    .bind(organization_id)
    .bind(before.unwrap_or_default())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(erasure).collect()
}

/// Ids of what was begun before `before` and is not done.
pub async fn unfinished(
    connection: &mut AnyConnection,
    before: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM erasures WHERE completed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT 100",
    )
    .bind(before.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// Forgets where recordings were, in receipts that were done before `before`.
pub async fn forget_recordings(connection: &mut AnyConnection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE erasures SET recordings = '[]' WHERE completed_at < $1 AND recordings <> '[]'")
        .bind(before.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Up to `limit` of the organisation's calls from or to this number.
pub async fn calls_with_number(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
    limit: i64,
) -> Result<Vec<PersonalCall>, StoreError> {
    let mut calls = Vec::new();
    // Each call once, also one from a number to itself.
    for sql in [
        "SELECT id, recording_url FROM calls WHERE organization_id = $1 AND from_number = $2 ORDER BY id LIMIT $3",
        "SELECT id, recording_url FROM calls WHERE organization_id = $1 AND to_number = $2 AND from_number <> $2 \
         ORDER BY id LIMIT $3",
    ] {
        let rows = sqlx::query(sql)
            .bind(organization_id)
            .bind(number)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let (id, recording) = (row.try_get("id")?, row.try_get("recording_url")?);
            calls.push(PersonalCall { id, number: number.to_owned(), recording });
        }
    }
    Ok(calls)
}

/// Up to `limit` of the organisation's calls to or from one of these contacts, whatever their numbers.
pub async fn calls_with_contact(
    connection: &mut AnyConnection,
    organization_id: &str,
    contact_ids: &BTreeSet<String>,
    limit: i64,
) -> Result<Vec<PersonalCall>, StoreError> {
    let mut calls = Vec::new();
    for contact in contact_ids {
        let rows = sqlx::query(CALLS_WITH_CONTACT)
            .bind(organization_id)
            .bind(contact)
            .bind(limit - i64::try_from(calls.len()).unwrap_or(limit))
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let (id, number, recording) =
                (row.try_get("id")?, row.try_get("number")?, row.try_get("recording_url")?);
            calls.push(PersonalCall { id, number, recording });
        }
    }
    Ok(calls)
}

/// The contact is whom we called, or who called us.
const CALLS_WITH_CONTACT: &str = "SELECT id, recording_url, \
     CASE WHEN direction = 'outbound' THEN to_number ELSE from_number END AS number \
     FROM calls WHERE organization_id = $1 AND contact_id = $2 ORDER BY id LIMIT $3";

/// Erases the person from a call. `number` is theirs besides the call's own, if it is known.
pub async fn erase_call(
    connection: &mut AnyConnection,
    call: &PersonalCall,
    number: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE calls SET from_number = CASE WHEN from_number IN ($2, $3) THEN $4 ELSE from_number END, \
         to_number = CASE WHEN to_number IN ($2, $3) THEN $4 ELSE to_number END, metadata = '{}', \
         recording_url = NULL, contact_id = NULL, provider_call_id = NULL, outcome = status, erased_at = $5, \
         version = version + 1, updated_at = $5 WHERE id = $1",
    )
    .bind(&call.id)
    .bind(&call.number)
    .bind(number.unwrap_or(&call.number))
    .bind(ERASED)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Erases the person with these numbers from the events of a call; how many there were. Those that are still to be
/// published are published without them.
pub async fn erase_events(
    connection: &mut AnyConnection,
    subject: &str,
    numbers: &[&str],
) -> Result<i64, StoreError> {
    let rows = sqlx::query("SELECT id, body FROM outbox WHERE subject = $1")
        .bind(subject)
        .fetch_all(&mut *connection);
    let mut count = 0;
    for row in rows.await? {
        let (id, body): (String, String) = (row.try_get("id")?, row.try_get("body")?);
        let mut event: Value = serde_json::from_str(&body).map_err(|_| StoreError::Content("event"))?;
        if erase_from(&mut event["data"], numbers) {
            sqlx::query("UPDATE outbox SET body = $2 WHERE id = $1")
                .bind(id)
                .bind(event.to_string())
                .execute(&mut *connection)
                .await?;
            count += 1;
        }
    }
    Ok(count)
}

fn erase_from(data: &mut Value, numbers: &[&str]) -> bool {
    let mut erased = false;
    for (name, value) in data.as_object_mut().into_iter().flatten() {
        if value.as_str().is_some_and(|text| numbers.contains(&text)) {
            *value = Value::from(ERASED);
            erased = true;
        } else if name == "recording_url" && !value.is_null() {
            *value = Value::Null;
            erased = true;
        }
    }
    erased
}

fn erasure(row: &AnyRow) -> Result<Erasure, StoreError> {
    let recordings: String = row.try_get("recordings")?;
    let number: Option<String> = row.try_get("number")?;
    let masked_number: String = row.try_get("masked_number")?;
    Ok(Erasure {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        contact_id: row.try_get("contact_id")?,
        number: number.or(row.try_get("contact_number")?),
        masked_number: Some(masked_number).filter(|number| !number.is_empty()),
        requested_by: row.try_get("requested_by")?,
        reason: row.try_get("reason")?,
        created_at: time(row, "created_at")?,
        completed_at: optional_time(row, "completed_at")?,
        erased: Erased {
            calls: row.try_get("calls")?,
            transcripts: row.try_get("transcripts")?,
            contacts: row.try_get("contacts")?,
            events: row.try_get("events")?,
            recordings: serde_json::from_str(&recordings).map_err(|_| StoreError::Content("recordings"))?,
        },
    })
}
