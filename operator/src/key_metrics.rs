//! What is measured of modules' keys: of all of them together, since labels hold no names. `kubectl get comms` tells which.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;
use prometheus_client::{
    metrics::{gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::{rotation::Standing, watches::ModuleRef};

/// The metrics of keys.
#[derive(Debug)]
pub(crate) struct KeyMetrics {
    standings: Mutex<HashMap<ModuleRef, Standing>>,
    oldest: Gauge,
    overdue: Gauge,
    missing: Gauge,
    held: Gauge,
    promotions: Histogram,
}

impl KeyMetrics {
    /// Registers them.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            standings: Mutex::default(),
            oldest: Gauge::default(),
            overdue: Gauge::default(),
            missing: Gauge::default(),
            held: Gauge::default(),
            // A propagation delay and some seconds; the longest is what somebody chose, or a rotation that was held.
            promotions: Histogram::new([
                15.0, 30.0, 60.0, 62.0, 65.0, 70.0, 90.0, 120.0, 300.0, 900.0, 3600.0, 86_400.0,
            ]),
        };
        let oldest = "Age of the oldest key that signs, over all modules";
        registry.register_with_unit("signing_key_age", oldest, Unit::Seconds, metrics.oldest.clone());
        let overdue = "How long the most overdue key should have been signing already, 0 where none is";
        registry.register_with_unit("key_rotation_overdue", overdue, Unit::Seconds, metrics.overdue.clone());
        let missing = "Pods that have yet to take up a change of keys, over all modules";
        registry.register("key_acknowledgements_missing", missing, metrics.missing.clone());
        let held = "Modules whose rotation waits for pods for longer than it should, or for room";
        registry.register("key_rotations_held", held, metrics.held.clone());
        let promotions = "Time from the making of a key until it signs";
        registry.register_with_unit("key_promotion", promotions, Unit::Seconds, metrics.promotions.clone());
        metrics
    }

    /// Notes how it stands with a module's keys; none where it has none that rotate.
    pub(crate) fn note(&self, module: &ModuleRef, standing: Option<Standing>) {
        let mut all = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        match standing {
            Some(standing) => all.insert(module.clone(), standing),
            None => all.remove(module),
        };
    }

    /// Notes that a key signs, so long after it was made.
    pub(crate) fn promoted(&self, after: Duration) {
        self.promotions.observe(after.as_secs_f64());
    }

    /// Forgets all modules: another replica looks after them.
    pub(crate) fn clear(&self) {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sets what depends on the time.
    pub(crate) fn refresh(&self, now: Timestamp) {
        let all = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        let most = |since: fn(&Standing) -> Option<Timestamp>| {
            let ages = all.values().filter_map(since).map(|since| now.duration_since(since).as_secs());
            ages.max().unwrap_or(0).max(0)
        };
        self.oldest.set(most(|standing| Some(standing.signs_since)));
        self.overdue.set(most(|standing| standing.successor_due));
        let missing: usize = all.values().map(|standing| standing.missing).sum();
        self.missing.set(i64::try_from(missing).unwrap_or(i64::MAX));
        let held = all.values().filter(|standing| standing.held).count();
        self.held.set(i64::try_from(held).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_oldest_and_the_most_overdue_key_count_and_no_module_that_is_gone() {
        let mut registry = Registry::default();
        let metrics = KeyMetrics::new(&mut registry);
        let told = |now: i64| {
            metrics.refresh(at(now));
            let mut text = String::new();
            encode(&mut text, &registry).expect("it can be told");
            let of = |name: &str| {
                let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
                value.unwrap_or_else(|| panic!("there is no {name} in {text}"))
            };
            let names = [
                "signing_key_age_seconds ",
                "key_rotation_overdue_seconds ",
                "key_acknowledgements_missing ",
                "key_rotations_held ",
            ];
            names.map(|name| -> i64 { of(name) })
        };
        assert_eq!(told(100), [0, 0, 0, 0]);

        let [one, two] = ["one", "two"].map(|name| ModuleRef::new(name).within("tel"));
        let standing = |signs_since, successor_due, missing, held| {
            Some(Standing {
                signs_since: at(signs_since),
                successor_due: Some(at(successor_due)),
                missing,
                held,
            })
        };
        metrics.note(&one, standing(10, 200, 0, false));
        metrics.note(&two, standing(40, 150, 2, true));
        assert_eq!(told(100), [90, 0, 2, 1]);
        assert_eq!(told(210), [200, 60, 2, 1]);
        metrics.note(&two, None);
        assert_eq!(told(210), [200, 10, 0, 0]);
        metrics.clear();
        assert_eq!(told(210), [0, 0, 0, 0]);
    }
}
