//! Signatures that are forged, changed, moved, or valid under weaker rules.

use super::*;
use keyset::{Jwks, JwksError, PublicKey, PublicKeyError};

/// The group's order L (RFC 8032 section 5.1), little-endian: 2^252 + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The base point B (RFC 8032 section 5.1), encoded.
pub(super) const BASE_POINT: [u8; 32] = {
    let mut encoded = [0x66; 32];
    encoded[0] = 0x58;
    encoded
};

/// Our token and its signature in bytes.
fn signed(ours: &Issuer) -> (String, [u8; 64]) {
    let token = ours.issue(TokenType::Access);
    let (input, signature) = token.rsplit_once('.').unwrap();
    (input.to_owned(), BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap())
}

#[test]
fn a_key_that_is_not_accepted_and_a_foreign_signature_are_refused() {
    let (ours, theirs) = (Issuer::ours(), Issuer::other());
    ours.refuses(&theirs.issue(TokenType::Access), TokenRefusal::Key, "their kid");
    let forged = theirs.sign(ours.header().to_string(), claims().to_string());
    ours.refuses(&forged, TokenRefusal::Signature, "our kid over their signature");
    let mut both = Issuer::ours();
    let jwk = |issuer: &Issuer, seed: u64| keyset::Jwk {
        kid: issuer.kid().parse().unwrap(),
        key: pair(seed).public().clone(),
    };
    both.keys = KeySet::new(pair(1), Jwks::new([jwk(&ours, 1), jwk(&theirs, 2)]).unwrap()).unwrap();
    assert!(both.verify(&theirs.issue(TokenType::Access)).is_ok(), "an accepted key");
    both.refuses(&forged, TokenRefusal::Signature, "one accepted key's signature under another's kid");
}

#[test]
fn a_changed_removed_or_added_character_anywhere_is_noticed() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    for at in 0..token.len() {
        let (front, back) = token.split_at(at);
        for other in "Az9-_.= \0".chars() {
            let changed = format!("{front}{other}{}", &back[1..]);
            assert!(changed == token || ours.verify(&changed).is_err(), "{other:?} at {at}");
            let longer = format!("{front}{other}{back}");
            assert!(ours.verify(&longer).is_err(), "{other:?} more at {at}");
        }
        assert!(ours.verify(&format!("{front}{}", &back[1..])).is_err(), "one less at {at}");
        assert!(ours.verify(front).is_err(), "cut off at {at}");
    }
}

#[test]
fn a_changed_bit_of_the_signature_is_noticed() {
    let ours = Issuer::ours();
    let (input, signature) = signed(&ours);
    for bit in 0..512 {
        let mut changed = signature;
        changed[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{input}.{}", encode(changed));
        ours.refuses(&token, TokenRefusal::Signature, format!("bit {bit}"));
    }
}

#[test]
fn a_signature_of_another_length_or_of_something_else_is_refused() {
    let ours = Issuer::ours();
    let (input, signature) = signed(&ours);
    let other = ours.sign(ours.header().to_string(), with(&claims(), "role", "agent").to_string());
    let others = BASE64_URL_SAFE_NO_PAD.decode(parts(&other)[2]).unwrap();
    for wrong in [
        Vec::new(),
        vec![0; 64],
        vec![0xff; 64],
        signature[..32].to_vec(),
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
        [signature, signature].concat(),
        [&signature[32..], &signature[..32]].concat(),
        others,
    ] {
        ours.refuses(&format!("{input}.{}", encode(&wrong)), TokenRefusal::Signature, format!("{wrong:x?}"));
    }
}

/// S + L gives the same point as S: who does not compare S with L finds such a signature valid (RFC 8032 section 8.4).
#[test]
fn a_signature_with_the_order_added_is_refused() {
    let ours = Issuer::ours();
    let (input, signature) = signed(&ours);
    for times in 1..=7 {
        let mut changed = signature;
        for _ in 0..times {
            let mut carry = 0_u16;
            for (byte, add) in changed[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(add) + carry;
                (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
            }
            assert_eq!(carry, 0, "S + {times} L fits into 32 bytes");
        }
        let token = format!("{input}.{}", encode(changed));
        ours.refuses(&token, TokenRefusal::Signature, format!("S + {times} L"));
    }
}

/// Under the neutral element as public key, S = 1 and R = B are a signature of every message.
#[test]
fn a_forgery_under_a_weak_key_finds_no_set_that_holds_such_a_key() {
    let weak = [&[1_u8][..], &[0; 31]].concat();
    let forged = [&BASE_POINT[..], &[1], &[0; 31]].concat();
    let lax = ed25519_dalek::VerifyingKey::from_bytes(weak[..].try_into().unwrap()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&forged).unwrap();
    let ours = Issuer::ours();
    let header = with(&ours.header(), "kid", "weak").to_string();
    let input = format!("{}.{}", encode(header), encode(claims().to_string()));
    assert!(
        ed25519_dalek::Verifier::verify(&lax, input.as_bytes(), &signature).is_ok(),
        "the forgery is one: a verifier without strictness takes it"
    );

    assert_eq!(PublicKey::from_bytes(&weak), Err(PublicKeyError::Weak));
    let jwks = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "kid": ours.kid(), "x": encode(pair(1).public().as_bytes())},
        {"kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": encode(&weak)},
    ]});
    let refused = Jwks::from_json(&jwks.to_string());
    assert_eq!(refused, Err(JwksError::Key { at: 2, error: PublicKeyError::Weak }));
    ours.refuses(&format!("{input}.{}", encode(&forged)), TokenRefusal::Key, "no set has the key");
    let under_ours = format!("{}.{}", encode(ours.header().to_string()), encode(claims().to_string()));
    let token = format!("{under_ours}.{}", encode(&forged));
    ours.refuses(&token, TokenRefusal::Signature, "nor is it a signature under ours");
}
