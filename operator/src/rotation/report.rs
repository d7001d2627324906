//! How it stands with a module's keys, for its status.

use std::time::Duration;

use jiff::Timestamp;
use keyset::Kid;

use super::{Keyring, MAX_FORMER, PodKeys, Pods, Rules, Source, Unfit, after, next, next::Wanted};

/// How long pods may take before that is worth a warning.
const PATIENCE: Duration = Duration::from_secs(120);
/// Revoked keys that are shown at most, the newest ones.
const SHOWN: usize = 8;

/// How it stands with a module's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its keys: the one that signs, the staged one, former and revoked ones.
    pub keys: Vec<KeyReport>,
    /// When a key took over last.
    pub last_rotation: Option<Timestamp>,
    /// When the next one is made, if nothing asks for one before. None where the user's keys sign.
    pub next_rotation: Option<Timestamp>,
    /// The newest request that was carried out, or found at the beginning.
    pub observed_request: Option<String>,
    /// What is under way.
    pub situation: Situation,
    /// Keys that the spec revokes and that this module does not know.
    pub unknown: Vec<String>,
    /// Why the user's keys are not taken, where they are not.
    pub unfit: Option<Unfit>,
}

/// What is measured of a module's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Since when its key signs.
    pub signs_since: Timestamp,
    /// When another one should sign at the latest, where that goes by age.
    pub successor_due: Option<Timestamp>,
    /// How many pods have yet to take up a change.
    pub missing: usize,
    /// Whether pods, room for a key, or another key of the user's are waited for longer than they should be.
    pub held: bool,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// Its id.
    pub kid: Kid,
    /// Where it is in its life.
    pub phase: Phase,
    /// When it was made, as far as known.
    pub created_at: Option<Timestamp>,
    /// Since when it signs or signed.
    pub activated_at: Option<Timestamp>,
    /// When it was retired or revoked.
    pub retired_at: Option<Timestamp>,
    /// When it will be removed.
    pub remove_at: Option<Timestamp>,
    /// Of how many serving pods how many have it in force as they shall, where that is asked.
    pub acknowledged: Option<(usize, usize)>,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is accepted and signs nothing.
    Staged,
    /// It signs.
    Active,
    /// It signed and is accepted.
    Retired,
    /// It is refused.
    Revoked,
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Nothing.
    Calm,
    /// The staged key is about to be accepted everywhere; then it signs.
    Staging {
        /// It.
        kid: Kid,
        /// When it signs, once all pods accept it.
        promotes_at: Option<Timestamp>,
    },
    /// The last pods change over to the key that signs.
    Retiring,
    /// The last pods learn of a revocation.
    Revoking,
    /// Pods take too long.
    Held {
        /// Their names.
        pods: Vec<String>,
        /// Why the first of them has not acknowledged, as far as known.
        why: Option<String>,
    },
    /// As many former keys are accepted as there may be, and a rotation is due.
    Crowded {
        /// When one of them goes.
        until: Option<Timestamp>,
    },
}

/// Tells how it stands. What depends on pods is told where they were asked.
pub fn report(keyring: &Keyring, rules: &Rules, pods: &Pods, now: Timestamp) -> Report {
    let asked = match pods {
        Pods::Asked { pods, .. } => Some(pods.as_slice()),
        Pods::NotAsked | Pods::Unknown => None,
    };
    let waits = Waits { keyring, asked };
    let unknown = rules.revoked.iter().filter(|kid| !keyring.accepts(kid) && !keyring.has_revoked(kid));
    Report {
        keys: waits.keys(rules),
        last_rotation: keyring.last_rotation,
        next_rotation: next::next_rotation(keyring, rules),
        observed_request: keyring.observed_request.clone(),
        situation: waits.situation(rules, now),
        unknown: unknown.cloned().collect(),
        unfit: match &rules.source {
            Source::Own(own) => own.unfit(keyring, rules),
            Source::Made => None,
            Source::Missing => Some(Unfit::Missing),
        },
    }
}

impl Report {
    /// What is measured of it.
    pub fn standing(&self, rules: &Rules) -> Option<Standing> {
        let active = self.keys.iter().find(|key| key.phase == Phase::Active)?;
        let behind = |(done, of): (usize, usize)| of - done;
        Some(Standing {
            signs_since: active.activated_at?,
            successor_due: self.next_rotation.map(|at| after(at, rules.propagation_delay)),
            missing: self.keys.iter().filter_map(|key| key.acknowledged).map(behind).max().unwrap_or(0),
            held: self.unfit.is_some()
                || matches!(self.situation, Situation::Held { .. } | Situation::Crowded { .. }),
        })
    }
}

struct Waits<'a> {
    keyring: &'a Keyring,
    asked: Option<&'a [PodKeys]>,
}

impl Waits<'_> {
    fn count(&self, done: impl Fn(&PodKeys) -> bool) -> Option<(usize, usize)> {
        self.asked.map(|pods| (pods.iter().filter(|pod| done(pod)).count(), pods.len()))
    }

    fn keys(&self, rules: &Rules) -> Vec<KeyReport> {
        let Keyring { active, staged, former, revoked, .. } = self.keyring;
        let in_flight = former.iter().any(|former| former.retired_at.is_none());
        let active = KeyReport {
            kid: active.jwk.kid.clone(),
            phase: Phase::Active,
            created_at: Some(active.created_at),
            activated_at: Some(active.activated_at),
            retired_at: None,
            remove_at: None,
            acknowledged: self.count(|pod| next::signs(pod, active)).filter(|_| in_flight),
        };
        let staged = staged.iter().map(|staged| KeyReport {
            kid: staged.jwk.kid.clone(),
            phase: Phase::Staged,
            created_at: Some(staged.created_at),
            activated_at: None,
            retired_at: None,
            remove_at: None,
            acknowledged: self.count(|pod| next::accepts(pod, staged)),
        });
        let former = self.keyring.former_only().rev().map(|former| KeyReport {
            kid: former.jwk.kid.clone(),
            phase: Phase::Retired,
            created_at: former.created_at,
            activated_at: former.activated_at,
            retired_at: former.retired_at,
            remove_at: former.remove_at(rules),
            acknowledged: None,
        });
        let revoked = revoked.iter().rev().take(SHOWN).map(|revoked| KeyReport {
            kid: revoked.kid.clone(),
            phase: Phase::Revoked,
            created_at: revoked.created_at,
            activated_at: None,
            retired_at: Some(revoked.revoked_at),
            remove_at: None,
            acknowledged: self
                .count(|pod| next::refuses(pod, revoked))
                .filter(|_| revoked.refused_at.is_none()),
        });
        [active].into_iter().chain(staged).chain(former).chain(revoked).collect()
    }

    fn situation(&self, rules: &Rules, now: Timestamp) -> Situation {
        let Keyring { active, staged, former, revoked, .. } = self.keyring;
        let demoted = former.iter().filter(|former| former.retired_at.is_none());
        let revoked = revoked.iter().find(|revoked| revoked.refused_at.is_none());
        // What is waited for, since when, and which pods have done it.
        if let Some(demoted_at) = demoted.map(|former| former.demoted_at).max() {
            let done = |pod: &PodKeys| next::signs(pod, active);
            return self.held(demoted_at, now, done).unwrap_or(Situation::Retiring);
        }
        if let Some(revoked) = revoked {
            let done = |pod: &PodKeys| next::refuses(pod, revoked);
            return self.held(revoked.revoked_at, now, done).unwrap_or(Situation::Revoking);
        }
        if let Some(staged) = staged {
            let promotes_at = staged.acknowledged_at.map(|at| after(at, rules.propagation_delay));
            let done = |pod: &PodKeys| next::accepts(pod, staged);
            let held = self.held(staged.created_at, now, done);
            return held.unwrap_or(Situation::Staging { kid: staged.jwk.kid.clone(), promotes_at });
        }
        let occasion = Wanted::of(self.keyring, rules).occasion(self.keyring, rules, now);
        if occasion.is_some() && self.keyring.passing() >= MAX_FORMER {
            let until = former.iter().filter_map(|former| former.remove_at(rules)).min();
            return Situation::Crowded { until };
        }
        Situation::Calm
    }

    fn held(&self, since: Timestamp, now: Timestamp, done: impl Fn(&PodKeys) -> bool) -> Option<Situation> {
        let missing: Vec<_> = self.asked?.iter().filter(|pod| !done(pod)).collect();
        let first = missing.first()?;
        if after(since, PATIENCE) > now {
            return None;
        }
        let why = match &first.answer {
            Ok(answer) => answer.error.clone(),
            Err(error) => Some(error.clone()),
        };
        Some(Situation::Held { pods: missing.iter().map(|pod| pod.pod.clone()).collect(), why })
    }
}
