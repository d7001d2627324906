//! `/.well-known/jwks.json`: the keys to verify our tokens with. Standalone mode only.

use super::auth::Standalone;
use crate::shared::Shared;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;

/// Half of the time that verifiers may go on with keys that they have, so that two halves never exceed it.
const CACHE: &str = "public, max-age=30";

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/.well-known/jwks.json", get(jwks))
}

async fn jwks(Standalone(service): Standalone) -> impl IntoResponse {
    let keys = service.sessions.keys().in_force().set.jwks().to_json();
    ([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, CACHE)], keys)
}
