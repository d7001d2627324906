//! `/calls`: make a call known, read it, and move it on.

use super::fields::Fields;
use super::identity::{Allowed, ReadCalls, WriteCalls};
use super::json::JsonBody;
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use crate::calls::NewCall;
use crate::domain::call::{Call, CallAction, CallStatus, Direction, StartStatus};
use crate::shared::Shared;
use axum::extract::{OriginalUri, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/calls", post(create))
        .route("/calls/{id}", get(read))
        .route("/calls/{id}/start", post(start))
        .route("/calls/{id}/answer", post(answer))
        .route("/calls/{id}/end", post(end))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateCall {
    direction: Direction,
    from: String,
    to: String,
    campaign_id: Option<String>,
    agent_id: Option<String>,
    provider: Option<String>,
    provider_call_id: Option<String>,
    language: Option<String>,
    #[serde(default)]
    metadata: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartCall {
    #[serde(default)]
    status: StartStatus,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerCall {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndCall {
    status: Option<CallStatus>,
    outcome: Option<String>,
    ended_at: Option<Timestamp>,
}

/// A call as callers see it.
#[derive(Serialize)]
struct CallAnswer {
    id: String,
    status: CallStatus,
    version: i64,
    direction: Direction,
    from: String,
    to: String,
    campaign_id: Option<String>,
    agent_id: Option<String>,
    provider: Option<String>,
    provider_call_id: Option<String>,
    language: Option<String>,
    metadata: serde_json::Map<String, serde_json::Value>,
    outcome: Option<String>,
    duration: Option<i64>,
    talk_seconds: Option<i64>,
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

async fn create(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    OriginalUri(uri): OriginalUri,
    JsonBody(body): JsonBody<CreateCall>,
) -> Result<Response, Problem> {
    let call = shared.calls.create(&identity, checked(body)?).await?;
    let location = format!("{}/{}", uri.path().trim_end_matches('/'), call.id);
    let location = HeaderValue::try_from(location).map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], answer_with(call)).into_response())
}

async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCalls>,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.calls.find(&identity, &id).await?))
}

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

async fn answer(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(AnswerCall {}): JsonBody<AnswerCall>,
) -> Result<Response, Problem> {
    Ok(answer_with(shared.calls.act(&identity, &id, &expected, &CallAction::Answer).await?))
}

async fn end(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteCalls>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(EndCall { status, outcome, ended_at }): JsonBody<EndCall>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    if status.is_some_and(|status| !status.is_terminal()) {
        fields.refuse("#/status", "completed, failed, no_answer, busy, rejected or canceled");
    }
    fields.optional_text("#/outcome", outcome.as_deref(), 100);
    fields.check()?;
    // The database keeps microseconds.
    let ended_at = ended_at.map(|time| Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time));
    let action = CallAction::End { status, outcome, ended_at };
    Ok(answer_with(shared.calls.act(&identity, &id, &expected, &action).await?))
}

fn checked(body: CreateCall) -> Result<NewCall, Problem> {
    let mut fields = Fields::default();
    fields.number("#/from", &body.from);
    fields.number("#/to", &body.to);
    fields.optional_identifier("#/campaign_id", body.campaign_id.as_deref());
    fields.optional_identifier("#/agent_id", body.agent_id.as_deref());
    fields.optional_text("#/provider", body.provider.as_deref(), 64);
    fields.optional_text("#/provider_call_id", body.provider_call_id.as_deref(), 255);
    fields.optional_language("#/language", body.language.as_deref());
    fields.check()?;
    Ok(NewCall {
        direction: body.direction,
        from: body.from,
        to: body.to,
        campaign_id: body.campaign_id,
        agent_id: body.agent_id,
        provider: body.provider,
        provider_call_id: body.provider_call_id,
        language: body.language,
        metadata: body.metadata,
    })
}

fn answer_with(call: Call) -> Response {
    let tag = etag(call.version);
    let answer = CallAnswer {
        duration: call.duration(),
        talk_seconds: call.talk_seconds(),
        id: call.id,
        status: call.status,
        version: call.version,
        direction: call.direction,
        from: call.from,
        to: call.to,
        campaign_id: call.campaign_id,
        agent_id: call.agent_id,
        provider: call.provider,
        provider_call_id: call.provider_call_id,
        language: call.language,
        metadata: call.metadata,
        outcome: call.outcome,
        created_at: call.created_at,
        updated_at: call.updated_at,
        started_at: call.started_at,
        answered_at: call.answered_at,
        ended_at: call.ended_at,
    };
    ([(ETAG, tag)], Json(answer)).into_response()
}
