//! A signing pair among accepted keys.

use std::collections::BTreeMap;

use keyset::{
    InvalidSignature, JWKS_JSON, Jwk, Jwks, KeyPair, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM,
    PrivateKeyError,
};
use proptest::prelude::*;

use crate::{pair, set};

fn jwks(keys: &[(&str, u64)]) -> Jwks {
    let jwk =
        |&(kid, seed): &(&str, u64)| Jwk { kid: kid.parse().unwrap(), key: pair(seed).public().clone() };
    Jwks::new(keys.iter().map(jwk)).unwrap()
}

#[test]
fn a_set_without_jwks_is_just_the_pair_named_by_its_thumbprint() {
    let pair = pair(1);
    let set = KeySet::from_parts(&pair.to_pem(), &pair.public().to_pem(), None).unwrap();
    let thumbprint = pair.public().thumbprint();
    assert_eq!(set.signing_kid(), &thumbprint);
    assert_eq!(set.jwks().iter().collect::<Vec<_>>(), [(&thumbprint, pair.public())]);
}

#[test]
fn a_set_signs_under_the_id_that_its_jwks_gives_the_signing_key() {
    let set = KeySet::new(pair(1), jwks(&[("old", 2), ("ours", 1), ("next", 3)])).unwrap();
    assert_eq!(set.signing_kid().as_str(), "ours");
    let signature = set.sign(b"message");
    assert_eq!(set.verifier("ours").unwrap().verify(b"message", &signature), Ok(()));
    assert_eq!(set.verifier("old").unwrap().verify(b"message", &signature), Err(InvalidSignature));
    assert_eq!(set.verifier("gone"), None);
}

#[test]
fn a_signing_key_outside_of_the_jwks_is_refused() {
    let error = KeySet::new(pair(1), jwks(&[("other", 2)])).unwrap_err();
    assert_eq!(error, KeySetError::SigningKeyNotAccepted(pair(1).public().thumbprint()));
}

#[test]
fn halves_of_two_pairs_are_refused() {
    let error = KeySet::from_parts(&pair(1).to_pem(), &pair(2).public().to_pem(), None).unwrap_err();
    assert_eq!(error, KeySetError::PairMismatch);
}

#[test]
fn a_secrets_data_has_the_three_files_and_gives_the_set_back() {
    let set = KeySet::new(pair(1), jwks(&[("ours", 1), ("next", 3)])).unwrap();
    let data = set.to_secret_data();
    assert_eq!(data.keys().collect::<Vec<_>>(), [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON]);
    let back = KeySet::from_secret_data(&data).unwrap();
    assert_eq!(back.set_sha256(), set.set_sha256());
    assert_eq!(back.to_secret_data(), data);
}

#[test]
fn a_missing_or_binary_part_is_named() {
    let whole = set(1).to_secret_data();
    for name in [PRIVATE_PEM, PUBLIC_PEM] {
        let mut data = whole.clone();
        data.remove(name);
        assert_eq!(KeySet::from_secret_data(&data).unwrap_err(), KeySetError::Missing(name));
    }
    for name in [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON] {
        let mut data = whole.clone();
        data.insert(name.to_owned(), vec![0xff]);
        assert_eq!(KeySet::from_secret_data(&data).unwrap_err(), KeySetError::NotText(name));
    }
    assert_eq!(KeySet::from_secret_data(&BTreeMap::new()).unwrap_err(), KeySetError::Missing(PRIVATE_PEM));
}

#[test]
fn the_digest_tells_sets_apart_by_signing_key_ids_and_keys_but_not_by_their_spelling() {
    let digest =
        |seed, keys: &[(&str, u64)]| KeySet::new(pair(seed), jwks(keys)).unwrap().set_sha256().to_owned();
    let base = digest(1, &[("a", 1), ("b", 2)]);
    assert_eq!(base.len(), 64);
    assert_eq!(digest(1, &[("b", 2), ("a", 1)]), base);
    assert_ne!(digest(2, &[("a", 1), ("b", 2)]), base, "another key signs");
    assert_ne!(digest(1, &[("a", 1)]), base, "a key less");
    assert_ne!(digest(1, &[("a", 1), ("c", 2)]), base, "another id");
    assert_ne!(digest(1, &[("a", 1), ("b", 3)]), base, "another key");

    let signing = pair(4);
    let kid = signing.public().thumbprint();
    let spelled = format!(
        "{{ \"keys\" : [ {{ \"x\" : {:?}, \"crv\" : \"Ed25519\", \"kty\" : \"OKP\" }} ] }}\n",
        jwk_x(&signing)
    );
    let explicit = KeySet::from_parts(&signing.to_pem(), &signing.public().to_pem(), Some(&spelled)).unwrap();
    assert_eq!(explicit.signing_kid(), &kid);
    assert_eq!(explicit.set_sha256(), KeySet::of_pair(signing).set_sha256());
}

fn jwk_x(pair: &KeyPair) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(pair.public().as_bytes())
}

#[test]
fn debug_shows_public_parts_only() {
    let set = set(1);
    let pem = pair(1).to_pem();
    let private = pem.lines().nth(1).unwrap();
    let shown = format!("{set:?} {:?}", pair(1));
    assert!(shown.contains(&jwk_x(&pair(1))), "{shown}");
    assert!(!shown.contains(private), "{shown}");
    assert!(shown.len() < 600, "no room for a secret in {shown}");
}

#[test]
fn other_documents_than_an_ed25519_private_key_are_refused_by_what_they_are() {
    let read = |pem: &str| KeyPair::from_pem(pem).unwrap_err();
    let ours = pair(1);
    assert_eq!(read(""), PrivateKeyError::NotPkcs8Pem);
    assert_eq!(read(&ours.public().to_pem()), PrivateKeyError::NotPkcs8Pem);
    assert_eq!(read(&ours.to_pem().replace("PRIVATE", "ENCRYPTED PRIVATE")), PrivateKeyError::NotPkcs8Pem);
    assert_eq!(
        read(&ours.to_pem().replace("MC4CAQAwBQYDK2Vw", "MC4CAQAwBQYDK2Vu")),
        PrivateKeyError::NotEd25519
    );
    // The inner octet string says 31 bytes.
    assert_eq!(read(&ours.to_pem().replace("BCIEI", "BCIEH")), PrivateKeyError::Malformed);
}

proptest! {
    #[test]
    fn any_pair_survives_pem_and_signs_the_same_after_it(seed: u64, message: Vec<u8>) {
        let pair = pair(seed);
        let back = KeyPair::from_pem(&pair.to_pem()).unwrap();
        prop_assert_eq!(back.public(), pair.public());
        prop_assert_eq!(&keyset::PublicKey::from_pem(&pair.public().to_pem()).unwrap(), pair.public());
        let signature = back.sign(&message);
        prop_assert_eq!(signature, pair.sign(&message));
        prop_assert_eq!(pair.public().verify(&message, &signature), Ok(()));
    }

    #[test]
    fn a_changed_bit_anywhere_ends_a_signature(seed: u64, message: Vec<u8>, bit in 0..512_usize) {
        let pair = pair(seed);
        let mut signature = pair.sign(&message);
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(pair.public().verify(&message, &signature), Err(InvalidSignature));
    }

    #[test]
    fn any_set_survives_a_secrets_data(seeds in prop::collection::btree_set(any::<u64>(), 1..6), kids in prop::collection::btree_set("[ -~]{1,128}", 6)) {
        let keys: Vec<_> = kids.iter().map(String::as_str).zip(seeds.iter().copied()).collect();
        let set = KeySet::new(pair(keys[0].1), jwks(&keys)).unwrap();
        let back = KeySet::from_secret_data(&set.to_secret_data()).unwrap();
        prop_assert_eq!(back.signing_kid().as_str(), keys[0].0);
        prop_assert_eq!(back.jwks(), set.jwks());
        prop_assert_eq!(back.set_sha256(), set.set_sha256());
    }

    #[test]
    fn no_input_panics(text: String, bytes: Vec<u8>) {
        let _ = KeyPair::from_pem(&text);
        let _ = keyset::PublicKey::from_pem(&text);
        let _ = keyset::PublicKey::from_bytes(&bytes);
        let _ = Jwks::from_json(&text);
        let _ = pair(1).public().verify(&bytes, &bytes);
    }
}
