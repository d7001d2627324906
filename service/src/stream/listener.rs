//! One listener: first what it missed, from the database, then what is new.

use super::frame::{self, Position};
use super::hub::{Hub, LiveEvent, Place};
use crate::store::StoreError;
use crate::wording::{Sentence, say};
use axum::body::Bytes;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often a listener with nothing to hear of gets a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is asked whether the listener may still listen.
const CHECK: Duration = Duration::from_millis(400);
/// How many events one listener has from the database at once: with many listeners these are what takes memory.
const BATCH: i64 = 50;

/// What a listener wants to hear of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Types of events; all when empty.
    pub types: Vec<String>,
    /// Events of this call alone.
    pub call_id: Option<String>,
    /// Leave out what tells of agents' moods.
    pub without_agents: bool,
}

impl Filter {
    fn lets_through(&self, event: &LiveEvent) -> bool {
        (self.types.is_empty() || self.types.contains(&event.event_type))
            && self.call_id.as_ref().is_none_or(|call| *call == event.subject)
            && !(self.without_agents && event.about_agent)
    }
}

/// Says why the listener may not listen any more, once that is so.
pub type Verdict = Box<dyn Fn() -> Option<Sentence> + Send>;

/// One listener.
pub struct Listener {
    hub: Hub,
    place: Place,
    organization_id: String,
    filter: Filter,
    verdict: Verdict,
    leaving: CancellationToken,
    /// Events up to here were told of, or are not wanted.
    heard: i64,
    /// Events after `heard` may be in the database alone.
    behind: bool,
    waiting: VecDeque<Bytes>,
    checked: Instant,
    last_sign: Instant,
    over: bool,
}

impl Listener {
    /// A listener at `place` who goes on from `resume`, what a client gave back, or begins with what is new. It ends when
    /// `verdict` says so, or with `leaving`.
    pub async fn begin(
        hub: Hub,
        place: Place,
        organization_id: String,
        resume: Option<&str>,
        filter: Filter,
        verdict: Verdict,
        leaving: CancellationToken,
    ) -> Result<Self, StoreError> {
        // The place was taken before: what gets its position after this is handed to it.
        let state = hub.state().await?;
        let known = |position: &Position| {
            position.epoch == state.epoch && (state.pruned..=state.last).contains(&position.number)
        };
        let resumed = resume.and_then(Position::read).filter(known);
        let now = Instant::now();
        let mut listener = Self {
            heard: resumed.as_ref().map_or(state.last, |position| position.number),
            behind: resumed.is_some(),
            hub,
            place,
            organization_id,
            filter,
            verdict,
            leaving,
            waiting: VecDeque::new(),
            checked: now,
            last_sign: now,
            over: false,
        };
        let opening = frame::opening(&listener.position(), rand::random());
        listener.waiting.push_back(opening);
        if resume.is_some() && resumed.is_none() {
            let reset = frame::reset(&listener.position());
            listener.waiting.push_back(reset);
        }
        Ok(listener)
    }

    /// What goes over the wire next; none at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.over {
                return None;
            }
            if let Some(reason) = self.reason_to_end() {
                self.over = true;
                return Some(frame::end(&reason));
            }
            if let Some(frame) = self.waiting.pop_front() {
                self.last_sign = Instant::now();
                return Some(frame);
            }
            if self.behind {
                self.catch_up().await;
            } else {
                self.wait().await;
            }
        }
    }

    fn position(&self) -> Position {
        Position { epoch: self.hub.epoch().to_owned(), number: self.heard }
    }

    fn reason_to_end(&mut self) -> Option<Sentence> {
        if self.leaving.is_cancelled() {
            return Some(say!("stream-stops"));
        }
        if self.checked.elapsed() < CHECK {
            return None;
        }
        self.checked = Instant::now();
        (self.verdict)()
    }

    /// Reads what is next in the database.
    async fn catch_up(&mut self) {
        match self.hub.read(&self.organization_id, self.heard, BATCH).await {
            Ok(Some(events)) => {
                self.behind = i64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
                for event in events {
                    self.hear(&LiveEvent::new(self.hub.epoch(), event));
                }
            }
            Ok(None) => match self.hub.state().await {
                Ok(state) => {
                    self.heard = state.last;
                    self.waiting.push_back(frame::reset(&self.position()));
                }
                Err(error) => self.give_up(&error),
            },
            Err(error) => self.give_up(&error),
        }
    }

    fn give_up(&mut self, error: &StoreError) {
        tracing::warn!(%error, "a listener could not be told what it missed");
        self.waiting.clear();
        self.over = true;
    }

    fn hear(&mut self, event: &LiveEvent) {
        // What was read from the database before it was handed on.
        if event.position <= self.heard {
            return;
        }
        self.heard = event.position;
        if self.filter.lets_through(event) {
            self.waiting.push_back(event.frame.clone());
        }
    }

    /// Waits for something new, or until it is time to look at something else.
    async fn wait(&mut self) {
        let sign_due = self.last_sign + HEARTBEAT;
        let wake = (self.checked + CHECK).min(sign_due);
        tokio::select! {
            () = self.leaving.cancelled() => {}
            event = self.place.next() => match event {
                Ok(event) => self.hear(&event),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => self.over = true,
            },
            () = tokio::time::sleep_until(wake) => if Instant::now() >= sign_due {
                self.give_sign();
            }
        }
    }

    fn give_sign(&mut self) {
        // Asked in this order: what was handed on by then lies in the queue, or was taken from it.
        let reached = self.hub.reached();
        if self.place.is_up_to_date() {
            self.heard = reached.max(self.heard);
        }
        self.waiting.push_back(frame::heartbeat(&self.position()));
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("heard", &self.heard).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
