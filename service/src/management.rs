//! The management port: probes, metrics, and what the operator wants to know.

use crate::events::publisher::BrokerConnection;
use crate::metrics::CONTENT_TYPE as METRICS_CONTENT_TYPE;
use crate::shared::{Identification, Shared};
use crate::store::{StoreError, outbox, parked};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
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
    /// How many may wait, about; none when that is not limited.
    backlog_limit: Option<i64>,
    /// Whether changes are refused since too many wait.
    backlog_full: bool,
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
        Ok(Ok(())) if shared.draining.is_cancelled() => "stopping",
        Ok(Ok(())) => return "ok\n".into_response(),
        _ => "the database does not answer",
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    shared.metrics.set_backlog(&shared.backlog);
    if let Ok(waiting) = waiting(&shared).await {
        let age = oldest_age(&shared, waiting).unwrap_or_default();
        shared.metrics.set_events(waiting.parked, age, shared.is_connected());
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
    let (waiting, error) = match waiting(&shared).await {
        Ok(waiting) => (Some(waiting), None),
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
            backlog: waiting.map(|_| shared.backlog.events()),
            backlog_limit: shared.backlog.limit(),
            backlog_full: shared.backlog.is_full(),
            oldest_age_seconds: waiting.and_then(|waiting| oldest_age(&shared, waiting)),
            parked: waiting.map(|waiting| waiting.parked),
        },
        database: DatabaseStatus {
            kind: shared.store.kind().as_str(),
            state: if error.is_none() { "ok" } else { "error" },
            error,
        },
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// What of the events that wait is asked of the database.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    oldest: Option<Timestamp>,
    parked: i64,
}

/// What is known of the events that wait, or why it is not.
async fn waiting(shared: &Shared) -> Result<Waiting, String> {
    let asked = async {
        let mut reader = shared.store.reader().await?;
        let oldest = outbox::oldest_pending(&mut reader).await?;
        Ok(Waiting { oldest, parked: parked::count(&mut reader).await? })
    };
    match tokio::time::timeout(DATABASE_TIME, asked).await {
        Ok(answer) => answer.map_err(|error: StoreError| error.to_string()),
        Err(_) => Err(format!("the database did not answer within {DATABASE_TIME:?}")),
    }
}

fn oldest_age(shared: &Shared, waiting: Waiting) -> Option<f64> {
    waiting.oldest.map(|oldest| shared.clock.now().duration_since(oldest).as_secs_f64().max(0.0))
}
