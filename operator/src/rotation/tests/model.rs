//! Random lives of a module: the operator is killed after any write and wakes up late, pods come, go, stall and keep old
//! mounts, settings change, keys are revoked and Secrets lost; all the while every pod signs tokens and must accept all
//! that are valid.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::Index};

use super::{
    own::{kid as own_kid, own},
    *,
};

const DELAYS: [u64; 3] = [60, 90, 600];
const INTERVALS: [u64; 3] = [2000, 20_000, 200_000];
const RETENTIONS: [u64; 3] = [1, 1000, 100_000];
const LIVES: [u64; 3] = [60, 900, 50_000];

#[derive(Clone, Copy, Debug)]
enum Event {
    Wait(i64),
    Reconcile { writes_until_killed: Option<u8> },
    Refresh(Index),
    RefreshAll,
    Add,
    Remove(Index),
    Silence(Index),
    Rouse(Index),
    Rollout,
    Request(u8),
    RevokeActive,
    RevokeStaged,
    RevokeFormer(Index),
    RevokeNobody,
    Unlist,
    Delay(Index),
    Interval(Index),
    Retention(Index),
    Life(Index),
    LoseKeyring { damaged: bool },
    LoseSet { damaged: bool },
    Own { signing: u8, listed: u8 },
    LoseOwn,
    Return,
    FallAsleep,
    WakeUp,
    Jump(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let index = any::<Index>;
    prop_oneof![
        8 => prop_oneof![0..3_i64, 50..70_i64, 0..4000_i64, 0..300_000_i64].prop_map(Event::Wait),
        12 => prop_oneof![3 => Just(None), 1 => (0..4_u8).prop_map(Some)]
            .prop_map(|writes_until_killed| Event::Reconcile { writes_until_killed }),
        5 => index().prop_map(Event::Refresh),
        4 => Just(Event::RefreshAll),
        2 => Just(Event::Add),
        2 => index().prop_map(Event::Remove),
        1 => index().prop_map(Event::Silence),
        2 => index().prop_map(Event::Rouse),
        1 => Just(Event::Rollout),
        3 => any::<u8>().prop_map(Event::Request),
        1 => Just(Event::RevokeActive),
        1 => Just(Event::RevokeStaged),
        1 => index().prop_map(Event::RevokeFormer),
        1 => Just(Event::RevokeNobody),
        1 => Just(Event::Unlist),
        1 => index().prop_map(Event::Delay),
        1 => index().prop_map(Event::Interval),
        1 => index().prop_map(Event::Retention),
        1 => index().prop_map(Event::Life),
        1 => any::<bool>().prop_map(|damaged| Event::LoseKeyring { damaged }),
        1 => any::<bool>().prop_map(|damaged| Event::LoseSet { damaged }),
        2 => (0..4_u8, 0..4_u8).prop_map(|(signing, listed)| Event::Own { signing, listed }),
        1 => Just(Event::LoseOwn),
        1 => Just(Event::Return),
        1 => Just(Event::FallAsleep),
        1 => Just(Event::WakeUp),
    ]
}

fn jump() -> impl Strategy<Value = Event> {
    prop_oneof![-100_000..100_000_i64, -100..100_i64].prop_map(Event::Jump)
}

/// A Secret's content and version.
type Secret = Option<(Vec<u8>, u64)>;

#[derive(Clone, Debug)]
struct Cluster {
    keyring: Secret,
    set: Secret,
    version: u64,
}

#[derive(Clone, Debug)]
struct Pod {
    uid: u64,
    signing: String,
    accepted: BTreeSet<String>,
    sha256: String,
    /// The version of the Secret that it has mounted.
    mounted: u64,
    silent: bool,
    token_life: u64,
}

struct World {
    now: i64,
    /// What the operator's clock shows beside the true time.
    skew: i64,
    cluster: Cluster,
    /// What a sleeping operator knows, and when that was.
    asleep: Option<(Cluster, Pods, i64)>,
    rules: Rules,
    /// What pods are started with: settings reach them after the keyring.
    applied_life: u64,
    pods: Vec<Pod>,
    uids: u64,
    rng: StdRng,
    /// The last end of a token by key, of those that must be accepted until then.
    tokens: BTreeMap<String, i64>,
    /// Since which version of the Secret pods can know a key that nobody was told of before.
    sudden: BTreeMap<String, u64>,
    /// When a pod that serves was last seen without the key.
    lacking: BTreeMap<String, i64>,
    revoked: BTreeSet<String>,
    /// Revoked keys of the user's of which nobody knows that any more.
    may_return: BTreeSet<String>,
    generations: BTreeMap<u64, String>,
    demoted: BTreeSet<String>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: 0,
            skew: 0,
            cluster: Cluster { keyring: None, set: None, version: 0 },
            asleep: None,
            rules: Rules {
                interval: Duration::from_secs(INTERVALS[1]),
                propagation_delay: Duration::from_secs(DELAYS[0]),
                retention: Duration::from_secs(RETENTIONS[1]),
                token_life: Duration::from_secs(LIVES[1]),
                request: None,
                revoked: BTreeSet::new(),
                source: Source::Made,
            },
            applied_life: LIVES[1],
            pods: Vec::new(),
            uids: 0,
            rng: StdRng::seed_from_u64(11),
            tokens: BTreeMap::new(),
            sudden: BTreeMap::new(),
            lacking: BTreeMap::new(),
            revoked: BTreeSet::new(),
            may_return: BTreeSet::new(),
            generations: BTreeMap::new(),
            demoted: BTreeSet::new(),
        };
        world.reconcile(None);
        world.add();
        world.add();
        world
    }

    fn clock(&self) -> Timestamp {
        at(self.now + self.skew)
    }

    fn ring(&self) -> Option<Keyring> {
        stored(&self.cluster.keyring)
    }

    fn life(&self) -> u64 {
        self.rules.token_life.as_secs()
    }

    /// What the operator asks for: pods of before sign as they were told.
    fn rules(&self) -> Rules {
        let longest = self.pods.iter().map(|pod| pod.token_life).max().unwrap_or_default();
        Rules { token_life: Duration::from_secs(longest.max(self.life())), ..self.rules.clone() }
    }

    fn asked(&self, listed_anew: bool) -> Pods {
        let answer = |pod: &Pod| PodKeys {
            pod: pod.uid.to_string(),
            uid: pod.uid.to_string(),
            ready: true,
            answer: if pod.silent {
                Err("silent".into())
            } else {
                Ok(KeysAnswer {
                    signing: pod.signing.clone(),
                    accepted: pod.accepted.clone(),
                    pod_uid: None,
                    set_sha256: pod.sha256.clone(),
                    error: None,
                })
            },
        };
        Pods::Asked { pods: self.pods.iter().map(answer).collect(), listed_anew }
    }

    fn reconcile(&mut self, writes_until_killed: Option<u8>) {
        let mut left = writes_until_killed;
        let mut asked = Pods::NotAsked;
        for _ in 0..30 {
            let view = self.cluster.clone();
            match self.decide(&view, &asked, self.clock()) {
                Next::Step(Step::Ask { list_anew }) => asked = self.asked(list_anew),
                Next::Step(step) => {
                    if left == Some(0) {
                        return;
                    }
                    left = left.map(|left| left - 1);
                    if matches!(step, Step::Publish { .. }) {
                        asked = Pods::NotAsked;
                    }
                    assert!(self.write(&view, step), "nobody else writes");
                }
                Next::Rest { .. } => {
                    self.applied_life = self.life();
                    return;
                }
                Next::Stuck(_) => return self.begin_anew(),
            }
        }
        panic!("it comes to no end");
    }

    fn decide(&mut self, view: &Cluster, asked: &Pods, clock: Timestamp) -> Next {
        let keyring = match &view.keyring {
            None => Stored::Absent,
            Some((json, _)) => match Keyring::from_json(json) {
                Ok(ring) => Stored::Ring(Box::new(ring)),
                Err(error) => Stored::Unusable(error),
            },
        };
        let published = match &view.set {
            None => Published::Absent,
            Some((bytes, _)) => match set_of(bytes) {
                Some(set) => Published::Set { set: Box::new(set), created_at: None },
                None => Published::Broken("damaged".into()),
            },
        };
        next(&keyring, &published, &self.rules(), asked, clock, &mut self.rng)
    }

    /// Writes where the version is the one that was seen.
    fn write(&mut self, view: &Cluster, step: Step) -> bool {
        let version = |secret: &Secret| secret.as_ref().map(|(_, version)| *version);
        match step {
            Step::Record { keyring, .. } => {
                if version(&view.keyring) != version(&self.cluster.keyring) {
                    return false;
                }
                let before = self.ring();
                self.check_record(before.as_ref(), &keyring);
                self.cluster.version += 1;
                self.cluster.keyring = Some((keyring.to_json().to_vec(), self.cluster.version));
            }
            Step::Publish { set, .. } => {
                if version(&view.set) != version(&self.cluster.set) {
                    return false;
                }
                self.cluster.version += 1;
                if self.cluster.keyring.is_none() {
                    self.sudden.insert(set.signing_kid().to_string(), u64::MAX);
                }
                let bytes = serde_json::to_vec(&set.to_secret_data()).expect("bytes");
                self.cluster.set = Some((bytes, self.cluster.version));
                for (_, since) in self.sudden.iter_mut().filter(|(_, since)| **since == u64::MAX) {
                    *since = self.cluster.version;
                }
            }
            Step::Ask { .. } => {}
        }
        true
    }

    /// What must hold of each change of the keyring, whoever makes it.
    fn check_record(&mut self, before: Option<&Keyring>, after: &Keyring) {
        Keyring::from_json(&after.to_json()).expect("what is written can be read");
        let kid = |jwk: &keyset::Jwk| jwk.kid.to_string();
        for (generation, kid) in [(after.active.generation, kid(&after.active.jwk))]
            .into_iter()
            .chain(after.staged.iter().map(|staged| (staged.generation, kid(&staged.jwk))))
            .chain(after.former.iter().map(|former| (former.generation, kid(&former.jwk))))
        {
            if self.may_return.remove(&kid) && self.revoked.remove(&kid) {
                self.sudden.insert(kid.clone(), u64::MAX);
            }
            assert!(!self.revoked.contains(&kid), "a revoked key came back");
            let first = self.generations.entry(generation).or_insert_with(|| kid.clone());
            assert_eq!(*first, kid, "two keys for generation {generation}");
        }
        let Some(before) = before else { return };
        assert!(after.passing() <= MAX_FORMER.max(before.former.len()), "too many former keys");
        for former in &before.former {
            let stays = after.former.iter().any(|other| other.jwk == former.jwk);
            let signs_again = after.active.jwk == former.jwk;
            if !stays && !signs_again && !after.has_revoked(former.jwk.kid.as_str()) {
                let retired_at = former.retired_at.expect("only retired keys are removed");
                let kept = self.clock().duration_since(retired_at).as_secs();
                let least = self.rules.retention.as_secs().max(former.longest_life + 60);
                assert!(kept >= i64::try_from(least).expect("seconds"), "removed after {kept} of {least} s");
            }
        }
        if after.active.jwk != before.active.jwk {
            self.demoted.insert(kid(&before.active.jwk));
            let new = kid(&after.active.jwk);
            // A key of the user's may sign again.
            self.demoted.remove(&new);
            if after.has_revoked(before.active.jwk.kid.as_str()) {
                self.sudden.insert(new, u64::MAX);
            } else {
                assert!(self.pods.iter().all(|pod| pod.accepted.contains(&new)), "a pod does not accept it");
                let known_for = self.lacking.get(&new).map_or(i64::MAX, |last| self.now - last);
                let delay = i64::try_from(self.rules.propagation_delay.as_secs()).expect("seconds");
                assert!(self.skew != 0 || known_for >= delay, "known for {known_for} of {delay} s");
            }
        }
        for revoked in &after.revoked {
            self.revoked.insert(revoked.kid.to_string());
            self.may_return.remove(revoked.kid.as_str());
            self.tokens.remove(revoked.kid.as_str());
        }
    }

    /// The keyring is lost: what it remembered holds no more.
    fn forget(&mut self) {
        self.generations.clear();
        self.demoted.clear();
        // Its time that longer tokens were signed is not known any more.
        let (now, life) = (self.now, i64::try_from(self.rules().token_life.as_secs()).expect("seconds"));
        for end in self.tokens.values_mut() {
            *end = (*end).min(now + life);
        }
        // A revocation that was not published yet is forgotten with it; where the spec still says so, it comes again.
        let published = self.cluster.set.as_ref().and_then(|(bytes, _)| set_of(bytes));
        self.revoked.retain(|kid| published.as_ref().is_none_or(|set| set.verifier(kid).is_none()));
        self.forget_users(None);
    }

    /// A made key that was revoked is nowhere any more. One of the user's still is in their Secret, and what tells that it
    /// was revoked is the spec, or the keyring.
    fn forget_users(&mut self, ring: Option<&Keyring>) {
        let users: BTreeSet<_> = (0..4).map(|number| own_kid(number).to_string()).collect();
        let told =
            |kid: &str| self.rules.revoked.contains(kid) || ring.is_some_and(|ring| ring.has_revoked(kid));
        let forgotten = self.revoked.iter().filter(|kid| users.contains(*kid) && !told(kid));
        self.may_return.extend(forgotten.cloned());
    }

    /// Nothing is left to go by, and somebody deletes both Secrets: all tokens end.
    fn begin_anew(&mut self) {
        self.forget();
        (self.cluster.keyring, self.cluster.set) = (None, None);
        self.tokens.clear();
    }

    fn add(&mut self) {
        let Some((bytes, version)) = self.cluster.set.clone() else { return };
        let Some(set) = set_of(&bytes) else { return };
        self.uids += 1;
        let mut pod = Pod {
            uid: self.uids,
            signing: String::new(),
            accepted: BTreeSet::new(),
            sha256: String::new(),
            mounted: 0,
            silent: false,
            token_life: self.applied_life,
        };
        pod.mount(&set, version);
        self.pods.push(pod);
    }

    fn refresh(&mut self, which: impl Fn(usize) -> bool) {
        let Some((bytes, version)) = &self.cluster.set else { return };
        // What is no key set is not taken into use.
        let Some(set) = set_of(bytes) else { return };
        for (_, pod) in self.pods.iter_mut().enumerate().filter(|(number, _)| which(*number)) {
            pod.mount(&set, *version);
        }
    }

    fn pod(&mut self, index: Index) -> Option<&mut Pod> {
        (!self.pods.is_empty())
            .then(|| index.get(&self.pods).uid)
            .and_then(|uid| self.pods.iter_mut().find(|pod| pod.uid == uid))
    }

    fn act(&mut self, event: Event) {
        let choose = |index: Index, from: [u64; 3]| Duration::from_secs(*index.get(&from));
        let revoke = |world: &mut Self, kid: Option<String>| world.rules.revoked.extend(kid);
        let ring = self.ring();
        match event {
            Event::Wait(seconds) => self.now += seconds,
            Event::Reconcile { writes_until_killed } => self.reconcile(writes_until_killed),
            Event::Refresh(index) => {
                if let Some(uid) = self.pod(index).map(|pod| pod.uid) {
                    let uids: Vec<_> = self.pods.iter().map(|pod| pod.uid).collect();
                    self.refresh(|number| uids[number] == uid);
                }
            }
            Event::RefreshAll => self.refresh(|_| true),
            Event::Add => self.add(),
            Event::Remove(index) => {
                if let Some(uid) = self.pod(index).map(|pod| pod.uid) {
                    self.pods.retain(|pod| pod.uid != uid);
                }
            }
            Event::Silence(index) => self.pod(index).into_iter().for_each(|pod| pod.silent = true),
            Event::Rouse(index) => self.pod(index).into_iter().for_each(|pod| pod.silent = false),
            Event::Rollout => {
                let life = self.applied_life;
                self.pods.iter_mut().for_each(|pod| pod.token_life = life);
            }
            Event::Request(request) => self.rules.request = Some(request.to_string()),
            Event::RevokeActive => revoke(self, ring.map(|ring| ring.active.jwk.kid.to_string())),
            Event::RevokeStaged => {
                revoke(self, ring.and_then(|ring| Some(ring.staged?.jwk.kid.to_string())));
            }
            Event::RevokeFormer(index) => {
                let former = ring.map(|ring| ring.former).unwrap_or_default();
                revoke(self, (!former.is_empty()).then(|| index.get(&former).jwk.kid.to_string()));
            }
            Event::RevokeNobody => revoke(self, Some("nobody".into())),
            Event::Unlist => {
                self.rules.revoked.clear();
                self.forget_users(ring.as_ref());
            }
            Event::Delay(index) => self.rules.propagation_delay = choose(index, DELAYS),
            Event::Interval(index) => self.rules.interval = choose(index, INTERVALS),
            Event::Retention(index) => self.rules.retention = choose(index, RETENTIONS),
            Event::Life(index) => self.rules.token_life = choose(index, LIVES),
            Event::LoseKeyring { damaged } => {
                if set_is_whole(&self.cluster.set) {
                    self.forget();
                    self.lose(damaged, |cluster| &mut cluster.keyring);
                }
            }
            Event::LoseSet { damaged } => {
                if self.ring().is_some() {
                    self.lose(damaged, |cluster| &mut cluster.set);
                }
            }
            Event::Own { signing, listed } => {
                let listed = u64::from(listed);
                let listed = if listed == u64::from(signing) { vec![] } else { vec![listed] };
                self.rules.source = own(u64::from(signing), &listed);
            }
            Event::LoseOwn => {
                if self.rules.source != Source::Made {
                    self.rules.source = Source::Missing;
                }
            }
            Event::Return => self.rules.source = Source::Made,
            Event::FallAsleep => {
                self.asleep = Some((self.cluster.clone(), self.asked(true), self.now + self.skew));
            }
            Event::WakeUp => {
                if let Some((view, asked, clock)) = self.asleep.take()
                    && let Next::Step(step) = self.decide(&view, &asked, at(clock))
                    && !matches!(step, Step::Ask { .. })
                    && view.keyring != self.cluster.keyring
                {
                    let landed = matches!(step, Step::Record { .. }) && self.write(&view, step);
                    assert!(!landed, "a late write of the keyring landed over another");
                }
            }
            Event::Jump(by) => self.skew += by,
        }
        self.check();
    }

    fn lose(&mut self, damaged: bool, secret: impl Fn(&mut Cluster) -> &mut Secret) {
        self.cluster.version += 1;
        let version = self.cluster.version;
        *secret(&mut self.cluster) = damaged.then(|| (b"{}".to_vec(), version));
    }

    /// What must hold at any time.
    fn check(&mut self) {
        let (now, tokens) = (self.now, &mut self.tokens);
        for pod in &self.pods {
            if self.revoked.contains(&pod.signing) {
                continue;
            }
            let end = now + i64::try_from(pod.token_life).expect("seconds");
            tokens.entry(pod.signing.clone()).and_modify(|last| *last = (*last).max(end)).or_insert(end);
        }
        tokens.retain(|_, end| *end > now);
        for pod in &self.pods {
            for kid in tokens.keys().filter(|kid| !pod.accepted.contains(*kid)) {
                let since = self.sudden.get(kid).copied().unwrap_or_default();
                assert!(
                    self.skew != 0 || pod.mounted < since,
                    "pod {} refuses a valid token of {kid} at {now}",
                    pod.uid
                );
            }
        }
        let Some(ring) = self.ring() else { return };
        if let Some(staged) = &ring.staged {
            let kid = staged.jwk.kid.as_str();
            if self.pods.iter().any(|pod| !pod.accepted.contains(kid)) {
                self.lacking.insert(kid.to_owned(), now);
            }
        }
        let published = self.cluster.set.as_ref().and_then(|(bytes, _)| set_of(bytes));
        let Some(published) = published else { return };
        if published.set_sha256() == ring.set().set_sha256() {
            let signing = published.signing_kid().as_str();
            assert!(!self.demoted.contains(signing), "the private half of a demoted key is still there");
            let private = ring.to_json();
            let halves = str::from_utf8(&private).expect("text").matches("BEGIN PRIVATE KEY").count();
            assert_eq!(halves, 1 + usize::from(ring.staged.is_some()));
            for revoked in &self.revoked {
                assert!(published.verifier(revoked).is_none(), "a revoked key is published");
            }
        }
    }
}

impl Pod {
    fn mount(&mut self, set: &KeySet, version: u64) {
        self.signing = set.signing_kid().to_string();
        self.accepted = set.jwks().iter().map(|(kid, _)| kid.to_string()).collect();
        set.set_sha256().clone_into(&mut self.sha256);
        self.mounted = version;
    }
}

fn stored(secret: &Secret) -> Option<Keyring> {
    secret.as_ref().and_then(|(json, _)| Keyring::from_json(json).ok())
}

fn set_of(bytes: &[u8]) -> Option<KeySet> {
    KeySet::from_secret_data(&serde_json::from_slice(bytes).ok()?).ok()
}

fn set_is_whole(secret: &Secret) -> bool {
    secret.as_ref().is_some_and(|(bytes, _)| set_of(bytes).is_some())
}

/// In the end, with pods that answer, everything comes to rest.
fn live(events: Vec<Event>) {
    let mut world = World::new();
    for event in events {
        world.act(event);
    }
    world.rules.interval = Duration::from_secs(10_000_000);
    world.pods.iter_mut().for_each(|pod| pod.silent = false);
    for _ in 0..12 {
        for event in [Event::Reconcile { writes_until_killed: None }, Event::RefreshAll, Event::Wait(700)] {
            world.act(event);
        }
    }
    let full = world.ring().is_none_or(|ring| ring.passing() >= MAX_FORMER);
    if world.skew == 0 && !full {
        let ring = world.ring().expect("a keyring");
        assert!(ring.former.iter().all(|former| former.retired_at.is_some()), "{ring:?}");
        match &world.rules.source {
            Source::Made => {
                assert_eq!(ring.observed_request, world.rules.request.or(ring.observed_request.clone()));
                assert!(!ring.active.own, "{ring:?}");
            }
            Source::Own(own) if own.unfit(&ring, &world.rules).is_none() => {
                assert_eq!(ring.active.jwk, own.jwk);
            }
            Source::Own(_) | Source::Missing => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_valid_token_is_refused_and_no_revoked_key_comes_back_whatever_happens(
        events in proptest::collection::vec(event(), 1..120)
    ) {
        live(events);
    }

    #[test]
    fn clocks_that_jump_end_no_key_before_its_time_by_them_and_break_nothing(
        events in proptest::collection::vec(prop_oneof![8 => event(), 1 => jump()], 1..120)
    ) {
        live(events);
    }
}
