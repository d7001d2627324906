//! Where new identifiers come from: passed in as a value, so that whatever makes one can be tested.

use jiff::Timestamp;
use uuid::Uuid;

/// A source of new identifiers.
pub trait IdSource: Send + Sync + 'static {
    /// A new identifier: unique, and greater than the ones given out before it (`UUIDv7`, RFC 9562 section 5.7).
    fn next_id(&self) -> Uuid;
}

/// What the identifiers that are made at this time or later are not less than, as text.
pub fn first_id_of(time: Timestamp) -> String {
    let milliseconds = time.as_millisecond().max(0);
    format!("{:08x}-{:04x}-", milliseconds >> 16, milliseconds & 0xffff)
}

/// `UUIDv7` from the machine's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that makes identifiers")]
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_not_less_than_the_first_of_its_time_and_less_than_that_of_a_later_one() {
        let before =
            jiff::Timestamp::from_second(crate::clock::Clock::now(&crate::clock::SystemClock).as_second());
        let before = before.unwrap();
        let id = RandomIds.next_id().to_string();
        let later = before + jiff::SignedDuration::from_secs(5);
        assert!(first_id_of(before) <= id && id < first_id_of(later), "{id}");
    }
}
