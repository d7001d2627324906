//! A consumer of cc-lite's events that loses none and handles none twice: it adds up how long calls were talked.
//!
//! ```sh
//! RABBITMQ_URL=amqp://localhost cargo run --example consumer
//! ```
//!
//! What stands here for any consumer: a quorum queue of its own, acknowledgements when the work is done, a limit to
//! attempts with a place for what fails too often, and the event's id written in the same transaction as what it leads
//! to. It needs nothing of cc-lite: the event is read from its JSON.

use anyhow::Result;
use futures::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, Consumer};
use serde::Deserialize;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use std::time::Duration;

/// What this consumer needs of an event. Whatever else stands there, now or later, does not matter to it.
#[derive(Debug, Deserialize)]
struct CallEnded {
    id: String,
    data: Talk,
}

#[derive(Debug, Deserialize)]
struct Talk {
    call_id: String,
    talk_seconds: i64,
}

struct Settings {
    url: String,
    exchange: String,
    queue: String,
    database: String,
}

impl Settings {
    fn read() -> Self {
        let or = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
        Self {
            url: or("RABBITMQ_URL", "amqp://localhost"),
            exchange: or("EVENTS_EXCHANGE", "ocelot.events"),
            queue: or("QUEUE", "talk-time"),
            database: or("DATABASE", "talk-time.db"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let settings = Settings::read();
    let database = open(&settings.database).await?;
    loop {
        tokio::select! {
            ended = tokio::signal::ctrl_c() => return Ok(ended?),
            ended = consume(&settings, &database) => {
                if let Err(error) = ended {
                    eprintln!("not consuming: {error}");
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn open(file: &str) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let database = SqlitePool::connect_with(options).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)").execute(&database).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS talk (call_id TEXT PRIMARY KEY, seconds INTEGER NOT NULL)")
        .execute(&database)
        .await?;
    Ok(database)
}

/// Consumes until the connection ends.
async fn consume(settings: &Settings, database: &SqlitePool) -> Result<()> {
    let connection = Connection::connect(&settings.url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let mut messages = prepare(&channel, settings).await?;
    println!("consuming from {}", settings.queue);
    while let Some(message) = messages.next().await {
        receive(database, &message?).await?;
    }
    Ok(())
}

/// Makes the queues; what was made before stays as it is. The exchange is the publisher's to make.
async fn prepare(channel: &Channel, settings: &Settings) -> lapin::Result<Consumer> {
    let (queue, dead) = (settings.queue.as_str(), format!("{}.dead", settings.queue));
    let none = FieldTable::default;
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(dead.as_str().into(), durable, arguments(&[("x-queue-type", "quorum")])).await?;
    // What failed this often goes to the other queue, for somebody to look at, and is confirmed there before it leaves
    // this one.
    let mut limited = arguments(&[
        ("x-queue-type", "quorum"),
        ("x-dead-letter-exchange", ""),
        ("x-dead-letter-routing-key", &dead),
        ("x-dead-letter-strategy", "at-least-once"),
        ("x-overflow", "reject-publish"),
    ]);
    limited.insert("x-delivery-limit".into(), AMQPValue::LongInt(3));
    channel.queue_declare(queue.into(), durable, limited).await?;
    let key = "comms.call.ended";
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), settings.exchange.as_str().into(), key.into(), options, none()).await?;
    channel.basic_qos(20, BasicQosOptions::default()).await?;
    channel.basic_consume(queue.into(), "".into(), BasicConsumeOptions::default(), none()).await
}

fn arguments(list: &[(&str, &str)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in list {
        table.insert((*name).into(), AMQPValue::LongString((*value).into()));
    }
    table
}

/// Handles a message, and tells the broker what came of it.
async fn receive(database: &SqlitePool, message: &Delivery) -> Result<()> {
    match handle(database, message).await {
        Ok(told) => {
            println!("{told}");
            message.ack(BasicAckOptions::default()).await?;
        }
        Err(error) => {
            println!("failed: {error}");
            // Back into the queue, which counts.
            message.nack(BasicNackOptions { requeue: true, ..Default::default() }).await?;
        }
    }
    Ok(())
}

/// Handles an event once: its id and its effect are written together or not at all.
async fn handle(database: &SqlitePool, message: &Delivery) -> Result<String> {
    let event: CallEnded = serde_json::from_slice(&message.data)?;
    let mut transaction = database.begin().await?;
    let new = sqlx::query("INSERT INTO handled VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(&event.id)
        .execute(&mut *transaction)
        .await?;
    if new.rows_affected() == 0 {
        return Ok(format!("had {} already", event.id));
    }
    sqlx::query("INSERT INTO talk VALUES ($1, $2)")
        .bind(&event.data.call_id)
        .bind(event.data.talk_seconds)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(format!("handled {} of call {}", event.id, event.data.call_id))
}
