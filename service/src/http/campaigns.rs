//! `/campaigns`: make, read and change a campaign, and move it on.

use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ManageCampaigns, ReadCampaigns};
use super::json::{JsonBody, Nothing};
use super::page::{Page, PageRequest};
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::campaign::{
    Campaign, CampaignAction, CampaignChange, CampaignDetails, CampaignStatus, Counters,
};
use crate::identity::Identity;
use crate::ledger::Expected;
use crate::shared::Shared;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change))
        .routes(routes!(schedule))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(complete))
        .routes(routes!(cancel))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListCampaigns {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters.
    cursor: Option<String>,
    /// Only campaigns that stand there.
    status: Option<CampaignStatus>,
}

/// When a campaign is to begin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScheduleCampaign {
    /// When; by default the campaign's `starts_at`.
    starts_at: Option<Timestamp>,
}

/// Why a campaign ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndCampaign {
    /// Why, in your words; by default how it ends.
    #[schema(example = "sold_out", max_length = 100)]
    reason: Option<String>,
}

/// How many contacts stand where.
#[derive(Serialize, ToSchema)]
pub(super) struct CountersAnswer {
    /// All of them: the sum of the others.
    total: i64,
    #[serde(flatten)]
    counters: Counters,
}

/// A campaign.
#[derive(Serialize, ToSchema)]
struct CampaignAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Where it stands.
    status: CampaignStatus,
    /// Counts its changes, not those of its contacts; its `ETag`.
    #[schema(minimum = 1)]
    version: i64,
    #[serde(flatten)]
    details: CampaignDetails,
    /// How many of its contacts stand where.
    counters: CountersAnswer,
    /// Why it ended, such as `contacts_exhausted`.
    end_reason: Option<String>,
    /// When it was made.
    created_at: Timestamp,
    /// When it changed last, apart from its contacts.
    updated_at: Timestamp,
    /// When it began.
    started_at: Option<Timestamp>,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

impl From<Counters> for CountersAnswer {
    fn from(counters: Counters) -> Self {
        Self { total: counters.total(), counters }
    }
}

impl From<Campaign> for CampaignAnswer {
    fn from(campaign: Campaign) -> Self {
        Self {
            id: campaign.id,
            status: campaign.status,
            version: campaign.version,
            details: campaign.details,
            counters: campaign.counters.into(),
            end_reason: campaign.end_reason,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}

/// List the campaigns, newest first
#[utoipa::path(get, operation_id = "list_campaigns", path = "/campaigns", tag = "campaigns", params(ListCampaigns),
    responses((status = 200, description = "A page of them", body = Page<CampaignAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Parameters(query): Parameters<ListCampaigns>,
) -> Result<Json<Page<CampaignAnswer>>, Problem> {
    let page =
        PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &("campaigns", query.status))?;
    let read = shared.campaigns.list(&identity, query.status, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |campaign| &campaign.id, CampaignAnswer::from)))
}

/// Make a campaign
///
/// It is a draft without contacts. It hands them out once it is started.
#[utoipa::path(post, operation_id = "create_campaign", path = "/campaigns", tag = "campaigns", request_body = CampaignDetails,
    responses((status = 201, description = "The campaign", body = CampaignAnswer,
        headers(("Location" = String, description = "Its path"), ("ETag" = String, description = "Its version")))))]
async fn create(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    OriginalUri(uri): OriginalUri,
    JsonBody(details): JsonBody<CampaignDetails>,
) -> Result<Response, Problem> {
    let campaign = shared.campaigns.create(&identity, details).await?;
    let id = campaign.id.clone();
    created(&uri, &id, answer_with(campaign))
}

/// Read a campaign
#[utoipa::path(get, operation_id = "read_campaign", path = "/campaigns/{id}", tag = "campaigns", params(Id),
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.campaigns.find(&identity, &id).await?))
}

/// Change a campaign
///
/// Until it has ended. Once it has begun, `starts_at` stays.
#[utoipa::path(patch, operation_id = "change_campaign", path = "/campaigns/{id}", tag = "campaigns", params(Id, IfMatch), request_body = CampaignChange,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn change(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(change): JsonBody<CampaignChange>,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.campaigns.change(&identity, &id, &expected, change).await?))
}

/// Let a draft begin by itself
#[utoipa::path(post, operation_id = "schedule_campaign", path = "/campaigns/{id}/schedule", tag = "campaigns", params(Id, IfMatch), request_body = ScheduleCampaign,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn schedule(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(ScheduleCampaign { starts_at }): JsonBody<ScheduleCampaign>,
) -> Result<Response, Problem> {
    act(&shared, &identity, &id, &expected, CampaignAction::Schedule(starts_at)).await
}

/// Begin a draft or a scheduled campaign now
#[utoipa::path(post, operation_id = "start_campaign", path = "/campaigns/{id}/start", tag = "campaigns", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn start(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Response, Problem> {
    act(&shared, &identity, &id, &expected, CampaignAction::Start).await
}

/// Hand out no contacts for the time being
#[utoipa::path(post, operation_id = "pause_campaign", path = "/campaigns/{id}/pause", tag = "campaigns", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn pause(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Response, Problem> {
    act(&shared, &identity, &id, &expected, CampaignAction::Pause).await
}

/// Hand out contacts again
#[utoipa::path(post, operation_id = "resume_campaign", path = "/campaigns/{id}/resume", tag = "campaigns", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn resume(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Response, Problem> {
    act(&shared, &identity, &id, &expected, CampaignAction::Resume).await
}

/// End a campaign as it was meant to
///
/// Publishes `campaign.completed`. Results of contacts that are on their way are still taken in.
#[utoipa::path(post, operation_id = "complete_campaign", path = "/campaigns/{id}/complete", tag = "campaigns", params(Id, IfMatch), request_body = EndCampaign,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn complete(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(EndCampaign { reason }): JsonBody<EndCampaign>,
) -> Result<Response, Problem> {
    check_reason(reason.as_deref())?;
    act(&shared, &identity, &id, &expected, CampaignAction::Complete(reason)).await
}

/// End a campaign before it was meant to
///
/// Publishes `campaign.completed`. Results of contacts that are on their way are still taken in.
#[utoipa::path(post, operation_id = "cancel_campaign", path = "/campaigns/{id}/cancel", tag = "campaigns", params(Id, IfMatch), request_body = EndCampaign,
    responses((status = 200, description = "The campaign", body = CampaignAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn cancel(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(EndCampaign { reason }): JsonBody<EndCampaign>,
) -> Result<Response, Problem> {
    check_reason(reason.as_deref())?;
    act(&shared, &identity, &id, &expected, CampaignAction::Cancel(reason)).await
}

fn check_reason(reason: Option<&str>) -> Result<(), Problem> {
    let mut fields = Fields::default();
    fields.optional_text("#/reason", reason, 100);
    fields.check()
}

async fn act(
    shared: &Shared,
    identity: &Identity,
    id: &str,
    expected: &Expected,
    action: CampaignAction,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.campaigns.act(identity, id, expected, action).await?))
}

fn answer_with(campaign: Campaign) -> Response {
    let tag = etag(campaign.version);
    ([(ETAG, tag)], Json(CampaignAnswer::from(campaign))).into_response()
}
