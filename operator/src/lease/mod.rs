//! Leader election by a Lease: one replica works, the others stand by.
//!
//! [`election`] decides, purely; [`holder`] asks and writes. Each write of the Lease carries the resourceVersion that was
//! seen, so that of two candidates one is refused. Times are the replica's own, from a clock that nobody sets: when
//! another has renewed is told by the Lease having changed, not by the time that stands in it.

mod election;
mod holder;
mod permit;

use std::time::Duration;

pub use holder::{Identity, Leading, Lease, LeaseError};
pub use permit::Permit;

/// What a lease promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long others wait after the last renewal that they saw.
    pub duration: Duration,
    /// How long after the beginning of its last renewal the holder works. Shorter than `duration`, so that its work has
    /// ended before anyone takes over.
    pub work: Duration,
    /// How often the holder renews.
    pub renew: Duration,
    /// How often standbys look, and how soon the holder tries again after a failure.
    pub retry: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(15),
            work: Duration::from_secs(10),
            renew: Duration::from_secs(4),
            retry: Duration::from_secs(1),
        }
    }
}
