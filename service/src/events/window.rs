//! What of the outbox is in memory on its way out: for each subject a lane with its next events, of which one is under
//! way at a time. Pure: it reads nothing and publishes nothing.
//!
//! Events come in as they are read, in the order of their positions, which is each subject's own order too. An event may
//! join its lane only right behind the one that comes before it; one that does not, because the one before is held back
//! elsewhere, is left where it is and read again when that one is through.

use crate::store::claims::{Claimed, shard_of};
use crate::store::outgoing::PendingEvent;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How many events of one subject are in memory, so that a subject with many leaves place for others.
const LANE: usize = 16;

/// The events in memory, by subject.
#[derive(Debug, Default)]
pub(super) struct Window {
    lanes: HashMap<String, Lane>,
    /// Subjects whose next event may be offered. Some may have gone meanwhile.
    ready: VecDeque<String>,
    /// Subjects that may have events which are not in memory, and none which are.
    unread: VecDeque<String>,
    queued: usize,
    /// Whether something is being read that was asked for earlier.
    reading: bool,
}

#[derive(Debug)]
struct Lane {
    queue: VecDeque<PendingEvent>,
    /// The sequence of the last event that was in the lane.
    last: i64,
    stage: Stage,
    /// Whether the subject may have events behind `last` that were passed over.
    more: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing is under way.
    Free,
    /// Nothing is under way, and the next event may be offered.
    Ready,
    /// The event with this sequence is under way, or safe and not yet noted to be.
    Busy(i64),
    /// The next event is held back elsewhere. What was being read meanwhile must not bring it back.
    Stopped,
}

impl Window {
    /// How many events are in memory and not under way.
    pub(super) fn queued(&self) -> usize {
        self.queued
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Shards in which something is under way.
    pub(super) fn shards_in_use(&self) -> BTreeSet<i64> {
        let busy = self.lanes.iter().filter(|(_, lane)| matches!(lane.stage, Stage::Busy(_)));
        busy.map(|(subject, _)| shard_of(subject)).collect()
    }

    /// Something is going to be read: from now on lanes are kept, also empty ones, until it is there.
    pub(super) fn reading_begins(&mut self) {
        self.reading = true;
    }

    /// What was read is here, or will not come.
    pub(super) fn reading_ends(&mut self) {
        self.reading = false;
        self.lanes.retain(|_, lane| !lane.is_over());
    }

    /// Takes in events that were read, in the order of their positions. `is_held` says which types are held back.
    pub(super) fn take_in(
        &mut self,
        events: Vec<PendingEvent>,
        now: Timestamp,
        is_held: impl Fn(&str) -> bool,
    ) {
        for event in events {
            if event.next_attempt_at <= now {
                self.take_one(event, false, &is_held);
            } else if self.lanes.get(&event.subject).is_some_and(|lane| lane.stage == Stage::Free) {
                // It is read again when its time has come.
                self.stop(&event.subject);
            }
        }
    }

    /// Takes in events whose subjects were passed over in between, so that those behind them have to be read.
    pub(super) fn take_in_late(&mut self, events: Vec<PendingEvent>) {
        for event in events {
            self.take_one(event, true, &|_| false);
        }
    }

    fn take_one(&mut self, event: PendingEvent, more: bool, is_held: &impl Fn(&str) -> bool) {
        let Some(lane) = self.lanes.get_mut(&event.subject) else {
            if event.previous.is_none() && !is_held(&event.message.event_type) {
                let subject = event.subject.clone();
                let lane =
                    Lane { last: event.sequence, queue: VecDeque::from([event]), stage: Stage::Ready, more };
                self.lanes.insert(subject.clone(), lane);
                self.ready.push_back(subject);
                self.queued += 1;
            }
            return;
        };
        if lane.stage == Stage::Stopped || event.sequence <= lane.last {
            return;
        }
        let is_next = event.previous.is_none_or(|previous| previous == lane.last);
        if !is_next || lane.queue.len() >= LANE {
            lane.more = true;
            if lane.stage == Stage::Free && lane.queue.is_empty() {
                self.unread.push_back(event.subject);
            }
            return;
        }
        lane.last = event.sequence;
        if lane.stage == Stage::Free {
            lane.stage = Stage::Ready;
            self.ready.push_back(event.subject.clone());
        }
        lane.queue.push_back(event);
        self.queued += 1;
    }

    /// Up to `limit` subjects whose next events have to be read.
    pub(super) fn take_unread(&mut self, limit: usize) -> Vec<String> {
        let mut subjects: Vec<String> = Vec::new();
        while subjects.len() < limit {
            let Some(subject) = self.unread.pop_front() else { break };
            if self.lanes.get(&subject).is_some_and(Lane::wants_more) && !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        subjects
    }

    /// Takes in what was read of these `subjects`. Unless it is `complete`, there may be more.
    pub(super) fn take_in_of(
        &mut self,
        subjects: Vec<String>,
        events: Vec<PendingEvent>,
        complete: bool,
        now: Timestamp,
    ) {
        for subject in &subjects {
            if let Some(lane) = self.lanes.get_mut(subject).filter(|lane| lane.wants_more()) {
                lane.more = !complete;
            }
        }
        self.take_in(events, now, |_| false);
        for subject in subjects {
            match self.lanes.get(&subject) {
                Some(lane) if !lane.wants_more() => {}
                // What stands before it is not here: it is found when all is read anew.
                Some(_) if complete => self.stop(&subject),
                Some(_) => self.unread.push_back(subject),
                None => {}
            }
        }
    }

    /// The next event to offer; it counts as under way. Lanes whose next event is of a type that is held back end here.
    pub(super) fn next(&mut self, is_held: impl Fn(&PendingEvent) -> bool) -> Option<PendingEvent> {
        while let Some(subject) = self.ready.pop_front() {
            let Some(lane) = self.lanes.get_mut(&subject) else { continue };
            if lane.stage != Stage::Ready {
                continue;
            }
            if lane.queue.front().is_some_and(&is_held) {
                self.stop(&subject);
                continue;
            }
            if let Some(event) = self.lanes.get_mut(&subject).and_then(Lane::offer) {
                self.queued -= 1;
                return Some(event);
            }
        }
        None
    }

    /// The subject's next event to offer, if it is the one with this id.
    pub(super) fn next_of(&mut self, subject: &str, id: &str) -> Option<PendingEvent> {
        let lane = self.lanes.get_mut(subject).filter(|lane| lane.stage == Stage::Ready)?;
        lane.queue.front().filter(|event| event.message.id == id)?;
        self.queued -= 1;
        lane.offer()
    }

    /// An event that was offered is to be offered again, before all others.
    pub(super) fn put_back(&mut self, event: PendingEvent) {
        let Some(lane) = self.lanes.get_mut(&event.subject) else { return };
        if lane.stage != Stage::Busy(event.sequence) {
            return;
        }
        lane.stage = Stage::Ready;
        self.ready.push_front(event.subject.clone());
        lane.queue.push_front(event);
        self.queued += 1;
    }

    /// The subject's event that was under way is noted to be published: the next one may go.
    pub(super) fn passed(&mut self, subject: &str) {
        let Some(lane) = self.lanes.get_mut(subject) else { return };
        lane.stage = Stage::Free;
        if !lane.queue.is_empty() {
            lane.stage = Stage::Ready;
            self.ready.push_back(subject.to_owned());
        } else if lane.more {
            self.unread.push_back(subject.to_owned());
        } else if !self.reading {
            self.lanes.remove(subject);
        }
    }

    /// The subject's next event is held back elsewhere: nothing more of it goes until it is read again.
    pub(super) fn stop(&mut self, subject: &str) {
        let Some(lane) = self.lanes.get_mut(subject) else { return };
        self.queued -= lane.queue.len();
        lane.queue.clear();
        lane.stage = Stage::Stopped;
        if !self.reading {
            self.lanes.remove(subject);
        }
    }

    /// Lets go of all subjects that are not claimed; what is under way stays until it is known what came of it.
    pub(super) fn keep_only(&mut self, claimed: &Claimed) {
        let lost: Vec<String> =
            self.lanes.keys().filter(|subject| !claimed.includes(subject)).cloned().collect();
        for subject in lost {
            match self.lanes.get_mut(&subject) {
                Some(Lane { stage: Stage::Busy(sequence), last, queue, more }) => {
                    self.queued -= queue.len();
                    queue.clear();
                    *last = *sequence;
                    *more = false;
                }
                _ => self.stop(&subject),
            }
        }
    }
}

impl Lane {
    fn offer(&mut self) -> Option<PendingEvent> {
        let event = self.queue.pop_front()?;
        self.stage = Stage::Busy(event.sequence);
        Some(event)
    }

    fn wants_more(&self) -> bool {
        self.more && self.stage == Stage::Free && self.queue.is_empty()
    }

    /// Whether nothing is lost with it.
    fn is_over(&self) -> bool {
        self.stage == Stage::Stopped || (self.stage == Stage::Free && self.queue.is_empty() && !self.more)
    }
}

#[cfg(test)]
mod tests;
