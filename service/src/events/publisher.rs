//! What publishes events: RabbitMQ, or whatever the host of the library brings.

use crate::domain::event::EventMessage;
use futures::future::BoxFuture;

/// Publishes events. It is asked for one event of a subject at a time, and for many subjects at once.
pub trait EventPublisher: Send + Sync + 'static {
    /// Publishes the event. `Ok` means that it is safe: it is not published again. Otherwise it is tried again later,
    /// with the same id.
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>>;

    /// How many events it is given at once, at most.
    fn capacity(&self) -> usize {
        200
    }

    /// How things stand with the broker. A publisher that does not know says that it is connected.
    fn connection(&self) -> BrokerConnection {
        BrokerConnection::Connected
    }

    /// Returns when [`connection`](Self::connection) may have changed.
    fn connection_changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Ends the connection. Nothing is published afterwards.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Why an event was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The broker cannot be reached or does not answer: no event can be published now.
    #[error("the broker is not available: {0}")]
    Unavailable(String),
    /// No queue takes events of this type: those of other types may be published.
    #[error("no queue takes the event: {0}")]
    Unroutable(String),
    /// The broker does not take this event now: others may be published. After many attempts it is parked.
    #[error("the broker does not take the event: {0}")]
    Refused(String),
    /// The broker can never take this event as it is: it is parked, until an administrator has it tried again.
    #[error("the broker can never take the event: {0}")]
    Impossible(String),
    /// The broker broke off over one of the events that were under way, and it is not known over which: each of them is
    /// tried alone, and the one that it is, is parked.
    #[error("the broker broke off over one of the events: {0}")]
    Suspect(String),
}

/// How things stand with the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerConnection {
    /// Events can be published.
    Connected,
    /// A connection is being made, or the broker takes nothing on the one there is.
    Connecting {
        /// Why the last one failed, if one was tried, or why nothing is taken.
        last_error: Option<String>,
    },
}
