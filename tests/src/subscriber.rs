//! A consumer of events, as another module would be one.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, Consumer, ExchangeKind};
use serde_json::Value;

/// A queue of one's own, bound to the topic exchange of the events.
#[derive(Debug)]
pub struct Subscriber {
    consumer: Consumer,
    // The consumer lives as long as its connection.
    _connection: Connection,
}

/// One message, with what a consumer may decide on.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Such as `comms.call.started`.
    pub routing_key: String,
    /// AMQP's `message_id`, by which a consumer tells a repeated message.
    pub message_id: String,
    /// AMQP's `type`.
    pub kind: String,
    /// AMQP's `content_type`.
    pub content_type: String,
    /// 2 for a persistent message.
    pub delivery_mode: u8,
    /// The body.
    pub body: Value,
}

impl Subscriber {
    /// Binds a queue to `exchange` for the routing keys that `pattern` fits, such as `comms.#`. The exchange is declared
    /// like the service does it, so that either may come first.
    pub async fn bind(url: &str, exchange: &str, pattern: &str) -> Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .context("RabbitMQ could not be reached")?;
        let channel = connection.create_channel().await?;
        let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
        let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        let queue = channel.queue_declare("".into(), own, FieldTable::default()).await?;
        let name = queue.name().clone();
        channel
            .queue_bind(
                name.clone(),
                exchange.into(),
                pattern.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
        let consumer = channel
            .basic_consume(name, "subscriber".into(), BasicConsumeOptions::default(), FieldTable::default())
            .await?;
        Ok(Self { consumer, _connection: connection })
    }

    /// The next event; an error when none comes within `within`.
    pub async fn next(&mut self, within: Duration) -> Result<Event> {
        let delivery = tokio::time::timeout(within, self.consumer.next())
            .await
            .with_context(|| format!("no event came within {within:?}"))?
            .context("RabbitMQ closed the connection")??;
        delivery.ack(BasicAckOptions::default()).await?;
        let text = |value: Option<String>| value.unwrap_or_default();
        let properties = &delivery.properties;
        Ok(Event {
            routing_key: delivery.routing_key.to_string(),
            message_id: text(properties.message_id().as_ref().map(ToString::to_string)),
            kind: text(properties.kind().as_ref().map(ToString::to_string)),
            content_type: text(properties.content_type().as_ref().map(ToString::to_string)),
            delivery_mode: properties.delivery_mode().unwrap_or_default(),
            body: serde_json::from_slice(&delivery.data).context("an event's body is not JSON")?,
        })
    }
}
