//! Traces, as a collector gets them from the program.

use crate::fixture::SOON;
use crate::program::{Program, command};
use anyhow::ensure;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testbed::RabbitMq;
use testbed::collector::{Collector, Span};
use testbed::wait::eventually;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Traces to this collector, without waiting long for a batch.
fn to(collector: &str) -> [(&'static str, &str); 2] {
    [("OTEL_EXPORTER_OTLP_ENDPOINT", collector), ("OTEL_BSP_SCHEDULE_DELAY", "50")]
}

/// A program in platform mode that believes everybody, and what a request of a supervisor is like.
const PLATFORM: [(&str, &str); 2] =
    [("CC_LITE_MODE", "platform"), ("CC_LITE_GATEWAY_TRUST_EVERYONE", "true")];

/// No line for each request: nobody reads them meanwhile.
const QUIET: [(&str, &str); 1] = [("RUST_LOG", "warn,cc_lite::serve=info,telemetry=info")];

fn supervisor(request: RequestBuilder) -> RequestBuilder {
    request.header("x-user-id", "anna").header("x-org-id", "acme").header("x-user-role", "supervisor")
}

fn traced(request: RequestBuilder) -> RequestBuilder {
    request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
}

fn of_route(route: &str) -> impl Fn(&Span) -> bool {
    move |span| span.attribute("http.route") == route
}

#[tokio::test]
async fn a_request_is_a_span_of_the_trace_that_it_comes_from() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await.unwrap());
    let url = collector.url();
    let own = [
        ("POD_UID", "0199a0c2-1111-7000-8000-000000000000"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial,service.version=9"),
    ];
    let mut program = Program::start(folder.path(), &[&to(&url)[..], &PLATFORM, &own].concat()).await;
    let base = format!("http://127.0.0.1:{}/api/communications", program.port);
    let client = Client::new();
    let call = "0199a0c2-2222-7000-8000-000000000000";
    let asked = traced(supervisor(client.get(format!("{base}/calls/{call}?secret=hush"))));
    assert_eq!(asked.send().await.unwrap().status(), 404);

    let route = "/api/communications/calls/{id}";
    let span = collector.span(SOON, "the request's", of_route(route)).await.unwrap();
    assert_eq!((span.trace_id.as_str(), span.parent_id.as_str()), (TRACE, PARENT));
    assert_eq!((span.name.as_str(), span.kind.as_str()), ("GET /api/communications/calls/{id}", "Server"));
    assert!(!span.failed, "what is not there is no failure: {span:?}");
    let path = format!("/api/communications/calls/{call}");
    let expected = [
        ("http.request.method", "GET"),
        ("http.response.status_code", "404"),
        ("http.route", route),
        ("network.protocol.version", "1.1"),
        ("url.path", &path),
        ("url.scheme", "http"),
    ];
    let attributes: Vec<_> =
        span.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(attributes, expected);
    for (name, value) in [
        ("service.name", "cc-lite"),
        ("service.instance.id", own[0].1),
        ("deployment.environment.name", "trial"),
        ("service.version", "9"),
    ] {
        assert_eq!(span.resource.get(name).map(String::as_str), Some(value), "{:?}", span.resource);
    }

    // Not a trace's: malformed, twice, or asked not to be kept.
    let number = format!("{base}/suppressions/+420601123456");
    let malformed = supervisor(client.get(&number)).header("traceparent", format!("00-{TRACE}-{PARENT}"));
    malformed.send().await.unwrap();
    let route = "/api/communications/suppressions/{number}";
    let span = collector.span(SOON, "the malformed one's", of_route(route)).await.unwrap();
    assert!(span.trace_id != TRACE && span.parent_id.is_empty(), "{span:?}");
    assert_eq!(span.attribute("url.path"), "/api/communications/suppressions/+*********456");
    traced(traced(supervisor(client.get(format!("{base}/campaigns"))))).send().await.unwrap();
    let twice = collector.span(SOON, "that of two parents", of_route("/api/communications/campaigns"));
    assert_ne!(twice.await.unwrap().trace_id, TRACE);
    let not_kept =
        client.get(format!("{base}/stats")).header("traceparent", format!("00-{TRACE}-{PARENT}-00"));
    supervisor(not_kept).send().await.unwrap();
    supervisor(client.get(format!("{base}/audit"))).send().await.unwrap();
    collector.span(SOON, "one after it", of_route("/api/communications/audit")).await.unwrap();
    let all = collector.spans();
    assert!(!all.iter().any(of_route("/api/communications/stats")), "it is not to be kept: {all:#?}");
    let told = format!("{all:?}");
    assert!(!told.contains("hush") && !told.contains("601123"), "{told}");

    // The log is as it is without traces.
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    let answered = program.log.iter().find(|line| line["message"] == "answered").unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&answered["span"]), ["method", "name", "request_id", "route"].map(str::to_owned).into());
    assert_eq!(program.exit_code().await, Some(0));
}

#[tokio::test]
async fn spans_arrive_whatever_is_logged_and_are_all_sent_before_the_end() {
    for level in ["warn", "off"] {
        let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await.unwrap());
        let (url, port) = (collector.url(), free_port());
        // Nothing is sent before the end.
        let settings = [
            ("RUST_LOG", level),
            ("CC_LITE_PORT", &port.to_string()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
            ("OTEL_SERVICE_NAME", "voice"),
        ];
        let child = command(folder.path(), &settings).spawn().unwrap();
        eventually(SOON, "it answers", async || {
            let asked = traced(Client::new().get(format!("http://127.0.0.1:{port}/health"))).send().await?;
            ensure!(asked.status() == 200, "{}", asked.status());
            Ok(())
        })
        .await
        .unwrap();
        let process = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).unwrap()));
        rustix::process::kill_process(process.unwrap(), rustix::process::Signal::TERM).unwrap();
        let output = tokio::time::timeout(SOON, child.wait_with_output()).await.expect("it ends").unwrap();
        assert!(output.status.success(), "{level}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{level}");
        let spans = collector.spans();
        let [span] = &spans[..] else { panic!("{level}: expected one span, got {spans:#?}") };
        assert_eq!((span.name.as_str(), span.trace_id.as_str()), ("GET /health", TRACE), "{level}");
        assert_eq!(span.attribute("http.response.status_code"), "200", "{level}");
        assert_eq!(span.resource.get("service.name").map(String::as_str), Some("voice"), "{level}");
    }
}

#[tokio::test]
async fn a_collector_that_hangs_holds_neither_requests_nor_the_end_up() {
    let folder = tempfile::tempdir().unwrap();
    // Connections are made and nobody ever takes them.
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hangs.local_addr().unwrap());
    let mut program = Program::start(folder.path(), &[&to(&url)[..], &QUIET].concat()).await;
    let health = format!("http://127.0.0.1:{}/health", program.port);
    let client = Client::new();
    for _ in 0..100 {
        assert_eq!(client.get(&health).send().await.unwrap().status(), 200);
    }
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    assert_eq!(program.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_collector_that_takes_nothing_is_one_warning_until_it_does_again() {
    let folder = tempfile::tempdir().unwrap();
    // Refuses so many batches for good.
    let (refused, most) = (Arc::new(AtomicUsize::new(0)), 4);
    let counted = Arc::clone(&refused);
    let refuse = async move || {
        let takes = counted.fetch_add(1, Ordering::Relaxed) >= most;
        if takes { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/v1/traces", post(refuse))).await.unwrap();
    });
    let mut program = Program::start(folder.path(), &[&to(&url)[..], &QUIET].concat()).await;
    let health = format!("http://127.0.0.1:{}/health", program.port);
    eventually(SOON, "batches were refused and then taken", async || {
        reqwest::get(&health).await?.error_for_status()?;
        let asked = refused.load(Ordering::Relaxed);
        ensure!(asked > most, "it was asked {asked} times");
        Ok(())
    })
    .await
    .unwrap();
    let over = program.line_with("the collector takes all traces again").await;
    assert!(over["lost"].as_u64().unwrap() >= u64::try_from(most).unwrap(), "{over}");
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    serving.abort();
    let of_traces = |line: &Value| {
        line["level"] == "WARN"
            && line["target"].as_str().is_some_and(|target| target.starts_with("telemetry"))
    };
    let warnings: Vec<&Value> = program.log.iter().filter(|line| of_traces(line)).collect();
    let [warning] = warnings[..] else { panic!("expected one warning, got {warnings:?}") };
    assert!(warning["message"].as_str().unwrap().starts_with("the collector takes no traces"), "{warning}");
    assert!(warning["reason"].as_str().unwrap().contains("400"), "{warning}");
}

#[tokio::test]
async fn without_a_collector_there_is_a_warning_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://127.0.0.1:{}", free_port());
    let mut program = Program::start(folder.path(), &to(&url)).await;
    let health = format!("http://127.0.0.1:{}/health", program.port);
    assert_eq!(reqwest::get(&health).await.unwrap().status(), 200);
    let warning = program.line_with("the collector takes no traces").await;
    assert!(warning["reason"].as_str().unwrap().contains("refused"), "{warning}");
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
}

#[tokio::test]
async fn an_event_is_the_span_of_a_producer() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await.unwrap());
    let rabbit = RabbitMq::start().await.unwrap();
    let (url, broker) = (collector.url(), rabbit.url());
    let events = [("ENABLE_EVENTS", "true"), ("RABBITMQ_URL", broker.as_str())];
    let program = Program::start(folder.path(), &[&to(&url)[..], &PLATFORM, &events].concat()).await;
    let calls = format!("http://127.0.0.1:{}/api/communications/calls", program.port);
    let call = json!({"direction": "inbound", "from": "+420601123456", "to": "+420601123457"});
    let client = Client::new();
    let made = supervisor(client.post(&calls)).json(&call).send().await.unwrap();
    let id = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(supervisor(client.post(format!("{calls}/{id}/start"))).send().await.unwrap().status(), 200);

    let destination = "ocelot.events:comms.call.started";
    // Nobody listens yet.
    let span = collector.span(SOON, "the event's", |span| span.kind == "Producer").await.unwrap();
    assert_eq!(span.name, format!("publish {destination}"));
    assert!(span.failed && span.attribute("error.type") == "unroutable", "{span:?}");
    assert!(span.parent_id.is_empty(), "{span:?}");
    for (name, value) in [
        ("messaging.system", "rabbitmq"),
        ("messaging.operation.name", "publish"),
        ("messaging.operation.type", "send"),
        ("messaging.destination.name", destination),
        ("messaging.rabbitmq.destination.routing_key", "comms.call.started"),
    ] {
        assert_eq!(span.attribute(name), value, "{span:?}");
    }
    assert_eq!(span.attribute("messaging.message.id").len(), 36, "{span:?}");
    assert!(!format!("{span:?}").contains("601123"), "{span:?}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
