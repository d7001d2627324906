//! Erasing what is known of a person, and the receipts of it.

use super::{StoreError, optional_time, time};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// What stands in place of a number that was erased.
pub const ERASED: &str = "erased";

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation.
    pub organization_id: String,
    /// The person's number, until all of it is erased.
    pub number: Option<String>,
    /// Its last three digits.
    pub masked_number: String,
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

/// Adds a receipt.
pub async fn insert(connection: &mut AnyConnection, erasure: &Erasure) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO erasures (id, organization_id, number, masked_number, requested_by, reason, created_at, calls, \
         transcripts, contacts, events, recordings) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, '[]')",
    )
    .bind(&erasure.id)
    .bind(&erasure.organization_id)
    .bind(erasure.number.as_deref())
    .bind(&erasure.masked_number)
    .bind(&erasure.requested_by)
    .bind(erasure.reason.as_deref())
    .bind(erasure.created_at.as_microsecond())
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
         completed_at = $7, number = CASE WHEN $8 = 1 THEN NULL ELSE number END WHERE id = $1",
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

/// Erases the person from up to `limit` of the organisation's calls: ids of these, and where their recordings were.
pub async fn erase_calls(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let mut erased = Vec::new();
    for column in ["from_number", "to_number"] {
        let sql = format!(
            "SELECT id, recording_url FROM calls WHERE organization_id = $1 AND {column} = $2 ORDER BY id LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(organization_id)
            .bind(number)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let id: String = row.try_get("id")?;
            sqlx::query(
                "UPDATE calls SET from_number = CASE WHEN from_number = $2 THEN $3 ELSE from_number END, \
                 to_number = CASE WHEN to_number = $2 THEN $3 ELSE to_number END, metadata = '{}', \
                 recording_url = NULL, contact_id = NULL, provider_call_id = NULL, outcome = status, erased_at = $4, \
                 version = version + 1, updated_at = $4 WHERE id = $1",
            )
            .bind(&id)
            .bind(number)
            .bind(ERASED)
            .bind(now.as_microsecond())
            .execute(&mut *connection)
            .await?;
            erased.push((id, row.try_get("recording_url")?));
        }
    }
    Ok(erased)
}

/// Erases the person from the events of a call or campaign; how many there were. Those that are still to be published
/// are published without them.
pub async fn erase_events(
    connection: &mut AnyConnection,
    subject: &str,
    number: &str,
) -> Result<i64, StoreError> {
    let rows = sqlx::query("SELECT id, body FROM outbox WHERE subject = $1")
        .bind(subject)
        .fetch_all(&mut *connection);
    let mut count = 0;
    for row in rows.await? {
        let (id, body): (String, String) = (row.try_get("id")?, row.try_get("body")?);
        let mut event: Value = serde_json::from_str(&body).map_err(|_| StoreError::Content("event"))?;
        if erase_from(&mut event["data"], number) {
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

fn erase_from(data: &mut Value, number: &str) -> bool {
    let mut erased = false;
    for (name, value) in data.as_object_mut().into_iter().flatten() {
        if value == number {
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
    Ok(Erasure {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        number: row.try_get("number")?,
        masked_number: row.try_get("masked_number")?,
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
