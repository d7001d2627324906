//! The key machine: keys that rotate themselves, as a pure function.
//!
//! [`next`] takes what the two Secrets hold, what the serving pods say, what the spec asks for and the time, and gives the
//! one thing to do next. All that it remembers is in the [`Keyring`], so that any replica of the operator goes on from
//! where another was stopped. What pods read follows from the keyring alone ([`Keyring::set`]) and is written after it: a
//! crash between the two writes leaves a keyring that is ahead, and the next look publishes what it says.
//!
//! Keys are made here, or are the user's ([`Source`]); both go the same way.
//!
//! A key is **staged** (accepted, signs nothing), **active** (signs), **former** (accepted; until every pod signs with its
//! successor it is being demoted, then it is retired) and removed; or it is **revoked** at any time. One key is in flight
//! at a time, from staging until its predecessor is retired.

mod happening;
mod keyring;
mod next;
mod own;
mod report;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use keyset::KeySet;
use serde::Deserialize;

pub use happening::{Happening, Occasion};
pub use keyring::{Active, Former, KEYRING_JSON, Keyring, KeyringError, Revoked, Staged};
pub use next::{Next, Problem, Step, next};
pub use own::{OwnKeys, Source, Unfit};
pub use report::{KeyReport, Phase, Report, Situation, Standing, report};

/// Former keys that are kept at most. Further rotations wait until one may go.
pub const MAX_FORMER: usize = 8;
/// What is added to the longest life of a token before its key may go: clocks differ.
pub const CLOCK_MARGIN: Duration = Duration::from_secs(60);

/// What the spec asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How old a key may become while it signs.
    pub interval: Duration,
    /// How long a key is known everywhere before it signs.
    pub propagation_delay: Duration,
    /// How long a key is accepted at least after it has signed for the last time.
    pub retention: Duration,
    /// The longest life of a token that is signed now.
    pub token_life: Duration,
    /// A text of the user's; another one than before asks for a rotation.
    pub request: Option<String>,
    /// Keys that must not be accepted.
    pub revoked: BTreeSet<String>,
    /// Where keys come from.
    pub source: Source,
}

/// What the keyring's Secret holds.
#[derive(Debug)]
pub enum Stored {
    /// There is none.
    Absent,
    /// A keyring.
    Ring(Box<Keyring>),
    /// Something else.
    Unusable(KeyringError),
}

/// What the pods' Secret holds.
#[derive(Debug)]
pub enum Published {
    /// There is none.
    Absent,
    /// A key set.
    Set {
        /// The set.
        set: Box<KeySet>,
        /// When the Secret was made.
        created_at: Option<Timestamp>,
    },
    /// Something else, for this reason.
    Broken(String),
}

/// What is known of the pods that serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pods {
    /// Nobody has asked them.
    NotAsked,
    /// It cannot be told which there are, so that nothing may rest on it.
    Unknown,
    /// They were asked.
    Asked {
        /// Their answers.
        pods: Vec<PodKeys>,
        /// Whether the API server itself was asked which there are.
        listed_anew: bool,
    },
}

/// What a serving pod says of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodKeys {
    /// Its name.
    pub pod: String,
    /// Its UID.
    pub uid: String,
    /// Whether requests are led to it.
    pub ready: bool,
    /// What it answered, or why there is no answer.
    pub answer: Result<KeysAnswer, String>,
}

/// The body of `/keys` on a pod's management port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeysAnswer {
    /// The key that it signs with.
    pub signing: String,
    /// The keys that it accepts.
    pub accepted: BTreeSet<String>,
    /// The pod, as it knows itself.
    pub pod_uid: Option<String>,
    /// Fingerprint of the set in force, see [`KeySet::set_sha256`].
    pub set_sha256: String,
    /// Why what is mounted is not in force.
    pub error: Option<String>,
}

impl PodKeys {
    /// Whether it has answered, and this holds of the answer.
    fn says(&self, holds: impl FnOnce(&KeysAnswer) -> bool) -> bool {
        self.answer.as_ref().is_ok_and(holds)
    }
}

/// How long after `start` something is over.
pub(crate) fn after(start: Timestamp, duration: Duration) -> Timestamp {
    start.checked_add(duration).unwrap_or(Timestamp::MAX)
}
