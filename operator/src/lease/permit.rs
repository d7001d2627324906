//! Until when a replica may write.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// As good as for ever.
const ALWAYS: Duration = Duration::from_secs(365 * 24 * 3600);

/// Until when a replica may write. Copies share it. The clock goes on while the process is stopped, so a replica that wakes
/// up late holds none any more.
#[derive(Clone, Debug)]
pub struct Permit(Arc<Mutex<Option<Instant>>>);

impl Permit {
    /// Permit for good: of a client that needs no lease.
    pub fn always() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// None yet.
    pub fn none() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    /// Until when writes may be under way.
    pub fn until(&self) -> Instant {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.unwrap_or_else(|| Instant::now() + ALWAYS)
    }

    /// Gives permit until then, or takes it where that is past.
    pub(super) fn give_until(&self, until: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Takes it.
    pub(super) fn take(&self) {
        self.give_until(Instant::now());
    }
}
