//! An OpenTelemetry collector for tests: it takes traces by OTLP over HTTP, and can be asked for them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1;
use prost::Message;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::fingerprint::hex;
use crate::wait::eventually;

/// A span, as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// Id of the trace, in hex.
    pub trace_id: String,
    /// Its own id, in hex.
    pub id: String,
    /// Id of the span that it is below, in hex; empty for the first one of a trace.
    pub parent_id: String,
    /// `tracestate`.
    pub state: String,
    /// Its name.
    pub name: String,
    /// Whether it is `Server`, `Client`, `Producer`, …
    pub kind: String,
    /// Whether its status is that of an error.
    pub failed: bool,
    /// What the status says.
    pub message: String,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Names of its events.
    pub events: Vec<String>,
    /// The attributes of whatever sent it, as text.
    pub resource: BTreeMap<String, String>,
}

impl Span {
    /// An attribute; empty where there is none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map(String::as_str).unwrap_or_default()
    }
}

type Spans = Arc<Mutex<Vec<Span>>>;

/// A collector, which ends with this value.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    spans: Spans,
    serving: AbortHandle,
}

impl Collector {
    /// Starts one on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        Self::bind(Ipv4Addr::LOCALHOST).await
    }

    /// Starts one on a free port of `host`, such as [`Cluster::host`](crate::Cluster::host).
    pub async fn bind(host: Ipv4Addr) -> Result<Self> {
        let listener = TcpListener::bind((host, 0)).await.context("a port for the collector")?;
        let address = listener.local_addr()?;
        let spans = Spans::default();
        let routes = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await }).abort_handle();
        Ok(Self { address, spans, serving })
    }

    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans that have come.
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first span like this, which may yet have to come.
    pub async fn span(&self, within: Duration, what: &str, is_it: impl Fn(&Span) -> bool) -> Result<Span> {
        eventually(within, &format!("a span comes: {what}"), async || {
            let all = self.spans();
            let found = all.iter().find(|span| is_it(span)).cloned();
            found.with_context(|| format!("there are {all:#?}"))
        })
        .await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(spans): State<Spans>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let is_protobuf = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/x-protobuf");
    let Some(request) = ExportTraceServiceRequest::decode(body).ok().filter(|_| is_protobuf) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut all = spans.lock().unwrap_or_else(PoisonError::into_inner);
    for of_resource in request.resource_spans {
        let resource = attributes(of_resource.resource.map(|of| of.attributes).unwrap_or_default());
        let taken = of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans);
        all.extend(taken.map(|span| read(span, &resource)));
    }
    // An empty body is the message that all was taken.
    StatusCode::OK
}

fn read(span: v1::Span, resource: &BTreeMap<String, String>) -> Span {
    let status = span.status.clone().unwrap_or_default();
    Span {
        trace_id: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        state: span.trace_state.clone(),
        kind: format!("{:?}", span.kind()),
        failed: status.code() == v1::status::StatusCode::Error,
        message: status.message,
        events: span.events.into_iter().map(|event| event.name).collect(),
        name: span.name,
        attributes: attributes(span.attributes),
        resource: resource.clone(),
    }
}

fn attributes(all: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |attribute: KeyValue| {
        let value = match attribute.value.and_then(|value| value.value) {
            Some(any_value::Value::StringValue(text)) => text,
            Some(any_value::Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        (attribute.key, value)
    };
    all.into_iter().map(text).collect()
}
