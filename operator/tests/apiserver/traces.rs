//! Traces, as a collector gets them from the program.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};
use testbed::collector::{Collector, Span};
use tokio::process::{Child, Command};

use crate::{
    program::{free_port, program},
    trial::{SOON, Trial},
};

/// The program at work in the trial's namespace, with traces to this collector and without a log.
fn start(trial: &Trial, collector: &str) -> Result<Child> {
    let child = program()
        .arg("run")
        .env("KUBECONFIG", trial.server.kubeconfig())
        .env("WATCH_NAMESPACE", &trial.namespace)
        .env("OPERATOR_NAMESPACE", &trial.namespace)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .env("OTEL_BSP_SCHEDULE_DELAY", "50")
        .env("RUST_LOG", "off")
        .env("HOSTNAME", "operator-1")
        .args(["--health-address=127.0.0.1", &format!("--health-port={}", free_port()?), "--log-format=text"])
        .spawn()?;
    Ok(child)
}

async fn end(child: Child) -> Result<()> {
    let pid = child.id().context("it has ended already")?.to_string();
    ensure!(Command::new("kill").args(["-TERM", &pid]).status().await?.success(), "kill failed");
    let output = tokio::time::timeout(SOON, child.wait_with_output()).await.context("it did not end")??;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && log.is_empty(), "it ended with {}: {log}", output.status);
    Ok(())
}

#[tokio::test]
async fn a_reconcile_is_a_span_with_its_stages_and_calls_below_it() -> Result<()> {
    let (trial, collector) = (Trial::without_operator().await?, Collector::start().await?);
    let child = start(&trial, &collector.url())?;
    trial.create("comms", serde_json::json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;

    let outcome = |span: &Span| span.attribute("comms.reconcile.outcome").to_owned();
    let applied = collector.span(SOON, "that of a reconcile", |span| outcome(span) == "Applied").await?;
    assert_eq!((applied.name.as_str(), applied.kind.as_str()), ("reconcile CommsModule", "Internal"));
    for (name, value) in [
        ("k8s.namespace.name", trial.namespace.as_str()),
        ("comms.module.name", "comms"),
        ("comms.module.generation", "1"),
    ] {
        assert_eq!(applied.attribute(name), value, "{applied:?}");
    }
    assert!(!applied.failed && applied.parent_id.is_empty(), "{applied:?}");
    for (name, value) in [("service.name", "comms-operator"), ("service.instance.id", "operator-1")] {
        assert_eq!(applied.resource.get(name).map(String::as_str), Some(value), "{:?}", applied.resource);
    }
    let below = |parent: &Span, name: &'static str| {
        let (trace, parent) = (parent.trace_id.clone(), parent.id.clone());
        move |span: &Span| span.trace_id == trace && span.parent_id == parent && span.name == name
    };
    for stage in ["observe", "apply", "report"] {
        collector.span(SOON, stage, below(&applied, stage)).await?;
    }
    // The first reconcile makes the Deployment.
    let made = collector.span(SOON, "the Deployment's", |span| span.name == "patch deployments").await?;
    let of = |id: &str| collector.spans().into_iter().find(|span| span.id == id);
    let apply = of(&made.parent_id).context("the call is below no stage")?;
    let reconcile = of(&apply.parent_id).context("the stage is below no reconcile")?;
    assert_eq!((apply.name.as_str(), reconcile.name.as_str()), ("apply", "reconcile CommsModule"));
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/comms", trial.namespace);
    for (name, value) in
        [("http.request.method", "PATCH"), ("url.path", &path), ("http.response.status_code", "201")]
    {
        assert_eq!(made.attribute(name), value, "{made:?}");
    }
    assert_eq!(made.kind, "Client");

    end(child).await?;
    let alone: Vec<_> = collector.spans().into_iter().filter(|span| span.parent_id.is_empty()).collect();
    assert!(
        alone.iter().all(|span| span.name == "reconcile CommsModule"),
        "watches and the Lease are no traces: {alone:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_collector_that_hangs_holds_neither_reconciles_nor_the_end_up() -> Result<()> {
    let trial = Trial::without_operator().await?;
    // Connections are made and nobody ever takes them.
    let hangs = TcpListener::bind(("127.0.0.1", 0))?;
    let child = start(&trial, &format!("http://{}", hangs.local_addr()?))?;
    trial.create("comms", serde_json::json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    end(child).await
}

#[tokio::test]
async fn a_collector_that_cannot_be_spoken_to_refuses_the_start_with_one_sentence() -> Result<()> {
    for bad in ["https://collector:4318", "http://user:hush@collector:4318"] {
        let output = program().arg("run").env("OTEL_EXPORTER_OTLP_ENDPOINT", bad).output().await?;
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{log}");
        let sentence = "comms-operator: the collector of traces, OTEL_EXPORTER_OTLP_ENDPOINT or --otlp-endpoint, does not \
                        fit: give the `http://` address of an OpenTelemetry collector";
        assert!(log.starts_with(sentence) && !log.contains("hush") && log.lines().count() == 1, "{log}");
    }
    Ok(())
}
