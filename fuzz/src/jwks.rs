//! The reading of JWK sets: any text.

use crate::{KEYS, Seed, members::Members};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use keyset::{Jwks, JwksError, Kid, PublicKey};
use serde_json::value::RawValue;

/// Checks one input.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    match Jwks::from_json(text) {
        Ok(set) => check_set(&set, text),
        Err(JwksError::Json { line, column }) => {
            assert!(
                line <= text.lines().count() + 1 && column <= text.len() + 1,
                "line {line}, column {column}"
            );
        }
        Err(JwksError::Empty) => {}
        Err(error) => {
            serde_json::from_str::<&RawValue>(text).expect("what a key is refused for is JSON");
            assert!(!error.to_string().contains('\n'), "one line: {error}");
        }
    }
}

/// What is accepted reads back as the same set, in one form, and is what another reader of JSON makes of the same text.
fn check_set(set: &Jwks, text: &str) {
    let written = set.to_json();
    assert_eq!(Jwks::from_json(&written).as_ref(), Ok(set));
    assert_eq!(serde_json::to_string(set).expect("a set"), written);

    let keys = Members::of(text.as_bytes()).raw("keys").expect("keys");
    let keys: Vec<&RawValue> = serde_json::from_str(keys).expect("an array");
    assert!(!keys.is_empty() && keys.len() == set.iter().len(), "{} of {}", set.iter().len(), keys.len());
    for jwk in keys.iter().map(|jwk| Members::of(jwk.get().as_bytes())) {
        assert_eq!((jwk.value("kty"), jwk.value("crv")), ("OKP".into(), "Ed25519".into()));
        assert_eq!(jwk.raw("d"), None, "a private key is accepted");
        let x = jwk.value("x");
        let x = x.as_str().expect("x");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(x).expect("base64url");
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(&bytes), x);
        let key = PublicKey::from_bytes(&bytes).expect("a safe key");
        assert_eq!(key.as_bytes().as_slice(), bytes, "its one encoding");
        let kid = jwk.value("kid").as_str().map_or_else(|| key.thumbprint().into(), str::to_owned);
        assert_eq!(set.get(&kid), Some(&key));
        assert!(
            (1..=Kid::MAX_LENGTH).contains(&kid.len()) && !kid.contains(|c: char| c.is_control()),
            "{kid:?}"
        );
    }
}

/// Sets that are accepted, and some that are nearly so.
pub fn seeds() -> Vec<Seed> {
    let set = KEYS.jwks().to_json();
    let jwk = serde_json::to_value(KEYS.jwks()).expect("a set")["keys"][0].to_string();
    let x = |x: &str| format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#);
    [
        ("set", set.clone()),
        ("one", format!("{{\"keys\":[{jwk}]}}")),
        ("twice", format!("{{\"keys\":[{jwk},{jwk}]}}")),
        ("in_order", format!("[[{jwk}]]")),
        ("alone", jwk),
        ("empty", r#"{"keys":[]}"#.to_owned()),
        // RFC 8037 appendix A.
        ("plain", x("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
        ("padded", x("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")),
        ("weak", x(&"A".repeat(43))),
        ("short", x("AAAA")),
        ("private", set.replacen("\"x\"", r#""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x""#, 1)),
        ("more", set.replacen("\"x\"", r#""key_ops":["verify"],"x5c":[],"x""#, 1)),
        ("unread_number", set.replacen("\"x\"", r#""n":84467440e3709551616,"x""#, 1)),
        ("rsa", r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#.to_owned()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .collect()
}
