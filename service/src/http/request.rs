//! What every request gets: an id, a log line, a span, a place in the metrics, a time limit, and an answer even when its
//! handler panics.

use super::problem::{Problem, ProblemKind};
use crate::scope::{RequestScope, in_scope};
use crate::shared::Shared;
use crate::traces;
use crate::wording::{Language, in_language, say};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Names a request in the answer and in the log; taken from the caller when it is well-formed.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest path and query of a request, in bytes.
const MAX_TARGET_BYTES: usize = 8 * 1024;
/// The longest headers of a request, all lines with their ends, in bytes.
const MAX_HEADERS_BYTES: usize = 32 * 1024;
/// How long a request may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let language = accepted(request.headers());
    let mut response = in_language(language, answered(shared, request, next)).await;
    if response.headers().contains_key(CONTENT_LANGUAGE) {
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-language"));
    }
    response
}

/// Answers what is asked for outside of the API's paths.
pub(crate) async fn nothing_here(headers: HeaderMap) -> Response {
    in_language(accepted(&headers), async { Problem::not_found().into_response() }).await
}

fn accepted(headers: &HeaderMap) -> Language {
    let values = headers.get_all(ACCEPT_LANGUAGE).into_iter();
    Language::accepted(values.filter_map(|value| value.to_str().ok()))
}

async fn answered(shared: Arc<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = given_id(request.headers()).unwrap_or_else(|| {
        // An UUID in text is always a header value.
        HeaderValue::try_from(shared.ids.next_id().to_string()).unwrap_or(HeaderValue::from_static("unknown"))
    });
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let request_id = id.to_str().unwrap_or_default();
    let (path, query) = (request.uri().path(), request.uri().query());
    let scope = Arc::new(RequestScope::new(method.as_str(), &route, path, query, request_id));
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default(), %method, route);
    let traced = traces::request(&request);
    let told = traced.clone();

    async {
        let is_read = request.method() == Method::GET;
        let mut response = in_scope(Arc::clone(&scope), answer(request, next)).await;
        let refused = response.status() == StatusCode::FORBIDDEN;
        if (is_read && response.status().is_success()) || refused {
            let read = scope.of_read(response.status().as_u16(), shared.clock.now());
            if let Some(entry) = read {
                shared.reads.add(entry).await;
            }
        }
        let (status, took) = (response.status(), began.elapsed());
        response.headers_mut().insert(REQUEST_ID, id);
        shared.metrics.requests.observe(method.as_str(), &route, status, took);
        traces::answered(&told, status);
        tracing::info!(status = status.as_u16(), took_ms = took.as_secs_f64() * 1000.0, "answered");
        response
    }
    .instrument(span)
    .instrument(traced)
    .await
}

async fn answer(request: Request, next: Next) -> Response {
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        Problem::internal().into_response()
    })
}

/// Bounds the time to an answer, for all but those requests whose bodies may take longer to come.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::busy(say!("answer-too-slow")).into_response(),
    }
}

/// Bounds what a request says before its body. The server's own bounds, far above these, have no problem to tell.
pub(super) async fn limit_head(request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET_BYTES {
        let detail = say!("uri-too-long", most = MAX_TARGET_BYTES / 1024);
        return Problem::new(ProblemKind::UriTooLong, detail).into_response();
    }
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers > MAX_HEADERS_BYTES {
        let detail = say!("headers-too-large", most = MAX_HEADERS_BYTES / 1024);
        return Problem::new(ProblemKind::HeadersTooLarge, detail).into_response();
    }
    next.run(request).await
}

/// The caller's id, if it is 1 to 128 letters, digits or any of `-_.:`, so that it can be put into a log.
fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(REQUEST_ID)?;
    let fits = (1..=128).contains(&value.len())
        && value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    fits.then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_id_is_taken_only_when_it_can_be_logged() {
        let given = |value: &'static str| {
            given_id(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(value))])).is_some()
        };
        assert!(given("0199-aB_c.d:1"));
        for bad in ["", "a b", "a\"b", "{}"] {
            assert!(!given(bad), "{bad}");
        }
        assert_eq!(given_id(&HeaderMap::new()), None);
    }
}
