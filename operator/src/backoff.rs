//! How long to wait after failures, per object.

use std::{collections::HashMap, hash::Hash, sync::Mutex, time::Duration};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(5);

/// The pause after the `failures`-th failure in a row: doubling from a second to five minutes. `chance`, from 0 to 1,
/// takes up to half of it away, so that objects that failed together do not try again together.
pub(crate) fn pause(failures: u32, chance: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    whole.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

/// Failures in a row, by object.
#[derive(Debug)]
pub(crate) struct Failures<K>(Mutex<HashMap<K, u32>>);

impl<K> Default for Failures<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Failures<K> {
    /// Counts a failure and gives how many there were in a row.
    pub(crate) fn count(&self, object: K) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = counts.entry(object).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// Forgets the failures of an object that succeeded or is gone.
    pub(crate) fn forget(&self, object: &K) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let seconds = |failures| pause(failures, 0.0).as_secs();
        assert_eq!([1, 2, 3, 4, 9, 10, 100, u32::MAX].map(seconds), [1, 2, 4, 8, 256, 300, 300, 300]);
    }

    #[test]
    fn chance_takes_up_to_half_away() {
        assert_eq!(pause(2, 1.0), Duration::from_secs(1));
        assert_eq!(pause(2, 0.5), Duration::from_millis(1500));
    }

    #[test]
    fn a_success_starts_the_count_anew() {
        let failures = Failures::default();
        assert_eq!([failures.count("a"), failures.count("a"), failures.count("b")], [1, 2, 1]);
        failures.forget(&"a");
        assert_eq!(failures.count("a"), 1);
    }
}
