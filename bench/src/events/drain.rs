//! How fast a backlog drains, beside RabbitMQ's own load generator.

use super::{BODY, EXCHANGE, OURS, SOON};
use crate::report::table;
use crate::server::{Given, Server};
use crate::statistics::{Spread, figure};
use anyhow::{Context, Result, ensure};
use lapin::Channel;
use lapin::options::QueuePurgeOptions;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use testbed::command::output;
use testbed::lifetime::Lifetime;
use testbed::progress::{note, step};
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;
use tokio::process::Command;

const RUNS: usize = 5;
/// How often the server is asked how far it is: each question costs it as much as some events, and this is little beside
/// the time that a drain takes.
const POLL: Duration = Duration::from_millis(200);
/// How many events a drain has.
const DRAINED: i64 = 100_000;
/// What a published event has beside its body.
const PROPERTIES: &str = "contentType=application/json,type=call.ended,appId=cc-lite,timestamp=2026-01-05T10:00:00Z,\
     messageId=0000c350-0000-7000-8000-00000000c350";
const POM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/broker/pom.xml");

/// A backlog that drains, and `PerfTest`, in turns.
pub(super) async fn drains(broker: &RabbitMq, channel: &Channel, venv: &Venv, hash: &str) -> Result<String> {
    let class_path = step("fetching PerfTest", class_path()).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        // Of its own, so that no server that has done its work runs beside what is measured next.
        let life = Lifetime::begin("bench-drain")?;
        let given = Given { calls: 0, pending: DRAINED, broker: Some(broker.url()) };
        let server = Server::start_with(&life, "drain", OURS, venv, hash, given).await?;
        ours.push(drain(&server, DRAINED).await?);
        drop((server, life));
        channel.queue_purge("bench".into(), QueuePurgeOptions::default()).await?;
        theirs.push(perf_test(&class_path, broker).await?);
        channel.queue_purge("bench".into(), QueuePurgeOptions::default()).await?;
        note(&format!("drained {} a second, PerfTest {}", figure(ours[run]), figure(theirs[run])));
    }
    let rows = [
        ["publisher", "events/s", "÷ PerfTest's"].map(str::to_owned).to_vec(),
        vec![
            "cc-lite, from the outbox".to_owned(),
            Spread::of(&ours).to_string(),
            Spread::of_ratios(&ours, &theirs).to_string(),
        ],
        vec!["PerfTest, from memory".to_owned(), Spread::of(&theirs).to_string(), "1.00".to_owned()],
    ];
    Ok(table(&rows))
}

/// Events a second, from the first that is confirmed to the last of `count`.
#[expect(clippy::cast_precision_loss, reason = "a million events")]
pub(super) async fn drain(server: &Server, count: i64) -> Result<f64> {
    let mut first: Option<(Instant, i64)> = None;
    let until = Instant::now() + SOON;
    loop {
        let published = server.metric("cc_lite_events_published_total").await?;
        match first {
            None if published > 0 => first = Some((Instant::now(), published)),
            Some((began, before)) if published >= count => {
                return Ok((count - before) as f64 / began.elapsed().as_secs_f64());
            }
            _ => {}
        }
        ensure!(Instant::now() < until, "{published} of {count} events are published after {SOON:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// Where Java finds `PerfTest` and what it needs.
async fn class_path() -> Result<String> {
    let life = Lifetime::begin("bench-perf-test")?;
    let file: PathBuf = life.dir().join("class-path");
    let to = format!("-Dmdep.outputFile={}", file.display());
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "--file", POM, "dependency:build-classpath", &to]);
    output(&mut maven)
        .await
        .context("PerfTest could not be fetched: `make bench` needs maven and a Java runtime")?;
    Ok(std::fs::read_to_string(file)?)
}

/// Messages a second, of one producer that has 200 confirms outstanding.
async fn perf_test(class_path: &str, broker: &RabbitMq) -> Result<f64> {
    let (url, size, count) = (broker.url(), BODY.to_string(), DRAINED.to_string());
    let arguments = [
        "-cp",
        class_path,
        "com.rabbitmq.perf.PerfTest",
        "--uri",
        &url,
        "--producers",
        "1",
        "--consumers",
        "0",
        "--confirm",
        "200",
        "--flag",
        "persistent",
        "--flag",
        "mandatory",
        "--size",
        &size,
        "--message-properties",
        PROPERTIES,
        "--pmessages",
        &count,
        "--predeclared",
        "--queue",
        "bench",
        "--exchange",
        EXCHANGE,
        "--type",
        "topic",
        "--routing-key",
        "comms.call.ended",
        "--skip-binding-queues",
    ];
    let told = output(Command::new("java").args(arguments)).await?;
    let rate = told.lines().find_map(|line| line.split("sending rate avg: ").nth(1));
    let rate = rate.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    rate.with_context(|| format!("PerfTest tells no rate: {told}"))
}
