//! Takes events from the outbox to the publisher: the oldest of each subject, many subjects at once, and the next of a
//! subject only when the one before is safe.

use super::backoff::delay;
use super::publisher::{BrokerConnection, EventPublisher, PublishError};
use crate::clock::Clock;
use crate::store::leadership::DispatchRight;
use crate::store::outbox::{self, PendingEvent};
use crate::store::{Store, StoreError};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use prometheus_client::metrics::counter::Counter;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// How many events are with the publisher at once, each of another subject.
const IN_FLIGHT: i64 = 200;
/// How often the outbox is looked at without being told of anything new.
const POLL: Duration = Duration::from_secs(1);
/// The first and the longest wait after the publisher was not available.
const UNAVAILABLE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// The first and the longest wait before an event that was refused is tried again.
const REFUSED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// How the delivery of events goes, for status and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// How things stand with the broker.
    pub connection: BrokerConnection,
    /// What went wrong last, until it goes well again.
    pub last_error: Option<String>,
}

/// Counts what became of events.
#[derive(Debug, Clone, Default)]
pub struct DeliveryCounters {
    /// Confirmed.
    pub published: Counter,
    /// Not taken by the broker, and tried again later.
    pub refused: Counter,
}

/// Takes events from the outbox to the publisher.
pub struct Dispatcher {
    store: Store,
    publisher: Arc<dyn EventPublisher>,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
    report: watch::Sender<DeliveryReport>,
    counters: DeliveryCounters,
    trouble: Trouble,
}

/// What came of looking at the outbox once.
enum Round {
    Idle,
    Worked,
    Unavailable(String),
}

impl Dispatcher {
    /// `wake` tells of new events in this process; the report can be watched.
    pub fn new(
        store: Store,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
        wake: Arc<Notify>,
        counters: DeliveryCounters,
    ) -> (Self, watch::Receiver<DeliveryReport>) {
        let (report, watched) =
            watch::channel(DeliveryReport { connection: publisher.connection(), last_error: None });
        (Self { store, publisher, clock, wake, report, counters, trouble: Trouble::default() }, watched)
    }

    /// Dispatches until told to stop, and then until nothing is due or nothing works.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut right = DispatchRight::new(self.store.clone());
        let mut failures = 0;
        loop {
            if !self.connected() {
                if stop.is_cancelled() {
                    break;
                }
                self.pause(&stop, POLL).await;
                continue;
            }
            let trouble = match self.turn(&mut right).await {
                Ok(Round::Worked) => {
                    failures = 0;
                    continue;
                }
                Ok(Round::Idle) => None,
                Ok(Round::Unavailable(reason)) => Some(reason),
                Err(error) => Some(error.to_string()),
            };
            if stop.is_cancelled() {
                break;
            }
            let Some(reason) = trouble else {
                failures = 0;
                self.pause(&stop, POLL).await;
                continue;
            };
            self.trouble.begins(&reason);
            self.tell(Some(reason));
            let wait = delay(UNAVAILABLE.0, UNAVAILABLE.1, failures, rand::random());
            failures = failures.saturating_add(1);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        right.give_back().await;
    }

    /// Whether the publisher can be asked for anything.
    fn connected(&mut self) -> bool {
        match self.publisher.connection() {
            BrokerConnection::Connected => {
                self.tell(self.trouble.current.clone());
                true
            }
            BrokerConnection::Connecting { last_error } => {
                if let Some(reason) = &last_error {
                    self.trouble.begins(reason);
                }
                self.tell(last_error);
                false
            }
        }
    }

    fn tell(&self, last_error: Option<String>) {
        let report = DeliveryReport { connection: self.publisher.connection(), last_error };
        self.report.send_if_modified(|current| {
            let differs = *current != report;
            *current = report;
            differs
        });
    }

    async fn pause(&self, stop: &CancellationToken, wait: Duration) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.publisher.connection_changed() => {}
            () = self.wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    async fn turn(&mut self, right: &mut DispatchRight) -> Result<Round, StoreError> {
        if right.hold().await? {
            return self.round().await;
        }
        // Whoever has the right tells of what the broker does not take.
        self.trouble.refused.clear();
        self.trouble.is_over();
        Ok(Round::Idle)
    }

    async fn round(&mut self) -> Result<Round, StoreError> {
        let due = outbox::due(&mut *self.store.reader().await?, self.clock.now(), IN_FLIGHT).await?;
        if due.is_empty() {
            self.trouble.is_over();
            return Ok(Round::Idle);
        }
        let publisher = &self.publisher;
        let outcomes = join_all(due.iter().map(|event| publisher.publish(&event.message))).await;

        let now = self.clock.now();
        let mut safe = Vec::with_capacity(due.len());
        let mut postponed = Vec::new();
        let mut unavailable = None;
        for (event, outcome) in due.iter().zip(outcomes) {
            match outcome {
                Ok(()) => {
                    self.trouble.taken(&event.message.event_type);
                    safe.push(event.message.id.clone());
                }
                Err(PublishError::Refused(reason)) => {
                    self.trouble.refused(&event.message.event_type, &reason);
                    postponed.push((event.message.id.clone(), next_attempt(event, now)));
                }
                Err(PublishError::Unavailable(reason)) => unavailable = Some(reason),
            }
        }
        self.counters.published.inc_by(u64::try_from(safe.len()).unwrap_or_default());
        self.counters.refused.inc_by(u64::try_from(postponed.len()).unwrap_or_default());
        self.store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    outbox::mark_published(tx, &safe, now).await?;
                    for (id, next_attempt_at) in &postponed {
                        outbox::postpone(tx, id, *next_attempt_at).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        if let Some(reason) = unavailable {
            return Ok(Round::Unavailable(reason));
        }
        self.trouble.is_over();
        Ok(Round::Worked)
    }
}

fn next_attempt(event: &PendingEvent, now: Timestamp) -> Timestamp {
    let attempt = u32::try_from(event.attempts).unwrap_or(u32::MAX);
    let wait = delay(REFUSED.0, REFUSED.1, attempt, rand::random());
    now + SignedDuration::try_from(wait).unwrap_or_default()
}

/// What goes wrong, so that it is said once when it begins and once when it is over.
#[derive(Debug, Default)]
struct Trouble {
    current: Option<String>,
    /// Types of events that the broker does not take.
    refused: HashSet<String>,
}

impl Trouble {
    fn begins(&mut self, reason: &str) {
        if self.current.is_none() {
            tracing::warn!(
                reason,
                "events are not delivered; they are kept and delivered as soon as that works"
            );
        }
        self.current = Some(reason.to_owned());
    }

    fn refused(&mut self, event_type: &str, reason: &str) {
        if self.refused.insert(event_type.to_owned()) {
            tracing::warn!(
                event_type,
                reason,
                "the broker does not take these events; they are kept and tried again: bind a queue to the exchange"
            );
        }
        self.current = Some(format!("{event_type}: {reason}"));
    }

    fn taken(&mut self, event_type: &str) {
        if self.refused.remove(event_type) {
            tracing::info!(event_type, "the broker takes these events again");
        }
    }

    /// All goes well, but for what the broker does not take.
    fn is_over(&mut self) {
        if self.refused.is_empty() && self.current.take().is_some() {
            tracing::info!("events are delivered again");
        }
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").finish_non_exhaustive()
    }
}
