//! Takes events from the outbox to the publisher: many subjects at once, one event of each, and the next of a subject as
//! soon as the one before is safe and noted to be.
//!
//! One task does it, and waits for nothing in particular: while some events are with the publisher, others are read, and
//! what became of others yet is written down. [`Window`] says what may go; how much of the outbox is in memory is
//! bounded, however much waits.

mod intake;
mod outcome;

use super::backlog::Backlog;
use super::backoff::Pause;
use super::holds::Holds;
use super::offer::{self, Offer};
use super::publisher::{BrokerConnection, EventPublisher};
use super::reading::{self, Agenda, Read};
use super::settlement::{self, Fate, Settled};
use super::trouble::Trouble;
use super::window::Window;
use crate::clock::Clock;
use crate::store::claims::{Claimed, SubjectClaims};
use crate::store::{Store, StoreError};
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// How many events may be safe and not yet noted to be: after a crash these are published again.
const UNSETTLED: usize = 1000;
/// How often it is looked without being told of anything new.
const POLL: Duration = Duration::from_secs(1);
/// How long making sure of what is claimed may take.
const CLAIM_TIME: Duration = Duration::from_secs(5);
/// For how long events are still offered after being told to stop.
const DRAIN_TIME: Duration = Duration::from_secs(3);

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

/// What was to be written down, and whether it was.
type Writing = (Vec<Settled>, Result<u64, StoreError>);
/// What is claimed, and by what.
type Claiming = (SubjectClaims, Result<Claimed, StoreError>);

/// Takes events from the outbox to the publisher.
pub struct Dispatcher {
    store: Store,
    publisher: Arc<dyn EventPublisher>,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
    report: watch::Sender<DeliveryReport>,
    counters: DeliveryCounters,
    backlog: Backlog,

    claimed: Claimed,
    window: Window,
    holds: Holds,
    agenda: Agenda,
    /// Events that the publisher may have broken off over; they are offered one by one.
    suspects: VecDeque<(String, String)>,
    /// Whether the event that is under way is a suspect, and alone.
    alone: bool,
    unsettled: Vec<Settled>,
    broker: Pause,
    database: Pause,
    refused_in_a_row: usize,
    /// When an event of this type was taken last.
    last_taken: HashMap<String, Timestamp>,
    trouble: Trouble,

    offered: FuturesUnordered<Offer>,
    reading: Option<BoxFuture<'static, Read>>,
    writing: Option<BoxFuture<'static, Writing>>,
    claiming: Option<BoxFuture<'static, Claiming>>,
    claims: Option<SubjectClaims>,
}

impl Dispatcher {
    /// `wake` tells of events that have got their positions; the report can be watched.
    pub fn new(
        store: Store,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
        wake: Arc<Notify>,
        counters: DeliveryCounters,
        backlog: Backlog,
    ) -> (Self, watch::Receiver<DeliveryReport>) {
        let (report, watched) =
            watch::channel(DeliveryReport { connection: publisher.connection(), last_error: None });
        let claims = Some(SubjectClaims::new(store.clone()));
        let dispatcher = Self {
            store,
            publisher,
            clock,
            wake,
            report,
            counters,
            backlog,
            claimed: Claimed::nothing(),
            window: Window::default(),
            holds: Holds::default(),
            agenda: Agenda::new(Instant::now()),
            suspects: VecDeque::new(),
            alone: false,
            unsettled: Vec::new(),
            broker: Pause::default(),
            database: Pause::default(),
            refused_in_a_row: 0,
            last_taken: HashMap::new(),
            trouble: Trouble::default(),
            offered: FuturesUnordered::new(),
            reading: None,
            writing: None,
            claiming: None,
            claims,
        };
        (dispatcher, watched)
    }

    /// Dispatches until told to stop, and then until nothing is due, nothing works, or some seconds have passed. What is
    /// under way then is waited for.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut tick = Instant::now();
        let mut stop_at = None;
        loop {
            let now = Instant::now();
            if now >= tick {
                tick = now + POLL;
                self.agenda.tick(now);
                self.begin_claiming();
            }
            if stop.is_cancelled() && stop_at.is_none() {
                stop_at = Some(now + DRAIN_TIME);
                self.agenda.tick(now);
            }
            let connected = self.connected();
            let works = connected && !self.broker.lasts(now);
            let goes_on = stop_at.is_none_or(|stop_at| works && now < stop_at);
            if works && goes_on {
                self.offer();
            }
            if !self.database.lasts(now) {
                if goes_on {
                    self.begin_reading();
                }
                self.begin_writing();
            }
            if stop_at.is_some() && self.is_done(goes_on) {
                break;
            }
            let pauses = [self.broker.until, self.database.until].into_iter().flatten();
            let wait = pauses.filter(|until| *until > now).fold(tick, Instant::min);
            tokio::select! {
                Some((event, outcome)) = self.offered.next(), if !self.offered.is_empty() => {
                    self.judge(event, outcome);
                    while let Some(Some((event, outcome))) = self.offered.next().now_or_never() {
                        self.judge(event, outcome);
                    }
                }
                read = done(&mut self.reading) => self.take_in(read),
                (all, outcome) = done(&mut self.writing) => self.note_written(all, outcome),
                (held, outcome) = done(&mut self.claiming) => self.note_claimed(held, outcome),
                () = self.wake.notified() => self.agenda.look_ahead(),
                () = self.publisher.connection_changed() => {}
                () = stop.cancelled(), if stop_at.is_none() => {}
                () = tokio::time::sleep_until(wait) => {}
            }
        }
        if let Some(claims) = self.claims.take() {
            claims.give_back().await;
        }
    }

    /// Whether nothing is left to be waited for, and nothing more is to be offered.
    fn is_done(&self, goes_on: bool) -> bool {
        let settled = self.offered.is_empty()
            && self.writing.is_none()
            && (self.unsettled.is_empty() || self.database.until.is_some());
        let nothing_is_ours = self.claimed.is_nothing() && self.claiming.is_none();
        let nothing_more = self.reading.is_none() && self.agenda.is_done() && self.window.is_empty();
        settled && (nothing_more || nothing_is_ours || !goes_on)
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

    fn begin_claiming(&mut self) {
        let Some(mut claims) = self.claims.take() else { return };
        let in_use = self.window.shards_in_use();
        self.claiming = Some(
            async move {
                let outcome = timeout(CLAIM_TIME, claims.tend(&in_use))
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Database(sqlx::Error::PoolTimedOut)));
                if outcome.is_err() {
                    claims.forget();
                }
                (claims, outcome)
            }
            .boxed(),
        );
    }

    fn note_claimed(&mut self, held: SubjectClaims, outcome: Result<Claimed, StoreError>) {
        self.claims = Some(held);
        let claimed = outcome.unwrap_or_else(|error| {
            self.trouble.begins(&error.to_string());
            Claimed::nothing()
        });
        if claimed == self.claimed {
            return;
        }
        if claimed.adds_to(&self.claimed) {
            self.agenda.begin_anew(Instant::now());
        }
        self.claimed = claimed;
        self.window.keep_only(&self.claimed);
        self.holds.forget_probes();
        self.note_idle();
    }

    fn offer(&mut self) {
        while self.offered.len() < self.publisher.capacity() && self.unsettled.len() < UNSETTLED {
            let holds = &self.holds;
            let next = if self.suspects.is_empty() {
                if self.alone {
                    return;
                }
                self.window.next(|event| holds.holds_event(event))
            } else {
                if !self.offered.is_empty() {
                    return;
                }
                let Some((subject, id)) = self.suspects.pop_front() else { return };
                let Some(suspect) = self.window.next_of(&subject, &id) else { continue };
                self.alone = true;
                Some(suspect)
            };
            let Some(event) = next else { return };
            self.offered.push(offer::begin(Arc::clone(&self.publisher), event));
        }
    }

    fn begin_writing(&mut self) {
        if self.writing.is_some() || self.unsettled.is_empty() {
            return;
        }
        let (store, at) = (self.store.clone(), self.clock.now());
        let all = settlement::next(&mut self.unsettled);
        self.writing = Some(
            async move {
                let outcome = settlement::write(&store, &all, at).await;
                (all, outcome)
            }
            .boxed(),
        );
    }

    fn note_written(&mut self, all: Vec<Settled>, outcome: Result<u64, StoreError>) {
        match outcome {
            Ok(gone) => self.backlog.gone(gone),
            Err(error) => {
                self.unsettled.splice(0..0, all);
                self.pause_database(&error);
                return;
            }
        }
        self.database = Pause::default();
        for Settled { subject, fate, .. } in all {
            match fate {
                Fate::Published => self.window.passed(&subject),
                Fate::Postponed(_) | Fate::Parked(_) => self.window.stop(&subject),
            }
        }
    }

    fn begin_reading(&mut self) {
        if self.reading.is_some() || self.claimed.is_nothing() {
            return;
        }
        let now = self.clock.now();
        let Some(wanted) = self.agenda.next(&mut self.window, self.holds.due(now)) else { return };
        self.window.reading_begins();
        self.reading = Some(reading::read(self.store.clone(), self.claimed.clone(), wanted, now).boxed());
    }

    /// Where nothing waits nothing is wrong, unless there is no connection.
    fn note_idle(&mut self) {
        if self.publisher.connection() != BrokerConnection::Connected {
            return;
        }
        if self.claimed.is_nothing() {
            self.trouble.is_anothers();
        } else if self.window.is_empty() && self.holds.is_empty() && self.unsettled.is_empty() {
            self.trouble.is_over();
        }
    }
}

/// What the work ends with, if there is any.
async fn done<T>(work: &mut Option<BoxFuture<'static, T>>) -> T {
    let value = match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    };
    *work = None;
    value
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").finish_non_exhaustive()
    }
}
