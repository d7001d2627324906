//! Events: how fast a backlog drains beside RabbitMQ's own load generator, how long an event takes to its consumer beside
//! direct publishing, and what memory a large backlog needs.

use crate::accounts::{self, ADMIN};
use crate::proc;
use crate::report::table;
use crate::server::{Given, Kind, Server};
use crate::statistics::{Spread, figure, quantile};
use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use testbed::command::output;
use testbed::lifetime::Lifetime;
use testbed::progress::{note, step};
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;
use testbed::wait::eventually;
use tokio::process::Command;
use tokio::time::timeout;

const EXCHANGE: &str = "ocelot.events";
const RUNS: usize = 5;
/// How many events a drain has.
const DRAINED: i64 = 100_000;
const BACKLOG: i64 = 1_000_000;
/// How many events travel for their time.
const TRAVELS: usize = 300;
/// As long as the body of an event of a call's end.
const BODY: usize = 560;
const SOON: Duration = Duration::from_secs(120);
const OURS: Kind = Kind::CcLite { log: "warn" };
const POM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/broker/pom.xml");
const LATENCY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/broker/latency.py");

/// Measures all three; about five minutes.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let life = Lifetime::begin("bench-events")?;
    let broker = step("starting a broker", RabbitMq::start()).await?;
    let connection = Connection::connect(&broker.url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    let keeping = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare("bench".into(), keeping, FieldTable::default()).await?;
    bind(&channel, "bench", "comms.#").await?;
    let hash = accounts::hash().await?;
    let drained = drains(&life, &broker, &channel, venv, &hash).await?;
    let travelled = travels(&life, &broker, &connection, venv, &hash).await?;
    let memory = backlog(&life, &broker, venv, &hash).await?;
    Ok(format!("{drained}\n{travelled}\n{memory}"))
}

async fn bind(channel: &Channel, queue: &str, key: &str) -> Result<()> {
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), EXCHANGE.into(), key.into(), options, FieldTable::default()).await?;
    Ok(())
}

/// A backlog that drains, and `PerfTest`, in turns.
async fn drains(
    life: &Lifetime,
    broker: &RabbitMq,
    channel: &Channel,
    venv: &Venv,
    hash: &str,
) -> Result<String> {
    let class_path = step("fetching PerfTest", class_path(life)).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let given = Given { calls: 0, pending: DRAINED, broker: Some(broker.url()) };
        let server = Server::start_with(life, &format!("drain-{run}"), OURS, venv, hash, given).await?;
        ours.push(drain(&server, DRAINED).await?);
        drop(server);
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
async fn drain(server: &Server, count: i64) -> Result<f64> {
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
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Where Java finds `PerfTest` and what it needs.
async fn class_path(life: &Lifetime) -> Result<String> {
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

/// How long an event takes to its consumer.
async fn travels(
    life: &Lifetime,
    broker: &RabbitMq,
    connection: &Connection,
    venv: &Venv,
    hash: &str,
) -> Result<String> {
    let given = Given { calls: 0, pending: 0, broker: Some(broker.url()) };
    let server = Server::start_with(life, "travel", OURS, venv, hash, given).await?;
    let token = token(&server.login(ADMIN).await?)?;
    let mut ours = consumer(connection, "comms.call.started").await?;
    let mut direct = consumer(connection, "bench.lapin").await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (mut of_service, mut of_lapin) = (Vec::new(), Vec::new());
    for _ in 0..TRAVELS {
        let call = server.make_call(&token).await?;
        let began = Instant::now();
        let starting = async { server.post(&format!("{call}/start"), &json!({}), Some(&token)).await };
        let (answer, arrived) = tokio::join!(starting, arrival(&mut ours));
        answer?;
        of_service.push(arrived?.duration_since(began).as_secs_f64() * 1e3);
        let began = Instant::now();
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let properties = BasicProperties::default().with_delivery_mode(2);
        let body = [b'x'; BODY];
        let publish =
            channel.basic_publish(EXCHANGE.into(), "bench.lapin".into(), options, &body, properties);
        let (sent, arrived) = tokio::join!(async { publish.await?.await }, arrival(&mut direct));
        sent?;
        of_lapin.push(arrived?.duration_since(began).as_secs_f64() * 1e3);
    }
    let (url, count, size) = (broker.url(), TRAVELS.to_string(), BODY.to_string());
    let mut python = Command::new(venv.python());
    let told = output(python.args([LATENCY, &url, EXCHANGE, &count, &size])).await?;
    let of_python: Vec<f64> = told.lines().filter_map(|line| line.trim().parse().ok()).collect();
    ensure!(of_python.len() == TRAVELS, "aio-pika told of {} of {TRAVELS} messages", of_python.len());
    let mut rows = vec![["what", "p50, ms", "p99, ms"].map(str::to_owned).to_vec()];
    for (name, times) in [
        ("cc-lite: request to change a call, durable commit, broker, consumer", &of_service),
        ("lapin: publish, broker, consumer", &of_lapin),
        ("aio-pika: publish, broker, consumer", &of_python),
    ] {
        rows.push(vec![name.to_owned(), figure(quantile(times, 0.5)), figure(quantile(times, 0.99))]);
    }
    Ok(table(&rows))
}

async fn consumer(connection: &Connection, key: &str) -> Result<Consumer> {
    let channel = connection.create_channel().await?;
    let own = QueueDeclareOptions { exclusive: true, ..Default::default() };
    let queue = channel.queue_declare("".into(), own, FieldTable::default()).await?;
    bind(&channel, queue.name().as_str(), key).await?;
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    Ok(channel.basic_consume(queue.name().clone(), "".into(), options, FieldTable::default()).await?)
}

async fn arrival(consumer: &mut Consumer) -> Result<Instant> {
    let message = timeout(SOON, consumer.next()).await?.context("the consumer ended")?;
    message?;
    Ok(Instant::now())
}

/// Memory beside a backlog: while the broker is away, and while it drains.
async fn backlog(life: &Lifetime, broker: &RabbitMq, venv: &Venv, hash: &str) -> Result<String> {
    let mut rows = vec![["backlog", "memory, MiB", "at most, MiB"].map(str::to_owned).to_vec()];
    // Nothing listens there.
    let away = "amqp://127.0.0.1:1".to_owned();
    for (name, pending, url) in [
        ("none", 0, away.clone()),
        ("1 000 000 events, broker away", BACKLOG, away),
        ("1 000 000 events, the first 200 000 drained", BACKLOG, broker.url()),
    ] {
        let given = Given { calls: 0, pending, broker: Some(url) };
        let folder = format!("backlog-{}", rows.len());
        let server = Server::start_with(life, &folder, OURS, venv, hash, given);
        let server = step(&format!("starting with {pending} events"), server).await?;
        if name.ends_with("drained") {
            drain(&server, 200_000).await?;
        } else {
            eventually(SOON, "the backlog is known", async || {
                let known = server.metric("cc_lite_events_backlog").await?;
                ensure!(known == pending, "{known} of {pending}");
                Ok(())
            })
            .await?;
            server.settled().await?;
        }
        let memory = proc::memory(server.pid())?;
        rows.push(vec![name.to_owned(), figure(memory.resident), figure(memory.peak)]);
    }
    Ok(table(&rows))
}

fn token(answer: &Value) -> Result<String> {
    Ok(answer["access_token"].as_str().context("a login gives a token")?.to_owned())
}
