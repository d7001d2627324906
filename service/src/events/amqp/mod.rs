//! Publishing to RabbitMQ over AMQP 0-9-1, with publisher confirms and a reconnect loop of its own.

mod confirms;
mod link;
mod subscription;
mod words;

use super::publisher::{BrokerConnection, EventPublisher, PublishError};
use crate::domain::event::EventMessage;
use crate::settings::EventSettings;
use crate::traces;
use confirms::{Publication, UNCONFIRMED};
use futures::FutureExt;
use futures::future::BoxFuture;
use lapin::BasicProperties;
use lapin::protocol::AMQPSoftError;
use link::{Link, keep_connected};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use words::{closed_for, sentence};

pub use subscription::Subscription;

/// How long handing a message over may take.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the broker may take to confirm a message.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(15);
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

impl AmqpPublisher {
    /// Begins to connect, in the background.
    pub fn start(settings: &EventSettings) -> Self {
        let (report, link) = watch::channel(Link::Down { last_error: None });
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep_connected(settings.clone(), report, stop.clone()));
        Self { exchange: settings.exchange.clone(), link, stop, task: Mutex::new(Some(task)) }
    }

    async fn publish_now(&self, event: &EventMessage) -> Result<(), PublishError> {
        let link = self.link.borrow().clone();
        let Link::Up { confirms, broken } = link else {
            return Err(PublishError::Unavailable(link.trouble().unwrap_or_default()));
        };
        if broken.is_cancelled() {
            return Err(PublishError::Unavailable("the connection is being made anew".to_owned()));
        }
        let outcome = tokio::select! {
            biased;
            outcome = confirms.publish(self.publication(event)) => outcome,
            // What is on its way may arrive all the same, and is then published again.
            reason = self.trouble() => return Err(PublishError::Unavailable(reason)),
        };
        if let Err(PublishError::Unavailable(_) | PublishError::Suspect(_)) = &outcome {
            broken.cancel();
        }
        outcome
    }

    fn publication(&self, event: &EventMessage) -> Publication {
        Publication {
            id: event.id.clone(),
            exchange: self.exchange.as_str().into(),
            routing_key: event.routing_key().into(),
            properties: properties(event),
            body: event.body.clone(),
        }
    }

    /// Waits until nothing can be published any more; why not.
    async fn trouble(&self) -> String {
        let mut link = self.link.clone();
        match link.wait_for(|link| link.trouble().is_some()).await {
            Ok(link) => link.trouble().unwrap_or_default(),
            Err(_) => "the service is stopping".to_owned(),
        }
    }
}

/// What it means that the broker ended the channel, or did not answer. A message that is larger than it takes ends the
/// channel for all that are under way, and nothing says which it was.
fn failed(error: &lapin::Error) -> PublishError {
    match closed_for(error) {
        Some(AMQPSoftError::PRECONDITIONFAILED) => PublishError::Suspect(sentence(error)),
        _ => PublishError::Unavailable(sentence(error)),
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
        let span = traces::publishing(&self.exchange, event);
        let told = span.clone();
        let publishing = async move {
            let outcome = self.publish_now(event).await;
            traces::published(&told, &outcome);
            outcome
        };
        publishing.instrument(span).boxed()
    }

    /// Those that the broker has not confirmed, and as many that it has, of which it is being made sure.
    fn capacity(&self) -> usize {
        2 * UNCONFIRMED
    }

    fn connection(&self) -> BrokerConnection {
        match &*self.link.borrow() {
            Link::Up { .. } => BrokerConnection::Connected,
            Link::Down { last_error } => BrokerConnection::Connecting { last_error: last_error.clone() },
            // It comes to the same: nothing can be published until that is over.
            Link::Blocked { reason } => BrokerConnection::Connecting { last_error: Some(reason.clone()) },
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
