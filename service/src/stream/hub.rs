//! Reads new events once for the whole process, and hands them to the listeners of their organisation.

use super::frame::{self, Position};
use crate::outage::Outage;
use crate::store::notifications::{Channel, Listener};
use crate::store::stream::{self, StreamedEvent};
use crate::store::{Store, StoreError};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use axum::body::Bytes;
use prometheus_client::metrics::gauge::Gauge;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

/// How many listeners one process has at most.
pub const LISTENERS: usize = 5000;
/// How many of them are one user's at most.
pub const LISTENERS_OF_A_USER: usize = 20;
/// How many events wait for the slowest listener of an organisation; whoever is slower reads from the database.
const QUEUE: usize = 1024;
/// How many events are read at once.
const BATCH: i64 = 500;
/// How often it is looked without being told of anything new.
const POLL: Duration = Duration::from_secs(1);
/// How many listeners read from the database at the same time, so that requests get their turns.
const READERS: usize = 2;

/// An event on its way to listeners.
#[derive(Debug)]
pub struct LiveEvent {
    /// Its position.
    pub position: i64,
    /// The call or campaign.
    pub subject: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// Whether it tells of an agent's mood, which other agents do not hear of.
    pub about_agent: bool,
    /// What goes over the wire.
    pub frame: Bytes,
}

impl LiveEvent {
    /// The event as it goes over the wire.
    pub fn new(epoch: &str, event: StreamedEvent) -> Self {
        let StreamedEvent { position, subject, event_type, body, .. } = event;
        let about_agent = event_type == "sentiment.analyzed" && is_about_agent(&body);
        let at = Position { epoch: epoch.to_owned(), number: position };
        let frame = frame::event(&at, &event_type, &body);
        Self { position, subject, event_type, about_agent, frame }
    }
}

fn is_about_agent(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        party: String,
    }
    // What cannot be read is kept from agents.
    serde_json::from_str::<Envelope>(body).map_or(true, |event| event.data.party == "agent")
}

/// Why there is no place for a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// The user has enough of them.
    User,
    /// The process has enough of them.
    Process,
}

impl Spoken for NoPlace {
    fn sentence(&self) -> Sentence {
        match self {
            Self::User => say!("streams-of-user", most = LISTENERS_OF_A_USER),
            Self::Process => say!("streams-of-process"),
        }
    }
}

shown_in_english!(NoPlace);

/// Hands events to listeners. Clones share it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: Store,
    epoch: String,
    /// Events up to here were handed on.
    reached: AtomicI64,
    places: Mutex<Places>,
    readers: Semaphore,
    listeners: Gauge,
}

#[derive(Default)]
struct Places {
    organizations: HashMap<String, broadcast::Sender<Arc<LiveEvent>>>,
    users: HashMap<(String, String), usize>,
    taken: usize,
}

/// A listener's place: it is free again when this is dropped.
pub struct Place {
    hub: Hub,
    user: (String, String),
    receiver: Option<broadcast::Receiver<Arc<LiveEvent>>>,
}

impl Hub {
    /// Over the events of `store`; a database that has no epoch gets `epoch`. `listeners` shows how many there are.
    pub async fn new(store: Store, epoch: String, listeners: Gauge) -> Result<Self, StoreError> {
        let epoch = store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { stream::begin_epoch(tx, &epoch).await })
            })
            .await?;
        let last = stream::state(&mut *store.reader().await?).await?.last;
        let inner = Inner {
            store,
            epoch,
            reached: AtomicI64::new(last),
            places: Mutex::default(),
            readers: Semaphore::new(READERS),
            listeners,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The present epoch.
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// Up to here all events were handed on.
    pub fn reached(&self) -> i64 {
        self.0.reached.load(Ordering::SeqCst)
    }

    /// A place for a listener. From now on it gets what is new.
    pub fn join(&self, organization_id: &str, user_id: &str) -> Result<Place, NoPlace> {
        let mut places = self.places();
        if places.taken >= LISTENERS {
            return Err(NoPlace::Process);
        }
        let user = (organization_id.to_owned(), user_id.to_owned());
        let of_user = places.users.entry(user.clone()).or_default();
        if *of_user >= LISTENERS_OF_A_USER {
            return Err(NoPlace::User);
        }
        *of_user += 1;
        places.taken += 1;
        self.0.listeners.inc();
        let channel =
            places.organizations.entry(user.0.clone()).or_insert_with(|| broadcast::Sender::new(QUEUE));
        Ok(Place { receiver: Some(channel.subscribe()), hub: self.clone(), user })
    }

    /// How the stream stands in the database.
    pub async fn state(&self) -> Result<stream::StreamState, StoreError> {
        stream::state(&mut *self.0.store.reader().await?).await
    }

    /// Up to `limit` events of the organisation after `position`; none, when some of those were deleted.
    pub async fn read(
        &self,
        organization_id: &str,
        position: i64,
        limit: i64,
    ) -> Result<Option<Vec<StreamedEvent>>, StoreError> {
        let _permit = self.0.readers.acquire().await;
        let mut reader = self.0.store.reader().await?;
        let events = stream::of_organization_after(&mut reader, organization_id, position, limit).await?;
        // Asked afterwards, so that what was deleted in between is noticed.
        let pruned = stream::state(&mut reader).await?.pruned;
        Ok((pruned <= position).then_some(events))
    }

    /// Hands on what is new until told to stop. `given` tells of new positions in this process; `heard` is told of those
    /// that other processes gave.
    pub async fn run(self, given: Arc<Notify>, heard: Arc<Notify>, stop: CancellationToken) {
        let mut others = None;
        let mut outage = Outage::default();
        loop {
            let outcome = self.hand_on().await;
            let (begins, over) =
                ("listeners hear of no new events for now", "listeners hear of new events again");
            outage.observe(&outcome, begins, over);
            if matches!(outcome, Ok(true)) && !stop.is_cancelled() {
                continue;
            }
            if others.is_none() {
                others = Listener::listen(&self.0.store, Channel::Positions).await.ok().flatten();
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = given.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = Listener::heard_by(&mut others) => heard.notify_one(),
            }
        }
    }

    /// Whether there may be more.
    async fn hand_on(&self) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let reached = self.reached();
        if self.skip_to(state.last) || state.last <= reached {
            return Ok(false);
        }
        let mut reader = self.0.store.reader().await?;
        let events = stream::after(&mut reader, reached, BATCH).await?;
        let pruned = stream::state(&mut reader).await?.pruned;
        drop(reader);
        if pruned > reached {
            // After a long time without the database: listeners connect again, and are told what is missing.
            self.places().organizations.clear();
            self.0.reached.store(state.last, Ordering::SeqCst);
            return Ok(true);
        }
        let Some(last) = events.last().map(|event| event.position) else { return Ok(false) };
        for event in events {
            let channel = self.places().organizations.get(&event.organization_id).cloned();
            if let Some(channel) = channel {
                // Nobody may be left who listens.
                let _ = channel.send(Arc::new(LiveEvent::new(&self.0.epoch, event)));
            }
        }
        self.0.reached.store(last, Ordering::SeqCst);
        Ok(true)
    }

    /// Where nobody listens nothing has to be read. Who comes later finds what is before `last` in the database.
    fn skip_to(&self, last: i64) -> bool {
        let places = self.places();
        let alone = places.taken == 0;
        if alone {
            self.0.reached.store(last, Ordering::SeqCst);
        }
        alone
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The next event, or why there is none.
    pub async fn next(&mut self) -> Result<Arc<LiveEvent>, broadcast::error::RecvError> {
        match &mut self.receiver {
            Some(receiver) => receiver.recv().await,
            None => Err(broadcast::error::RecvError::Closed),
        }
    }

    /// Whether all events that were handed on were taken.
    pub fn is_up_to_date(&self) -> bool {
        self.receiver.as_ref().is_none_or(broadcast::Receiver::is_empty)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.receiver = None;
        let mut places = self.hub.places();
        places.taken -= 1;
        self.hub.0.listeners.dec();
        if let Some(of_user) = places.users.get_mut(&self.user) {
            *of_user -= 1;
            if *of_user == 0 {
                places.users.remove(&self.user);
            }
        }
        let organization = &self.user.0;
        if places.organizations.get(organization).is_some_and(|channel| channel.receiver_count() == 0) {
            places.organizations.remove(organization);
        }
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("reached", &self.reached()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::DatabaseSettings;

    async fn hub() -> (Hub, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        (Hub::new(store, "e".to_owned(), Gauge::default()).await.unwrap(), folder)
    }

    #[tokio::test]
    async fn places_are_limited_by_user_and_process_and_free_again() {
        let (hub, _folder) = hub().await;
        let mut held: Vec<Place> = (0..LISTENERS_OF_A_USER).map(|_| hub.join("o", "u").unwrap()).collect();
        assert_eq!(hub.join("o", "u").err(), Some(NoPlace::User));
        held.push(hub.join("other", "u").unwrap());
        held.remove(0);
        held.push(hub.join("o", "u").unwrap());
        let users: Vec<String> = (held.len()..LISTENERS).map(|number| format!("u{number}")).collect();
        held.extend(users.iter().map(|user| hub.join("o", user).unwrap()));
        assert_eq!(hub.join("o", "last").err(), Some(NoPlace::Process));
        assert_eq!(hub.0.listeners.get(), i64::try_from(LISTENERS).unwrap());
        drop(held);
        let places = hub.places();
        assert_eq!((places.taken, places.users.len(), places.organizations.len()), (0, 0, 0));
    }

    #[test]
    fn what_tells_of_an_agents_mood_is_known() {
        let event = |event_type: &str, body: &str| {
            let event = StreamedEvent {
                position: 1,
                organization_id: "o".into(),
                subject: "c".into(),
                event_type: event_type.into(),
                body: body.into(),
            };
            LiveEvent::new("e", event).about_agent
        };
        assert!(event("sentiment.analyzed", r#"{"data":{"party":"agent"}}"#));
        assert!(event("sentiment.analyzed", "{}"), "unreadable");
        assert!(!event("sentiment.analyzed", r#"{"data":{"party":"customer"}}"#));
        assert!(!event("call.ended", r#"{"data":{"party":"agent"}}"#));
    }
}
