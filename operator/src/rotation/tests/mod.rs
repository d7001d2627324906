//! The key machine by example; `model` has it at random.

mod model;
mod own;

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use keyset::{KeyPair, KeySet};
use rand::{SeedableRng, rngs::StdRng};

use super::*;

const HOUR: i64 = 3600;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("in range")
}

fn rules() -> Rules {
    Rules {
        interval: Duration::from_secs(720 * 3600),
        propagation_delay: Duration::from_secs(60),
        retention: Duration::from_secs(168 * 3600 + 60),
        token_life: Duration::from_secs(168 * 3600),
        request: None,
        revoked: BTreeSet::new(),
        source: Source::Made,
    }
}

/// A keyring and what is published, as two Secrets would hold them.
struct Desk {
    stored: Stored,
    published: Published,
    rules: Rules,
    rng: StdRng,
    told: Vec<&'static str>,
}

impl Desk {
    fn empty() -> Self {
        Self {
            stored: Stored::Absent,
            published: Published::Absent,
            rules: rules(),
            rng: StdRng::seed_from_u64(1),
            told: Vec::new(),
        }
    }

    /// With its first key, which was made at zero.
    fn begun() -> Self {
        let mut desk = Self::empty();
        desk.settle(at(0), &[]);
        desk.told.clear();
        desk
    }

    fn next(&mut self, pods: &Pods, now: Timestamp) -> Next {
        next(&self.stored, &self.published, &self.rules, pods, now, &mut self.rng)
    }

    /// Does one thing after the other until there is nothing to do now, and gives the rest.
    fn settle(&mut self, now: Timestamp, pods: &[PodKeys]) -> Next {
        let mut asked = Pods::NotAsked;
        for _ in 0..20 {
            match self.next(&asked, now) {
                Next::Step(Step::Ask { list_anew }) => {
                    asked = Pods::Asked { pods: pods.to_vec(), listed_anew: list_anew };
                }
                Next::Step(Step::Record { keyring, happened }) => {
                    self.told.extend(happened.iter().map(Happening::reason));
                    self.stored = Stored::Ring(keyring);
                }
                Next::Step(Step::Publish { set, happened }) => {
                    self.told.extend(happened.iter().map(Happening::reason));
                    self.published = Published::Set { set, created_at: None };
                }
                rest => return rest,
            }
        }
        panic!("it comes to no end: {:?}", self.told);
    }

    fn ring(&self) -> &Keyring {
        let Stored::Ring(ring) = &self.stored else { panic!("there is no keyring") };
        ring
    }

    fn set(&self) -> &KeySet {
        let Published::Set { set, .. } = &self.published else { panic!("nothing is published") };
        set
    }

    /// A pod that has in force what is published now.
    fn pod(&self, name: &str) -> PodKeys {
        let set = self.set();
        PodKeys {
            pod: name.into(),
            uid: name.into(),
            ready: true,
            answer: Ok(KeysAnswer {
                signing: set.signing_kid().to_string(),
                accepted: set.jwks().iter().map(|(kid, _)| kid.to_string()).collect(),
                pod_uid: None,
                set_sha256: set.set_sha256().to_owned(),
                error: None,
            }),
        }
    }
}

fn silent(pod: &PodKeys, ready: bool) -> PodKeys {
    PodKeys { ready, answer: Err("no answer".into()), ..pod.clone() }
}

fn rests(next: Next) -> (Option<Timestamp>, bool) {
    match next {
        Next::Rest { until, pods } => (until, pods),
        other => panic!("it does not rest: {other:?}"),
    }
}

#[test]
fn a_module_without_keys_gets_a_pair_and_rests_until_its_rotation() {
    let mut desk = Desk::empty();
    let (until, pods) = rests(desk.settle(at(0), &[]));
    assert_eq!(desk.told, ["KeysAdopted"], "the pair comes first, and its keyring after it");
    assert_eq!(desk.set().signing_kid(), &desk.ring().active.jwk.kid);
    assert!(!pods);
    let until = until.expect("a time").duration_since(at(0)).as_secs();
    assert!((648 * HOUR..=720 * HOUR).contains(&until), "{until}");
}

#[test]
fn a_request_found_at_the_beginning_is_noted_and_not_carried_out() {
    let mut desk = Desk::empty();
    desk.rules.request = Some("2026-11".into());
    desk.settle(at(0), &[]);
    assert_eq!(desk.ring().observed_request.as_deref(), Some("2026-11"));
    assert!(desk.ring().staged.is_none());
}

#[test]
fn a_request_goes_through_all_phases_and_signs_only_when_every_pod_has_known_the_key_for_the_delay() {
    let mut desk = Desk::begun();
    let before = desk.set().signing_kid().clone();
    let old = [desk.pod("a"), desk.pod("b")];
    desk.rules.request = Some("now".into());

    desk.settle(at(100), &old);
    let staged = desk.ring().staged.clone().expect("a staged key");
    assert_eq!((desk.set().signing_kid(), desk.set().jwks().iter().len()), (&before, 2));
    assert_eq!(staged.acknowledged_at, None, "no pod has it yet");

    let half = [desk.pod("a"), old[1].clone()];
    desk.settle(at(101), &half);
    assert_eq!(desk.ring().staged.as_ref().expect("staged").acknowledged_at, None);
    let both = [desk.pod("a"), desk.pod("b")];
    assert_eq!(rests(desk.settle(at(102), &both)), (Some(at(162)), true));
    desk.settle(at(161), &both);
    assert_eq!(desk.set().signing_kid(), &before);

    desk.settle(at(162), &both);
    assert_eq!(desk.set().signing_kid(), &staged.jwk.kid);
    assert!(desk.ring().former[0].retired_at.is_none(), "pods still sign with the one before");
    let new = [desk.pod("a"), desk.pod("b")];
    desk.settle(at(163), &new);
    assert_eq!(desk.ring().former[0].retired_at, Some(at(163)));
    assert_eq!(desk.ring().observed_request.as_deref(), Some("now"));
    assert_eq!(desk.ring().last_rotation, Some(at(162)));
    let private = String::from_utf8(desk.ring().to_json().to_vec()).expect("text");
    assert_eq!(private.matches("BEGIN PRIVATE KEY").count(), 1, "the old private half is gone");

    let gone = 163 + 168 * HOUR + 60;
    desk.settle(at(gone - 1), &new);
    assert_eq!(desk.set().jwks().iter().len(), 2);
    desk.settle(at(gone), &new);
    assert_eq!(desk.set().jwks().iter().len(), 1);
    assert_eq!(desk.told, ["KeyStaged", "KeyPromoted", "KeyRetired", "KeyRemoved"]);
}

#[test]
fn a_pod_that_serves_without_the_key_begins_the_delay_anew_and_one_that_nobody_reaches_only_holds_it_up() {
    let mut desk = Desk::begun();
    let old = desk.pod("b");
    desk.rules.request = Some("now".into());
    desk.settle(at(0), std::slice::from_ref(&old));
    let new = desk.pod("a");
    desk.settle(at(1), std::slice::from_ref(&new));
    let acknowledged = |desk: &Desk| desk.ring().staged.as_ref().map(|staged| staged.acknowledged_at);
    assert_eq!(acknowledged(&desk), Some(Some(at(1))));

    desk.settle(at(30), &[new.clone(), silent(&new, false)]);
    assert_eq!(acknowledged(&desk), Some(Some(at(1))));
    desk.settle(at(90), &[new.clone(), silent(&new, false)]);
    assert_eq!(acknowledged(&desk), Some(Some(at(1))), "it is held up");
    desk.settle(at(91), &[new.clone(), silent(&new, true)]);
    assert_eq!(acknowledged(&desk), Some(None));
    desk.settle(at(92), std::slice::from_ref(&new));
    desk.settle(at(93), &[new.clone(), old]);
    assert_eq!(acknowledged(&desk), Some(None));
    desk.settle(at(94), std::slice::from_ref(&new));
    assert_eq!(rests(desk.settle(at(153), std::slice::from_ref(&new))), (Some(at(154)), true));
    desk.settle(at(154), &[new]);
    assert_eq!(acknowledged(&desk), None, "it signs");
}

#[test]
fn before_a_key_signs_the_pods_are_listed_again() {
    let mut desk = Desk::begun();
    desk.rules.request = Some("now".into());
    desk.settle(at(0), &[]);
    desk.settle(at(1), &[]);
    let asked = Pods::Asked { pods: Vec::new(), listed_anew: false };
    let step = desk.next(&asked, at(61));
    assert!(matches!(step, Next::Step(Step::Ask { list_anew: true })), "{step:?}");
    assert!(matches!(desk.next(&Pods::Unknown, at(61)), Next::Rest { pods: true, .. }));
}

#[test]
fn a_revoked_key_that_signs_is_replaced_at_once_and_whatever_was_on_its_way_with_it() {
    let mut desk = Desk::begun();
    let (revoked, old) = (desk.set().signing_kid().clone(), desk.pod("a"));
    desk.rules.request = Some("now".into());
    desk.settle(at(0), std::slice::from_ref(&old));
    let staged = desk.ring().staged.clone().expect("staged").jwk.kid;
    desk.told.clear();

    desk.rules.revoked.insert(revoked.to_string());
    desk.settle(at(5), std::slice::from_ref(&old));
    let set = desk.set();
    assert!(set.verifier(revoked.as_str()).is_none() && set.verifier(staged.as_str()).is_none());
    assert_eq!(set.jwks().iter().len(), 1);
    assert_eq!(desk.ring().revoked[0].refused_at, None, "the pod has yet to hear of it");
    assert!(desk.ring().staged.is_none(), "nothing is staged meanwhile");
    let new = desk.pod("a");
    desk.settle(at(6), &[new]);
    assert_eq!(desk.ring().revoked[0].refused_at, Some(at(6)));
    assert_eq!(desk.told, ["KeyRevoked", "KeyRefused"]);

    desk.rules.revoked.clear();
    desk.settle(at(7), &[]);
    assert!(desk.ring().has_revoked(revoked.as_str()), "it stays revoked");
}

#[test]
fn revoking_former_staged_and_unknown_keys_leaves_the_one_that_signs_alone() {
    let mut desk = Desk::begun();
    for (second, request) in [(0, "one"), (100, "two")] {
        desk.rules.request = Some(request.into());
        for later in [0, 1, 61, 62] {
            let pod = desk.pod("a");
            desk.settle(at(second + later), &[pod]);
        }
    }
    let (active, former) = (desk.set().signing_kid().clone(), desk.ring().former[0].jwk.kid.clone());
    desk.rules.revoked = [former.to_string(), "nobody".to_owned()].into();
    desk.settle(at(300), &[]);
    assert_eq!(desk.set().signing_kid(), &active);
    assert!(desk.set().verifier(former.as_str()).is_none());
    assert_eq!(desk.set().jwks().iter().len(), 2, "another former key stays");
    let told = report(desk.ring(), &desk.rules, &Pods::NotAsked, at(300));
    assert_eq!(told.unknown, ["nobody"]);
}

#[test]
fn tokens_that_live_longer_are_waited_for_also_when_the_spec_has_made_them_shorter_since() {
    let mut desk = Desk::begun();
    desk.rules.retention = Duration::from_secs(60);
    desk.rules.token_life = Duration::from_secs(500 * 3600);
    desk.settle(at(0), &[]);
    desk.rules.token_life = Duration::from_secs(900);
    desk.rules.request = Some("now".into());
    for second in [1, 2, 62] {
        desk.settle(at(second), &[]);
    }
    let former = &desk.ring().former[0];
    assert_eq!(former.remove_at(&desk.rules), Some(at(62 + 500 * HOUR + 60)));
}

#[test]
fn keys_without_a_keyring_are_taken_over_and_nothing_that_was_accepted_goes_early() {
    let mut desk = Desk::begun();
    desk.rules.request = Some("now".into());
    for second in [0, 1, 61] {
        desk.settle(at(second), &[]);
    }
    let (sha256, signing) = (desk.set().set_sha256().to_owned(), desk.set().signing_kid().clone());
    for stored in [Stored::Absent, Stored::Unusable(KeyringError::Damaged("…".into()))] {
        desk.stored = stored;
        desk.told.clear();
        let pod = desk.pod("a");
        desk.settle(at(100), &[pod]);
        assert_eq!(desk.set().set_sha256(), sha256, "nothing changes for the pods");
        assert_eq!(desk.ring().active.jwk.kid, signing);
        assert_eq!(desk.ring().former[0].retired_at, Some(at(100)));
        assert_eq!(desk.told.len(), 2, "{:?}", desk.told);
    }
}

#[test]
fn what_pods_read_is_restored_from_the_keyring_and_a_stranger_is_not_taken_for_our_own_change() {
    let mut desk = Desk::begun();
    let sha256 = desk.set().set_sha256().to_owned();
    let stranger = KeySet::of_pair(KeyPair::generate(&mut StdRng::seed_from_u64(5)));
    for published in [
        Published::Absent,
        Published::Broken("…".into()),
        Published::Set { set: Box::new(stranger), created_at: None },
    ] {
        desk.published = published;
        desk.told.clear();
        desk.settle(at(10), &[]);
        assert_eq!(desk.set().set_sha256(), sha256);
        assert_eq!(desk.told, ["KeysRestored"]);
    }
}

#[test]
fn without_anything_to_go_by_it_asks_for_help_rather_than_making_new_keys() {
    let damaged = || Stored::Unusable(KeyringError::Damaged("…".into()));
    for (stored, published) in [
        (Stored::Absent, Published::Broken("…".into())),
        (damaged(), Published::Absent),
        (damaged(), Published::Broken("…".into())),
        (Stored::Unusable(KeyringError::Newer(2)), Published::Absent),
    ] {
        let mut desk = Desk { stored, published, ..Desk::empty() };
        let stuck = desk.next(&Pods::NotAsked, at(0));
        assert!(matches!(stuck, Next::Stuck(_)), "{stuck:?}");
    }
}

#[test]
fn eight_former_keys_hold_a_rotation_up_until_one_may_go() {
    let mut desk = Desk::begun();
    for number in 0..9_i64 {
        desk.rules.request = Some(number.to_string());
        for later in [0, 1, 61] {
            desk.settle(at(number * 100 + later), &[]);
        }
    }
    assert_eq!(desk.ring().former.len(), MAX_FORMER);
    assert!(desk.ring().staged.is_none());
    let told = report(desk.ring(), &desk.rules, &Pods::NotAsked, at(900));
    let until = desk.ring().former[0].remove_at(&desk.rules);
    assert_eq!(told.situation, Situation::Crowded { until });
    desk.settle(until.expect("a time"), &[]);
    assert!(desk.ring().staged.is_some());
}

#[test]
fn a_pod_that_takes_too_long_is_named() {
    let mut desk = Desk::begun();
    let old = desk.pod("slow");
    desk.rules.request = Some("now".into());
    desk.settle(at(0), std::slice::from_ref(&old));
    let of = |pods: Vec<PodKeys>, second| {
        let pods = Pods::Asked { pods, listed_anew: false };
        report(desk.ring(), &desk.rules, &pods, at(second))
    };
    let early = of(vec![old.clone()], 119);
    assert!(matches!(early.situation, Situation::Staging { promotes_at: None, .. }), "{early:?}");
    let late = of(vec![desk.pod("quick"), silent(&old, true)], 120);
    let held = Situation::Held { pods: vec!["slow".into()], why: Some("no answer".into()) };
    assert_eq!(late.situation, held);
    let staged = late.keys.iter().find(|key| key.phase == Phase::Staged).expect("a staged key");
    assert_eq!(staged.acknowledged, Some((1, 2)));
}

#[test]
fn a_keyring_reads_as_it_was_written_and_tells_no_secret() {
    let mut desk = Desk::begun();
    desk.rules.request = Some("now".into());
    desk.settle(at(0), &[]);
    let ring = desk.ring();
    let json = ring.to_json();
    assert_eq!(Keyring::from_json(&json).as_ref(), Ok(ring));
    assert!(!format!("{ring:?}").contains("PRIVATE"), "{ring:?}");

    let text = str::from_utf8(&json).expect("text");
    let damaged = text.replacen("\"generation\":1", "\"generation\":2", 1);
    assert_eq!(
        Keyring::from_json(damaged.as_bytes()),
        Err(KeyringError::Damaged("two keys are of one generation".into()))
    );
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(Keyring::from_json(newer.as_bytes()), Err(KeyringError::Newer(2)));
    for cut in [0, 1, text.len() / 2] {
        let error = Keyring::from_json(&json[..cut]).expect_err("it is cut").to_string();
        assert!(error.starts_with("it does not read as one at line"), "{error}");
    }
}
