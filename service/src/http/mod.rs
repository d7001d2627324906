//! The API over HTTP.

mod app;
mod asyncapi;
mod audit;
mod auth;
mod call_list;
mod calls;
mod campaign_stats;
mod campaigns;
mod client_address;
mod contacts;
mod cors;
mod created;
mod data_protection;
mod deliveries;
mod fields;
mod idempotency;
mod identity;
mod imports;
mod json;
mod jwks;
mod media_type;
mod openapi;
mod page;
mod path;
mod precondition;
pub(crate) mod problem;
mod query;
pub(crate) mod rate_limit;
mod request;
mod revalidation;
mod sentiments;
mod stats;
mod stream;
mod suppressions;
mod transcript_search;
mod transcripts;
mod twilio;
mod users;

use crate::shared::Shared;
use crate::wording::say;
use axum::extract::DefaultBodyLimit;
use axum::{Json, Router, middleware};
use idempotency::Repetitions;
use problem::{Problem, ProblemKind};
pub(crate) use request::nothing_here;
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(auth::routes())
        .merge(jwks::routes())
        .merge(users::routes())
        .merge(calls::routes())
        .merge(call_list::routes())
        .merge(transcripts::routes())
        .merge(transcript_search::routes())
        .merge(sentiments::routes())
        .merge(twilio::routes())
        .merge(campaigns::routes())
        .merge(campaign_stats::routes())
        .merge(contacts::routes())
        .merge(imports::routes())
        .merge(suppressions::routes())
        .merge(data_protection::routes())
        .merge(audit::routes())
        .merge(stream::routes())
        .merge(deliveries::routes())
        .merge(stats::routes())
        .routes(routes!(health))
        .layer(middleware::from_fn(request::limit_time))
        .merge(imports::long_routes())
        .split_for_parts();
    let routes = routes
        .merge(openapi::routes(&document, &shared))
        .merge(asyncapi::routes(&shared.events))
        .merge(app::routes(&shared))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemKind::MethodNotAllowed, say!("method-unknown"))
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::clone(&shared));
    let repetitions = Repetitions { shared: Arc::clone(&shared), routes: routes.clone() };
    let routes = routes
        .layer(middleware::from_fn_with_state(repetitions, idempotency::handle))
        .layer(middleware::from_fn(revalidation::handle));
    let routes = match &shared.allowances {
        None => routes,
        Some(allowances) => {
            let state = (Arc::clone(&shared), Arc::clone(allowances));
            routes.layer(middleware::from_fn_with_state(state, rate_limit::handle))
        }
    };
    let routes = routes.layer(middleware::from_fn(request::limit_head));
    let routes = match cors::layer(&shared.cors_origins) {
        None => routes,
        Some(layer) => routes.layer(layer),
    };
    routes.layer(middleware::from_fn_with_state(shared, request::handle))
}

/// Whether the service can be reached.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// The service's version.
    version: &'static str,
}

/// Ask whether the API is reached
///
/// How the service feels is told on the management port.
#[utoipa::path(get, path = "/health", tag = "service", security(()),
    responses((status = 200, description = "It is", body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
