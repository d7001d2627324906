//! `/campaigns/{id}/stats`: how a campaign goes, in numbers.

use super::campaigns::CountersAnswer;
use super::identity::{Allowed, ReadCampaigns};
use super::path::Id;
use super::problem::Problem;
use super::stats::mean;
use crate::campaigns::statistics::CampaignStatistics;
use crate::domain::call::CallStatus;
use crate::domain::campaign::CampaignStatus;
use crate::domain::contact::ContactOutcome;
use crate::shared::Shared;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(read))
}

/// How a campaign goes.
#[derive(Serialize, ToSchema)]
struct CampaignStatsAnswer {
    /// The campaign.
    campaign_id: String,
    /// Where it stands.
    status: CampaignStatus,
    /// When this was counted.
    at: Timestamp,
    /// How many of its contacts stand where.
    contacts: CountersAnswer,
    /// How often contacts were handed out, and what came of it.
    attempts: AttemptCounts,
    /// Its calls.
    calls: CampaignCalls,
    /// When its contacts will be dealt with, if it goes on as it has since it began, nights and pauses included; not after
    /// `ends_at`. Null unless it is running and some contacts are done.
    estimated_completion_at: Option<Timestamp>,
}

/// How often contacts were handed out.
#[derive(Serialize, ToSchema)]
struct AttemptCounts {
    /// All of them.
    total: i64,
    /// Those of which it is not known yet what came of them.
    open: i64,
    /// The others, by what came of them.
    by_outcome: AttemptsByOutcome,
}

/// Attempts by what came of them.
#[derive(Serialize, ToSchema, Default)]
struct AttemptsByOutcome {
    reached: i64,
    no_answer: i64,
    busy: i64,
    rejected: i64,
    failed: i64,
    voicemail: i64,
    canceled: i64,
    invalid_number: i64,
    do_not_call: i64,
    lease_expired: i64,
}

/// Calls of a campaign. Those under way are counted as they are; what began and ended follows within about a second.
#[derive(Serialize, ToSchema)]
struct CampaignCalls {
    /// How many stand where.
    by_status: CallsByStatus,
    /// Calls that began.
    started: i64,
    /// Calls that ended.
    ended: i64,
    /// Calls that ended after both sides had talked.
    answered: i64,
    /// The part of those that ended in which both sides had talked, 0 to 1; null when none ended.
    answered_rate: Option<f64>,
    /// Time of talking of all that ended, in seconds.
    talk_seconds: i64,
    /// Mean time of talking of those that were answered, in seconds; null when none was.
    average_talk_seconds: Option<f64>,
    /// Mean time from begin to end, ringing included, of those that were answered, in seconds; null when none was. Work
    /// after a call is not known here.
    average_handle_seconds: Option<f64>,
}

/// Calls by where they stand.
#[derive(Serialize, ToSchema, Default)]
struct CallsByStatus {
    queued: i64,
    ringing: i64,
    in_progress: i64,
    completed: i64,
    failed: i64,
    no_answer: i64,
    busy: i64,
    rejected: i64,
    canceled: i64,
}

impl From<CampaignStatistics> for CampaignStatsAnswer {
    fn from(statistics: CampaignStatistics) -> Self {
        let CampaignStatistics { at, campaign, calls: counts, under_way, attempts } = statistics;
        let calls = counts.calls;
        let standing = |wanted: CallStatus| {
            under_way.iter().filter(|(status, _)| *status == wanted).map(|(_, n)| n).sum()
        };
        Self {
            at,
            estimated_completion_at: campaign.estimated_end(at),
            campaign_id: campaign.id,
            status: campaign.status,
            contacts: campaign.counters.into(),
            attempts: attempts.into(),
            calls: CampaignCalls {
                by_status: CallsByStatus {
                    queued: standing(CallStatus::Queued),
                    ringing: standing(CallStatus::Ringing),
                    in_progress: standing(CallStatus::InProgress),
                    completed: calls.completed,
                    failed: calls.failed,
                    no_answer: calls.no_answer,
                    busy: calls.busy,
                    rejected: calls.rejected,
                    canceled: calls.canceled,
                },
                started: calls.started,
                ended: calls.ended(),
                answered: calls.answered,
                answered_rate: mean(calls.answered, calls.ended()),
                talk_seconds: calls.talk_seconds,
                average_talk_seconds: mean(calls.talk_seconds, calls.answered),
                average_handle_seconds: mean(counts.handle_seconds, calls.answered),
            },
        }
    }
}

impl From<Vec<(Option<ContactOutcome>, i64)>> for AttemptCounts {
    fn from(counts: Vec<(Option<ContactOutcome>, i64)>) -> Self {
        let mut all = Self { total: 0, open: 0, by_outcome: AttemptsByOutcome::default() };
        for (outcome, count) in counts {
            all.total += count;
            let by = &mut all.by_outcome;
            *match outcome {
                None => &mut all.open,
                Some(ContactOutcome::Reached) => &mut by.reached,
                Some(ContactOutcome::NoAnswer) => &mut by.no_answer,
                Some(ContactOutcome::Busy) => &mut by.busy,
                Some(ContactOutcome::Rejected) => &mut by.rejected,
                Some(ContactOutcome::Failed) => &mut by.failed,
                Some(ContactOutcome::Voicemail) => &mut by.voicemail,
                Some(ContactOutcome::Canceled) => &mut by.canceled,
                Some(ContactOutcome::InvalidNumber) => &mut by.invalid_number,
                Some(ContactOutcome::DoNotCall) => &mut by.do_not_call,
                Some(ContactOutcome::LeaseExpired) => &mut by.lease_expired,
            } += count;
        }
        all
    }
}

/// Read how a campaign goes
///
/// Its contacts, attempts and calls in numbers. Nothing is searched for it, so it may be asked often.
#[utoipa::path(get, operation_id = "read_campaign_stats", path = "/campaigns/{id}/stats", tag = "campaigns", params(Id),
    responses((status = 200, description = "The counts", body = CampaignStatsAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Id(id): Id,
) -> Result<Json<CampaignStatsAnswer>, Problem> {
    Ok(Json(shared.campaigns.statistics(&identity, &id).await?.into()))
}
