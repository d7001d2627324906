//! How long an event takes to its consumer, beside messages that are published directly.

use super::{BODY, EXCHANGE, OURS, SOON, bind, token};
use crate::accounts::ADMIN;
use crate::report::table;
use crate::server::{Given, Server};
use crate::statistics::{figure, quantile};
use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, Consumer};
use serde_json::json;
use std::time::Instant;
use testbed::command::output;
use testbed::lifetime::Lifetime;
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;
use tokio::process::Command;
use tokio::time::timeout;

/// How many events travel for their time.
const TRAVELS: usize = 300;
const LATENCY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/broker/latency.py");

/// How long an event takes to its consumer.
pub(super) async fn travels(
    broker: &RabbitMq,
    connection: &Connection,
    venv: &Venv,
    hash: &str,
) -> Result<String> {
    let given = Given { calls: 0, pending: 0, broker: Some(broker.url()) };
    let life = Lifetime::begin("bench-travel")?;
    let server = Server::start_with(&life, "travel", OURS, venv, hash, given).await?;
    let token = token(&server.login(ADMIN).await?)?;
    let mut ours = consumer(connection, "comms.call.started").await?;
    let mut direct = consumer(connection, "bench.lapin").await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (mut of_service, mut of_answers, mut of_lapin) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TRAVELS {
        let call = server.make_call(&token).await?;
        let began = Instant::now();
        let starting = async {
            server.post(&format!("{call}/start"), &json!({}), Some(&token)).await.map(|_| Instant::now())
        };
        let (answered, arrived) = tokio::join!(starting, arrival(&mut ours));
        of_answers.push(answered?.duration_since(began).as_secs_f64() * 1e3);
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
        ("of it: request, durable commit, answer", &of_answers),
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
