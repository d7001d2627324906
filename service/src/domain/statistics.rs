//! What calls' events add to the counts of a wallboard. Pure.

use super::call::CallStatus;
use jiff::Timestamp;
use serde::Deserialize;
use std::ops::AddAssign;

/// Calls that began or ended within some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Calls that began.
    pub started: i64,
    /// Calls that ended as `completed`.
    pub completed: i64,
    /// Calls that ended as `failed`.
    pub failed: i64,
    /// Calls that ended as `no_answer`.
    pub no_answer: i64,
    /// Calls that ended as `busy`.
    pub busy: i64,
    /// Calls that ended as `rejected`.
    pub rejected: i64,
    /// Calls that ended as `canceled`.
    pub canceled: i64,
    /// Calls that ended after both sides had talked.
    pub answered: i64,
    /// Time from begin to end of those that ended, in seconds.
    pub duration_seconds: i64,
    /// Time that both sides of those that ended had talked, in seconds.
    pub talk_seconds: i64,
}

impl CallCounts {
    /// Calls that ended.
    pub fn ended(&self) -> i64 {
        self.completed + self.failed + self.no_answer + self.busy + self.rejected + self.canceled
    }
}

impl AddAssign for CallCounts {
    fn add_assign(&mut self, other: Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.failed += other.failed;
        self.no_answer += other.no_answer;
        self.busy += other.busy;
        self.rejected += other.rejected;
        self.canceled += other.canceled;
        self.answered += other.answered;
        self.duration_seconds += other.duration_seconds;
        self.talk_seconds += other.talk_seconds;
    }
}

/// Calls of a campaign that began or ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CampaignCounts {
    /// How many, and how.
    pub calls: CallCounts,
    /// Time from begin to end of those that ended and had been answered, in seconds.
    pub handle_seconds: i64,
}

impl AddAssign for CampaignCounts {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.handle_seconds += other.handle_seconds;
    }
}

/// What an event adds to the counts of the call's campaign; nothing, where it does not count calls.
pub fn counted_of_campaign(event_type: &str, body: &str) -> Option<CampaignCounts> {
    let (_, calls) = counted(event_type, body)?;
    let handle_seconds = if calls.answered > 0 { calls.duration_seconds } else { 0 };
    Some(CampaignCounts { calls, handle_seconds })
}

/// Minutes since 1970.
pub fn minute_of(time: Timestamp) -> i64 {
    time.as_second().div_euclid(60)
}

#[derive(Deserialize)]
struct Started {
    data: StartedData,
}

#[derive(Deserialize)]
struct StartedData {
    started_at: Timestamp,
}

#[derive(Deserialize)]
struct Ended {
    data: EndedData,
}

#[derive(Deserialize)]
struct EndedData {
    status: CallStatus,
    answered: bool,
    duration: i64,
    talk_seconds: i64,
    ended_at: Timestamp,
}

/// What an event adds to which minute; nothing, where it does not count calls. `body` is its envelope.
pub fn counted(event_type: &str, body: &str) -> Option<(i64, CallCounts)> {
    match event_type {
        "call.started" => {
            let event: Started = serde_json::from_str(body).ok()?;
            Some((minute_of(event.data.started_at), CallCounts { started: 1, ..CallCounts::default() }))
        }
        "call.ended" => {
            let event: Ended = serde_json::from_str(body).ok()?;
            Some((minute_of(event.data.ended_at), event.data.counts()))
        }
        _ => None,
    }
}

impl EndedData {
    fn counts(&self) -> CallCounts {
        let mut counts = CallCounts {
            answered: i64::from(self.answered),
            duration_seconds: self.duration,
            talk_seconds: self.talk_seconds,
            ..CallCounts::default()
        };
        match self.status {
            CallStatus::Completed => counts.completed = 1,
            CallStatus::NoAnswer => counts.no_answer = 1,
            CallStatus::Busy => counts.busy = 1,
            CallStatus::Rejected => counts.rejected = 1,
            CallStatus::Canceled => counts.canceled = 1,
            // No other status ends a call.
            CallStatus::Failed | CallStatus::Queued | CallStatus::Ringing | CallStatus::InProgress => {
                counts.failed = 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Actor, CallEnded, Envelope, EventData};

    #[test]
    fn each_way_to_end_counts_once_in_the_minute_of_the_end() {
        let actor = Actor { organization_id: "o".into(), user_id: "u".into() };
        for status in CallStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
            let event = EventData::CallEnded(CallEnded {
                call_id: "c".into(),
                status,
                outcome: "sold".into(),
                answered: true,
                duration: 90,
                talk_seconds: 60,
                started_at: "2025-10-05T09:58:00Z".parse().unwrap(),
                ended_at: "2025-10-05T09:59:59Z".parse().unwrap(),
                recording_url: None,
            });
            let now = "2025-10-05T10:05:00Z".parse().unwrap();
            let body = serde_json::to_string(&Envelope::new("e", &actor, &event, 2, 3, now)).unwrap();
            let (minute, counts) = counted("call.ended", &body).unwrap();
            assert_eq!(minute, minute_of("2025-10-05T09:59:00Z".parse().unwrap()), "{status:?}");
            assert_eq!((counts.ended(), counts.answered, counts.started), (1, 1, 0), "{status:?}");
            assert_eq!((counts.duration_seconds, counts.talk_seconds), (90, 60), "{status:?}");
            let of_campaign = counted_of_campaign("call.ended", &body).unwrap();
            assert_eq!((of_campaign.calls, of_campaign.handle_seconds), (counts, 90), "{status:?}");
            let unanswered = body.replace("\"answered\":true", "\"answered\":false");
            assert_eq!(
                counted_of_campaign("call.ended", &unanswered).unwrap().handle_seconds,
                0,
                "{status:?}"
            );
        }
        assert_eq!(counted("call.transcribed", "{}"), None);
        assert_eq!(counted("call.ended", "{}"), None);
    }

    #[test]
    fn counts_add_up() {
        let one = CallCounts { started: 1, busy: 2, answered: 3, talk_seconds: 4, ..CallCounts::default() };
        let mut sum = one;
        sum += one;
        let twice = CallCounts { started: 2, busy: 4, answered: 6, talk_seconds: 8, ..CallCounts::default() };
        assert_eq!(sum, twice);
    }
}
