//! `/retention`: how long the organisation keeps what; `/erasures`: what of a person was erased.

use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ManageData};
use super::json::JsonBody;
use super::openapi::ProblemAnswer;
use super::page::{Page, PageRequest};
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::retention::{MAX_DAYS, RetentionPolicy};
use crate::erasure::Person;
use crate::shared::Shared;
use crate::store::erasures::Erasure;
use crate::store::retention_policies::KeptPolicy;
use crate::wording::say;
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
        .routes(routes!(read_retention, put_retention))
        .routes(routes!(list, erase))
        .routes(routes!(read))
}

/// How long the organisation keeps what.
#[derive(Serialize, ToSchema)]
struct RetentionAnswer {
    #[serde(flatten)]
    policy: RetentionPolicy,
    /// Counts its changes; its `ETag`. 0 where nobody has said anything: then all is kept for ever.
    version: i64,
    /// When it changed last.
    updated_at: Option<Timestamp>,
}

/// Whom to erase.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ErasePerson {
    /// The person's number, E.164; this or `contact_id`.
    #[schema(example = "+420601123456")]
    number: Option<String>,
    /// The person as a contact of a campaign, for its number and whatever numbers its calls have; this or `number`.
    contact_id: Option<String>,
    /// Why, such as the reference of their request.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// The receipt of an erasure.
#[derive(Serialize, ToSchema)]
struct ErasureAnswer {
    /// A `UUIDv7`.
    id: String,
    /// The contact that it was asked for by; null where it was by number.
    contact_id: Option<String>,
    /// The last three digits of the number; the rest is forgotten. Null for a contact whose number was erased before.
    masked_number: Option<String>,
    /// Who asked for it.
    requested_by: String,
    /// Why, in their words.
    reason: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When all of it was erased; null while it is under way.
    completed_at: Option<Timestamp>,
    /// How many calls were about the person.
    calls: i64,
    /// How many transcripts were deleted.
    transcripts: i64,
    /// How many of campaigns' contacts were erased.
    contacts: i64,
    /// How many events of the history the person was erased from.
    events: i64,
    /// Where recordings were: delete them there. Forgotten after 30 days.
    recordings: Vec<String>,
}

impl From<Erasure> for ErasureAnswer {
    fn from(erasure: Erasure) -> Self {
        Self {
            id: erasure.id,
            contact_id: erasure.contact_id,
            masked_number: erasure.masked_number,
            requested_by: erasure.requested_by,
            reason: erasure.reason,
            created_at: erasure.created_at,
            completed_at: erasure.completed_at,
            calls: erasure.erased.calls,
            transcripts: erasure.erased.transcripts,
            contacts: erasure.erased.contacts,
            events: erasure.erased.events,
            recordings: erasure.erased.recordings,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListErasures {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Read how long the organisation keeps what
#[utoipa::path(get, operation_id = "read_retention", path = "/retention", tag = "data protection",
    responses((status = 200, description = "The policy", body = RetentionAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn read_retention(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageData>,
) -> Result<Response, Problem> {
    Ok(retention_answer(shared.data_retention.policy(&identity).await?))
}

/// Say how long the organisation keeps what
///
/// What is older is deleted within the hour, and cannot be brought back.
#[utoipa::path(put, operation_id = "put_retention", path = "/retention", tag = "data protection", params(IfMatch),
    request_body = RetentionPolicy,
    responses((status = 200, description = "The policy", body = RetentionAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn put_retention(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageData>,
    IfMatch(expected): IfMatch,
    JsonBody(policy): JsonBody<RetentionPolicy>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    for (pointer, days) in [
        ("#/calls_days", policy.calls_days),
        ("#/transcripts_days", policy.transcripts_days),
        ("#/audit_days", policy.audit_days),
    ] {
        if days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            fields.refuse(pointer, say!("give-days"));
        }
    }
    fields.check()?;
    Ok(retention_answer(Some(shared.data_retention.set_policy(&identity, &expected, policy).await?)))
}

/// List the erasures, newest first
#[utoipa::path(get, operation_id = "list_erasures", path = "/erasures", tag = "data protection", params(ListErasures),
    responses((status = 200, description = "A page of receipts", body = Page<ErasureAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageData>,
    Parameters(query): Parameters<ListErasures>,
) -> Result<Json<Page<ErasureAnswer>>, Problem> {
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &"erasures")?;
    let read = shared.erasures.list(&identity, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |erasure| &erasure.id, ErasureAnswer::from)))
}

/// Erase a person
///
/// Calls from and to the number, and those with the person as a contact, keep their times and results; the number,
/// recordings' links, transcripts, what else was kept with them, and the person's part in past events are gone. What was
/// published before is with its consumers.
#[utoipa::path(post, operation_id = "erase_person", path = "/erasures", tag = "data protection",
    request_body = ErasePerson,
    responses((status = 201, description = "The receipt", body = ErasureAnswer,
        headers(("Location" = String, description = "Its path"))), (status = 404, response = ProblemAnswer)))]
async fn erase(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageData>,
    OriginalUri(uri): OriginalUri,
    JsonBody(ErasePerson { number, contact_id, reason }): JsonBody<ErasePerson>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    if let Some(number) = &number {
        fields.number("#/number", number);
    }
    fields.optional_identifier("#/contact_id", contact_id.as_deref());
    fields.optional_text("#/reason", reason.as_deref(), 200);
    fields.check()?;
    let person = match (number, contact_id) {
        (Some(number), None) => Person::Number(number),
        (None, Some(id)) => Person::Contact(id),
        _ => {
            return Err(Problem::field("#", say!("give-person")));
        }
    };
    let receipt = shared.erasures.erase(&identity, person, reason).await?;
    let id = receipt.id.clone();
    created(&uri, &id, Json(ErasureAnswer::from(receipt)))
}

/// Read a receipt
#[utoipa::path(get, operation_id = "read_erasure", path = "/erasures/{id}", tag = "data protection", params(Id),
    responses((status = 200, description = "The receipt", body = ErasureAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageData>,
    Id(id): Id,
) -> Result<Json<ErasureAnswer>, Problem> {
    let receipt = shared.erasures.find(&identity, &id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(receipt.into()))
}

fn retention_answer(kept: Option<KeptPolicy>) -> Response {
    let answer = kept.map_or(
        RetentionAnswer { policy: RetentionPolicy::default(), version: 0, updated_at: None },
        |kept| RetentionAnswer {
            policy: kept.policy,
            version: kept.version,
            updated_at: Some(kept.updated_at),
        },
    );
    ([(ETAG, etag(answer.version))], Json(answer)).into_response()
}
