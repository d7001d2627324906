//! `If-None-Match` (RFC 9110 section 13.1.2): who has what is there now is told so, and not sent it again.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn handle(request: Request, next: Next) -> Response {
    if *request.method() != Method::GET || !request.headers().contains_key(IF_NONE_MATCH) {
        return next.run(request).await;
    }
    let asked = request.headers().clone();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK && has(&asked, response.headers()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// Whether one of the tags that are asked with is the answer's, by weak comparison (section 8.8.3.2).
fn has(asked: &HeaderMap, answer: &HeaderMap) -> bool {
    let Some(current) = answer.get(ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == current.trim_start_matches("W/"))
}
