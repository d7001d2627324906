//! A look at what is published, which takes nothing away from anybody.

use super::link::{close, connect};
use super::words::{closed_for, sentence};
use crate::settings::EventSettings;
use futures::StreamExt;
use lapin::options::{BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::AMQPSoftError;
use lapin::types::FieldTable;
use lapin::{Connection, Consumer, ExchangeKind};

/// The messages that are published from now on. It has a queue of its own, which ends with its connection.
#[derive(Debug)]
pub struct Subscription {
    connection: Connection,
    messages: Consumer,
}

impl Subscription {
    /// Begins to listen to the messages whose type fits one of these patterns; otherwise, why not.
    pub async fn begin(settings: &EventSettings, patterns: &[String]) -> Result<Self, String> {
        let connection = connect(&settings.broker, "cc-lite events tail").await?;
        match consume(&connection, &settings.exchange, patterns).await {
            Ok(messages) => Ok(Self { connection, messages }),
            Err(error) if is_missing(&error) => Err(format!(
                "the broker has no exchange `{}`: the service makes it when it starts, or give another EVENTS_EXCHANGE",
                settings.exchange
            )),
            Err(error) => Err(sentence(&error)),
        }
    }

    /// The body of the next message; otherwise, why there are no more.
    pub async fn next(&mut self) -> Result<Vec<u8>, String> {
        match self.messages.next().await {
            Some(Ok(delivery)) => Ok(delivery.data),
            Some(Err(error)) => Err(sentence(&error)),
            None => Err("the broker closed the connection".to_owned()),
        }
    }

    /// Stops listening.
    pub async fn end(&self) {
        close(&self.connection).await;
    }
}

async fn consume(connection: &Connection, exchange: &str, patterns: &[String]) -> lapin::Result<Consumer> {
    let channel = connection.create_channel().await?;
    let looked_for = ExchangeDeclareOptions { passive: true, ..Default::default() };
    channel.exchange_declare(exchange.into(), ExchangeKind::Topic, looked_for, FieldTable::default()).await?;
    let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let queue = channel.queue_declare("".into(), own, FieldTable::default()).await?;
    for pattern in patterns {
        let key = format!("comms.{pattern}");
        let options = QueueBindOptions::default();
        channel
            .queue_bind(queue.name().clone(), exchange.into(), key.into(), options, FieldTable::default())
            .await?;
    }
    let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
    channel.basic_consume(queue.name().clone(), "".into(), options, FieldTable::default()).await
}

fn is_missing(error: &lapin::Error) -> bool {
    matches!(closed_for(error), Some(AMQPSoftError::NOTFOUND))
}
