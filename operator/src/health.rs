//! `/livez`, `/readyz` and `/metrics`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{clock, metrics::Metrics};

/// What the endpoints tell.
#[derive(Debug, Default)]
pub struct Health {
    listed: AtomicBool,
    standby: AtomicBool,
    /// The operator's metrics.
    pub metrics: Metrics,
}

impl Health {
    /// Says whether the operator knows all modules and works on them.
    pub fn set_ready(&self, ready: bool) {
        self.listed.store(ready, Ordering::Relaxed);
    }

    /// Says whether it waits for another replica, which works on them, to end.
    pub fn set_standby(&self, standby: bool) {
        self.standby.store(standby, Ordering::Relaxed);
    }

    /// Whether it knows all modules and works on them.
    pub fn is_listed(&self) -> bool {
        self.listed.load(Ordering::Relaxed)
    }

    /// Whether it does what it is there for, be it waiting.
    pub fn is_ready(&self) -> bool {
        self.is_listed() || self.standby.load(Ordering::Relaxed)
    }
}

/// The endpoints.
pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn readyz(State(health): State<Arc<Health>>) -> (StatusCode, &'static str) {
    if health.is_ready() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the CommsModules could not be listed yet: see the log\n")
    }
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    match health.metrics.encode(clock::system()) {
        Ok(text) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, content_type)], text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
