//! Spans for the collector of traces, named by OpenTelemetry's semantic conventions. They tell what was asked for and what
//! came of it: never a body, a token, a query, or a whole telephone number.

use crate::domain::event::EventMessage;
use crate::events::publisher::PublishError;
use crate::numbers::masked;
use crate::settings::Settings;
use axum::extract::{MatchedPath, OriginalUri, Request};
use axum::http::{HeaderMap, Method, StatusCode, Version};
use telemetry::{Program, TARGET, Traces, TracesError, continue_trace};
use tracing::Span;
use tracing::field::Empty;

/// Begins to send traces, where the settings say where to. Needs to be called within a runtime of Tokio's.
pub fn begin(settings: &Settings) -> Result<Option<Traces>, TracesError> {
    let program = Program {
        name: "cc-lite",
        version: env!("CARGO_PKG_VERSION"),
        instance: settings.pod_uid.as_deref(),
    };
    settings.traces.as_ref().map(|endpoint| Traces::begin(program, endpoint)).transpose()
}

/// The span of a request that is to be answered, in the trace that its headers tell of.
pub(crate) fn request(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method = known(request.method());
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = name(method, route),
        otel.kind = "server",
        http.request.method = method.unwrap_or("_OTHER"),
        http.route = route,
        url.scheme = "http",
        // What leads nowhere may be anything.
        url.path = route.map(|_| path(request)),
        network.protocol.version = version(request.version()),
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    );
    if !span.is_disabled() {
        continue_given(&span, request.headers());
    }
    span
}

/// Notes how a request was answered. What is wrong with a request is no failure of the server's.
pub(crate) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of an event that is handed to the broker.
pub(crate) fn publishing(exchange: &str, event: &EventMessage) -> Span {
    // Worked out only where there are traces.
    let destination = || format!("{exchange}:{}", event.routing_key());
    tracing::info_span!(
        target: TARGET,
        "publish",
        otel.name = format!("publish {}", destination()),
        otel.kind = "producer",
        messaging.system = "rabbitmq",
        messaging.operation.name = "publish",
        messaging.operation.type = "send",
        messaging.destination.name = destination(),
        messaging.rabbitmq.destination.routing_key = event.routing_key(),
        messaging.message.id = event.id,
        messaging.message.body.size = event.body.len(),
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// Notes what became of the event.
pub(crate) fn published(span: &Span, outcome: &Result<(), PublishError>) {
    let Err(error) = outcome else { return };
    let kind = match error {
        PublishError::Unavailable(_) => "unavailable",
        PublishError::Unroutable(_) => "unroutable",
        PublishError::Refused(_) => "refused",
        PublishError::Impossible(_) => "impossible",
        PublishError::Suspect(_) => "suspect",
    };
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
}

fn continue_given(span: &Span, headers: &HeaderMap) {
    let mut parents = headers.get_all("traceparent").iter();
    if let (Some(parent), None) = (parents.next(), parents.next()) {
        let states: Vec<_> =
            headers.get_all("tracestate").iter().filter_map(|state| state.to_str().ok()).collect();
        let state = (!states.is_empty()).then(|| states.join(","));
        continue_trace(span, parent.to_str().unwrap_or_default(), state.as_deref());
    }
}

fn name(method: Option<&str>, route: Option<&str>) -> String {
    let method = method.unwrap_or("HTTP");
    route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

/// The method, if it is one that there is (RFC 9110, section 9, and RFC 5789): whoever asks may write anything.
fn known(method: &Method) -> Option<&str> {
    let all = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    all.into_iter().find(|known| *known == method.as_str())
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        _ => None,
    }
}

fn path(request: &Request) -> String {
    let original = request.extensions().get::<OriginalUri>().map(|OriginalUri(uri)| uri);
    without_numbers(original.unwrap_or(request.uri()).path())
}

/// The path with but the last digits of what may be a telephone number.
fn without_numbers(path: &str) -> String {
    let is_number = |segment: &str| {
        let digits = segment.strip_prefix("%2B").or(segment.strip_prefix("%2b")).unwrap_or(segment);
        digits.strip_prefix('+').unwrap_or(digits).bytes().filter(u8::is_ascii_digit).count() > 3
            && digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.()%".contains(&byte))
    };
    let segments =
        path.split('/').map(|segment| if is_number(segment) { masked(segment) } else { segment.to_owned() });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use testbed::collector::Collector;
    use tracing::subscriber::with_default;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::registry;

    #[test]
    fn a_span_is_named_by_what_there_is_and_not_by_what_was_asked_for() {
        assert_eq!(name(Some("GET"), Some("/calls/{id}")), "GET /calls/{id}");
        assert_eq!(name(Some("GET"), None), "GET");
        assert_eq!(name(known(&Method::from_bytes(b"BREW").unwrap()), Some("/pot")), "HTTP /pot");
        assert_eq!(known(&Method::PATCH), Some("PATCH"));
    }

    #[test]
    fn a_path_tells_no_telephone_number() {
        for (path, told) in [
            ("/suppressions/+420601123456", "/suppressions/+*********456"),
            ("/suppressions/420601123456", "/suppressions/*********456"),
            (
                "/calls/0199a0c2-1111-7000-8000-000000000000/end",
                "/calls/0199a0c2-1111-7000-8000-000000000000/end",
            ),
            ("/v1/calls/", "/v1/calls/"),
        ] {
            assert_eq!(without_numbers(path), told);
        }
        let encoded = without_numbers("/suppressions/%2B420601123456");
        assert!(encoded.ends_with("456") && !encoded.contains("420601"), "{encoded}");
    }

    #[tokio::test]
    async fn a_failure_is_the_servers_and_not_its_callers() {
        let collector = Collector::start().await.unwrap();
        let program = Program { name: "cc-lite", version: "1", instance: None };
        let traces = Traces::begin(program, &collector.url().parse().unwrap()).unwrap();
        with_default(registry().with(traces.layer()), || {
            for status in [200, 404, 500, 503] {
                let span = request(&Request::get("/nowhere?secret=hush").body(Body::empty()).unwrap());
                answered(&span, StatusCode::from_u16(status).unwrap());
            }
        });
        traces.end().await;
        let spans = collector.spans();
        let told: Vec<_> = spans
            .iter()
            .map(|span| {
                (span.attribute("http.response.status_code"), span.failed, span.attribute("error.type"))
            })
            .collect();
        assert_eq!(
            told,
            [("200", false, ""), ("404", false, ""), ("500", true, "500"), ("503", true, "503")]
        );
        assert!(
            spans.iter().all(|span| span.name == "GET" && span.attribute("url.path").is_empty()),
            "what leads nowhere is not told: {spans:#?}"
        );
    }
}
