//! Publishing to RabbitMQ over AMQP 0-9-1, with publisher confirms and a reconnect loop of its own.

use super::backoff::delay;
use super::publisher::{BrokerConnection, EventPublisher, PublishError};
use crate::domain::event::EventMessage;
use crate::settings::EventSettings;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::tcp::OwnedTLSConfig;
use lapin::types::FieldTable;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ErrorKind, Event, ExchangeKind,
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long handing a message over may take: longer when the broker has blocked the connection.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the broker may take to confirm a message.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(15);
/// How long saying goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The first and the longest wait between two connections.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// "Persistent" (AMQP 0-9-1, basic class): the message survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// Publishes to a topic exchange of RabbitMQ.
#[derive(Debug)]
pub struct AmqpPublisher {
    exchange: String,
    link: watch::Receiver<Link>,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the reconnect loop has reached.
#[derive(Debug, Clone)]
enum Link {
    Down { last_error: Option<String> },
    Up { channel: Channel, broken: CancellationToken },
}

/// Where to connect to.
#[derive(Clone)]
struct Target {
    url: SecretString,
    authorities: Option<String>,
    exchange: String,
}

impl AmqpPublisher {
    /// Begins to connect, in the background.
    pub fn start(settings: &EventSettings) -> Self {
        let target = Target {
            url: settings.broker.clone(),
            authorities: settings.broker_authorities.clone(),
            exchange: settings.exchange.clone(),
        };
        let (report, link) = watch::channel(Link::Down { last_error: None });
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep_connected(target, report, stop.clone()));
        Self { exchange: settings.exchange.clone(), link, stop, task: Mutex::new(Some(task)) }
    }

    async fn publish_now(&self, event: &EventMessage) -> Result<(), PublishError> {
        let (channel, broken) = match &*self.link.borrow() {
            Link::Up { channel, broken } => (channel.clone(), broken.clone()),
            Link::Down { last_error } => {
                let reason = last_error.clone().unwrap_or_else(|| "not connected yet".to_owned());
                return Err(PublishError::Unavailable(reason));
            }
        };
        let sent = channel.basic_publish(
            self.exchange.as_str().into(),
            event.routing_key().into(),
            BasicPublishOptions { mandatory: true, ..Default::default() },
            event.body.as_bytes(),
            properties(event),
        );
        if broken.is_cancelled() {
            return Err(PublishError::Unavailable("the connection is being made anew".to_owned()));
        }
        let outcome = async {
            let confirm = within(PUBLISH_TIMEOUT, "taking a message", sent).await?;
            within(CONFIRM_TIMEOUT, "confirming a message", confirm).await
        };
        match outcome.await {
            Ok(confirmation) => judge(confirmation),
            Err(failure) => {
                broken.cancel();
                Err(failure)
            }
        }
    }
}

/// What it means that the broker ended the channel, or did not answer. A message that is larger than it takes ends the
/// channel for all that are under way, and nothing says which it was.
fn failed(error: &lapin::Error) -> PublishError {
    match error.kind() {
        ErrorKind::ProtocolError(cause)
            if *cause.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) =>
        {
            PublishError::Suspect(sentence(error))
        }
        _ => PublishError::Unavailable(sentence(error)),
    }
}

/// What the broker's answer means. A message that it could not route comes back, acknowledged all the same.
fn judge(confirmation: Confirmation) -> Result<(), PublishError> {
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
            Err(PublishError::Unroutable(format!(
                "it came back: {} {}",
                returned.reply_code, returned.reply_text
            )))
        }
        Confirmation::Nack(None) => Err(PublishError::Refused("it was not stored".to_owned())),
        Confirmation::NotRequested => {
            Err(PublishError::Unavailable("publisher confirms are not on".to_owned()))
        }
    }
}

fn properties(event: &EventMessage) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_message_id(event.id.as_str().into())
        .with_type(event.event_type.as_str().into())
        .with_content_type("application/json".into())
        .with_timestamp(u64::try_from(event.timestamp.as_second()).unwrap_or_default())
        .with_app_id("cc-lite".into())
}

impl EventPublisher for AmqpPublisher {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        self.publish_now(event).boxed()
    }

    fn connection(&self) -> BrokerConnection {
        match &*self.link.borrow() {
            Link::Up { .. } => BrokerConnection::Connected,
            Link::Down { last_error } => BrokerConnection::Connecting { last_error: last_error.clone() },
        }
    }

    fn connection_changed(&self) -> BoxFuture<'_, ()> {
        let mut link = self.link.clone();
        link.mark_unchanged();
        async move {
            if link.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            self.stop.cancel();
            if let Some(task) = self.task.lock().await.take() {
                // It ends by itself soon; whether it panicked matters no more.
                let _ = task.await;
            }
        }
        .boxed()
    }
}

impl Drop for AmqpPublisher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Connects, waits until the connection breaks, and begins anew, until told to stop.
async fn keep_connected(target: Target, report: watch::Sender<Link>, stop: CancellationToken) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        let attempt = tokio::select! {
            () = stop.cancelled() => break,
            attempt = timeout(CONNECT_TIMEOUT, connect(&target)) => attempt,
        };
        let reason = match attempt {
            Ok(Ok((connection, channel))) => {
                failures = 0;
                let broken = CancellationToken::new();
                report.send_replace(Link::Up { channel, broken: broken.clone() });
                let reason = tokio::select! {
                    () = stop.cancelled() => "the service is stopping".to_owned(),
                    () = broken.cancelled() => "the broker stopped answering".to_owned(),
                    reason = end_of(&connection) => reason,
                };
                report.send_replace(Link::Down { last_error: Some(reason.clone()) });
                let farewell = connection.close(200, "goodbye".into());
                // A connection that is broken cannot be closed in order.
                let _ = timeout(CLOSE_TIMEOUT, farewell).await;
                reason
            }
            Ok(Err(error)) => sentence(&error),
            Err(_) => format!("the broker did not answer within {CONNECT_TIMEOUT:?}"),
        };
        tracing::debug!(reason, "no connection to the broker");
        report.send_replace(Link::Down { last_error: Some(reason) });
        let wait = delay(RECONNECT.0, RECONNECT.1, failures, rand::random());
        failures = failures.saturating_add(1);
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn connect(target: &Target) -> lapin::Result<(Connection, Channel)> {
    let properties = ConnectionProperties::default().with_connection_name("cc-lite".into());
    let tls = OwnedTLSConfig { identity: None, cert_chain: target.authorities.clone() };
    let runtime = lapin::runtime::default_runtime()?;
    let connection =
        Connection::connect_with_config(target.url.expose_secret(), properties, tls, runtime).await?;
    declare_exchange(&connection, &target.exchange).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok((connection, channel))
}

/// Makes the exchange. Where this user may not, or where there is one of another kind, it is used as it is.
async fn declare_exchange(connection: &Connection, exchange: &str) -> lapin::Result<()> {
    let declare = async |passive| {
        // A refusal closes the channel, so that each attempt has its own.
        let channel = connection.create_channel().await?;
        let options = ExchangeDeclareOptions { durable: true, passive, ..Default::default() };
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default())
            .await?;
        channel.close(200, "declared".into()).await
    };
    match declare(false).await {
        Err(error) if may_not(&error) => {
            tracing::debug!(exchange, reason = %error, "the exchange is used as it is");
            declare(true).await
        }
        outcome => outcome,
    }
}

fn may_not(error: &lapin::Error) -> bool {
    let ErrorKind::ProtocolError(error) = error.kind() else { return false };
    matches!(
        error.kind(),
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED | AMQPSoftError::PRECONDITIONFAILED)
    )
}

/// Waits until the connection has ended; why it did.
async fn end_of(connection: &Connection) -> String {
    let mut events = std::pin::pin!(connection.events_listener());
    while connection.status().connected() {
        match timeout(Duration::from_secs(1), events.next()).await {
            Ok(Some(Event::Error(error))) => return sentence(&error),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => {}
        }
    }
    "the broker closed the connection".to_owned()
}

async fn within<T>(
    limit: Duration,
    doing: &str,
    work: impl Future<Output = lapin::Result<T>>,
) -> Result<T, PublishError> {
    match timeout(limit, work).await {
        Ok(result) => result.map_err(|error| failed(&error)),
        Err(_) => Err(PublishError::Unavailable(format!("the broker spent more than {limit:?} {doing}"))),
    }
}

/// The error in words. It names neither the user nor the password.
fn sentence(error: &lapin::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::message::{BasicReturnMessage, Delivery};

    fn returned() -> BasicReturnMessage {
        BasicReturnMessage {
            delivery: Delivery::mock(0, "ocelot.events".into(), "comms.call.ended".into(), false, Vec::new()),
            reply_code: 312,
            reply_text: "NO_ROUTE".into(),
        }
    }

    #[test]
    fn only_a_plain_confirmation_means_that_the_event_is_safe() {
        assert_eq!(judge(Confirmation::Ack(None)), Ok(()));
        let came_back = Err(PublishError::Unroutable("it came back: 312 NO_ROUTE".to_owned()));
        assert_eq!(judge(Confirmation::Ack(Some(returned()))), came_back);
        assert_eq!(judge(Confirmation::Nack(Some(returned()))), came_back);
        assert!(matches!(judge(Confirmation::Nack(None)), Err(PublishError::Refused(_))));
        assert!(matches!(judge(Confirmation::NotRequested), Err(PublishError::Unavailable(_))));
    }
}
