//! How long to wait before another attempt.

use std::time::Duration;
use tokio::time::Instant;

/// The first and the longest wait after something was not available.
const UNAVAILABLE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// When it goes on after something was not available.
#[derive(Debug, Default)]
pub(super) struct Pause {
    /// Not before then.
    pub(super) until: Option<Instant>,
    failures: u32,
}

impl Pause {
    /// It was not available; of several failures within a pause the first counts.
    pub(super) fn begin(&mut self, now: Instant) {
        if self.lasts(now) {
            return;
        }
        self.until = Some(now + delay(UNAVAILABLE.0, UNAVAILABLE.1, self.failures, rand::random()));
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn lasts(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

/// Doubles from `first` on up to `most`; `chance`, from 0 to 1, takes up to half of it away, so that many who failed
/// together do not come back together.
pub fn delay(first: Duration, most: Duration, attempt: u32, chance: f64) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(attempt)).min(most);
    whole.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_lose_at_most_half() {
        let at = |attempt, chance| delay(Duration::from_millis(100), Duration::from_secs(5), attempt, chance);
        assert_eq!(at(0, 0.0), Duration::from_millis(100));
        assert_eq!(at(3, 0.0), Duration::from_millis(800));
        assert_eq!(at(3, 1.0), Duration::from_millis(400));
        assert_eq!(at(6, 0.0), Duration::from_secs(5));
        assert_eq!(at(u32::MAX, 0.5), Duration::from_millis(3750));
    }
}
