//! The API over HTTP.

mod auth;
mod calls;
mod client_address;
mod fields;
mod identity;
mod json;
mod jwks;
mod page;
mod path;
mod precondition;
pub(crate) mod problem;
mod query;
mod request;
mod users;

use crate::shared::Shared;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Json, Router, middleware};
use problem::{Problem, ProblemKind};
use std::sync::Arc;

/// The longest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(auth::routes())
        .merge(jwks::routes())
        .merge(users::routes())
        .merge(calls::routes())
        .route("/health", get(health))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemKind::MethodNotAllowed, "Use one of the methods that the Allow header lists.")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), request::handle))
        .with_state(shared)
}

/// Whether the API is reached; how the service feels is told on the management port.
async fn health() -> Json<serde_json::Value> {
    Json(serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}
