//! Contacts of campaigns. They are changed under the lock of their campaign alone.

use super::campaigns::{from_json, json};
use super::parameters::{in_order, rows};
use super::{StoreError, attempts, campaigns, time};
use crate::domain::contact::{Contact, ContactDetails, ContactOutcome, ContactStatus, SettledBy};
use crate::domain::hand_out::Head;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::{BTreeSet, HashSet};

/// How many contacts one statement adds at most.
const ROWS_A_STATEMENT: usize = 100;
const COLUMNS: usize = 15;

/// Of one time zone of a campaign, the pending contact that has been due for longest: campaign, time zone.
pub const HEAD_SQL: &str = "SELECT id, due_at FROM campaign_contacts WHERE campaign_id = $1 AND time_zone = $2 \
                            AND status = 'pending' ORDER BY due_at, id LIMIT 1";

/// What stands before a contact's own id in place of a number that was erased.
const ERASED: &str = "erased:";

/// Which contacts of a campaign are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContactFilter<'a> {
    /// Those that stand there.
    pub status: Option<ContactStatus>,
    /// The one with this number.
    pub number: Option<&'a str>,
}

/// Adds contacts, all of one campaign, but none whose number it has already; the ids of those that were added.
pub async fn insert(
    connection: &mut AnyConnection,
    contacts: &[Contact],
) -> Result<HashSet<String>, StoreError> {
    let mut added = HashSet::new();
    for part in contacts.chunks(ROWS_A_STATEMENT) {
        let sql = format!(
            "INSERT INTO campaign_contacts (id, organization_id, campaign_id, number, name, external_id, language, \
             time_zone, metadata, status, reason, attempt_count, due_at, created_at, updated_at) VALUES {} \
             ON CONFLICT (campaign_id, number) DO NOTHING RETURNING id",
            rows(part.len(), COLUMNS)
        );
        let mut query = sqlx::query(in_order(&sql, connection));
        for contact in part {
            let details = &contact.details;
            query = query
                .bind(&contact.id)
                .bind(&contact.organization_id)
                .bind(&contact.campaign_id)
                .bind(&details.number)
                .bind(details.name.as_deref())
                .bind(details.external_id.as_deref())
                .bind(details.language.as_deref())
                .bind(details.time_zone.as_deref().unwrap_or_default())
                .bind(json(&details.metadata)?)
                .bind(contact.status.as_str())
                .bind(contact.reason.as_deref())
                .bind(contact.attempt_count)
                .bind(contact.due_at.as_microsecond())
                .bind(contact.created_at.as_microsecond())
                .bind(contact.updated_at.as_microsecond());
        }
        for row in query.fetch_all(&mut *connection).await? {
            added.insert(row.try_get("id")?);
        }
    }
    Ok(added)
}

/// Notes that the campaign has contacts of these time zones; empty for its own.
pub async fn add_time_zones(
    connection: &mut AnyConnection,
    campaign_id: &str,
    zones: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    for zone in zones {
        sqlx::query(
            "INSERT INTO campaign_time_zones (campaign_id, time_zone) VALUES ($1, $2) \
             ON CONFLICT (campaign_id, time_zone) DO NOTHING",
        )
        .bind(campaign_id)
        .bind(*zone)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The campaign's contact with this id.
pub async fn find(
    connection: &mut AnyConnection,
    campaign_id: &str,
    id: &str,
) -> Result<Option<Contact>, StoreError> {
    sqlx::query("SELECT * FROM campaign_contacts WHERE id = $1 AND campaign_id = $2")
        .bind(id)
        .bind(campaign_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(contact)
        .transpose()
}

/// Id of the campaign's contact with this number.
pub async fn id_of_number(
    connection: &mut AnyConnection,
    campaign_id: &str,
    number: &str,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT id FROM campaign_contacts WHERE campaign_id = $1 AND number = $2")
        .bind(campaign_id)
        .bind(number)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// The number of the organisation's contact with this id, in whichever campaign; the inner one is none where it was
/// erased.
pub async fn number_of(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<Option<String>>, StoreError> {
    let row = sqlx::query("SELECT number FROM campaign_contacts WHERE id = $1 AND organization_id = $2")
        .bind(id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?;
    let number: Option<String> = row.map(|row| row.try_get("number")).transpose()?;
    Ok(number.map(|number| Some(number).filter(|number| !number.starts_with(ERASED))))
}

/// Ids of up to `limit` of the organisation's contacts with this number, in whichever campaigns.
pub async fn with_number(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM campaign_contacts WHERE organization_id = $1 AND number = $2 ORDER BY campaign_id LIMIT $3",
    )
    .bind(organization_id)
    .bind(number)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// The campaign's contacts that became known before the one with the id `before`, newest first, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    campaign_id: &str,
    filter: ContactFilter<'_>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Contact>, StoreError> {
    let query = sqlx::query(AssertSqlSafe(list_sql(filter)))
        .bind(campaign_id)
        .bind(before.unwrap_or("g"))
        .bind(limit);
    let given = filter.status.map(ContactStatus::as_str).into_iter().chain(filter.number);
    given.fold(query, sqlx::query::Query::bind).fetch_all(connection).await?.iter().map(contact).collect()
}

/// The query of [`list`]: campaign, id before, limit, then what the filter has of status and number.
pub fn list_sql(filter: ContactFilter<'_>) -> String {
    let given = [(filter.status.is_some(), "status"), (filter.number.is_some(), "number")];
    let conditions: Vec<String> = (4..)
        .zip(given.iter().filter(|(is_given, _)| *is_given))
        .map(|(place, (_, column))| format!("AND {column} = ${place} "))
        .collect();
    let conditions = conditions.concat();
    // There is one contact with a number.
    let order = if filter.number.is_some() { "" } else { "ORDER BY id DESC " };
    format!("SELECT * FROM campaign_contacts WHERE campaign_id = $1 AND id < $2 {conditions}{order}LIMIT $3")
}

/// Of each time zone of the campaign's contacts, the pending one that has been due for longest.
pub async fn heads(connection: &mut AnyConnection, campaign_id: &str) -> Result<Vec<Head>, StoreError> {
    let zones = sqlx::query("SELECT time_zone FROM campaign_time_zones WHERE campaign_id = $1")
        .bind(campaign_id)
        .fetch_all(&mut *connection)
        .await?;
    let mut heads = Vec::with_capacity(zones.len());
    for zone in &zones {
        let zone: String = zone.try_get("time_zone")?;
        let row =
            sqlx::query(HEAD_SQL).bind(campaign_id).bind(&zone).fetch_optional(&mut *connection).await?;
        if let Some(row) = row {
            heads.push(Head {
                contact_id: row.try_get("id")?,
                time_zone: Some(zone).filter(|zone| !zone.is_empty()),
                due_at: time(&row, "due_at")?,
            });
        }
    }
    Ok(heads)
}

/// Keeps a changed contact. Its campaign must be locked.
pub async fn update(connection: &mut AnyConnection, contact: &Contact) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE campaign_contacts SET status = $2, reason = $3, attempt_count = $4, due_at = $5, updated_at = $6 \
         WHERE id = $1",
    )
    .bind(&contact.id)
    .bind(contact.status.as_str())
    .bind(contact.reason.as_deref())
    .bind(contact.attempt_count)
    .bind(contact.due_at.as_microsecond())
    .bind(contact.updated_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

fn contact(row: &AnyRow) -> Result<Contact, StoreError> {
    let status: String = row.try_get("status")?;
    let time_zone: String = row.try_get("time_zone")?;
    Ok(Contact {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        campaign_id: row.try_get("campaign_id")?,
        details: ContactDetails {
            number: row.try_get("number")?,
            name: row.try_get("name")?,
            external_id: row.try_get("external_id")?,
            language: row.try_get("language")?,
            time_zone: Some(time_zone).filter(|zone| !zone.is_empty()),
            metadata: from_json(row, "metadata")?,
        },
        status: ContactStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
        reason: row.try_get("reason")?,
        attempt_count: row.try_get("attempt_count")?,
        due_at: time(row, "due_at")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// Erases a person from up to `limit` of the organisation's contacts, which are not called any more; how many there
/// were. Campaigns, locked one after the other, count them as skipped.
pub async fn erase(
    connection: &mut AnyConnection,
    organization_id: &str,
    number: &str,
    now: Timestamp,
    limit: i64,
) -> Result<i64, StoreError> {
    let rows = sqlx::query(
        "SELECT id, campaign_id FROM campaign_contacts WHERE organization_id = $1 AND number = $2 \
         ORDER BY campaign_id LIMIT $3",
    )
    .bind(organization_id)
    .bind(number)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut count = 0;
    for row in &rows {
        let (id, campaign_id): (String, String) = (row.try_get("id")?, row.try_get("campaign_id")?);
        let Some(mut campaign) = campaigns::lock(&mut *connection, organization_id, &campaign_id).await?
        else {
            continue;
        };
        let Some(known) = find(&mut *connection, &campaign_id, &id).await? else { continue };
        if let Some(mut attempt) = attempts::of_contact(&mut *connection, &id).await?.pop()
            && attempt.settled_at.is_none()
        {
            attempt.outcome = Some(ContactOutcome::Canceled);
            attempt.settled_by = Some(SettledBy::Report);
            attempt.settled_at = Some(now);
            attempts::update(&mut *connection, &attempt).await?;
        }
        let erased = known.erased(now);
        campaign.counters.pass(known.status, erased.status);
        update(&mut *connection, &erased).await?;
        campaigns::update(&mut *connection, &campaign).await?;
        // A campaign has each number once: the contact's own id keeps them apart.
        sqlx::query(
            "UPDATE campaign_contacts SET number = $2 || id, name = NULL, external_id = NULL, \
             language = NULL, metadata = '{}' WHERE id = $1",
        )
        .bind(&id)
        .bind(ERASED)
        .execute(&mut *connection)
        .await?;
        count += 1;
    }
    Ok(count)
}

/// Whether a call with this contact is under way.
pub async fn has_open_call(
    connection: &mut AnyConnection,
    organization_id: &str,
    contact_id: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM calls WHERE contact_id = $1 AND ended_at IS NULL AND organization_id = $2 LIMIT 1",
    )
    .bind(contact_id)
    .bind(organization_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// When the first of the campaign's contacts that are on their way goes back, if any is.
pub async fn first_lease_end(
    connection: &mut AnyConnection,
    campaign_id: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT MIN(lease_until) AS first FROM contact_attempts WHERE campaign_id = $1 AND settled_at IS NULL",
    )
    .bind(campaign_id)
    .fetch_one(connection)
    .await?;
    super::optional_time(&row, "first")
}
