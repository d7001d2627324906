//! Traces: spans of `tracing` are sent to an OpenTelemetry collector, by OTLP over HTTP with protobuf.
//!
//! Only spans whose target is [`TARGET`] are sent, whatever the log's filter lets through, and the log shows none of them:
//! each side has what is meant for it. Spans are sent in batches from a thread of their own, so that nothing waits for a
//! collector. What a collector does not take is dropped, and that is told once.
//!
//! ```
//! use tracing::Instrument;
//!
//! # async fn work() {}
//! # async fn traced() {
//! let span = tracing::info_span!(target: telemetry::TARGET, "work", otel.kind = "internal");
//! work().instrument(span).await;
//! # }
//! ```

mod endpoint;
mod outage;
mod parent;
mod queue;
mod sender;

use std::time::Duration;

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    resource::{EnvResourceDetector, TelemetryResourceDetector},
    trace::SdkTracerProvider,
};
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Directive, filter_fn},
    registry::LookupSpan,
};

pub use endpoint::{Endpoint, InvalidEndpoint};
pub use parent::continue_trace;

/// The target of spans that are sent.
pub const TARGET: &str = "telemetry::traces";

/// How long what is left may take to be sent at the end.
pub const FLUSH_TIME: Duration = Duration::from_secs(2);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// There is no HTTP client.
    #[error("no HTTP client for traces could be made: {0}")]
    Client(#[from] reqwest::Error),
    /// One of OpenTelemetry's own settings in the environment does not fit.
    #[error(
        "traces cannot be sent: {0}; change the environment variables whose names begin with OTEL_EXPORTER_OTLP"
    )]
    Exporter(#[from] ExporterBuildError),
}

/// The program whose spans they are.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its name, such as `cc-lite`; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` may give another one.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What tells it from others of its name; a random one where there is none.
    pub instance: Option<&'a str>,
}

/// Traces under way to a collector.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    name: &'static str,
}

impl Traces {
    /// Begins to send traces of the program to the collector. Needs to be called within a runtime of Tokio's.
    pub fn begin(program: Program<'_>, endpoint: &Endpoint) -> Result<Self, TracesError> {
        let failure = sender::Failure::default();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.traces())
            .with_timeout(sender::TIMEOUT)
            .with_http_client(sender::Sender::new(failure.clone())?)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_span_processor(queue::Queue::before(exporter, failure))
            .with_resource(resource(program))
            .build();
        Ok(Self { provider, name: program.name })
    }

    /// What takes spans from the program.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + 'static + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(self.name))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_sent).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what is left, for [`FLUSH_TIME`] at most.
    pub async fn end(self) {
        let (ended, told) = tokio::sync::oneshot::channel();
        // It waits for a thread that needs the runtime; nobody waits for it when the program ends meanwhile.
        std::thread::spawn(move || {
            // What could not be sent has been told.
            let _ = self.provider.shutdown_with_timeout(FLUSH_TIME);
            let _ = ended.send(());
        });
        let _ = tokio::time::timeout(FLUSH_TIME, told).await;
    }
}

/// A log's filter that leaves out the spans that are sent: without traces they cost nothing, and with them the log stays as
/// it is.
pub fn without_traces(filter: EnvFilter) -> EnvFilter {
    let directive = format!("{TARGET}=off").parse::<Directive>();
    directive.into_iter().fold(filter, EnvFilter::add_directive)
}

fn is_sent(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

/// What all spans have in common. What the environment says comes last, so that it wins.
fn resource(program: Program<'_>) -> Resource {
    let instance = program.instance.map_or_else(random_instance, str::to_owned);
    let resource = Resource::builder_empty()
        .with_service_name(program.name)
        .with_attribute(KeyValue::new("service.version", program.version))
        .with_attribute(KeyValue::new("service.instance.id", instance))
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()));
    match std::env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.is_empty() => resource.with_service_name(name).build(),
        _ => resource.build(),
    }
}

/// A UUID of version 4, which OpenTelemetry recommends.
fn random_instance() -> String {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string()
}

#[cfg(test)]
mod tests;
