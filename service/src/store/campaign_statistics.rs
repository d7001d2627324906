//! Counts of campaigns' calls and attempts.

use super::{StoreError, statistics};
use crate::domain::call::CallStatus;
use crate::domain::contact::ContactOutcome;
use crate::domain::statistics::CampaignCounts;
use sqlx::{AnyConnection, Row};

/// How many positions of the stream are counted at most in one transaction.
const POSITIONS: i64 = 5000;

/// An event of a call that belongs to a campaign, and is to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    /// The organisation.
    pub organization_id: String,
    /// What the call says is its campaign; there may be none with this id.
    pub campaign_id: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// The envelope, JSON.
    pub body: String,
}

/// Whether events have positions that are not counted.
pub async fn has_uncounted(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM stream_state WHERE counted_position < last_position LIMIT 1");
    Ok(row.fetch_optional(connection).await?.is_some())
}

/// Takes the events that are next to be counted: from here on they are. Until the transaction ends nobody else takes
/// any.
pub async fn take_uncounted(connection: &mut AnyConnection) -> Result<Vec<Uncounted>, StoreError> {
    let state = sqlx::query(
        "UPDATE stream_state SET counted_position = counted_position WHERE id = 1 \
         RETURNING counted_position, last_position",
    )
    .fetch_one(&mut *connection)
    .await?;
    let counted: i64 = state.try_get("counted_position")?;
    let last = state.try_get::<i64, _>("last_position")?.min(counted + POSITIONS);
    let rows = sqlx::query(
        "SELECT calls.organization_id, calls.campaign_id, outbox.type, outbox.body FROM outbox \
         JOIN calls ON calls.id = outbox.subject WHERE outbox.position > $1 AND outbox.position <= $2 \
         AND outbox.type IN ('call.started', 'call.ended') AND calls.campaign_id IS NOT NULL",
    )
    .bind(counted)
    .bind(last)
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query("UPDATE stream_state SET counted_position = $1 WHERE id = 1")
        .bind(last)
        .execute(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Uncounted {
                organization_id: row.try_get("organization_id")?,
                campaign_id: row.try_get("campaign_id")?,
                event_type: row.try_get("type")?,
                body: row.try_get("body")?,
            })
        })
        .collect()
}

/// Adds to the counts of the organisation's campaign, if it has one with this id.
pub async fn add(
    connection: &mut AnyConnection,
    organization_id: &str,
    campaign_id: &str,
    counts: &CampaignCounts,
) -> Result<(), StoreError> {
    let CampaignCounts { calls, handle_seconds } = counts;
    sqlx::query(
        "INSERT INTO campaign_calls (campaign_id, started, completed, failed, no_answer, busy, rejected, canceled, \
         answered, duration_seconds, talk_seconds, handle_seconds) \
         SELECT id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM campaigns \
         WHERE id = $1 AND organization_id = $2 ON CONFLICT (campaign_id) DO UPDATE SET \
         started = campaign_calls.started + excluded.started, \
         completed = campaign_calls.completed + excluded.completed, \
         failed = campaign_calls.failed + excluded.failed, \
         no_answer = campaign_calls.no_answer + excluded.no_answer, \
         busy = campaign_calls.busy + excluded.busy, \
         rejected = campaign_calls.rejected + excluded.rejected, \
         canceled = campaign_calls.canceled + excluded.canceled, \
         answered = campaign_calls.answered + excluded.answered, \
         duration_seconds = campaign_calls.duration_seconds + excluded.duration_seconds, \
         talk_seconds = campaign_calls.talk_seconds + excluded.talk_seconds, \
         handle_seconds = campaign_calls.handle_seconds + excluded.handle_seconds",
    )
    .bind(campaign_id)
    .bind(organization_id)
    .bind(calls.started)
    .bind(calls.completed)
    .bind(calls.failed)
    .bind(calls.no_answer)
    .bind(calls.busy)
    .bind(calls.rejected)
    .bind(calls.canceled)
    .bind(calls.answered)
    .bind(calls.duration_seconds)
    .bind(calls.talk_seconds)
    .bind(*handle_seconds)
    .execute(connection)
    .await?;
    Ok(())
}

/// The query of [`calls`]: campaign.
pub const CALLS_SQL: &str = "SELECT * FROM campaign_calls WHERE campaign_id = $1";

/// The campaign's calls that began and ended.
pub async fn calls(connection: &mut AnyConnection, campaign_id: &str) -> Result<CampaignCounts, StoreError> {
    let row = sqlx::query(CALLS_SQL).bind(campaign_id).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(CampaignCounts::default()) };
    Ok(CampaignCounts {
        calls: statistics::call_counts(&row)?,
        handle_seconds: row.try_get("handle_seconds")?,
    })
}

/// The query of [`under_way`]: organisation, campaign.
pub const UNDER_WAY_SQL: &str = "SELECT status, COUNT(*) AS count FROM calls WHERE organization_id = $1 \
     AND campaign_id = $2 AND campaign_id IS NOT NULL AND ended_at IS NULL GROUP BY status";

/// The campaign's calls that have not ended, by status.
pub async fn under_way(
    connection: &mut AnyConnection,
    organization_id: &str,
    campaign_id: &str,
) -> Result<Vec<(CallStatus, i64)>, StoreError> {
    let rows =
        sqlx::query(UNDER_WAY_SQL).bind(organization_id).bind(campaign_id).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let status: String = row.try_get("status")?;
            let status = CallStatus::from_name(&status).ok_or(StoreError::Content("status"))?;
            Ok((status, row.try_get("count")?))
        })
        .collect()
}

/// The query of [`attempts`]: campaign.
pub const ATTEMPTS_SQL: &str = "SELECT outcome, count FROM campaign_attempts WHERE campaign_id = $1";

/// The campaign's attempts by what came of them; none while that is not known.
pub async fn attempts(
    connection: &mut AnyConnection,
    campaign_id: &str,
) -> Result<Vec<(Option<ContactOutcome>, i64)>, StoreError> {
    let rows = sqlx::query(ATTEMPTS_SQL).bind(campaign_id).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let outcome: String = row.try_get("outcome")?;
            let outcome = match outcome.as_str() {
                "" => None,
                name => Some(ContactOutcome::from_name(name).ok_or(StoreError::Content("outcome"))?),
            };
            Ok((outcome, row.try_get("count")?))
        })
        .collect()
}
