//! Spans for the collector of traces: one for each reconcile, below it one for each stage that waits for somebody, and below
//! these one for each call of the API server.

use kube::Resource;
use telemetry::{Program, TARGET, Traces, TracesError};
use tracing::{Span, field::Empty};

use crate::{metrics::Result as Ended, settings::Run, watches::Watched};

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
pub enum NoTraces {
    /// The address is none.
    #[error("the collector of traces, OTEL_EXPORTER_OTLP_ENDPOINT or --otlp-endpoint, does not fit: {0}")]
    Endpoint(#[from] telemetry::InvalidEndpoint),
    /// They cannot be sent.
    #[error(transparent)]
    Begin(#[from] TracesError),
}

/// Begins to send traces, where the settings say where to. Needs to be called within a runtime of Tokio's.
pub fn begin(settings: &Run) -> Result<Option<Traces>, NoTraces> {
    let pod = std::env::var("HOSTNAME").ok();
    let program =
        Program { name: "comms-operator", version: env!("CARGO_PKG_VERSION"), instance: pod.as_deref() };
    match settings.otlp_endpoint.as_deref() {
        // As OpenTelemetry has it, an empty variable is none.
        None | Some("") => Ok(None),
        Some(endpoint) => Ok(Some(Traces::begin(program, &endpoint.parse()?)?)),
    }
}

/// The span of a reconcile.
pub(crate) fn reconcile(module: &Watched) -> Span {
    let meta = module.meta();
    tracing::info_span!(
        target: TARGET,
        "reconcile",
        otel.name = "reconcile CommsModule",
        k8s.namespace.name = meta.namespace,
        comms.module.name = meta.name,
        comms.module.generation = meta.generation,
        comms.reconcile.outcome = Empty,
        otel.status_description = Empty,
    )
}

/// Notes how a reconcile ended.
pub(crate) fn ended(span: &Span, ended: Ended) {
    span.record("comms.reconcile.outcome", tracing::field::debug(ended));
}

/// Notes that it failed, and why.
pub(crate) fn failed(span: &Span, error: &impl std::fmt::Display) {
    ended(span, Ended::Failed);
    span.record("otel.status_description", tracing::field::display(error));
}

/// The span of a stage.
pub(crate) fn stage(name: &str) -> Span {
    tracing::info_span!(target: TARGET, "stage", otel.name = name)
}

/// The span of a call of the API server. Only what a reconcile asks is traced: watches and the Lease go on all the time.
pub(crate) fn call(verb: &str, resource: &str, method: &str, path: &str) -> Span {
    if Span::current().metadata().is_none_or(|metadata| metadata.target() != TARGET) {
        return Span::none();
    }
    tracing::info_span!(
        target: TARGET,
        "call",
        otel.name = format!("{verb} {resource}"),
        otel.kind = "client",
        http.request.method = method,
        url.path = path,
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// Notes how the API server answered, if it did.
pub(crate) fn answered(span: &Span, status: Option<u16>) {
    match status {
        Some(status) => span.record("http.response.status_code", i64::from(status)),
        None => span.record("error.type", "no answer"),
    };
    if status.is_none_or(|status| status >= 400) {
        span.record("otel.status_code", "ERROR");
    }
}
