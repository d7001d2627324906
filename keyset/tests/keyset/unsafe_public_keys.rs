//! Encodings that are no key to verify with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keyset::{Jwks, JwksError, PublicKey, PublicKeyError};

/// 32 bytes from hex.
fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The eight points of small order in canonical encoding (Cremers and Jackson, "Prime, Order Please!", table 1).
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

#[test]
fn a_key_of_small_order_is_refused_as_weak() {
    for hex in SMALL_ORDER {
        assert_eq!(PublicKey::from_bytes(&bytes(hex)), Err(PublicKeyError::Weak), "{hex}");
    }
}

#[test]
fn no_jwk_set_holds_a_key_of_small_order_beside_a_good_one() {
    let good = URL_SAFE_NO_PAD.encode(crate::pair(1).public().as_bytes());
    for hex in SMALL_ORDER {
        let jwk = |x: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        let json = format!(r#"{{"keys":[{},{}]}}"#, jwk(&good), jwk(&URL_SAFE_NO_PAD.encode(bytes(hex))));
        let refused = Err(JwksError::Key { at: 2, error: PublicKeyError::Weak });
        assert_eq!(Jwks::from_json(&json), refused, "{hex}");
    }
}

#[test]
fn no_encoding_beyond_the_field_is_accepted() {
    let mut not_canonical = 0;
    for low in 0xed..=0xff_u8 {
        for high in [0x7f, 0xff] {
            let mut encoding = [0xff; 32];
            encoding[0] = low;
            encoding[31] = high;
            match PublicKey::from_bytes(&encoding) {
                Err(PublicKeyError::NotCanonical) => not_canonical += 1,
                Err(PublicKeyError::Weak | PublicKeyError::NotOnCurve) => {}
                other => panic!("{encoding:02x?}: expected a refusal, saw {other:?}"),
            }
        }
    }
    assert!(not_canonical > 0, "some of these are points of the curve in a second encoding");
}

#[test]
fn other_lengths_than_32_bytes_are_refused_with_their_length() {
    for length in [0, 1, 31, 33, 64] {
        assert_eq!(PublicKey::from_bytes(&vec![1; length]), Err(PublicKeyError::WrongLength(length)));
    }
}

#[test]
fn bytes_that_are_no_point_of_the_curve_are_refused() {
    let no_point = bytes("0200000000000000000000000000000000000000000000000000000000000000");
    assert_eq!(PublicKey::from_bytes(&no_point), Err(PublicKeyError::NotOnCurve));
}

#[test]
fn pem_gives_the_same_refusals() {
    let weak = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\
                -----END PUBLIC KEY-----\n";
    assert_eq!(PublicKey::from_pem(weak), Err(PublicKeyError::Weak));
    let short = "-----BEGIN PUBLIC KEY-----\nMCkwBQYDK2VwAyAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n\
                 -----END PUBLIC KEY-----\n";
    assert_eq!(PublicKey::from_pem(short), Err(PublicKeyError::WrongLength(31)));
    // X25519, OID 1.3.101.110 (RFC 8410 section 3).
    let x25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                  -----END PUBLIC KEY-----\n";
    assert_eq!(PublicKey::from_pem(x25519), Err(PublicKeyError::NotEd25519));
    assert_eq!(PublicKey::from_pem("not a key"), Err(PublicKeyError::NotSpkiPem));
}
