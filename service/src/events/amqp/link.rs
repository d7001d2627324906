//! The connection to the broker: how it is made, how it is kept, and how it ends.

use super::confirms::Confirms;
use super::words::{closed_for, sentence};
use crate::events::backoff::delay;
use crate::settings::{BrokerSettings, EventSettings};
use futures::{Stream, StreamExt};
use lapin::options::{ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::protocol::AMQPSoftError;
use lapin::tcp::OwnedTLSConfig;
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Event, ExchangeKind};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long saying goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The first and the longest wait between two connections.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// Seconds between two signs of life, unless the address says otherwise: a silent peer is gone after twice as many.
const HEARTBEAT: u16 = 20;

/// What the connection has come to.
#[derive(Debug, Clone)]
pub(super) enum Link {
    /// There is none.
    Down { last_error: Option<String> },
    /// Messages can be published. `broken` is to be cancelled by whoever finds that it does not work after all.
    Up { confirms: Confirms, broken: CancellationToken },
    /// There is one, but the broker takes no messages.
    Blocked { reason: String },
}

impl Link {
    /// Why nothing can be published, if so.
    pub(super) fn trouble(&self) -> Option<String> {
        match self {
            Self::Down { last_error } => {
                Some(last_error.clone().unwrap_or_else(|| "not connected yet".to_owned()))
            }
            Self::Blocked { reason } => Some(reason.clone()),
            Self::Up { .. } => None,
        }
    }
}

/// Connects, waits until the connection breaks, and begins anew, until told to stop.
pub(super) async fn keep_connected(
    settings: EventSettings,
    report: watch::Sender<Link>,
    stop: CancellationToken,
) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        let attempt = tokio::select! {
            () = stop.cancelled() => break,
            attempt = open(&settings) => attempt,
        };
        let reason = match attempt {
            Ok((connection, channel)) => {
                failures = 0;
                let reason = serve(&connection, &channel, &report, &stop).await;
                report.send_replace(Link::Down { last_error: Some(reason.clone()) });
                close(&connection).await;
                reason
            }
            Err(reason) => reason,
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

/// Reports the connection until it ends; why it did.
async fn serve(
    connection: &Connection,
    channel: &Channel,
    report: &watch::Sender<Link>,
    stop: &CancellationToken,
) -> String {
    let mut events = std::pin::pin!(connection.events_listener());
    let broken = CancellationToken::new();
    let confirms = Confirms::start(channel.clone());
    let up = Link::Up { confirms, broken: broken.clone() };
    report.send_replace(up.clone());
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => return "the service is stopping".to_owned(),
            () = broken.cancelled() => return "the broker stopped answering".to_owned(),
            next = next_turn(connection, &mut events) => next,
        };
        match next {
            Turn::Blocked(reason) => report.send_replace(Link::Blocked { reason }),
            Turn::Unblocked => report.send_replace(up.clone()),
            Turn::Ended(reason) => return reason,
        };
    }
}

/// What becomes of a connection.
enum Turn {
    Blocked(String),
    Unblocked,
    Ended(String),
}

async fn next_turn(connection: &Connection, events: &mut (impl Stream<Item = Event> + Unpin)) -> Turn {
    while connection.status().connected() {
        match timeout(Duration::from_secs(1), events.next()).await {
            Ok(Some(Event::ConnectionBlocked(reason))) => {
                return Turn::Blocked(format!(
                    "the broker takes no messages for now ({reason}): free its memory or disk"
                ));
            }
            Ok(Some(Event::ConnectionUnblocked)) => return Turn::Unblocked,
            Ok(Some(Event::Error(error))) => return Turn::Ended(sentence(&error)),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => {}
        }
    }
    Turn::Ended("the broker closed the connection".to_owned())
}

/// A connection, and a channel on it whose messages are confirmed.
async fn open(settings: &EventSettings) -> Result<(Connection, Channel), String> {
    let connection = connect(&settings.broker, "cc-lite").await?;
    let prepared = timeout(CONNECT_TIMEOUT, async {
        declare_exchange(&connection, &settings.exchange).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok::<_, lapin::Error>(channel)
    });
    match prepared.await {
        Ok(Ok(channel)) => Ok((connection, channel)),
        Ok(Err(error)) => Err(sentence(&error)),
        Err(_) => Err(silence()),
    }
}

/// Connects with what the settings' files hold now, under a name that the broker's own lists show.
pub(super) async fn connect(broker: &BrokerSettings, name: &str) -> Result<Connection, String> {
    let kept = broker.clone();
    let now = tokio::task::spawn_blocking(move || kept.read_again()).await;
    let now = now.map_err(|_| "the program is ending".to_owned())?.map_err(|error| unread(&error))?;
    let mut uri = now.uri().map_err(|error| unread(&error))?;
    with_heartbeat(&mut uri);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let tls = OwnedTLSConfig { identity: None, cert_chain: now.authorities().map(str::to_owned) };
    let runtime = lapin::runtime::default_runtime().map_err(|error| sentence(&error))?;
    let attempt = Connection::connect_uri_with_config(uri, properties, tls, runtime);
    match timeout(CONNECT_TIMEOUT, attempt).await {
        Ok(connected) => connected.map_err(|error| sentence(&error)),
        Err(_) => Err(silence()),
    }
}

/// Says goodbye. A connection that is broken cannot be closed in order.
pub(super) async fn close(connection: &Connection) {
    let _ = timeout(CLOSE_TIMEOUT, connection.close(200, "goodbye".into())).await;
}

fn with_heartbeat(uri: &mut AMQPUri) {
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
}

/// A setting's sentence as a part of another one.
fn unread(error: &crate::settings::SettingError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

fn silence() -> String {
    format!("the broker did not answer within {CONNECT_TIMEOUT:?}")
}

/// Makes the exchange. Where this user may not, or where there is one of another kind, it is used as it is.
async fn declare_exchange(connection: &Connection, exchange: &str) -> lapin::Result<()> {
    match declare(connection, exchange, false).await {
        Err(error) if may_not(&error) => {
            tracing::debug!(exchange, reason = %sentence(&error), "the exchange is used as it is");
            declare(connection, exchange, true).await
        }
        outcome => outcome,
    }
}

/// Makes the exchange, or only looks for it. A refusal closes the channel, so that each attempt has its own.
async fn declare(connection: &Connection, exchange: &str, passive: bool) -> lapin::Result<()> {
    let channel = connection.create_channel().await?;
    let options = ExchangeDeclareOptions { durable: true, passive, ..Default::default() };
    channel.exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default()).await?;
    channel.close(200, "declared".into()).await
}

fn may_not(error: &lapin::Error) -> bool {
    matches!(closed_for(error), Some(AMQPSoftError::ACCESSREFUSED | AMQPSoftError::PRECONDITIONFAILED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_life_are_asked_for_unless_the_address_says_how_often() {
        for (url, seconds) in [("amqp://host", HEARTBEAT), ("amqp://host?heartbeat=5", 5)] {
            let mut uri: AMQPUri = url.parse().unwrap();
            with_heartbeat(&mut uri);
            assert_eq!(uri.query.heartbeat, Some(seconds), "{url}");
        }
    }
}
