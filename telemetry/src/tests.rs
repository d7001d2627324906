use std::time::Duration;

use anyhow::Result;
use testbed::collector::{Collector, Span};
use tokio::{net::TcpListener, time::timeout};
use tracing::subscriber::with_default;
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::*;

const SOON: Duration = Duration::from_secs(30);
const PROGRAM: Program<'static> = Program { name: "tried", version: "1.2.3", instance: Some("here") };

fn begin(url: &str) -> Result<Traces> {
    Ok(Traces::begin(PROGRAM, &url.parse()?)?)
}

/// The spans that have come once the traces have ended in which this was done.
async fn sent(doing: impl FnOnce()) -> Result<Vec<Span>> {
    let collector = Collector::start().await?;
    let traces = begin(&collector.url())?;
    with_default(registry().with(traces.layer()), doing);
    traces.end().await;
    Ok(collector.spans())
}

#[tokio::test]
async fn what_is_meant_for_traces_is_sent_and_nothing_else() -> Result<()> {
    let spans = sent(|| {
        let outer = tracing::info_span!(
            target: TARGET,
            "outer",
            otel.name = "GET /calls/{id}",
            otel.kind = "server",
            number = 7,
            late = tracing::field::Empty,
        );
        outer.in_scope(|| {
            tracing::info!(target: TARGET, "an event");
            let of_the_log = tracing::info_span!("of the log");
            of_the_log.in_scope(|| tracing::info_span!(target: TARGET, "inner").in_scope(|| ()));
        });
        outer.record("late", "text");
        outer.record("otel.status_code", "ERROR");
    })
    .await?;
    let [inner, outer] = &spans[..] else { panic!("expected two spans, got {spans:#?}") };
    assert_eq!((inner.name.as_str(), inner.kind.as_str()), ("inner", "Internal"));
    assert_eq!((&inner.trace_id, &inner.parent_id), (&outer.trace_id, &outer.id));
    assert_eq!(
        (outer.name.as_str(), outer.kind.as_str(), outer.parent_id.as_str()),
        ("GET /calls/{id}", "Server", "")
    );
    let attributes =
        [("late", "text"), ("number", "7")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(outer.attributes, attributes.into());
    assert_eq!(outer.events, Vec::<String>::new());
    for (name, value) in
        [("service.name", "tried"), ("service.version", "1.2.3"), ("service.instance.id", "here")]
    {
        assert_eq!(outer.resource.get(name).map(String::as_str), Some(value), "{:?}", outer.resource);
    }
    Ok(())
}

#[tokio::test]
async fn a_trace_that_began_elsewhere_is_continued_and_one_that_is_not_to_be_kept_is_not_sent() -> Result<()>
{
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let request = |traceparent: String, name| {
        let span = tracing::info_span!(target: TARGET, "request", otel.name = name);
        continue_trace(&span, &traceparent, Some("a=1"));
        span.in_scope(|| ());
    };
    let spans = sent(|| {
        request(format!("00-{trace}-{parent}-01"), "continued");
        request(format!("00-{trace}-{parent}-00"), "not kept");
        request(format!("00-{trace}-{parent}-01x"), "malformed");
        let own = tracing::info_span!(target: TARGET, "request", otel.name = "own");
        own.in_scope(|| request(format!("00-{trace}-{parent}-01"), "within"));
    })
    .await?;
    let told: Vec<_> = spans.iter().map(|span| (span.name.as_str(), span.trace_id == trace)).collect();
    assert_eq!(told, [("continued", true), ("malformed", false), ("within", false), ("own", false)]);
    assert_eq!((spans[0].parent_id.as_str(), spans[0].state.as_str()), (parent, "a=1"));
    assert_eq!((&spans[2].trace_id, &spans[2].parent_id), (&spans[3].trace_id, &spans[3].id));
    Ok(())
}

#[tokio::test]
async fn a_collector_that_does_not_answer_holds_nothing_up() -> Result<()> {
    // It is connected to and nobody ever takes the connection.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await?;
    let traces = begin(&format!("http://{}", silent.local_addr()?))?;
    with_default(registry().with(traces.layer()), || {
        // More than find a place.
        for _ in 0..3 * 2048 {
            tracing::info_span!(target: TARGET, "work").in_scope(|| ());
        }
    });
    timeout(SOON, traces.end()).await?;
    Ok(())
}

#[tokio::test]
async fn each_instance_without_a_name_gets_another() {
    let instance = || resource(Program { instance: None, ..PROGRAM }).get(&"service.instance.id".into());
    let (one, other) = (instance(), instance());
    assert!(one.is_some() && one != other, "{one:?}, {other:?}");
}

#[test]
fn a_log_leaves_out_what_is_sent_whatever_it_is_to_show() {
    for directives in ["trace", "off", "", "info,telemetry=trace"] {
        let filter = without_traces(EnvFilter::new(directives)).to_string();
        assert!(
            filter.split(',').any(|directive| directive == "telemetry::traces=off"),
            "{directives}: {filter}"
        );
    }
}
