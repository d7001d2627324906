//! What was read comes into memory.

use super::Dispatcher;
use crate::events::reading::{self, Read, Wanted};
use tokio::time::Instant;

impl Dispatcher {
    /// Takes in what was read, and forgets what is not claimed any more.
    pub(super) fn take_in(&mut self, Read { wanted, outcome }: Read) {
        let mut events = match outcome {
            Ok(events) => events,
            Err(error) => {
                self.agenda.has_failed(&wanted);
                if let Wanted::Of(subjects) = wanted {
                    self.window.take_in_of(subjects, Vec::new(), false, self.clock.now());
                }
                self.window.reading_ends();
                self.pause_database(&error);
                return;
            }
        };
        let (now, began) = (self.clock.now(), Instant::now());
        match wanted {
            Wanted::Of(subjects) => {
                let complete = !reading::is_full(&events);
                events.retain(|event| self.claimed.includes(&event.subject));
                self.window.take_in_of(subjects, events, complete, now);
            }
            Wanted::Due => {
                let (before, full) = (self.window.queued(), reading::is_full(&events));
                events.retain(|event| self.claimed.includes(&event.subject));
                self.window.take_in_late(events);
                self.agenda.has_read_due(full && self.window.queued() > before);
            }
            Wanted::OneOfType(event_type) => match events.pop() {
                None => {
                    self.holds.end(&event_type);
                    self.trouble.taken(&event_type);
                }
                Some(event) if self.claimed.includes(&event.subject) => {
                    self.holds.try_with(&event);
                    self.window.take_in_late(vec![event]);
                }
                Some(_) => {}
            },
            Wanted::After(_, round) => {
                self.agenda.has_read(round, &events, began);
                events.retain(|event| self.claimed.includes(&event.subject));
                let holds = &self.holds;
                self.window.take_in(events, now, |event_type| holds.holds(event_type));
            }
        }
        self.window.reading_ends();
        self.note_idle();
    }
}
