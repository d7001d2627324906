//! The one place that reads the time; everything else takes it as a value.

use k8s_openapi::jiff::Timestamp;

/// Tells the time.
pub type Clock = fn() -> Timestamp;

/// The system's time.
#[expect(clippy::disallowed_methods, reason = "the edge where the clock comes from")]
pub fn system() -> Timestamp {
    Timestamp::now()
}
