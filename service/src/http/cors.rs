//! Which pages of other origins may call the API from a browser (Fetch standard, "CORS protocol").

use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long browsers may remember what is allowed.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Lets pages of these origins in, and no others; nothing where there are none, so that no answer speaks of origins.
/// Tokens come in a header and never in a cookie, so none is asked for.
pub(super) fn layer(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect();
    let header = HeaderName::from_static;
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            ACCEPT_LANGUAGE,
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            header("idempotency-key"),
            header("last-event-id"),
            header("x-request-id"),
        ])
        .expose_headers([ETAG, LOCATION, RETRY_AFTER, header("idempotency-replayed"), header("x-request-id")])
        .max_age(REMEMBERED);
    Some(layer)
}
