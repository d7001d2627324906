//! `/calls`: make a call known, read it, and move it on.

use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ReadCalls, WriteCalls};
use super::json::{JsonBody, Nothing};
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use crate::domain::call::{
    Call, CallAction, CallChange, CallDetails, CallStatus, Recording, RecordingConsent, StartStatus,
};
use crate::shared::Shared;
use crate::wording::say;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(read, change))
        .routes(routes!(start))
        .routes(routes!(answer))
        .routes(routes!(end))
}

/// How a call begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartCall {
    /// `ringing` when the other side does not talk yet.
    #[serde(default)]
    status: StartStatus,
}

/// How a call ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndCall {
    /// How it ended; by default `completed` when it was answered, else `canceled`.
    status: Option<CallStatus>,
    /// What came of it, in your words; by default the status.
    #[schema(example = "sold", max_length = 100)]
    outcome: Option<String>,
    /// Why it ended, apart from how, where that is known.
    #[schema(example = "caller_hung_up", max_length = 100)]
    end_reason: Option<String>,
    /// When it ended; by default now.
    ended_at: Option<Timestamp>,
}

/// A call.
#[derive(Serialize, ToSchema)]
pub(super) struct CallAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Where it stands.
    status: CallStatus,
    /// Counts its changes; its `ETag`.
    #[schema(minimum = 1)]
    version: i64,
    #[serde(flatten)]
    details: CallDetails,
    /// What came of it.
    outcome: Option<String>,
    /// Why it ended, apart from how.
    end_reason: Option<String>,
    /// Whole seconds from the begin to the end; null before the end.
    duration: Option<i64>,
    /// Whole seconds that both sides talked; null before the end.
    talk_seconds: Option<i64>,
    /// When it became known here.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
    /// When it began.
    started_at: Option<Timestamp>,
    /// When the other side picked up.
    answered_at: Option<Timestamp>,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

/// Make a call known
///
/// It waits in `queued` until it is started. Where the provider's id is that of a call that is known already, nothing
/// is made.
#[utoipa::path(post, operation_id = "create_call", path = "/calls", tag = "calls", request_body = CallDetails,
    responses((status = 201, description = "The call", body = CallAnswer,
        headers(("Location" = String, description = "Its path"), ("ETag" = String, description = "Its version")))))]
async fn create(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    OriginalUri(uri): OriginalUri,
    JsonBody(details): JsonBody<CallDetails>,
) -> Result<Response, Problem> {
    check(&details)?;
    let call = shared.calls.create(&identity, details).await?;
    let id = call.id.clone();
    created(&uri, &id, answer_with(call))
}

/// Read a call
#[utoipa::path(get, operation_id = "read_call", path = "/calls/{id}", tag = "calls", params(Id),
    responses((status = 200, description = "The call", body = CallAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCalls>,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.calls.find(&identity, &id).await?))
}

/// Say something anew of a call
///
/// Whatever its state; its course stays as it is. What is left out stays, null takes away.
#[utoipa::path(patch, operation_id = "change_call", path = "/calls/{id}", tag = "calls", params(Id, IfMatch),
    request_body = CallChange,
    responses((status = 200, description = "The call", body = CallAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn change(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(said): JsonBody<CallChange>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    fields.optional_identifier("#/agent_id", said.agent_id.as_ref().and_then(Option::as_deref));
    fields.optional_language("#/language", said.language.as_ref().and_then(Option::as_deref));
    check_recording(&mut fields, said.recording.as_ref().and_then(Option::as_ref));
    fields.check()?;
    Ok(answer_with(shared.calls.change(&identity, &id, &expected, said).await?))
}

/// Begin a queued call
///
/// The other side rings, or both sides talk at once. Publishes `call.started`.
#[utoipa::path(post, operation_id = "start_call", path = "/calls/{id}/start", tag = "calls", params(Id, IfMatch), request_body = StartCall,
    responses((status = 200, description = "The call", body = CallAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn start(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(StartCall { status }): JsonBody<StartCall>,
) -> Result<Response, Problem> {
    let action = CallAction::Start(status);
    Ok(answer_with(shared.calls.act(&identity, &id, &expected, &action).await?))
}

/// Say that a ringing call was picked up
#[utoipa::path(post, operation_id = "answer_call", path = "/calls/{id}/answer", tag = "calls", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The call", body = CallAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn answer(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.calls.act(&identity, &id, &expected, &CallAction::Answer).await?))
}

/// End a call
///
/// From `in_progress` it ends as `completed` or `failed`; before it was answered as `canceled`, `no_answer`, `busy`,
/// `rejected` or `failed`. Publishes `call.ended`, and `call.started` before it where the call had not begun.
#[utoipa::path(post, operation_id = "end_call", path = "/calls/{id}/end", tag = "calls", params(Id, IfMatch), request_body = EndCall,
    responses((status = 200, description = "The call", body = CallAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn end(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(EndCall { status, outcome, end_reason, ended_at }): JsonBody<EndCall>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    if status.is_some_and(|status| !status.is_terminal()) {
        fields.refuse(
            "#/status",
            say!(
                "give-one-of",
                names = vec!["completed", "failed", "no_answer", "busy", "rejected", "canceled"]
            ),
        );
    }
    fields.optional_text("#/outcome", outcome.as_deref(), 100);
    fields.optional_text("#/end_reason", end_reason.as_deref(), 100);
    fields.check()?;
    // The database keeps microseconds.
    let ended_at = ended_at.map(|time| Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time));
    let action = CallAction::End { status, outcome, end_reason, ended_at };
    Ok(answer_with(shared.calls.act(&identity, &id, &expected, &action).await?))
}

fn check(details: &CallDetails) -> Result<(), Problem> {
    let mut fields = Fields::default();
    fields.number("#/from", &details.from);
    fields.number("#/to", &details.to);
    fields.optional_identifier("#/campaign_id", details.campaign_id.as_deref());
    fields.optional_identifier("#/contact_id", details.contact_id.as_deref());
    fields.optional_identifier("#/agent_id", details.agent_id.as_deref());
    fields.optional_text("#/provider", details.provider.as_deref(), 64);
    fields.optional_text("#/provider_call_id", details.provider_call_id.as_deref(), 255);
    if details.provider_call_id.is_some() && details.provider.is_none() {
        fields.refuse("#/provider", say!("give-provider"));
    }
    fields.optional_language("#/language", details.language.as_deref());
    check_recording(&mut fields, details.recording.as_ref());
    fields.check()
}

fn check_recording(fields: &mut Fields, recording: Option<&Recording>) {
    if let Some(recording) = recording {
        fields.optional_https_url("#/recording/url", recording.url.as_deref());
        if recording.url.is_some() && recording.consent == RecordingConsent::Denied {
            fields.refuse("#/recording/url", say!("give-no-recording"));
        }
    }
}

impl From<Call> for CallAnswer {
    fn from(call: Call) -> Self {
        Self {
            duration: call.duration(),
            talk_seconds: call.talk_seconds(),
            id: call.id,
            status: call.status,
            version: call.version,
            details: call.details,
            outcome: call.outcome,
            end_reason: call.end_reason,
            created_at: call.created_at,
            updated_at: call.updated_at,
            started_at: call.started_at,
            answered_at: call.answered_at,
            ended_at: call.ended_at,
        }
    }
}

fn answer_with(call: Call) -> Response {
    ([(ETAG, etag(call.version))], Json(CallAnswer::from(call))).into_response()
}
