//! The management port: probes, metrics, and what the operator wants to know.

use crate::events::publisher::BrokerConnection;
use crate::metrics::CONTENT_TYPE as METRICS_CONTENT_TYPE;
use crate::shared::{Identification, Shared};
use crate::store::StoreError;
use crate::store::outbox::{self, Backlog};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long a probe waits for the database.
const DATABASE_TIME: Duration = Duration::from_secs(2);

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/keys", get(keys))
        .route("/status", get(status))
        .with_state(shared)
}

#[derive(Serialize)]
struct Status {
    events: EventStatus,
    database: DatabaseStatus,
    version: &'static str,
}

#[derive(Serialize)]
struct EventStatus {
    state: &'static str,
    last_error: Option<String>,
    /// Unknown while the database does not answer.
    backlog: Option<i64>,
    oldest_age_seconds: Option<f64>,
    /// How many can never be published as they are.
    parked: Option<i64>,
}

#[derive(Serialize)]
struct DatabaseStatus {
    kind: &'static str,
    state: &'static str,
    error: Option<String>,
}

#[derive(Serialize)]
struct Keys<'a> {
    signing: &'a str,
    accepted: Vec<&'a str>,
    pod_uid: Option<&'a str>,
    set_sha256: &'a str,
    error: Option<&'a str>,
}

/// Ready means that requests can be answered: that needs the database, but no broker.
async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let checked = tokio::time::timeout(DATABASE_TIME, shared.store.check()).await;
    let reason = match checked {
        Ok(Ok(())) if shared.leaving.is_cancelled() => "stopping",
        Ok(Ok(())) => return "ok\n".into_response(),
        _ => "the database does not answer",
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    if let Ok(backlog) = backlog(&shared).await {
        let age = oldest_age(&shared, backlog).unwrap_or_default();
        shared.metrics.set_events(backlog.events, age, shared.is_connected());
        shared.metrics.set_parked(backlog.parked);
    }
    match shared.metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    let Identification::Standalone(service) = &shared.identification else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let report = service.sessions.keys().report();
    let keys = &report.in_force.set;
    Json(Keys {
        signing: keys.signing_kid().as_str(),
        accepted: keys.jwks().iter().map(|(kid, _)| kid.as_str()).collect(),
        pod_uid: shared.pod_uid.as_deref(),
        set_sha256: keys.set_sha256(),
        error: report.error.as_deref(),
    })
    .into_response()
}

async fn status(State(shared): State<Arc<Shared>>) -> Json<Status> {
    let (backlog, error) = match backlog(&shared).await {
        Ok(backlog) => (Some(backlog), None),
        Err(error) => (None, Some(error)),
    };
    let (state, last_error) = match &shared.delivery_report {
        None => ("disabled", None),
        Some(report) => {
            let report = report.borrow().clone();
            let state = match report.connection {
                BrokerConnection::Connected => "connected",
                BrokerConnection::Connecting { .. } => "connecting",
            };
            (state, report.last_error)
        }
    };
    Json(Status {
        events: EventStatus {
            state,
            last_error,
            backlog: backlog.map(|backlog| backlog.events),
            oldest_age_seconds: backlog.and_then(|backlog| oldest_age(&shared, backlog)),
            parked: backlog.map(|backlog| backlog.parked),
        },
        database: DatabaseStatus {
            kind: shared.store.kind().as_str(),
            state: if error.is_none() { "ok" } else { "error" },
            error,
        },
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The backlog, or why it is not known.
async fn backlog(shared: &Shared) -> Result<Backlog, String> {
    let asked = async { outbox::backlog(&mut *shared.store.reader().await?).await };
    match tokio::time::timeout(DATABASE_TIME, asked).await {
        Ok(answer) => answer.map_err(|error: StoreError| error.to_string()),
        Err(_) => Err(format!("the database did not answer within {DATABASE_TIME:?}")),
    }
}

fn oldest_age(shared: &Shared, backlog: Backlog) -> Option<f64> {
    backlog.oldest.map(|oldest| shared.clock.now().duration_since(oldest).as_secs_f64().max(0.0))
}
