//! Events: how fast a backlog drains, how long an event takes to its consumer, what memory a large backlog needs, and what
//! requests take while the broker is away; the first two beside others who publish.

mod drain;
mod memory;
mod outage;
mod travel;

use crate::accounts;
use crate::server::Kind;
use anyhow::{Context, Result};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::Value;
use std::time::Duration;
use testbed::progress::step;
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;

const EXCHANGE: &str = "ocelot.events";
/// How long the body of an event that drains is, see [`crate::calls::add_events`].
const BODY: usize = 495;
/// A broker that is not there: nothing listens.
const AWAY: &str = "amqp://127.0.0.1:1";
const SOON: Duration = Duration::from_secs(120);
const OURS: Kind = Kind::CcLite { log: "warn" };

/// Measures all; about six minutes.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let broker = step("starting a broker", RabbitMq::start()).await?;
    let connection = Connection::connect(&broker.url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    let keeping = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare("bench".into(), keeping, FieldTable::default()).await?;
    bind(&channel, "bench", "comms.#").await?;
    let hash = accounts::hash().await?;
    let drained = drain::drains(&broker, &channel, venv, &hash).await?;
    let travelled = travel::travels(&broker, &connection, venv, &hash).await?;
    let outage =
        step("changing calls with and without a broker", outage::requests(&broker, venv, &hash)).await?;
    let memory = memory::backlog(&broker, venv, &hash).await?;
    Ok(format!("{drained}\n{travelled}\n{outage}\n{memory}"))
}

async fn bind(channel: &Channel, queue: &str, key: &str) -> Result<()> {
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), EXCHANGE.into(), key.into(), options, FieldTable::default()).await?;
    Ok(())
}

fn token(answer: &Value) -> Result<String> {
    Ok(answer["access_token"].as_str().context("a login gives a token")?.to_owned())
}
