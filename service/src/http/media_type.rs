//! What kind of body a request has.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// Whether `Content-Type` says that the body is `expected`, whatever its parameters.
pub(super) fn is(headers: &HeaderMap, expected: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case(expected)
}
