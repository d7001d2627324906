//! The one thing to do next.

use std::time::Duration;

use jiff::Timestamp;
use keyset::{Jwk, KeyPair, KeySet};
use rand::CryptoRng;
use sha2::{Digest, Sha256};

use super::{
    Active, Former, Happening, Keyring, KeyringError, MAX_FORMER, Occasion, OwnKeys, PodKeys, Pods,
    Published, Revoked, Rules, Source, Staged, Stored, after, keyring::Pair,
};

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// Something is to be done now.
    Step(Step),
    /// Nothing until this time, or until something changes.
    Rest {
        /// When to look again at the latest; none where only a change matters.
        until: Option<Timestamp>,
        /// Whether pods are waited for, so that they have to be asked again soon.
        pods: bool,
    },
    /// Nothing before somebody puts this right.
    Stuck(Problem),
}

/// One thing to do.
#[derive(Debug)]
pub enum Step {
    /// Ask the serving pods for their keys.
    Ask {
        /// First ask the API server itself which there are.
        list_anew: bool,
    },
    /// Write the keyring.
    Record {
        /// As it shall be.
        keyring: Box<Keyring>,
        /// What that means.
        happened: Vec<Happening>,
    },
    /// Write the key set that pods read.
    Publish {
        /// As it shall be.
        set: Box<KeySet>,
        /// What that means, where the keyring has not told it already.
        happened: Option<Happening>,
    },
}

/// What somebody has to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The keyring is of a later release.
    Newer(KeyringError),
    /// There is no usable keyring, and no usable key set to make one from.
    Lost {
        /// What is wrong with the keyring, where there is one.
        keyring: Option<String>,
        /// What is wrong with the key set, where there is one.
        set: Option<String>,
    },
}

/// Decides what comes next. `rng` is used where a key has to be made.
pub fn next(
    stored: &Stored,
    published: &Published,
    rules: &Rules,
    pods: &Pods,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Next {
    let keyring = match (stored, published) {
        (Stored::Ring(keyring), _) => keyring,
        (Stored::Unusable(error @ KeyringError::Newer(_)), _) => {
            return Next::Stuck(Problem::Newer(error.clone()));
        }
        // The set first, for it is what must not be made twice: whoever comes late finds it, and takes it over.
        (Stored::Absent, Published::Absent) => {
            let set = match &rules.source {
                Source::Made => KeySet::of_pair(KeyPair::generate(rng)),
                Source::Own(own) => own.set(),
                Source::Missing => return Next::Rest { until: None, pods: false },
            };
            return Next::Step(Step::Publish { set: Box::new(set), happened: None });
        }
        (Stored::Absent, Published::Set { set, created_at }) => {
            let told = Happening::Adopted(set.signing_kid().clone());
            return record(Keyring::adopting(set, *created_at, rules, now), vec![told]);
        }
        (Stored::Unusable(KeyringError::Damaged(_)), Published::Set { set, created_at }) => {
            let told = Happening::KeyringRebuilt(set.signing_kid().clone());
            return record(Keyring::adopting(set, *created_at, rules, now), vec![told]);
        }
        (Stored::Absent, Published::Broken(why)) => {
            return Next::Stuck(Problem::Lost { keyring: None, set: Some(why.clone()) });
        }
        (Stored::Unusable(KeyringError::Damaged(what)), Published::Absent) => {
            return Next::Stuck(Problem::Lost { keyring: Some(what.clone()), set: None });
        }
        (Stored::Unusable(KeyringError::Damaged(what)), Published::Broken(why)) => {
            return Next::Stuck(Problem::Lost { keyring: Some(what.clone()), set: Some(why.clone()) });
        }
    };
    let machine = Machine { keyring, wanted: Wanted::of(keyring, rules), published, rules, pods, now };
    let step = machine
        .revoke(rng)
        .or_else(|| machine.drop_staged())
        .or_else(|| machine.remove())
        .or_else(|| machine.keep_in_mind())
        .or_else(|| machine.publish())
        .or_else(|| machine.hear());
    if let Some(step) = step {
        return Next::Step(step);
    }
    if machine.has_room()
        && let Some(occasion) = machine.occasion()
        && let Some(pair) = machine.wanted.pair(rng)
    {
        return Next::Step(machine.stage(occasion, pair));
    }
    Next::Rest { until: machine.until(), pods: machine.waits_for_pods() }
}

fn record(keyring: Keyring, happened: Vec<Happening>) -> Next {
    Next::Step(Step::Record { keyring: Box::new(keyring), happened })
}

/// When a key is to be replaced by its age: up to a tenth of the interval early, so that keys that were made together are
/// not replaced together.
fn rotates_at(active: &Active, rules: &Rules) -> Timestamp {
    let hash = Sha256::digest(active.jwk.kid.as_str());
    let share = f64::from(u16::from_be_bytes([hash[0], hash[1]])) / f64::from(u16::MAX);
    after(active.activated_at, rules.interval.mul_f64(1.0 - share / 10.0))
}

/// When a key is to be replaced by its age, where it is.
pub(super) fn next_rotation(keyring: &Keyring, rules: &Rules) -> Option<Timestamp> {
    let ages = matches!(rules.source, Source::Made) && !keyring.active.own;
    ages.then(|| rotates_at(&keyring.active, rules))
}

/// How long ago something was; nothing where the clock was set back behind it.
fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// What is to sign.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// A key that is made here.
    Made,
    /// The user's.
    Own(&'a OwnKeys),
    /// The user's, which cannot be taken as they are: whatever signs goes on.
    Unknown,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(keyring: &Keyring, rules: &'a Rules) -> Self {
        match &rules.source {
            Source::Made => Self::Made,
            Source::Own(own) if own.unfit(keyring, rules).is_none() => Self::Own(own),
            Source::Own(_) | Source::Missing => Self::Unknown,
        }
    }

    /// Whether this key is the one, or one of those, that it asks for.
    fn is(self, jwk: &Jwk, own: bool) -> bool {
        match self {
            Self::Made => !own,
            Self::Own(keys) => keys.jwk == *jwk,
            Self::Unknown => false,
        }
    }

    fn pair(self, rng: &mut impl CryptoRng) -> Option<Pair> {
        match self {
            Self::Made => Some(Pair::make(rng)),
            Self::Own(keys) => Some(Pair::own(keys)),
            Self::Unknown => None,
        }
    }

    /// Why another key is to take over from the one that signs, if one is.
    pub(super) fn occasion(self, keyring: &Keyring, rules: &Rules, now: Timestamp) -> Option<Occasion> {
        let active = &keyring.active;
        match self {
            Self::Unknown => None,
            Self::Own(own) => (own.jwk != active.jwk).then_some(Occasion::Own),
            Self::Made if active.own => Some(Occasion::Return),
            Self::Made => {
                let request = rules.request.as_ref();
                let asked = request.filter(|request| keyring.observed_request.as_ref() != Some(request));
                let aged = || (rotates_at(active, rules) <= now).then_some(Occasion::Age);
                asked.cloned().map(Occasion::Request).or_else(aged)
            }
        }
    }
}

struct Machine<'a> {
    keyring: &'a Keyring,
    wanted: Wanted<'a>,
    published: &'a Published,
    rules: &'a Rules,
    pods: &'a Pods,
    now: Timestamp,
}

impl Machine<'_> {
    /// Takes out what is revoked. A key that signs is replaced by a new one at once; whatever was on its way goes, for
    /// who got at one private half may have got at the other.
    fn revoke(&self, rng: &mut impl CryptoRng) -> Option<Step> {
        let is_revoked = |kid: &str| self.keyring.refuses(kid, self.rules);
        let (mut changed, mut happened) = (self.keyring.clone(), Vec::new());
        let mut end = |changed: &mut Keyring, kid: &keyset::Kid, created_at, successor| {
            changed.revoked.push(Revoked {
                kid: kid.clone(),
                created_at,
                revoked_at: self.now,
                refused_at: None,
            });
            happened.push(Happening::Revoked { kid: kid.clone(), successor });
        };
        for former in self.keyring.former.iter().filter(|former| is_revoked(former.jwk.kid.as_str())) {
            changed.former.retain(|other| other.jwk.kid != former.jwk.kid);
            end(&mut changed, &former.jwk.kid, former.created_at, None);
        }
        if let Some(staged) =
            self.keyring.staged.as_ref().filter(|staged| is_revoked(staged.jwk.kid.as_str()))
        {
            changed.staged = None;
            end(&mut changed, &staged.jwk.kid, Some(staged.created_at), None);
        }
        let active = &self.keyring.active;
        // Where the user's key is revoked and there is no other of theirs, nothing could sign: it is told, and goes on.
        if is_revoked(active.jwk.kid.as_str())
            && let Some(pair) = self.wanted.pair(rng)
        {
            let generation = changed.take_generation();
            changed.active = Active::sudden(generation, pair, self.rules, self.now);
            changed.take_back();
            changed.staged = None;
            changed.last_rotation = Some(self.now);
            // It asked for a new key, and there is one.
            changed.observed_request = self.rules.request.clone().or(changed.observed_request);
            let successor = Some(changed.active.jwk.kid.clone());
            end(&mut changed, &active.jwk.kid, Some(active.created_at), successor);
        }
        (!happened.is_empty()).then(|| self.recorded(changed, happened))
    }

    /// Takes out the keys all of whose tokens have ended.
    fn remove(&self) -> Option<Step> {
        let may_go =
            |former: &&Former| former.remove_at(self.rules).is_some_and(|remove_at| remove_at <= self.now);
        let gone: Vec<_> =
            self.keyring.former.iter().filter(may_go).map(|former| former.jwk.kid.clone()).collect();
        let mut ring = self.keyring.clone();
        ring.former.retain(|former| !gone.contains(&former.jwk.kid));
        (!gone.is_empty()).then(|| self.recorded(ring, gone.into_iter().map(Happening::Removed).collect()))
    }

    /// Takes out a staged key that is not wanted any more. It has signed nothing.
    fn drop_staged(&self) -> Option<Step> {
        let staged = self.keyring.staged.as_ref()?;
        if matches!(self.wanted, Wanted::Unknown) || self.wanted.is(&staged.jwk, staged.own) {
            return None;
        }
        let mut ring = self.keyring.clone();
        ring.staged = None;
        Some(self.recorded(ring, vec![Happening::Dropped(staged.jwk.kid.clone())]))
    }

    /// Notes how long tokens live that may be signed from now on, before any is, and what the user's set lists; and brings
    /// times that are yet to come, from a clock that was ahead, back to now.
    fn keep_in_mind(&self) -> Option<Step> {
        let mut ring = self.keyring.clone();
        let life = self.rules.token_life.as_secs();
        ring.active.longest_life = ring.active.longest_life.max(life);
        for former in ring.former.iter_mut().filter(|former| former.retired_at.is_none()) {
            former.longest_life = former.longest_life.max(life);
        }
        // The time of a retirement stays: a key that goes late does no harm.
        ring.active.activated_at = ring.active.activated_at.min(self.now);
        if let Some(staged) = &mut ring.staged {
            staged.acknowledged_at = staged.acknowledged_at.map(|at| at.min(self.now));
        }
        self.keep_listed(&mut ring);
        (ring != *self.keyring).then(|| self.recorded(ring, Vec::new()))
    }

    /// Accepts what the user's set lists. What it lists no more stays for its time from now on, for somebody may have
    /// signed with it until now.
    fn keep_listed(&self, ring: &mut Keyring) {
        let listed = match self.wanted {
            Wanted::Made => [].as_slice(),
            Wanted::Own(keys) => keys.listed.as_slice(),
            Wanted::Unknown => return,
        };
        if let Wanted::Own(keys) = self.wanted
            && keys.jwk == ring.active.jwk
        {
            ring.active.own = true;
        }
        for former in &mut ring.former {
            let is = listed.contains(&former.jwk);
            if former.listed && !is {
                former.retired_at = former.retired_at.map(|_| self.now);
                former.longest_life = former.longest_life.max(self.rules.token_life.as_secs());
            }
            former.listed = is;
        }
        let unknown: Vec<Jwk> = listed
            .iter()
            .filter(|jwk| !ring.refuses(jwk.kid.as_str(), self.rules))
            .filter(|jwk| ring.jwks().all(|other| other != *jwk))
            .cloned()
            .collect();
        for jwk in unknown {
            let generation = ring.take_generation();
            ring.former.push(Former {
                generation,
                jwk,
                created_at: None,
                activated_at: None,
                demoted_at: self.now,
                retired_at: Some(self.now),
                longest_life: self.rules.token_life.as_secs(),
                listed: true,
            });
        }
    }

    /// Makes what pods read follow from the keyring.
    fn publish(&self) -> Option<Step> {
        let expected = match self.published {
            Published::Set { set: other, .. } if other.set_sha256() == self.keyring.set_sha256() => {
                return None;
            }
            Published::Set { set: other, .. } => {
                self.keyring.set_before.as_deref() == Some(other.set_sha256())
            }
            Published::Absent | Published::Broken(_) => false,
        };
        let set = self.keyring.set();
        let happened = (!expected).then(|| Happening::SetRestored(set.signing_kid().clone()));
        Some(Step::Publish { set: Box::new(set), happened })
    }

    /// The step that records this, with the set that pods have until it is published.
    fn recorded(&self, mut ring: Keyring, happened: Vec<Happening>) -> Step {
        if let Published::Set { set, .. } = self.published {
            let sha256 = set.set_sha256();
            let ours =
                self.keyring.set_before.as_deref() == Some(sha256) || self.keyring.set_sha256() == sha256;
            if ours {
                ring.set_before = Some(sha256.to_owned());
            }
        }
        Step::Record { keyring: Box::new(ring), happened }
    }

    /// Draws the conclusions from what pods say, or has them asked.
    fn hear(&self) -> Option<Step> {
        if !self.waits_for_pods() {
            return None;
        }
        let (pods, listed_anew) = match self.pods {
            Pods::NotAsked => return Some(Step::Ask { list_anew: false }),
            Pods::Unknown => return None,
            Pods::Asked { pods, listed_anew } => (pods.as_slice(), *listed_anew),
        };
        self.refused(pods).or_else(|| self.retire(pods)).or_else(|| self.acknowledge(pods)).or_else(|| {
            let staged = self.keyring.staged.as_ref()?;
            let ready = self.promotes_at(staged).is_some_and(|at| at <= self.now);
            // A pod that cannot be asked now holds up what it has acknowledged before.
            let wanted = self.wanted.is(&staged.jwk, staged.own);
            if !ready || !wanted || self.is_in_flight() || !pods.iter().all(|pod| accepts(pod, staged)) {
                return None;
            }
            Some(if listed_anew { self.promote(staged) } else { Step::Ask { list_anew: true } })
        })
    }

    /// Whether pods have yet to do something.
    fn waits_for_pods(&self) -> bool {
        self.keyring.staged.is_some()
            || self.is_in_flight()
            || self.keyring.revoked.iter().any(|revoked| revoked.refused_at.is_none())
    }

    /// Whether some pod may still sign with a former key.
    fn is_in_flight(&self) -> bool {
        self.keyring.former.iter().any(|former| former.retired_at.is_none())
    }

    fn refused(&self, pods: &[PodKeys]) -> Option<Step> {
        let (mut ring, mut happened) = (self.keyring.clone(), Vec::new());
        for revoked in ring.revoked.iter_mut().filter(|revoked| revoked.refused_at.is_none()) {
            if pods.iter().all(|pod| refuses(pod, revoked)) {
                revoked.refused_at = Some(self.now);
                let after = since(revoked.revoked_at, self.now);
                happened.push(Happening::Refused { kid: revoked.kid.clone(), after });
            }
        }
        (!happened.is_empty()).then(|| self.recorded(ring, happened))
    }

    fn retire(&self, pods: &[PodKeys]) -> Option<Step> {
        if !self.is_in_flight() || !pods.iter().all(|pod| signs(pod, &self.keyring.active)) {
            return None;
        }
        let (mut ring, mut happened) = (self.keyring.clone(), Vec::new());
        for former in ring.former.iter_mut().filter(|former| former.retired_at.is_none()) {
            former.retired_at = Some(self.now);
            let until = former.remove_at(self.rules).unwrap_or(self.now);
            happened.push(Happening::Retired { kid: former.jwk.kid.clone(), until });
        }
        Some(self.recorded(ring, happened))
    }

    /// Notes since when no pod is seen that does not accept the staged key. From a pod without it verifiers may have the
    /// keys of before, so their time begins anew; a pod that no request is led to gives them to nobody.
    fn acknowledge(&self, pods: &[PodKeys]) -> Option<Step> {
        let staged = self.keyring.staged.as_ref()?;
        let lacks = |pod: &PodKeys| match &pod.answer {
            Ok(answer) => !answer.accepted.contains(staged.jwk.kid.as_str()),
            Err(_) => pod.ready,
        };
        let acknowledged_at = if pods.iter().all(|pod| accepts(pod, staged)) {
            staged.acknowledged_at.or(Some(self.now))
        } else if pods.iter().any(lacks) {
            None
        } else {
            staged.acknowledged_at
        };
        if acknowledged_at == staged.acknowledged_at {
            return None;
        }
        let mut ring = self.keyring.clone();
        ring.staged = Some(Staged { acknowledged_at, ..staged.clone() });
        Some(self.recorded(ring, Vec::new()))
    }

    fn promotes_at(&self, staged: &Staged) -> Option<Timestamp> {
        Some(after(staged.acknowledged_at?, self.rules.propagation_delay))
    }

    /// The staged key signs, and the private half of the one before is not kept.
    fn promote(&self, staged: &Staged) -> Step {
        let mut ring = self.keyring.clone();
        let before = &self.keyring.active;
        ring.former.push(Former {
            generation: before.generation,
            jwk: before.jwk.clone(),
            created_at: Some(before.created_at),
            activated_at: Some(before.activated_at),
            demoted_at: self.now,
            retired_at: None,
            longest_life: before.longest_life.max(self.rules.token_life.as_secs()),
            listed: false,
        });
        ring.active = Active {
            generation: staged.generation,
            jwk: staged.jwk.clone(),
            private: staged.private.clone(),
            created_at: staged.created_at,
            activated_at: self.now,
            longest_life: self.rules.token_life.as_secs(),
            own: staged.own,
        };
        ring.take_back();
        ring.staged = None;
        ring.observed_request = staged.request.clone().or(ring.observed_request);
        ring.last_rotation = Some(self.now);
        let happened = Happening::Promoted {
            kid: staged.jwk.kid.clone(),
            before: before.jwk.kid.clone(),
            after: since(staged.created_at, self.now),
        };
        self.recorded(ring, vec![happened])
    }

    /// Why a key is to be made now, if one is.
    fn occasion(&self) -> Option<Occasion> {
        if self.waits_for_pods() {
            return None;
        }
        self.wanted.occasion(self.keyring, self.rules, self.now)
    }

    fn has_room(&self) -> bool {
        self.keyring.passing() < MAX_FORMER
    }

    fn stage(&self, occasion: Occasion, pair: Pair) -> Step {
        let mut changed = self.keyring.clone();
        let request = match &occasion {
            Occasion::Request(request) => Some(request.clone()),
            Occasion::Age | Occasion::Own | Occasion::Return => None,
        };
        let generation = changed.take_generation();
        let staged = Staged::new(generation, pair, request, self.now);
        let happened = Happening::Staged(staged.jwk.kid.clone(), occasion);
        changed.staged = Some(staged);
        self.recorded(changed, vec![happened])
    }

    /// The next time at which something is due by itself.
    fn until(&self) -> Option<Timestamp> {
        let removals = self.keyring.former.iter().filter_map(|former| former.remove_at(self.rules));
        let promotion = self.keyring.staged.as_ref().and_then(|staged| self.promotes_at(staged));
        let rotation =
            next_rotation(self.keyring, self.rules).filter(|_| !self.waits_for_pods() && self.has_room());
        removals.chain(promotion).chain(rotation).filter(|at| *at > self.now).min()
    }
}

/// Whether a pod accepts the staged key.
pub(super) fn accepts(pod: &PodKeys, staged: &Staged) -> bool {
    pod.says(|answer| answer.accepted.contains(staged.jwk.kid.as_str()))
}

/// Whether a pod signs with the key that is to sign.
pub(super) fn signs(pod: &PodKeys, active: &Active) -> bool {
    pod.says(|answer| answer.signing == active.jwk.kid.as_str())
}

/// Whether a pod refuses a revoked key.
pub(super) fn refuses(pod: &PodKeys, revoked: &Revoked) -> bool {
    pod.says(|answer| !answer.accepted.contains(revoked.kid.as_str()))
}
