//! What becomes of an event, by what the publisher says.

use super::Dispatcher;
use crate::events::backoff::{Pause, delay};
use crate::events::publisher::PublishError;
use crate::events::settlement::{Fate, Settled};
use crate::store::StoreError;
use crate::store::outgoing::PendingEvent;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// The first and the longest wait before an event that was refused is tried again.
const REFUSED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));
/// How often an event is refused, while others of its type are taken, before it is parked: that is within two hours.
const ATTEMPTS: i64 = 20;
/// How many events are refused one after the other before it is taken that the broker refuses all.
const ALL_REFUSED: usize = 200;

impl Dispatcher {
    /// Decides what becomes of an event that was offered.
    pub(super) fn judge(&mut self, event: PendingEvent, outcome: Result<(), PublishError>) {
        let alone = std::mem::take(&mut self.alone);
        let now = self.clock.now();
        let event_type = &event.message.event_type;
        match outcome {
            Ok(()) => {
                self.counters.published.inc();
                self.broker = Pause::default();
                self.refused_in_a_row = 0;
                self.trouble.taken(event_type);
                self.trouble.is_over();
                if let Some(last) = self.last_taken.get_mut(event_type) {
                    *last = now;
                } else {
                    self.last_taken.insert(event_type.clone(), now);
                }
                if self.holds.end(event_type) {
                    self.agenda.begin_anew(Instant::now());
                }
                self.settle(event, Fate::Published);
            }
            Err(PublishError::Unavailable(reason)) => {
                if alone {
                    self.suspects.push_front((event.subject.clone(), event.message.id.clone()));
                }
                self.pause(&reason);
                self.put_back(event);
            }
            Err(PublishError::Unroutable(reason)) => {
                self.counters.refused.inc();
                self.trouble.unroutable(event_type, &reason);
                self.holds.begin(&event, now, rand::random());
                self.window.stop(&event.subject);
            }
            Err(PublishError::Refused(reason)) => self.refused(event, &reason, now),
            Err(PublishError::Suspect(reason)) if !alone => {
                self.trouble.begins(&reason);
                self.suspects.push_back((event.subject.clone(), event.message.id.clone()));
                self.put_back(event);
            }
            Err(PublishError::Impossible(reason) | PublishError::Suspect(reason)) => {
                self.counters.refused.inc();
                self.park(event, reason, now);
            }
        }
    }

    fn refused(&mut self, event: PendingEvent, reason: &str, now: Timestamp) {
        self.counters.refused.inc();
        self.refused_in_a_row += 1;
        if self.refused_in_a_row > ALL_REFUSED {
            self.pause(reason);
            self.put_back(event);
            return;
        }
        let event_type = &event.message.event_type;
        let wait = SignedDuration::try_from(REFUSED.1).unwrap_or_default();
        let others_taken =
            self.last_taken.get(event_type).is_some_and(|last| now.duration_since(*last) <= wait);
        if event.attempts + 1 >= ATTEMPTS && others_taken {
            self.park(event, reason.to_owned(), now);
            return;
        }
        self.trouble.refused(event_type, reason);
        self.holds.try_another(&event, now, rand::random());
        let attempt = u32::try_from(event.attempts).unwrap_or(u32::MAX);
        let wait = delay(REFUSED.0, REFUSED.1, attempt, rand::random());
        self.settle(event, Fate::Postponed(now + SignedDuration::try_from(wait).unwrap_or_default()));
    }

    fn park(&mut self, event: PendingEvent, reason: String, now: Timestamp) {
        tracing::error!(
            id = event.message.id,
            event_type = event.message.event_type,
            subject = event.subject,
            reason,
            "an event cannot be published and is parked; those behind it wait until an administrator has it tried again"
        );
        self.holds.try_another(&event, now, rand::random());
        self.trouble.taken(&event.message.event_type);
        self.settle(event, Fate::Parked(reason));
    }

    fn settle(&mut self, event: PendingEvent, fate: Fate) {
        self.unsettled.push(Settled { id: event.message.id, subject: event.subject, fate });
    }

    fn put_back(&mut self, event: PendingEvent) {
        if self.claimed.includes(&event.subject) {
            self.window.put_back(event);
        } else {
            self.holds.try_another(&event, self.clock.now(), rand::random());
            self.window.stop(&event.subject);
        }
    }

    /// Offers nothing for a while.
    fn pause(&mut self, reason: &str) {
        self.trouble.begins(reason);
        self.broker.begin(Instant::now());
    }

    /// Asks the database for nothing for a while.
    pub(super) fn pause_database(&mut self, error: &StoreError) {
        self.trouble.begins(&error.to_string());
        self.database.begin(Instant::now());
    }
}
