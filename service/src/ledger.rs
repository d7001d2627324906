//! Where changes are written down: one transaction holds a change and the events that tell of it, or neither.

use crate::audit::Entry;
use crate::clock::Clock;
use crate::domain::call::Call;
use crate::domain::event::{Actor, EventData};
use crate::events::backlog::Backlog;
use crate::ids::IdSource;
use crate::scope;
use crate::store::outbox::{self, Delivery, SubjectState};
use crate::store::{Store, StoreError, calls};
use futures::future::BoxFuture;
use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};
use std::sync::Arc;
use tokio::sync::Notify;

/// Which version of something a change is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whichever there is.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl Expected {
    /// Whether a change that is meant for this may be made to `version`.
    pub fn fits(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// Where changes are written down. Clones share it.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    delivery: Delivery,
    backlog: Backlog,
    new_events: Arc<[Arc<Notify>]>,
}

impl Ledger {
    /// Events are written for `delivery`, as long as the `backlog` of those that wait for it is not full, and each of
    /// `new_events` is told when there are some.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        delivery: Delivery,
        backlog: Backlog,
        new_events: impl Into<Arc<[Arc<Notify>]>>,
    ) -> Self {
        Self { store, clock, ids, delivery, backlog, new_events: new_events.into() }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new identifier.
    pub fn next_id(&self) -> String {
        self.ids.next_id().to_string()
    }

    /// A connection to read with.
    pub async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.store.reader().await
    }

    /// Does `work` in one transaction, on behalf of `actor`: all of it is kept when it returns `Ok`, none of it
    /// otherwise. The work must not wait for anything but the database.
    pub async fn change<T, E, F>(&self, actor: Actor, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(Change<'a>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let (clock, ids, delivery) = (Arc::clone(&self.clock), Arc::clone(&self.ids), self.delivery);
        let backlog = self.backlog.clone();
        let of_request = scope::of_change(self.now());
        let outcome: Result<(T, usize), E> = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock.now();
                    of_request.begin(tx, now).await?;
                    let (mut about, mut told) = (None, 0);
                    let (about_it, count) = (&mut about, &mut told);
                    let (ids, backlog) = (&*ids, &backlog);
                    let change = Change {
                        tx,
                        now,
                        actor: &actor,
                        about: about_it,
                        told: count,
                        ids,
                        delivery,
                        backlog,
                    };
                    let value = work(change).await?;
                    of_request.end(tx, ids.next_id().to_string(), about).await?;
                    Ok((value, told))
                })
            })
            .await;
        let (value, told) = outcome?;
        if told > 0 {
            if self.delivery == Delivery::Broker {
                self.backlog.added(told);
            }
            self.new_events.iter().for_each(|listener| listener.notify_one());
        }
        Ok(value)
    }

    /// Adds a call on behalf of `actor`, unless another call has its provider's id: then `false`.
    pub async fn add_call(&self, actor: Actor, call: Call) -> Result<bool, StoreError> {
        let about = format!("/calls/{}", call.id);
        if !scope::has_claim() {
            let entry = scope::of_change(self.now()).entry;
            let entry = entry.map(|entry| (self.next_id(), Entry { object: about, ..entry }));
            return self.store.add_call(call, entry).await;
        }
        // The caller's key is kept with the call, and taken back with it.
        let added = self.change(actor, move |mut change| {
            Box::pin(async move {
                if !calls::insert(change.tx, &call).await? {
                    return Err(NotAdded::Known);
                }
                change.is_about(about);
                Ok(())
            })
        });
        match added.await {
            Ok(()) => Ok(true),
            Err(NotAdded::Known) => Ok(false),
            Err(NotAdded::Store(error)) => Err(error),
        }
    }
}

/// Why a call was not added.
enum NotAdded {
    Known,
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// A change under way.
pub struct Change<'a> {
    /// The transaction.
    pub tx: &'a mut AnyConnection,
    /// When it is made.
    pub now: Timestamp,
    /// Who makes it, and for which organisation.
    pub actor: &'a Actor,
    about: &'a mut Option<String>,
    /// How many events there are.
    told: &'a mut usize,
    ids: &'a dyn IdSource,
    delivery: Delivery,
    backlog: &'a Backlog,
}

impl Change<'_> {
    /// The organisation that it is made for.
    pub fn organization_id(&self) -> &str {
        &self.actor.organization_id
    }

    /// A new identifier.
    pub fn next_id(&self) -> String {
        self.ids.next_id().to_string()
    }

    /// Says what the change is about, where the request's path does not: the path of a resource that was made.
    pub fn is_about(&mut self, path: String) {
        *self.about = Some(path);
    }

    /// Writes the events of one subject, in order. `state` is the subject's after the change: the last event gets its
    /// `event_sequence`. It is refused while too many events wait.
    pub async fn tell(&mut self, events: &[EventData], state: SubjectState) -> Result<(), StoreError> {
        if !events.is_empty() && self.delivery == Delivery::Broker && self.backlog.is_full() {
            return Err(StoreError::BacklogFull);
        }
        *self.told += events.len();
        outbox::append(self.tx, self.ids, self.actor, events, state, self.delivery, self.now).await
    }
}

impl std::fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("now", &self.now).field("actor", &self.actor).finish_non_exhaustive()
    }
}
