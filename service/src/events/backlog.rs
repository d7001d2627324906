//! How many events wait to be published, and whether they are so many that nothing more may be added.
//!
//! Each change asks before it adds events, so the answer must cost nothing: the number is kept in memory. This process
//! counts what it adds and what it publishes; what others do, and whatever else changes, is taken in by counting the rows
//! every second, or less often where that takes long.

use crate::settings::BacklogLimit;
use crate::store::{Store, StoreError, outbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the rows are counted.
const COUNT: Duration = Duration::from_secs(1);
/// And how much longer than that took, at least.
const COUNT_SHARE: u32 = 20;
/// What an event takes on the disk besides its text, in bytes: its other columns, and its places in the indexes.
const OVERHEAD: i64 = 800;
/// How long an event's text is taken to be while none waits, in bytes.
const TEXT: i64 = 500;

/// How many events wait. Clones share it.
#[derive(Debug, Clone)]
pub struct Backlog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: Option<BacklogLimit>,
    events: AtomicI64,
    /// What this process has added, less what it has published.
    change: AtomicI64,
    /// How much an event takes, in bytes.
    size: AtomicI64,
    is_full: AtomicBool,
}

impl Backlog {
    /// With this limit, if there is one.
    pub fn new(limit: Option<BacklogLimit>) -> Self {
        Self(Arc::new(Inner {
            limit,
            events: AtomicI64::new(0),
            change: AtomicI64::new(0),
            size: AtomicI64::new(TEXT + OVERHEAD),
            is_full: AtomicBool::new(false),
        }))
    }

    /// How many events wait, about.
    pub fn events(&self) -> i64 {
        self.0.events.load(Ordering::Relaxed).max(0)
    }

    /// How many may wait, about, where that is limited.
    pub fn limit(&self) -> Option<i64> {
        self.0.limit.map(|limit| most(limit, self.0.size.load(Ordering::Relaxed)))
    }

    /// Whether nothing more may be added.
    pub fn is_full(&self) -> bool {
        self.0.is_full.load(Ordering::Relaxed)
    }

    /// So many events were added.
    pub fn added(&self, events: usize) {
        self.changed(i64::try_from(events).unwrap_or(i64::MAX));
    }

    /// So many events wait no more.
    pub fn gone(&self, events: u64) {
        self.changed(-i64::try_from(events).unwrap_or(i64::MAX));
    }

    fn changed(&self, by: i64) {
        self.0.change.fetch_add(by, Ordering::SeqCst);
        self.0.events.fetch_add(by, Ordering::SeqCst);
        self.judge();
    }

    fn judge(&self) {
        let (events, was_full) = (self.events(), self.is_full());
        let is_full = self.limit().is_some_and(|most| reaches(events, most, was_full));
        if is_full == was_full || self.0.is_full.swap(is_full, Ordering::SeqCst) == is_full {
            return;
        }
        if is_full {
            tracing::warn!(
                events,
                "as many events wait as may: changes that would add some are refused until fewer do"
            );
        } else {
            tracing::info!(events, "fewer events wait: changes are made again");
        }
    }

    /// Counts the rows.
    pub async fn count(&self, store: &Store) -> Result<(), StoreError> {
        let before = self.0.change.load(Ordering::SeqCst);
        let counted = outbox::backlog(&mut *store.reader().await?).await?;
        let since = self.0.change.load(Ordering::SeqCst) - before;
        self.0.events.store(counted.events + since, Ordering::SeqCst);
        self.0.size.store(counted.text_length.unwrap_or(TEXT) + OVERHEAD, Ordering::Relaxed);
        self.judge();
        Ok(())
    }

    /// Counts the rows now and then, until told to stop.
    pub async fn watch(self, store: Store, stop: CancellationToken) {
        loop {
            let began = Instant::now();
            // Others tell of a database that fails.
            let _ = self.count(&store).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(COUNT.max(began.elapsed() * COUNT_SHARE)) => {}
            }
        }
    }
}

/// How many events of this size, in bytes, may wait.
fn most(limit: BacklogLimit, size: i64) -> i64 {
    match limit {
        BacklogLimit::Events(events) => i64::try_from(events).unwrap_or(i64::MAX),
        BacklogLimit::Bytes(bytes) => (i64::try_from(bytes).unwrap_or(i64::MAX) / size.max(1)).max(1),
    }
}

/// Whether so many are too many. Once they were, a twentieth has to go, so that it does not come and go with each event.
fn reaches(events: i64, most: i64, was_full: bool) -> bool {
    if was_full { events > most.saturating_sub((most / 20).max(1)) } else { events >= most }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_full_is_so_until_a_twentieth_has_gone() {
        let backlog = Backlog::new(Some(BacklogLimit::Events(100)));
        backlog.added(99);
        assert!(!backlog.is_full());
        backlog.added(1);
        assert!(backlog.is_full());
        backlog.gone(4);
        assert!(backlog.is_full(), "{} of 100", backlog.events());
        backlog.gone(1);
        assert!(!backlog.is_full(), "{} of 100", backlog.events());
        assert_eq!((backlog.events(), backlog.limit()), (95, Some(100)));
    }

    #[test]
    fn a_limit_in_bytes_is_one_of_events_of_their_present_size() {
        assert_eq!(most(BacklogLimit::Bytes(1 << 20), 1024), 1024);
        assert_eq!(most(BacklogLimit::Bytes(1), 1024), 1);
        assert!(reaches(1, 1, false) && reaches(1, 1, true) && !reaches(0, 1, true));
    }

    #[test]
    fn without_limit_it_is_never_full() {
        let backlog = Backlog::new(None);
        backlog.added(usize::MAX);
        assert!(!backlog.is_full() && backlog.limit().is_none());
    }
}
