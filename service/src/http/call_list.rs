//! `GET /calls`: the list of calls.

use super::calls::CallAnswer;
use super::identity::{Allowed, ReadCalls};
use super::page::{Page, PageRequest, sort};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::call::{CallStatus, Direction};
use crate::shared::Shared;
use crate::store::call_list::{CallFilter, CallKey};
use crate::store::listing::SortKey;
use crate::wording::say;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListCalls {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters and order.
    cursor: Option<String>,
    /// What they are ordered by, with `-` the greatest first: `created_at`, `started_at`, `ended_at` or `duration`.
    /// Those that lack it are left out. By default all, the newest first.
    #[param(value_type = Option<CallOrderName>)]
    sort: Option<String>,
    /// Only those that stand there.
    status: Option<CallStatus>,
    /// Only those that this side began.
    direction: Option<Direction>,
    /// Only those of this campaign.
    campaign_id: Option<String>,
    /// Only those to or from this contact.
    contact_id: Option<String>,
    /// Only those that this agent handles.
    agent_id: Option<String>,
    /// Only those that this provider carries.
    provider: Option<String>,
    /// Only the one with this id at the provider.
    provider_call_id: Option<String>,
    /// Only those in this language.
    language: Option<String>,
    /// Only those from this number.
    from: Option<String>,
    /// Only those to this number.
    to: Option<String>,
    /// Only those at this time or later, by the time that `sort` names; `created_at` where it names none.
    since: Option<Timestamp>,
    /// Only those before this time, by the time that `sort` names; `created_at` where it names none.
    before: Option<Timestamp>,
}

/// Names of orders.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "stands in the document alone")]
pub(super) enum CallOrderName {
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    NewestFirst,
    #[schema(rename = "started_at")]
    StartedAt,
    #[schema(rename = "-started_at")]
    LastStartedFirst,
    #[schema(rename = "ended_at")]
    EndedAt,
    #[schema(rename = "-ended_at")]
    LastEndedFirst,
    #[schema(rename = "duration")]
    Duration,
    #[schema(rename = "-duration")]
    LongestFirst,
}

/// List calls
///
/// The newest first, or in the order that `sort` names.
#[utoipa::path(get, operation_id = "list_calls", path = "/calls", tag = "calls", params(ListCalls),
    responses((status = 200, description = "A page of calls", body = Page<CallAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCalls>,
    Parameters(query): Parameters<ListCalls>,
) -> Result<Json<Page<CallAnswer>>, Problem> {
    let order = order(query.sort.as_deref(), query.since.is_some() || query.before.is_some())?;
    let filter = CallFilter {
        status: query.status,
        direction: query.direction,
        campaign_id: query.campaign_id,
        contact_id: query.contact_id,
        agent_id: query.agent_id,
        provider: query.provider,
        provider_call_id: query.provider_call_id,
        language: query.language,
        from: query.from,
        to: query.to,
        since: query.since,
        before: query.before,
    };
    let (page, order) =
        PageRequest::ordered(query.limit.as_deref(), query.cursor.as_deref(), order, &("calls", &filter))?;
    let read = shared.calls.list(&identity, &filter, &order, page.to_read()).await?;
    Ok(Json(page.page_at(read, |call| order.key.position(call), CallAnswer::from)))
}

/// What `sort` asks for; `ranged` when a range of times is.
fn order(text: Option<&str>, ranged: bool) -> Result<(CallKey, bool), Problem> {
    let names = [
        ("created_at", CallKey::CreatedAt),
        ("started_at", CallKey::StartedAt),
        ("ended_at", CallKey::EndedAt),
        ("duration", CallKey::Duration),
    ];
    if ranged {
        let times = say!("give-sort-by-time", names = vec!["created_at", "started_at", "ended_at"]);
        return sort(text, (CallKey::CreatedAt, false), &names[..3], times);
    }
    let all = say!("give-sort", names = vec!["created_at", "started_at", "ended_at", "duration"]);
    sort(text, (CallKey::Id, false), &names, all)
}
