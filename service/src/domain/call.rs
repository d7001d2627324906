//! A call's life: which action is possible when, and what it leads to. Pure: time comes in, events go out.

mod change;
mod details;
mod report;

pub use change::CallChange;
pub use details::{CallDetails, Direction, Recording, RecordingConsent};
pub use report::{CallReport, Reported};

use super::event::{CallEnded, CallStarted, EventData};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Known, but not begun.
    Queued,
    /// It rings at the other side.
    Ringing,
    /// Both sides talk.
    InProgress,
    /// Ended after talking.
    Completed,
    /// Ended by a fault.
    Failed,
    /// Ended because nobody answered.
    NoAnswer,
    /// Ended because the other side was busy.
    Busy,
    /// Ended because the other side declined.
    Rejected,
    /// Ended before it was answered, by the side that began it.
    Canceled,
}

impl CallStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Ringing,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::NoAnswer,
        Self::Busy,
        Self::Rejected,
        Self::Canceled,
    ];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the call has ended.
    pub fn is_terminal(self) -> bool {
        self.endings().is_empty()
    }

    /// The statuses that a call can end with from here; the first is the one taken when none is given.
    pub fn endings(self) -> &'static [Self] {
        match self {
            Self::Queued | Self::Ringing => {
                &[Self::Canceled, Self::NoAnswer, Self::Busy, Self::Rejected, Self::Failed]
            }
            Self::InProgress => &[Self::Completed, Self::Failed],
            _ => &[],
        }
    }

    /// The actions that are possible from here, by their names in paths.
    pub fn allowed_actions(self) -> &'static [&'static str] {
        match self {
            Self::Queued => &["start", "end"],
            Self::Ringing => &["answer", "end"],
            Self::InProgress => &["end"],
            _ => &[],
        }
    }
}

/// What can be asked of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallAction {
    /// Begin it: it rings, or both sides talk at once.
    Start(StartStatus),
    /// The other side picked up.
    Answer,
    /// It is over.
    End {
        /// How it ended; by default `completed` when answered, else `canceled`.
        status: Option<CallStatus>,
        /// What came of it, in the caller's words; by default the status.
        outcome: Option<String>,
        /// Why it ended, where that is known.
        end_reason: Option<String>,
        /// When it ended; by default now.
        ended_at: Option<Timestamp>,
    },
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ending {
    status: CallStatus,
    outcome: Option<String>,
    end_reason: Option<String>,
    ended_at: Timestamp,
}

/// What a call becomes when it begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartStatus {
    /// It rings at the other side.
    Ringing,
    /// Both sides talk.
    #[default]
    InProgress,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation that it belongs to.
    pub organization_id: String,
    /// Where it stands.
    pub status: CallStatus,
    /// Counts its changes; the first is 1.
    pub version: i64,
    /// How many events it has had.
    pub event_sequence: i64,
    /// What was said of it from outside.
    pub details: CallDetails,
    /// What came of it.
    pub outcome: Option<String>,
    /// Why it ended, apart from how: such as `stale`, or what the provider gave.
    pub end_reason: Option<String>,
    /// When it became known here.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When the other side picked up.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Why an action is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallRefusal {
    /// The call's state does not allow it.
    State {
        /// The action.
        action: &'static str,
        /// Where the call stands.
        current: CallStatus,
    },
    /// The call cannot end this way from where it stands.
    Ending {
        /// Where the call stands.
        current: CallStatus,
        /// How it was to end.
        wanted: CallStatus,
    },
    /// The given end lies before what is known of the call.
    EndedTooEarly(Timestamp),
    /// The given end lies in the future.
    EndsInFuture,
}

impl Spoken for CallRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::State { action, current } => {
                let allowed = match current.allowed_actions() {
                    [] => say!("call-has-ended"),
                    actions => say!("call-can", actions = actions.to_vec()),
                };
                say!("call-state", current = current.as_str(), action = *action, allowed = allowed)
            }
            Self::Ending { current, wanted } => {
                let endings: Vec<_> = current.endings().iter().map(|status| status.as_str()).collect();
                let (current, wanted) = (current.as_str(), wanted.as_str());
                say!("call-ending", current = current, wanted = wanted, endings = endings)
            }
            Self::EndedTooEarly(time) => say!("call-ended-too-early", time = time.to_string()),
            Self::EndsInFuture => say!("call-ends-in-future"),
        }
    }
}

shown_in_english!(CallRefusal);

/// How far another machine's clock may be ahead of ours.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);
/// Why a call ended of which there was no news.
const STALE: &str = "stale";

impl Call {
    /// A call as it becomes known: it waits to be started.
    pub fn new(id: String, organization_id: String, details: CallDetails, now: Timestamp) -> Self {
        Self {
            id,
            organization_id,
            status: CallStatus::Queued,
            version: 1,
            event_sequence: 0,
            details,
            outcome: None,
            end_reason: None,
            created_at: now,
            updated_at: now,
            started_at: None,
            answered_at: None,
            ended_at: None,
        }
    }

    /// What the action makes of the call at the time `now`, and the events that tell of it, in order.
    pub fn on(&self, action: &CallAction, now: Timestamp) -> Result<(Self, Vec<EventData>), CallRefusal> {
        // A clock that was set back must not make a step come before the one that it follows.
        let now = now.max(self.updated_at);
        let mut next = self.clone();
        let events = match action {
            CallAction::Start(status) => next.start(*status, now)?,
            CallAction::Answer => next.answer(now)?,
            CallAction::End { status, outcome, end_reason, ended_at } => {
                let ending = Ending {
                    status: self.ending(*status)?,
                    outcome: outcome.clone(),
                    end_reason: end_reason.clone(),
                    ended_at: self.checked_end(*ended_at, now)?,
                };
                next.end(ending)
            }
        };
        next.changed(events.len(), now);
        Ok((next, events))
    }

    /// The call after it was given up, and the events that tell of it, if there has been no news of it for `timeout`.
    /// It counts as ended with the last news, since nobody knows how long it went on.
    pub fn give_up(&self, timeout: SignedDuration, now: Timestamp) -> Option<(Self, Vec<EventData>)> {
        if self.status.is_terminal() || now.duration_since(self.updated_at) < timeout {
            return None;
        }
        let mut next = self.clone();
        let events = next.end(Ending {
            status: CallStatus::Failed,
            outcome: None,
            end_reason: Some(STALE.to_owned()),
            ended_at: self.updated_at,
        });
        next.changed(events.len(), now);
        Some((next, events))
    }

    fn changed(&mut self, events: usize, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
        self.event_sequence += i64::try_from(events).unwrap_or_default();
    }

    /// Time from the begin to the end, in whole seconds; none before the end.
    pub fn duration(&self) -> Option<i64> {
        self.seconds_to_end(self.started_at?)
    }

    /// Time from the answer to the end, in whole seconds, 0 when unanswered; none before the end.
    pub fn talk_seconds(&self) -> Option<i64> {
        self.answered_at.map_or(self.ended_at.map(|_| 0), |answered| self.seconds_to_end(answered))
    }

    fn seconds_to_end(&self, since: Timestamp) -> Option<i64> {
        self.ended_at.map(|ended| ended.duration_since(since).as_secs().max(0))
    }

    fn start(&mut self, status: StartStatus, now: Timestamp) -> Result<Vec<EventData>, CallRefusal> {
        if self.status != CallStatus::Queued {
            return Err(CallRefusal::State { action: "start", current: self.status });
        }
        self.started_at = Some(now);
        self.status = match status {
            StartStatus::Ringing => CallStatus::Ringing,
            StartStatus::InProgress => {
                self.answered_at = Some(now);
                CallStatus::InProgress
            }
        };
        Ok(vec![self.started(now)])
    }

    fn answer(&mut self, now: Timestamp) -> Result<Vec<EventData>, CallRefusal> {
        if self.status != CallStatus::Ringing {
            return Err(CallRefusal::State { action: "answer", current: self.status });
        }
        self.status = CallStatus::InProgress;
        self.answered_at = Some(now);
        Ok(Vec::new())
    }

    /// The status that an end leads to.
    fn ending(&self, wanted: Option<CallStatus>) -> Result<CallStatus, CallRefusal> {
        let current = self.status;
        let [usual, ..] = current.endings() else {
            return Err(CallRefusal::State { action: "end", current });
        };
        let wanted = wanted.unwrap_or(*usual);
        if current.endings().contains(&wanted) {
            Ok(wanted)
        } else {
            Err(CallRefusal::Ending { current, wanted })
        }
    }

    fn end(&mut self, ending: Ending) -> Vec<EventData> {
        let Ending { status, outcome, end_reason, ended_at } = ending;
        let outcome = outcome.unwrap_or_else(|| status.as_str().to_owned());
        self.status = status;
        self.outcome = Some(outcome.clone());
        self.end_reason = end_reason;
        self.ended_at = Some(ended_at);
        let mut events = Vec::with_capacity(2);
        let started_at = self.started_at.unwrap_or_else(|| {
            events.push(self.started(ended_at));
            ended_at
        });
        self.started_at = Some(started_at);
        events.push(EventData::CallEnded(CallEnded {
            call_id: self.id.clone(),
            status,
            outcome,
            answered: self.answered_at.is_some(),
            duration: self.duration().unwrap_or_default(),
            talk_seconds: self.talk_seconds().unwrap_or_default(),
            started_at,
            ended_at,
            recording_url: self.details.recording.as_ref().and_then(|recording| recording.url.clone()),
        }));
        events
    }

    fn checked_end(&self, given: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, CallRefusal> {
        let Some(given) = given else { return Ok(now) };
        if given.duration_since(now) > CLOCK_TOLERANCE {
            return Err(CallRefusal::EndsInFuture);
        }
        match self.answered_at.or(self.started_at) {
            Some(step) if given < step => Err(CallRefusal::EndedTooEarly(step)),
            _ => Ok(given),
        }
    }

    fn started(&self, started_at: Timestamp) -> EventData {
        EventData::CallStarted(CallStarted {
            call_id: self.id.clone(),
            direction: self.details.direction,
            from: self.details.from.clone(),
            to: self.details.to.clone(),
            campaign_id: self.details.campaign_id.clone(),
            agent_id: self.details.agent_id.clone(),
            started_at,
        })
    }
}

#[cfg(test)]
mod tests;
