//! What is read from the outbox next. One thing at a time: so what is read is never older than what was read before.

use super::window::Window;
use crate::store::claims::Claimed;
use crate::store::outgoing::{self, PendingEvent};
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How many events are read at once.
const BATCH: i64 = 500;
/// How many events in memory are enough.
const ENOUGH: usize = 2000;
/// How many subjects are looked after at once.
const SUBJECTS: usize = 64;
/// How often all that waits is read anew, whatever is known of it.
const ANEW: Duration = Duration::from_secs(30);
/// And how much longer than that took, at least.
const ANEW_SHARE: u32 = 20;

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The next events of these subjects, of which some were passed over.
    Of(Vec<String>),
    /// Those whose time for another attempt has come.
    Due,
    /// One of this type, to see whether it is taken now.
    OneOfType(String),
    /// Those after this position, in this round.
    After(i64, u64),
}

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) wanted: Wanted,
    pub(super) outcome: Result<Vec<PendingEvent>, StoreError>,
}

/// What is left to be looked for.
#[derive(Debug)]
pub(super) struct Agenda {
    /// Up to here events were read.
    position: i64,
    /// How often reading has begun anew.
    round: u64,
    /// Whether there may be more after it.
    ahead: bool,
    due: bool,
    /// When reading from the begin began, while it goes on.
    began: Option<Instant>,
    anew_at: Instant,
}

impl Agenda {
    pub(super) fn new(now: Instant) -> Self {
        Self { position: 0, round: 0, ahead: true, due: true, began: Some(now), anew_at: now + ANEW }
    }

    /// There may be something new.
    pub(super) fn look_ahead(&mut self) {
        self.ahead = true;
    }

    /// Some time has passed.
    pub(super) fn tick(&mut self, now: Instant) {
        self.ahead = true;
        self.due = true;
        if self.began.is_none() && now >= self.anew_at {
            self.begin_anew(now);
        }
    }

    /// Events that were passed over are to be read.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.position = 0;
        self.round += 1;
        self.ahead = true;
        self.began = Some(now);
    }

    /// Whether nothing is left to be looked for.
    pub(super) fn is_done(&self) -> bool {
        !self.ahead && !self.due
    }

    /// What to read next.
    pub(super) fn next(&mut self, window: &mut Window, type_due: Option<String>) -> Option<Wanted> {
        let subjects = window.take_unread(SUBJECTS);
        if !subjects.is_empty() {
            return Some(Wanted::Of(subjects));
        }
        if window.queued() >= ENOUGH {
            return None;
        }
        if std::mem::take(&mut self.due) {
            return Some(Wanted::Due);
        }
        if let Some(event_type) = type_due {
            return Some(Wanted::OneOfType(event_type));
        }
        std::mem::take(&mut self.ahead).then_some(Wanted::After(self.position, self.round))
    }

    /// Takes in how far was read in this round.
    pub(super) fn has_read(&mut self, round: u64, events: &[PendingEvent], now: Instant) {
        if round != self.round {
            return;
        }
        if let Some(last) = events.last() {
            self.position = last.position;
        }
        if is_full(events) {
            self.ahead = true;
        } else if let Some(began) = self.began.take() {
            self.anew_at = now + ANEW.max((now - began) * ANEW_SHARE);
        }
    }

    /// It could not be read.
    pub(super) fn has_failed(&mut self, wanted: &Wanted) {
        match wanted {
            Wanted::Due => self.due = true,
            Wanted::After(..) => self.ahead = true,
            Wanted::Of(_) | Wanted::OneOfType(_) => {}
        }
    }

    /// What was due was read; whether there may be more.
    pub(super) fn has_read_due(&mut self, more: bool) {
        self.due |= more;
    }
}

/// Whether there may be more where these came from.
pub(super) fn is_full(events: &[PendingEvent]) -> bool {
    i64::try_from(events.len()).unwrap_or(i64::MAX) >= BATCH
}

/// Reads it.
pub(super) async fn read(store: Store, claimed: Claimed, wanted: Wanted, now: Timestamp) -> Read {
    let outcome = async {
        let mut reader = store.reader().await?;
        let events = match &wanted {
            Wanted::Of(subjects) => outgoing::of_subjects(&mut reader, subjects, BATCH).await?,
            Wanted::Due => outgoing::due(&mut reader, &claimed, now, BATCH).await?,
            Wanted::OneOfType(event_type) => {
                outgoing::first_of_type(&mut reader, &claimed, event_type).await?.into_iter().collect()
            }
            Wanted::After(position, _) => outgoing::after(&mut reader, &claimed, *position, BATCH).await?,
        };
        Ok(events)
    };
    let outcome = outcome.await;
    Read { wanted, outcome }
}
