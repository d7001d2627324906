//! `/app/`: the wallboard. Whoever asks gets its files; what it shows it asks the API for, as whoever looks at it.

use super::problem::Problem;
use crate::app::{Asset, PAGE, assets};
use crate::shared::{Identification, Shared};
use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Path};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

/// What the page may do: run and show what comes from here, ask this service, and nothing else. No page may frame it, no
/// form leads away from it, and scripts' addresses come from its own two policies alone (Trusted Types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types lit-html cc-lite";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Headers of every answer with a file.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (OPENER_POLICY, "same-origin"),
];

pub(super) fn routes(shared: &Shared) -> Router<Arc<Shared>> {
    let platform = matches!(shared.identification, Identification::Platform(_));
    let files = Arc::new(assets(platform));
    let page = Arc::clone(&files);
    Router::new()
        .route("/app", get(enter))
        .route("/app/", get(async move |headers: HeaderMap| serve(&page, PAGE, &headers)))
        .route(
            "/app/{file}",
            get(async move |Path(file): Path<String>, headers: HeaderMap| serve(&files, &file, &headers)),
        )
}

/// Leads to the folder, whose files are named relative to it.
async fn enter(OriginalUri(uri): OriginalUri) -> Response {
    // Relative, since a gateway may have taken away what is before it.
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("app/{query}"))]).into_response()
}

fn serve(files: &[Asset], name: &str, asked: &HeaderMap) -> Response {
    let Some(file) = files.iter().find(|file| file.name == name) else {
        return Problem::not_found().into_response();
    };
    let gzip = file.gzip.filter(|_| takes_gzip(asked));
    let mut response = match gzip {
        Some(gzip) => Body::from(gzip),
        None => Body::from(file.content.clone()),
    }
    .into_response();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    let lasting = if file.is_immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    if gzip.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if file.gzip.is_some() {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    let encoding = if gzip.is_some() { "-gzip" } else { "" };
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}{encoding}\"", file.tag)) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Whether who asks takes gzip (RFC 9110 section 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        // A weight of zero means: not this one.
        let is_zero =
            |part: &str| part.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        named && !parts.any(is_zero)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_takes_it_alone() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for yes in ["gzip", "br, gzip;q=0.5", "GZIP"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "identity, gzip; q=0.000"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
