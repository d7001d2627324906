//! How often events are told: the same again becomes a series of one event, and a module that cannot settle does not flood
//! its namespace. What was told is known for as long as the operator runs; it starts anew with no harm.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use k8s_openapi::jiff::{SignedDuration, Timestamp};

/// An event that was told this long ago is told as a new one.
const SERIES: SignedDuration = SignedDuration::from_mins(10);
/// How often a series is brought up to date.
const UPDATE: SignedDuration = SignedDuration::from_mins(1);
/// New events of one module at once.
const BURST: u32 = 10;
/// How long it takes until a module that used them up may tell another.
const REFILL: SignedDuration = SignedDuration::from_mins(1);

/// What to do about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Say {
    /// Create it.
    New,
    /// Say of the event `name` that it has been seen `count` times.
    Again {
        /// The event's name.
        name: String,
        /// How often it was seen.
        count: i32,
    },
    /// It was told often enough.
    Nothing,
}

/// What was told lately.
#[derive(Debug, Default)]
pub struct Telling(Mutex<HashMap<Module, Told>>);

/// Namespace and name.
type Module = (String, String);

#[derive(Debug)]
struct Told {
    left: u32,
    refilled: Timestamp,
    series: HashMap<u64, Series>,
}

#[derive(Debug)]
struct Series {
    name: String,
    count: i32,
    seen: Timestamp,
    updated: Timestamp,
}

impl Telling {
    /// Decides about an event of a module, with this reason and note; it would be created as `name`.
    pub(super) fn say(&self, module: Module, what: (&str, &str), name: &str, now: Timestamp) -> Say {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told =
            all.entry(module).or_insert_with(|| Told { left: BURST, refilled: now, series: HashMap::new() });
        told.series.retain(|_, series| now.duration_since(series.seen) < SERIES);
        told.refill(now);
        let mut hash = DefaultHasher::new();
        what.hash(&mut hash);
        if let Some(series) = told.series.get_mut(&hash.finish()) {
            return series.again(now);
        }
        if told.left == 0 {
            return Say::Nothing;
        }
        told.left -= 1;
        let series = Series { name: name.to_owned(), count: 1, seen: now, updated: now };
        told.series.insert(hash.finish(), series);
        Say::New
    }

    /// Forgets a module that is gone.
    pub fn forget(&self, namespace: &str, name: &str) {
        let module = (namespace.to_owned(), name.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&module);
    }
}

impl Told {
    fn refill(&mut self, now: Timestamp) {
        let due = now.duration_since(self.refilled).as_secs() / REFILL.as_secs();
        if due > 0 {
            self.left = self.left.saturating_add(u32::try_from(due).unwrap_or(BURST)).min(BURST);
            self.refilled = now;
        }
    }
}

impl Series {
    fn again(&mut self, now: Timestamp) -> Say {
        self.count = self.count.saturating_add(1);
        self.seen = now;
        // A series begins with the second time: that is told at once.
        if self.count > 2 && now.duration_since(self.updated) < UPDATE {
            return Say::Nothing;
        }
        self.updated = now;
        Say::Again { name: self.name.clone(), count: self.count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    fn module(name: &str) -> Module {
        ("tel".into(), name.into())
    }

    fn again(count: i32) -> Say {
        Say::Again { name: "first".into(), count }
    }

    #[test]
    fn the_same_again_is_a_series_that_is_updated_once_a_minute() {
        let telling = Telling::default();
        let say = |seconds, name: &str| {
            telling.say(module("u"), ("NameTaken", "Service comms exists"), name, at(seconds))
        };
        assert_eq!(say(0, "first"), Say::New);
        assert_eq!(say(1, "second"), again(2));
        assert_eq!(say(2, "third"), Say::Nothing);
        assert_eq!(say(61, "fourth"), again(4));
        assert_eq!(say(661, "fifth"), Say::New, "ten minutes of silence end a series");
    }

    #[test]
    fn other_reasons_notes_and_objects_are_other_events() {
        let telling = Telling::default();
        for (uid, what) in [("u", ("A", "x")), ("u", ("A", "y")), ("u", ("B", "x")), ("v", ("A", "x"))] {
            assert_eq!(telling.say(module(uid), what, "n", at(0)), Say::New, "{uid} {what:?}");
        }
    }

    #[test]
    fn a_module_that_cannot_settle_tells_ten_events_and_then_one_a_minute() {
        let telling = Telling::default();
        let say =
            |number: i64| telling.say(module("u"), ("PodsNotReady", &number.to_string()), "n", at(number));
        assert_eq!((0..60).filter(|second| say(*second) == Say::New).count(), 10);
        assert_eq!((60..300).filter(|second| say(*second) == Say::New).count(), 4);
        assert_eq!(
            telling.say(module("v"), ("PodsNotReady", "1"), "n", at(0)),
            Say::New,
            "others are not held up"
        );
        telling.forget("tel", "u");
        assert_eq!(say(300), Say::New);
    }
}
