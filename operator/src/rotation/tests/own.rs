//! Keys of the user's, by example.

use keyset::{Jwk, Jwks, Kid, PublicKey};

use super::*;

fn pair(number: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(100 + number))
}

fn jwk(number: u64) -> Jwk {
    let key = pair(number).public().clone();
    Jwk { kid: key.thumbprint(), key }
}

pub(super) fn kid(number: u64) -> Kid {
    jwk(number).kid
}

/// A set of the user's: the number of the pair that signs, and of what it lists besides.
pub(super) fn own(signing: u64, listed: &[u64]) -> Source {
    let jwks = Jwks::new([signing].iter().chain(listed).map(|number| jwk(*number))).expect("distinct keys");
    let set = KeySet::new(pair(signing), jwks).expect("it lists the key that signs");
    Source::Own(Box::new(OwnKeys::of(&set)))
}

impl Desk {
    /// With the user's keys, as of zero, and a pod that has them.
    fn with(source: Source) -> Self {
        let mut desk = Self::empty();
        desk.rules.source = source;
        desk.turn(0);
        desk.told.clear();
        desk
    }

    /// Settles twice, with a pod that takes up at once what is published.
    fn turn(&mut self, second: i64) {
        for _ in 0..2 {
            let pods: Vec<_> = match &self.published {
                Published::Set { .. } => vec![self.pod("a")],
                Published::Absent | Published::Broken(_) => Vec::new(),
            };
            self.settle(at(second), &pods);
        }
    }

    fn accepted(&self) -> Vec<Kid> {
        self.set().jwks().iter().map(|(kid, _): (&Kid, &PublicKey)| kid.clone()).collect()
    }

    fn accepts(&self, number: u64) -> bool {
        self.accepted().contains(&kid(number))
    }
}

#[test]
fn the_users_set_is_taken_as_it_is_and_does_not_age() {
    let desk = Desk::with(own(1, &[2]));
    assert_eq!((desk.set().signing_kid(), desk.accepted().len()), (&kid(1), 2));
    let told = report(desk.ring(), &desk.rules, &Pods::NotAsked, at(0));
    assert_eq!((told.next_rotation, told.situation, told.unfit), (None, Situation::Calm, None));
    let mut desk = desk;
    desk.turn(1000 * HOUR);
    assert_eq!((desk.set().signing_kid(), desk.told.as_slice()), (&kid(1), [].as_slice()));
    assert!(desk.accepts(2), "what is listed stays");
}

#[test]
fn another_pair_in_the_users_secret_signs_when_all_have_known_it_for_the_delay() {
    let mut desk = Desk::with(own(1, &[]));
    desk.rules.source = own(2, &[]);
    desk.turn(10);
    assert_eq!((desk.set().signing_kid(), desk.accepts(2)), (&kid(1), true));
    desk.turn(69);
    assert_eq!(desk.set().signing_kid(), &kid(1));
    desk.turn(70);
    assert_eq!((desk.set().signing_kid(), desk.accepts(1)), (&kid(2), true));
    desk.turn(70 + 168 * HOUR + 60);
    assert!(!desk.accepts(1), "all its tokens have ended");
    assert_eq!(desk.told, ["KeyStaged", "KeyPromoted", "KeyRetired", "KeyRemoved"]);
}

#[test]
fn keys_of_the_users_and_made_ones_follow_each_other_and_a_former_one_may_come_back() {
    let mut desk = Desk::begun();
    let made = desk.set().signing_kid().clone();
    for (second, source, signs) in [
        (0, own(1, &[]), Some(1)),
        (200, Source::Made, None),
        (400, own(1, &[]), Some(1)),
        (600, own(2, &[]), Some(2)),
    ] {
        desk.rules.source = source;
        desk.turn(second);
        desk.turn(second + 60);
        let signing = desk.set().signing_kid().clone();
        assert_eq!(signs.map_or_else(|| signing.clone(), kid), signing);
        assert!(desk.accepts(1) && desk.accepted().contains(&made), "{:?}", desk.accepted());
    }
    assert_eq!(desk.accepted().len(), 4, "two of the user's and two that were made");
    assert!(desk.ring().former.iter().all(|former| former.retired_at.is_some()), "{:?}", desk.ring());
}

#[test]
fn a_pair_that_is_taken_back_before_it_signs_is_dropped() {
    let mut desk = Desk::with(own(1, &[]));
    desk.rules.source = own(2, &[]);
    desk.turn(10);
    desk.rules.source = own(3, &[]);
    desk.turn(20);
    assert!(!desk.accepts(2) && desk.accepts(3), "{:?}", desk.accepted());
    desk.turn(80);
    assert_eq!(desk.set().signing_kid(), &kid(3));
    assert_eq!(desk.told, ["KeyStaged", "KeyDropped", "KeyStaged", "KeyPromoted", "KeyRetired"]);
}

#[test]
fn what_the_users_set_lists_no_more_stays_for_its_time() {
    let mut desk = Desk::with(own(1, &[2]));
    let unlisted = 1000 * HOUR;
    desk.rules.source = own(1, &[3]);
    desk.turn(unlisted);
    assert!(desk.accepts(2) && desk.accepts(3));
    desk.turn(unlisted + 168 * HOUR + 59);
    assert!(desk.accepts(2));
    desk.turn(unlisted + 168 * HOUR + 60);
    assert!(!desk.accepts(2) && desk.accepts(3));
}

#[test]
fn while_the_users_keys_are_missing_all_stays_and_revocations_are_carried_out() {
    let mut desk = Desk::with(own(1, &[2]));
    desk.rules.source = own(3, &[2]);
    desk.turn(10);
    desk.rules.source = Source::Missing;
    desk.turn(1000);
    assert_eq!((desk.set().signing_kid(), desk.accepted().len()), (&kid(1), 3), "the staged one waits");
    desk.rules.revoked.insert(kid(2).to_string());
    desk.turn(1001);
    assert_eq!((desk.set().signing_kid(), desk.accepts(2)), (&kid(1), false));

    let mut empty = Desk::empty();
    empty.rules.source = Source::Missing;
    let rests = empty.settle(at(0), &[]);
    assert!(matches!(rests, Next::Rest { until: None, pods: false }), "none are invented: {rests:?}");
}

#[test]
fn a_revoked_key_of_the_users_goes_on_until_there_is_another_which_then_signs_at_once() {
    let mut desk = Desk::with(own(1, &[]));
    desk.rules.revoked.insert(kid(1).to_string());
    desk.turn(10);
    assert_eq!(desk.set().signing_kid(), &kid(1), "there is nothing else to sign with");
    let told = report(desk.ring(), &desk.rules, &Pods::NotAsked, at(10));
    assert_eq!(told.unfit, Some(Unfit::Revoked(kid(1))));

    desk.rules.source = own(2, &[1]);
    desk.turn(11);
    assert_eq!(desk.accepted(), [kid(2)], "the revoked one is not accepted for being listed");
    assert_eq!(desk.told, ["KeyRevoked", "KeyRefused"]);

    desk.rules.source = own(1, &[]);
    desk.turn(12);
    assert_eq!(desk.accepted(), [kid(2)], "it does not come back");
}

#[test]
fn an_id_that_wanders_to_another_key_is_told_and_nothing_is_taken() {
    let mut desk = Desk::with(own(1, &[]));
    let renamed = Jwk { kid: kid(1), key: jwk(2).key };
    let set = KeySet::new(pair(2), Jwks::new([renamed]).expect("one key")).expect("it lists its key");
    desk.rules.source = Source::Own(Box::new(OwnKeys::of(&set)));
    desk.turn(10);
    assert_eq!(desk.set().verifier(kid(1).as_str()), Some(&jwk(1).key));
    let told = report(desk.ring(), &desk.rules, &Pods::NotAsked, at(10));
    assert_eq!(told.unfit, Some(Unfit::Renamed(kid(1))));
}
