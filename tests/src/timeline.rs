//! How a rotation went, as it was recorded on a cluster: which keys each pod signed with and accepted, and the phases that
//! the operator told. `docs/key-rotation.json` is one, and its picture stands beside it.

mod picture;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use picture::draw;

/// A recorded rotation. Times are seconds since it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timeline {
    /// When recording ended.
    pub until: f64,
    /// What each pod said of its keys, by its name.
    pub pods: BTreeMap<String, Vec<Seen<PodKeys>>>,
    /// The phase of each key, by its id, as `status.keys` tells.
    pub phases: Vec<Seen<BTreeMap<String, String>>>,
}

/// What was seen from this time on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seen<T> {
    /// Since when.
    pub at: f64,
    /// What.
    pub value: T,
}

/// The keys of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodKeys {
    /// Id of the one that it signs with.
    pub signing: String,
    /// Ids of those that it accepts.
    pub accepted: BTreeSet<String>,
}

/// Notes what is seen now, where it differs from what was seen last.
pub fn note<T: PartialEq>(seen: &mut Vec<Seen<T>>, at: f64, value: T) {
    if seen.last().is_none_or(|last| last.value != value) {
        seen.push(Seen { at: (at * 100.0).round() / 100.0, value });
    }
}
