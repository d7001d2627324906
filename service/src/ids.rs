//! Where new identifiers come from: passed in as a value, so that whatever makes one can be tested.

use uuid::Uuid;

/// A source of new identifiers.
pub trait IdSource: Send + Sync + 'static {
    /// A new identifier: unique, and greater than the ones given out before it (`UUIDv7`, RFC 9562 section 5.7).
    fn next_id(&self) -> Uuid;
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
