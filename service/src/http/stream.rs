//! `/stream`: the organisation's events as they come.

use super::identity::{Allowed, FollowEvents, bearer_token};
use super::problem::{Problem, ProblemKind};
use super::query::Parameters;
use crate::clock::Clock;
use crate::domain::event::TYPES;
use crate::identity::Identity;
use crate::identity::permission::{Permission, may};
use crate::shared::{Identification, Shared};
use crate::stream::hub::NoPlace;
use crate::stream::listener::{Filter, Listener, Verdict};
use crate::wording::{self, Spoken, in_language, say};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where a client says what it has heard of last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx to hold nothing back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How long a stream lives where the gateway says who is asking: then it has to say so again.
const PLATFORM_LIFE: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(follow))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Follow {
    /// Only events of these types, with commas between them.
    #[param(example = "call.started,call.ended")]
    types: Option<String>,
    /// Only events of this call.
    call_id: Option<String>,
    /// The `id` that was received last, where the header `Last-Event-ID` cannot be sent; the header goes first.
    last_event_id: Option<String>,
}

/// Follow events as they come
///
/// Server-sent events: `event` is the type, `data` the envelope as it is published, `id` a position to go on from by
/// `Last-Event-ID` without gap or repeat. `event: reset` means that what lies between is not kept any more, `event: end`
/// says why the stream ends. Every 15 seconds without event there is a sign of life.
#[utoipa::path(get, operation_id = "follow_events", path = "/stream", tag = "events",
    params(Follow, ("Last-Event-ID" = Option<String>, Header, description = "The `id` that was received last.")),
    responses((status = 200, description = "Events, until the token ends", body = String,
        content_type = "text/event-stream")))]
async fn follow(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<FollowEvents>,
    headers: HeaderMap,
    Parameters(query): Parameters<Follow>,
) -> Result<Response, Problem> {
    let filter = filter(&query, &identity)?;
    let resume = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or("unreadable").to_owned());
    let resume = resume.or(query.last_event_id).filter(|id| !id.is_empty());
    let verdict = verdict(&shared, &headers)?;
    let place = shared.hub.join(&identity.organization_id, &identity.user_id)?;
    let (hub, leaving) = (shared.hub.clone(), shared.leaving.clone());
    let organization = identity.organization_id;
    let listener =
        Listener::begin(hub, place, organization, resume.as_deref(), filter, verdict, leaving).await?;
    // The frames are asked for when this request is no longer being answered.
    let language = wording::current();
    let frames = futures::stream::unfold(listener, move |mut listener| async move {
        let frame = in_language(language, listener.next()).await?;
        Some((Ok::<Bytes, Infallible>(frame), listener))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store"), (ACCEL_BUFFERING, "no")];
    Ok((headers, Body::from_stream(frames)).into_response())
}

fn filter(query: &Follow, identity: &Identity) -> Result<Filter, Problem> {
    let types: Vec<String> =
        query.types.iter().flat_map(|types| types.split(',')).map(str::to_owned).collect();
    if let Some(unknown) = types.iter().find(|name| !TYPES.contains(&name.as_str())) {
        let detail = say!("stream-type-unknown", given = unknown.clone(), known = TYPES.join(","));
        return Err(Problem::field("#/types", detail));
    }
    let without_agents = !may(identity.role, Permission::AgentSentiment);
    Ok(Filter { types, call_id: query.call_id.clone(), without_agents })
}

/// Whether the listener may go on: asked again and again.
fn verdict(shared: &Shared, headers: &HeaderMap) -> Result<Verdict, Problem> {
    match &shared.identification {
        Identification::Standalone(accounts) => {
            let (accounts, token) = (Arc::clone(accounts), bearer_token(headers)?.to_owned());
            Ok(Box::new(move || {
                let refused = accounts.sessions.authenticate(&token).is_err();
                refused.then(|| say!("stream-token-ended"))
            }))
        }
        Identification::Platform(_) => {
            let clock: Arc<dyn Clock> = Arc::clone(&shared.clock);
            let until = clock.now().saturating_add(PLATFORM_LIFE).unwrap_or(clock.now());
            Ok(Box::new(move || (clock.now() >= until).then(|| say!("stream-hour-over"))))
        }
    }
}

impl From<NoPlace> for Problem {
    fn from(refusal: NoPlace) -> Self {
        match refusal {
            NoPlace::User => Self::new(ProblemKind::TooManyStreams, refusal.sentence()),
            NoPlace::Process => Self::busy(refusal.sentence()),
        }
    }
}
