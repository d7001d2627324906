//! `/stats`: counts and rates for a wallboard.

use super::identity::{Allowed, ReadStats};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::call::CallStatus;
use crate::domain::statistics::{CallCounts, minute_of};
use crate::events::retention::COUNTS_KEPT;
use crate::shared::Shared;
use crate::store::statistics;
use crate::wording::say;
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(read))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsQuery {
    /// Begin of a time window of your own, such as the day's where you are; at most 7 days ago.
    since: Option<Timestamp>,
}

/// What goes on and went on.
#[derive(Serialize, ToSchema)]
struct Stats {
    /// When this was counted.
    at: Timestamp,
    /// Calls that have not ended.
    now: Now,
    /// The last 60 minutes.
    last_hour: Window,
    /// The last 24 hours.
    last_24_hours: Window,
    /// Since the time that was asked for; null when none was.
    window: Option<Window>,
}

/// Calls that have not ended.
#[derive(Serialize, ToSchema, Default)]
struct Now {
    /// Calls that wait to begin.
    queued: i64,
    /// Calls that ring.
    ringing: i64,
    /// Calls in which both sides talk.
    in_progress: i64,
    /// How long the call that was not answered yet has waited that waits longest, in seconds; 0 when none waits.
    longest_waiting_seconds: i64,
}

/// Calls that began or ended within some time.
#[derive(Serialize, ToSchema)]
struct Window {
    /// From when on, in whole minutes.
    since: Timestamp,
    /// Calls that began.
    started: i64,
    /// Calls that ended.
    ended: i64,
    /// Those that ended, by how.
    ended_by_status: EndedByStatus,
    /// Calls that ended after both sides had talked.
    answered: i64,
    /// The part of those that ended in which both sides had talked, 0 to 1; null when none ended.
    answered_rate: Option<f64>,
    /// Mean time from begin to end of those that ended, in seconds; null when none did.
    average_duration_seconds: Option<f64>,
    /// Mean time of talking of those that were answered, in seconds; null when none was.
    average_talk_seconds: Option<f64>,
}

/// How many calls ended how.
#[derive(Serialize, ToSchema)]
struct EndedByStatus {
    completed: i64,
    failed: i64,
    no_answer: i64,
    busy: i64,
    rejected: i64,
    canceled: i64,
}

/// Read counts and rates for a wallboard
///
/// Calls under way are counted as they are; windows are whole minutes and follow within about a second.
#[utoipa::path(get, operation_id = "read_stats", path = "/stats", tag = "calls", params(StatsQuery),
    responses((status = 200, description = "Counts and rates", body = Stats)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadStats>,
    Parameters(query): Parameters<StatsQuery>,
) -> Result<Json<Stats>, Problem> {
    let at = shared.clock.now();
    if query.since.is_some_and(|since| since > at || since < at - COUNTS_KEPT) {
        return Err(Problem::field("#/since", say!("give-since")));
    }
    let organization = &identity.organization_id;
    let mut reader = shared.store.reader().await?;
    let mut now = Now::default();
    let mut oldest = at;
    for group in statistics::under_way(&mut reader, organization).await? {
        match group.status {
            CallStatus::Queued => now.queued = group.count,
            CallStatus::Ringing => now.ringing = group.count,
            _ => {
                now.in_progress += group.count;
                continue;
            }
        }
        oldest = oldest.min(group.oldest.unwrap_or(at));
    }
    now.longest_waiting_seconds = at.duration_since(oldest).as_secs();
    let mut window = async |since: Timestamp| {
        let minute = minute_of(since);
        let counts = statistics::since(&mut reader, organization, minute).await?;
        Ok::<_, Problem>(Window::of(minute, &counts))
    };
    let last_hour = window(at - SignedDuration::from_mins(60)).await?;
    let last_24_hours = window(at - SignedDuration::from_hours(24)).await?;
    let window = match query.since {
        Some(since) => Some(window(since).await?),
        None => None,
    };
    Ok(Json(Stats { at, now, last_hour, last_24_hours, window }))
}

impl Window {
    fn of(minute: i64, counts: &CallCounts) -> Self {
        let ended = counts.ended();
        Self {
            since: Timestamp::from_second(minute * 60).unwrap_or(Timestamp::UNIX_EPOCH),
            started: counts.started,
            ended,
            ended_by_status: EndedByStatus {
                completed: counts.completed,
                failed: counts.failed,
                no_answer: counts.no_answer,
                busy: counts.busy,
                rejected: counts.rejected,
                canceled: counts.canceled,
            },
            answered: counts.answered,
            answered_rate: mean(counts.answered, ended),
            average_duration_seconds: mean(counts.duration_seconds, ended),
            average_talk_seconds: mean(counts.talk_seconds, counts.answered),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls and seconds are far below 2^52")]
pub(super) fn mean(sum: i64, count: i64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}
