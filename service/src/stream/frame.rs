//! What goes over the wire, in the form of server-sent events (HTML standard, section 9.2). Pure.

use crate::wording::{self, Sentence, say};
use axum::body::Bytes;
use serde_json::json;

/// How soon a client may connect again, in milliseconds, at least; it is spread, so that not all of them come at once.
const RETRY_MS: u64 = 1000;
/// By how much it is spread, in milliseconds.
const RETRY_SPREAD_MS: u64 = 2000;

/// Where a listener is. It is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Which life of the database it belongs to.
    pub epoch: String,
    /// The position of the last event that was heard of.
    pub number: i64,
}

impl Position {
    /// Reads what a client gives back.
    pub fn read(text: &str) -> Option<Self> {
        let (epoch, number) = text.rsplit_once('-')?;
        let fits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| fits)?;
        Some(Self { epoch: epoch.to_owned(), number })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

/// The begin of a stream: from here a client goes on, also when it hears of nothing before it is cut off. `chance` is
/// any number.
pub fn opening(position: &Position, chance: u64) -> Bytes {
    format!("retry: {}\nid: {position}\n\n", RETRY_MS + chance % RETRY_SPREAD_MS).into()
}

/// An event. `body` is its envelope: JSON, which has no line breaks.
pub fn event(position: &Position, event_type: &str, body: &str) -> Bytes {
    format!("id: {position}\nevent: {event_type}\ndata: {body}\n\n").into()
}

/// Shows that the connection lives, and from where to go on.
pub fn heartbeat(position: &Position) -> Bytes {
    format!(": alive\nid: {position}\n\n").into()
}

/// What lies between a client's position and this one is not known any more.
pub fn reset(position: &Position) -> Bytes {
    let data = json!({"detail": say!("stream-reset").in_words(wording::current())});
    format!("id: {position}\nevent: reset\ndata: {data}\n\n").into()
}

/// The stream ends by the service's will.
pub fn end(why: &Sentence) -> Bytes {
    let data = json!({"detail": why.in_words(wording::current())});
    format!("event: end\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_position_is_none() {
        for bad in ["", "-", "a-", "7", "a-b", "a-+1", "a--1", "a-99999999999999999999", "a-1 "] {
            let read = Position::read(bad).filter(|position| !position.epoch.ends_with('-'));
            assert_eq!(read, None, "{bad:?}");
        }
    }

    #[test]
    fn frames_are_those_of_the_standard() {
        let position = Position { epoch: "e".into(), number: 7 };
        assert_eq!(event(&position, "call.ended", "{}"), "id: e-7\nevent: call.ended\ndata: {}\n\n");
        assert_eq!(opening(&position, 4321), "retry: 1321\nid: e-7\n\n");
        assert_eq!(heartbeat(&position), ": alive\nid: e-7\n\n");
        assert!(reset(&position).starts_with(b"id: e-7\nevent: reset\ndata: {\"detail\":"));
        let over = say!("stream-hour-over");
        let expected =
            "event: end\ndata: {\"detail\":\"The stream has lived for an hour: connect again.\"}\n\n";
        assert_eq!(end(&over), expected);
    }

    proptest! {
        #[test]
        fn a_position_is_read_back(epoch in "[0-9a-f]{0,12}", number in 0..=i64::MAX) {
            let position = Position { epoch, number };
            prop_assert_eq!(Position::read(&position.to_string()), Some(position));
        }

        #[test]
        fn any_text_is_read_or_not(text in ".*") {
            let _ = Position::read(&text);
        }
    }
}
