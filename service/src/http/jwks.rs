//! `/.well-known/jwks.json`: the keys to verify our tokens with. Standalone mode only.

use super::auth::Standalone;
use crate::shared::Shared;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(jwks))
}

/// Read the keys to verify access tokens with
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", security(()),
    responses((status = 200, description = "A JWK set (RFC 7517) of Ed25519 keys", body = Object,
        content_type = "application/jwk-set+json")))]
async fn jwks(Standalone(service): Standalone) -> impl IntoResponse {
    let keys = service.sessions.keys().in_force().set.jwks().to_json();
    // Half of the time that verifiers may go on with keys that they have, so that two halves never exceed it.
    let cache = format!("public, max-age={}", service.verifier_cache_ttl.as_secs() / 2);
    ([(CONTENT_TYPE, "application/jwk-set+json".to_owned()), (CACHE_CONTROL, cache)], keys)
}
