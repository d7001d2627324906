//! `/suppressions`: numbers that nobody of the organisation may call.

use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ManageCampaigns, ReadCampaigns};
use super::json::JsonBody;
use super::page::{Page, PageRequest};
use super::path::Number;
use super::problem::Problem;
use super::query::Parameters;
use crate::shared::Shared;
use crate::store::suppressions::Suppression;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(read, remove))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListSuppressions {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A number that nobody may call.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Suppress {
    /// The number, E.164.
    #[schema(example = "+420601123456")]
    number: String,
    /// Why.
    #[schema(example = "asked by mail", max_length = 200)]
    reason: Option<String>,
}

/// A number that nobody may call.
#[derive(Serialize, ToSchema)]
struct SuppressionAnswer {
    /// The number, E.164.
    number: String,
    /// Why; may be empty.
    reason: String,
    /// Who added it.
    user_id: String,
    /// When.
    created_at: Timestamp,
}

impl From<Suppression> for SuppressionAnswer {
    fn from(suppression: Suppression) -> Self {
        Self {
            number: suppression.number,
            reason: suppression.reason,
            user_id: suppression.user_id,
            created_at: suppression.created_at,
        }
    }
}

/// List the numbers that nobody may call, newest first
#[utoipa::path(get, operation_id = "list_suppressions", path = "/suppressions", tag = "campaigns", params(ListSuppressions),
    responses((status = 200, description = "A page of them", body = Page<SuppressionAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Parameters(query): Parameters<ListSuppressions>,
) -> Result<Json<Page<SuppressionAnswer>>, Problem> {
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &"suppressions")?;
    let read = shared.campaigns.list_suppressions(&identity, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |suppression| &suppression.id, SuppressionAnswer::from)))
}

/// Say that nobody may call a number
///
/// It holds for all campaigns, also for contacts that they have already: those are skipped when their turn comes. One
/// that is there already stays as it is, and is answered by 200.
#[utoipa::path(post, operation_id = "add_suppression", path = "/suppressions", tag = "campaigns", request_body = Suppress,
    responses((status = 201, description = "It is suppressed now", body = SuppressionAnswer,
            headers(("Location" = String, description = "Its path"))),
        (status = 200, description = "It was already", body = SuppressionAnswer)))]
async fn add(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    OriginalUri(uri): OriginalUri,
    JsonBody(Suppress { number, reason }): JsonBody<Suppress>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    fields.number("#/number", &number);
    fields.optional_text("#/reason", reason.as_deref(), 200);
    fields.check()?;
    let reason = reason.unwrap_or_default();
    let (suppression, is_new) = shared.campaigns.suppress(&identity, &number, &reason).await?;
    let answer = Json(SuppressionAnswer::from(suppression));
    if is_new { created(&uri, &number, answer) } else { Ok(answer.into_response()) }
}

/// Read why nobody may call a number
#[utoipa::path(get, operation_id = "read_suppression", path = "/suppressions/{number}", tag = "campaigns", params(Number),
    responses((status = 200, description = "Why", body = SuppressionAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Number(number): Number,
) -> Result<Json<SuppressionAnswer>, Problem> {
    Ok(Json(shared.campaigns.find_suppression(&identity, &number).await?.into()))
}

/// Let a number be called again
///
/// Contacts that were skipped for it stay skipped.
#[utoipa::path(delete, operation_id = "remove_suppression", path = "/suppressions/{number}", tag = "campaigns", params(Number),
    responses((status = 204, description = "It may be called")))]
async fn remove(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Number(number): Number,
) -> Result<StatusCode, Problem> {
    shared.campaigns.lift_suppression(&identity, &number).await?;
    Ok(StatusCode::NO_CONTENT)
}
