//! Conditions after the Kubernetes API conventions.

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

use super::reason::Reason;

/// The module serves as its spec says.
pub(super) const READY: &str = "Ready";
/// A change is under way.
pub(super) const PROGRESSING: &str = "Progressing";
/// There are keys to sign with.
pub(super) const KEYS_READY: &str = "KeysReady";
/// Events reach the broker.
pub(super) const EVENTS_READY: &str = "EventsReady";
/// The database answers.
pub(super) const DATABASE_READY: &str = "DatabaseReady";

/// Changes wait.
pub(super) const PAUSED: &str = "Paused";
/// The way in from outside is there; only where one is asked for.
pub(super) const EXPOSED: &str = "Exposed";
/// Metrics can be found; only where that is asked for.
pub(super) const MONITORED: &str = "Monitored";

/// Longest message; the API allows 32768 bytes, a table or an event far less.
const MAX_MESSAGE: usize = 900;

/// True, False or Unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    True,
    False,
    Unknown,
}

/// What a condition says, before times are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) state: State,
    pub(super) reason: Reason,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(state: State, reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), message: message.into() }
    }

    /// The condition; its transition time moves only when its state does.
    pub(super) fn into_condition(
        self,
        type_: &str,
        before: &[Condition],
        generation: Option<i64>,
        now: Timestamp,
    ) -> Condition {
        let status = match self.state {
            State::True => "True",
            State::False => "False",
            State::Unknown => "Unknown",
        };
        let unchanged =
            before.iter().find(|condition| condition.type_ == type_ && condition.status == status);
        let whole_second = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Condition {
            type_: type_.to_owned(),
            status: status.to_owned(),
            reason: self.reason.as_str().to_owned(),
            message: shortened(&self.message),
            observed_generation: generation,
            last_transition_time: unchanged
                .map_or(Time(whole_second), |condition| condition.last_transition_time.clone()),
        }
    }
}

/// A message of bounded length on one line.
fn shortened(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_MESSAGE) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_transition_time_moves_with_the_state_only() {
        let first = Finding::new(State::False, Reason::RollingOut, "0 of 1").into_condition(
            READY,
            &[],
            Some(1),
            at(10),
        );
        let same = Finding::new(State::False, Reason::ImageUnusable, "no such image").into_condition(
            READY,
            std::slice::from_ref(&first),
            Some(2),
            at(20),
        );
        assert_eq!((same.last_transition_time.0, same.observed_generation), (at(10), Some(2)));
        let turned = Finding::new(State::True, Reason::Serving, "1 of 1").into_condition(
            READY,
            &[same],
            Some(2),
            at(30),
        );
        assert_eq!(turned.last_transition_time.0, at(30));
    }

    #[test]
    fn messages_are_one_line_of_bounded_length() {
        let long = format!("first\nsecond {}", "x".repeat(2000));
        let condition =
            Finding::new(State::False, Reason::Complete, long).into_condition(READY, &[], None, at(0));
        assert!(condition.message.starts_with("first second x"), "{}", condition.message);
        assert_eq!(condition.message.chars().count(), MAX_MESSAGE + 1);
    }
}
