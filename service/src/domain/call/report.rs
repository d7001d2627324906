//! What a provider says of a call: late, twice, or in another order than it happened. Such a report never takes a call
//! backwards, and never fails because of where the call stands.

use super::{Call, CallStatus, Ending};
use crate::domain::event::EventData;
use jiff::{SignedDuration, Timestamp};

/// What a provider says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// Where the call stands, or stood when the report was made.
    pub status: CallStatus,
    /// When that came about, where the provider says so.
    pub at: Option<Timestamp>,
    /// For how long both sides talked, where the provider says so.
    pub talk_time: Option<SignedDuration>,
    /// Why it ended, where the provider says so.
    pub end_reason: Option<String>,
    /// Where its recording is, where the provider says so.
    pub recording_url: Option<String>,
}

/// What a report makes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Reported {
    /// It says nothing new.
    Nothing,
    /// The call as it is after it, and the events that tell of it, in order.
    Change(Box<Call>, Vec<EventData>),
}

impl Call {
    /// What a provider's report makes of the call at the time `now`.
    pub fn report(&self, report: &CallReport, now: Timestamp) -> Reported {
        let now = now.max(self.updated_at);
        let mut next = self.clone();
        let recorded = report.recording_url.as_deref().is_some_and(|url| next.details.recorded_at(url));
        let late = self.status.is_terminal() || rank(report.status) <= rank(self.status);
        let events = if late {
            if !recorded {
                return Reported::Nothing;
            }
            Vec::new()
        } else {
            let at = next.time_of(report.at, now);
            match report.status {
                CallStatus::Ringing => next.rings(at),
                CallStatus::InProgress => next.talks(at),
                status => next.ends_as(status, at, report),
            }
        };
        next.changed(events.len(), now);
        Reported::Change(Box::new(next), events)
    }

    /// When something came about: what the provider says, but neither before the call's last step nor after `now`.
    fn time_of(&self, said: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let step = self.answered_at.or(self.started_at);
        let earliest = step.unwrap_or(Timestamp::MIN);
        said.unwrap_or(now).min(now).max(earliest)
    }

    fn rings(&mut self, at: Timestamp) -> Vec<EventData> {
        self.status = CallStatus::Ringing;
        self.started_at = Some(at);
        vec![self.started(at)]
    }

    fn talks(&mut self, at: Timestamp) -> Vec<EventData> {
        let events = if self.started_at.is_none() { self.rings(at) } else { Vec::new() };
        self.status = CallStatus::InProgress;
        self.answered_at = Some(at);
        events
    }

    fn ends_as(&mut self, status: CallStatus, at: Timestamp, report: &CallReport) -> Vec<EventData> {
        let mut events = Vec::new();
        let talked = report.talk_time.filter(|time| *time > SignedDuration::ZERO);
        let began = at.saturating_sub(talked.unwrap_or_default()).unwrap_or(at);
        let began = self.started_at.map_or(began, |started| began.max(started));
        if self.answered_at.is_some() {
            // The provider has measured what its reports on their way here only hint at.
            self.answered_at = talked.map(|_| began).or(self.answered_at);
        } else if status == CallStatus::Completed || talked.is_some() {
            // The report that it was answered got lost, or comes later.
            events = self.talks(began);
        }
        // Who talked did not meet a busy line, whatever the provider calls it.
        let status = if self.status.endings().contains(&status) { status } else { CallStatus::Completed };
        events.extend(self.end(Ending {
            status,
            outcome: None,
            end_reason: report.end_reason.clone(),
            ended_at: at,
        }));
        events
    }
}

/// How far a call has come; a report of less is late.
fn rank(status: CallStatus) -> u8 {
    match status {
        CallStatus::Queued => 0,
        CallStatus::Ringing => 1,
        CallStatus::InProgress => 2,
        _ => 3,
    }
}
