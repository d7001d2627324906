//! Types of events that no queue takes. Each is held back as a whole, since it would be the same with the next one, and
//! one event of it is tried now and then.

use super::backoff::delay;
use crate::store::outgoing::PendingEvent;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// The first and the longest wait before another event of the type is tried.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// Types of events that are held back. Pure.
#[derive(Debug, Default)]
pub(super) struct Holds(HashMap<String, Hold>);

#[derive(Debug)]
struct Hold {
    attempts: u32,
    next_attempt_at: Timestamp,
    /// The event that is tried.
    probe: Option<String>,
}

impl Holds {
    /// Whether nothing is held back.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether events of this type are held back.
    pub(super) fn holds(&self, event_type: &str) -> bool {
        self.0.contains_key(event_type)
    }

    /// Whether this very event is held back.
    pub(super) fn holds_event(&self, event: &PendingEvent) -> bool {
        let hold = self.0.get(&event.message.event_type);
        hold.is_some_and(|hold| hold.probe.as_ref() != Some(&event.message.id))
    }

    /// No queue took this event. `chance` is from 0 to 1.
    pub(super) fn begin(&mut self, event: &PendingEvent, now: Timestamp, chance: f64) {
        let hold = self.0.entry(event.message.event_type.clone()).or_insert_with(|| Hold {
            attempts: 0,
            next_attempt_at: now,
            probe: Some(event.message.id.clone()),
        });
        // Of those that were under way together, the first counts.
        if hold.probe.as_ref() == Some(&event.message.id) {
            hold.wait(now, chance);
        }
    }

    /// A type whose turn it is for another attempt.
    pub(super) fn due(&self, now: Timestamp) -> Option<String> {
        let due = self.0.iter().find(|(_, hold)| hold.probe.is_none() && hold.next_attempt_at <= now);
        due.map(|(event_type, _)| event_type.clone())
    }

    /// This event is tried for its type.
    pub(super) fn try_with(&mut self, event: &PendingEvent) {
        if let Some(hold) = self.0.get_mut(&event.message.event_type) {
            hold.probe = Some(event.message.id.clone());
        }
    }

    /// Events of this type are taken, or there are none: it is held back no more. Whether it was.
    pub(super) fn end(&mut self, event_type: &str) -> bool {
        self.0.remove(event_type).is_some()
    }

    /// Whatever came of trying this event, it told nothing of its type.
    pub(super) fn try_another(&mut self, event: &PendingEvent, now: Timestamp, chance: f64) {
        let hold = self.0.get_mut(&event.message.event_type);
        if let Some(hold) = hold.filter(|hold| hold.probe.as_ref() == Some(&event.message.id)) {
            hold.wait(now, chance);
        }
    }

    /// Events that were tried may have gone to another process.
    pub(super) fn forget_probes(&mut self) {
        self.0.values_mut().for_each(|hold| hold.probe = None);
    }
}

impl Hold {
    fn wait(&mut self, now: Timestamp, chance: f64) {
        let wait = delay(WAIT.0, WAIT.1, self.attempts, chance);
        self.attempts = self.attempts.saturating_add(1);
        self.next_attempt_at = now + SignedDuration::try_from(wait).unwrap_or_default();
        self.probe = None;
    }
}
