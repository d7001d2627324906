//! `/providers/twilio/status`: Twilio's status callback. Its signature is all that proves it.

use super::media_type;
use super::problem::{Problem, ProblemKind};
use crate::domain::event::Actor;
use crate::identity::is_identifier;
use crate::shared::Shared;
use crate::twilio::callback::Callback;
use crate::wording::{Spoken, say};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use std::sync::Arc;
use url::form_urlencoded;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(status))
}

/// Take in Twilio's status callback
///
/// Late, repeated and reordered callbacks never take a call back. A call that is not known becomes known by it; who
/// dials may name theirs with `?call_id=`. Set the callback's address to this one, and let it tell of `initiated`,
/// `ringing`, `answered` and `completed`.
#[utoipa::path(post, operation_id = "twilio_status", path = "/providers/twilio/status", tag = "providers",
    security(()),
    params(
        ("call_id" = Option<String>, Query, description = "Id of the call that was made known before it was dialled."),
        ("X-Twilio-Signature" = String, Header, description = "Twilio's signature of the request.")),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "The parameters of Twilio's status callback."),
    responses((status = 204, description = "Taken in"), (status = 403, response = super::openapi::ProblemAnswer),
        (status = 404, response = super::openapi::ProblemAnswer)))]
async fn status(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let settings = shared.twilio.as_ref().ok_or_else(Problem::not_found)?;
    if !media_type::is(&headers, "application/x-www-form-urlencoded") {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, say!("twilio-type")));
    }
    let parameters: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let organization = signature(&headers)
        .and_then(|signature| settings.organization(query.as_deref(), &parameters, signature))
        .ok_or_else(refused)?;
    let Callback { details, report } = Callback::read(&parameters)
        .map_err(|refusal| Problem::new(ProblemKind::InvalidField, refusal.sentence()))?;
    let actor = Actor { organization_id: organization.to_owned(), user_id: "system:twilio".to_owned() };
    shared.calls.report(actor, call_id(query.as_deref()), details, report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The one signature.
fn signature(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all("x-twilio-signature").iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

fn call_id(query: Option<&str>) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == "call_id")
        .map(|(_, value)| value.into_owned())
        .filter(|id| is_identifier(id))
}

fn refused() -> Problem {
    Problem::new(ProblemKind::SignatureRefused, say!("twilio-signature"))
}
