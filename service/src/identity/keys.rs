//! The keys in force, and the watch over their directory: what changes there is in force within a second, as a whole
//! or not at all.

use keyset::KeySet;
use keyset::directory;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the key directory is looked at.
pub const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// A key set in force.
#[derive(Debug)]
pub struct KeysInForce {
    /// The keys.
    pub set: KeySet,
    /// Rises with each set: what was found out with the keys of another generation has to be found out anew.
    pub generation: u64,
}

/// The keys in force, and how it stands with their directory.
#[derive(Debug, Clone)]
pub struct KeyReport {
    /// The keys in force.
    pub in_force: Arc<KeysInForce>,
    /// Why what lies in the directory now is not in force.
    pub error: Option<String>,
}

/// Holds the keys in force. Clones share them.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<RwLock<KeyReport>>);

/// What a look at the directory has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Nothing, good or bad.
    Nothing,
    /// Another set is in force.
    Taken,
    /// There is a reason, or another one than before, why the set in force stays.
    Refused,
    /// The set in force lies in the directory again.
    Mended,
}

impl KeyRing {
    /// With this set in force.
    pub fn new(set: KeySet) -> Self {
        let in_force = Arc::new(KeysInForce { set, generation: 1 });
        Self(Arc::new(RwLock::new(KeyReport { in_force, error: None })))
    }

    /// The keys in force now. One thing is done with one answer, so that it is done with one set.
    pub fn in_force(&self) -> Arc<KeysInForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).in_force)
    }

    /// The keys in force now, and how it stands with their directory.
    pub fn report(&self) -> KeyReport {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what a look at the directory found: a set, or why there is none.
    fn found(&self, found: Result<KeySet, String>) -> Change {
        let mut report = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok(set) if set.set_sha256() != report.in_force.set.set_sha256() => {
                let generation = report.in_force.generation + 1;
                *report = KeyReport { in_force: Arc::new(KeysInForce { set, generation }), error: None };
                Change::Taken
            }
            Ok(_) if report.error.take().is_some() => Change::Mended,
            Err(reason) if report.error.as_ref() != Some(&reason) => {
                report.error = Some(reason);
                Change::Refused
            }
            Ok(_) | Err(_) => Change::Nothing,
        }
    }
}

/// Counts what came of changes of the key directory.
#[derive(Debug, Clone)]
pub struct KeyCounters {
    /// Changes, by whether they were taken or refused.
    pub reloads: Family<ReloadLabels, Counter>,
    /// 1 while what lies in the directory is not in force, else 0.
    pub in_error: Gauge,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReloadLabels {
    outcome: &'static str,
}

const TAKEN: ReloadLabels = ReloadLabels { outcome: "taken" };
const REFUSED: ReloadLabels = ReloadLabels { outcome: "refused" };

impl Default for KeyCounters {
    fn default() -> Self {
        let counters = Self { reloads: Family::default(), in_error: Gauge::default() };
        // A series that is there from the start shows its first increase.
        for labels in [TAKEN, REFUSED] {
            drop(counters.reloads.get_or_create(&labels));
        }
        counters
    }
}

/// Looks at the key directory now and again, and takes what changed there.
#[derive(Debug)]
pub struct KeyWatch {
    directory: PathBuf,
    ring: KeyRing,
    interval: Duration,
}

impl KeyWatch {
    /// Over the directory that `ring` was loaded from.
    pub fn new(directory: PathBuf, ring: KeyRing, interval: Duration) -> Self {
        Self { directory, ring, interval }
    }

    /// Watches until told to stop. Nothing is ever written or made: a directory that is gone is a reason to keep the
    /// keys in force.
    pub async fn run(self, counters: KeyCounters, stop: CancellationToken) {
        let look = async {
            loop {
                tokio::time::sleep(self.interval).await;
                let change = self.ring.found(self.look().await);
                self.tell(change, &counters);
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = look => {}
        }
    }

    async fn look(&self) -> Result<KeySet, String> {
        let directory = self.directory.clone();
        match tokio::task::spawn_blocking(move || directory::load(&directory)).await {
            Ok(loaded) => loaded.map_err(|error| error.to_string()),
            Err(error) => Err(format!("reading the key directory broke off ({error}): report this")),
        }
    }

    fn tell(&self, change: Change, counters: &KeyCounters) {
        let KeyReport { in_force, error } = self.ring.report();
        match change {
            Change::Nothing => {
                if let Some(reason) = error {
                    tracing::debug!(reason, "the key directory is still not taken up");
                }
            }
            Change::Taken => {
                counters.reloads.get_or_create(&TAKEN).inc();
                counters.in_error.set(0);
                tracing::info!(
                    signing = %in_force.set.signing_kid(),
                    accepted = in_force.set.jwks().iter().count(),
                    "changed keys are in force"
                );
            }
            Change::Refused => {
                counters.reloads.get_or_create(&REFUSED).inc();
                counters.in_error.set(1);
                let reason = error.unwrap_or_default();
                tracing::warn!(reason, "the key directory is not taken up; the keys in force stay");
            }
            Change::Mended => {
                counters.in_error.set(0);
                tracing::info!("the key directory is in order again; the keys in force are those in it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyset::KeyPair;

    fn set() -> KeySet {
        KeySet::of_pair(KeyPair::generate(&mut rand::rng()))
    }

    /// The same set once more, as another reading of the same files gives it.
    fn again(ring: &KeyRing) -> KeySet {
        KeySet::from_secret_data(&ring.in_force().set.to_secret_data()).unwrap()
    }

    #[test]
    fn a_changed_set_is_taken_as_the_next_generation_and_an_unchanged_one_is_not() {
        let ring = KeyRing::new(set());
        let first = ring.in_force();
        assert_eq!(ring.found(Ok(again(&ring))), Change::Nothing);
        assert!(Arc::ptr_eq(&ring.in_force(), &first));

        let other = set();
        let expected = (other.set_sha256().to_owned(), first.generation + 1);
        assert_eq!(ring.found(Ok(other)), Change::Taken);
        let second = ring.in_force();
        assert_eq!((second.set.set_sha256().to_owned(), second.generation), expected);
    }

    #[test]
    fn a_reason_is_told_once_and_kept_until_the_directory_is_mended() {
        let ring = KeyRing::new(set());
        let before = ring.in_force();
        let found = |reason: &str| ring.found(Err(reason.to_owned()));
        assert_eq!([found("gone"), found("gone")], [Change::Refused, Change::Nothing]);
        assert_eq!([found("loose"), found("loose")], [Change::Refused, Change::Nothing]);
        let report = ring.report();
        assert_eq!(report.error.as_deref(), Some("loose"));
        assert!(Arc::ptr_eq(&report.in_force, &before));

        assert_eq!(ring.found(Ok(again(&ring))), Change::Mended);
        assert_eq!(ring.report().error, None);
        assert!(Arc::ptr_eq(&ring.in_force(), &before));
        assert_eq!(found("gone"), Change::Refused, "a new time is told anew");
        assert_eq!(ring.found(Ok(set())), Change::Taken);
        assert_eq!(ring.report().error, None);
    }
}
