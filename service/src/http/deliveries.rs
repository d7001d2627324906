//! `/events`: how the delivery of events to the broker stands, for administrators.

use super::identity::{Allowed, ManageEvents};
use super::page::{Page, PageRequest};
use super::path::Id;
use super::problem::Problem;
use super::query::Parameters;
use crate::shared::Shared;
use crate::store::parked::Delivered;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list_parked)).routes(routes!(read)).routes(routes!(retry))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParked {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// How the delivery of an event stands.
#[derive(Serialize, ToSchema)]
struct DeliveryAnswer {
    /// The event's id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(example = "call.ended")]
    event_type: String,
    /// The call or campaign that it tells of.
    subject: String,
    /// Its place among that one's events.
    sequence: i64,
    /// When it came about.
    created_at: Timestamp,
    /// `pending` (it waits to be published), `published`, `parked` (the broker can never take it as it is), or `local`
    /// (events were off when it came about).
    #[schema(example = "parked")]
    delivery: String,
    /// How often the broker refused it.
    attempts: i64,
    /// Since when it is parked.
    parked_at: Option<Timestamp>,
    /// Why it is.
    reason: Option<String>,
    /// How many later events of the same call or campaign are not published yet.
    behind: i64,
}

impl From<Delivered> for DeliveryAnswer {
    fn from(event: Delivered) -> Self {
        Self {
            id: event.id,
            event_type: event.event_type,
            subject: event.subject,
            sequence: event.sequence,
            created_at: event.created_at,
            delivery: event.delivery,
            attempts: event.attempts,
            parked_at: event.parked_at,
            reason: event.parked_reason,
            behind: event.behind,
        }
    }
}

/// List the events that are parked, newest first
///
/// The broker can never take them as they are; later events of the same call or campaign wait behind them. None is ever
/// deleted.
#[utoipa::path(get, operation_id = "list_parked_events", path = "/events/parked", tag = "events", params(ListParked),
    responses((status = 200, description = "A page of them", body = Page<DeliveryAnswer>)))]
async fn list_parked(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageEvents>,
    Parameters(query): Parameters<ListParked>,
) -> Result<Json<Page<DeliveryAnswer>>, Problem> {
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &"parked events")?;
    let read = shared.deliveries.list_parked(&identity, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |event| &event.id, DeliveryAnswer::from)))
}

/// Read how the delivery of an event stands
#[utoipa::path(get, operation_id = "read_event_delivery", path = "/events/{id}", tag = "events", params(Id),
    responses((status = 200, description = "How it stands", body = DeliveryAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageEvents>,
    Id(id): Id,
) -> Result<Json<DeliveryAnswer>, Problem> {
    Ok(Json(shared.deliveries.find(&identity, &id).await?.into()))
}

/// Have a parked event tried again
///
/// Do it when what kept the broker from taking it is mended. When it is published, the events behind it follow.
#[utoipa::path(post, operation_id = "retry_event", path = "/events/{id}/retry", tag = "events", params(Id),
    responses((status = 200, description = "It waits to be published", body = DeliveryAnswer)))]
async fn retry(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageEvents>,
    Id(id): Id,
) -> Result<Json<DeliveryAnswer>, Problem> {
    Ok(Json(shared.deliveries.retry(&identity, &id).await?.into()))
}
