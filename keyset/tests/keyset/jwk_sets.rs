//! Reading JWK sets strictly and writing them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keyset::{Jwk, Jwks, JwksError, Kid, KidError, PublicKey, PublicKeyError};

use crate::pair;

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// A set of one key with these members besides kty, crv and x.
fn with(members: &str) -> Result<Jwks, JwksError> {
    Jwks::from_json(&format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{X}"{members}}}]}}"#))
}

fn named(kid: &str, seed: u64) -> Jwk {
    Jwk { kid: kid.parse().unwrap(), key: pair(seed).public().clone() }
}

#[test]
fn a_set_is_written_ordered_by_kid_with_every_member_a_verifier_needs() {
    let key = |x| PublicKey::from_bytes(&URL_SAFE_NO_PAD.decode(x).unwrap()).unwrap();
    let named = |kid: &str, x| Jwk { kid: kid.parse().unwrap(), key: key(x) };
    let set = Jwks::new([named("b", "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"), named("a", X)]).unwrap();
    assert_eq!(
        set.to_json(),
        concat!(
            r#"{"keys":["#,
            r#"{"kty":"OKP","crv":"Ed25519","kid":"a","use":"sig","alg":"EdDSA","#,
            r#""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},"#,
            r#"{"kty":"OKP","crv":"Ed25519","kid":"b","use":"sig","alg":"EdDSA","#,
            r#""x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"}]}"#
        )
    );
}

#[test]
fn what_was_written_is_read_back_equal() {
    let set = Jwks::new([named("b", 1), named("a", 2)]).unwrap();
    assert_eq!(Jwks::from_json(&set.to_json()), Ok(set));
}

#[test]
fn members_that_mean_nothing_here_are_ignored_and_both_names_of_the_algorithm_accepted() {
    let plain = with("").unwrap();
    for members in [
        r#","alg":"EdDSA""#,
        r#","alg":"Ed25519""#,
        r#","use":"sig""#,
        r#","key_ops":["verify"]"#,
        r#","iat":1"#,
    ] {
        assert_eq!(with(members).as_ref(), Ok(&plain), "{members}");
    }
}

#[test]
fn a_set_with_a_private_half_is_refused_whatever_it_says() {
    for d in [r#""nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#, r#""""#, "17", "{}", "null"] {
        assert_eq!(with(&format!(r#","d":{d}"#)), Err(JwksError::PrivateMember { at: 1 }), "{d}");
    }
}

#[test]
fn members_of_another_kind_of_key_are_refused_by_name() {
    let member = |json: &str| match Jwks::from_json(&format!(r#"{{"keys":[{json}]}}"#)) {
        Err(JwksError::Member { at: 1, member, .. }) => member.to_owned(),
        other => panic!("expected a refused member of key 1, saw {other:?}"),
    };
    assert_eq!(member(r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#), "kty");
    assert_eq!(member(&format!(r#"{{"crv":"Ed25519","x":"{X}"}}"#)), "kty");
    assert_eq!(member(&format!(r#"{{"kty":"OKP","crv":"X25519","x":"{X}"}}"#)), "crv");
    assert_eq!(member(r#"{"kty":"OKP","crv":"Ed25519"}"#), "x");
    let refused = |members: &str| match with(members) {
        Err(JwksError::Member { at: 1, member, .. }) => member,
        other => panic!("expected a refused member of key 1, saw {other:?}"),
    };
    assert_eq!(refused(r#","use":"enc""#), "use");
    assert_eq!(refused(r#","alg":"HS256""#), "alg");
    assert_eq!(refused(r#","key_ops":["sign"]"#), "key_ops");
}

#[test]
fn x_is_base64url_without_padding_of_a_safe_key() {
    let x = |x: &str| Jwks::from_json(&format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#));
    assert_eq!(x(&format!("{X}=")), Err(JwksError::NotBase64Url { at: 1 }));
    assert_eq!(x(&X.replace('_', "/")), Err(JwksError::NotBase64Url { at: 1 }));
    // The last character carries two unused bits, which must be zero: or else one key had four spellings.
    assert_eq!(x(&format!("{}p", &X[..42])), Err(JwksError::NotBase64Url { at: 1 }));
    assert_eq!(x(&"A".repeat(42)), Err(JwksError::Key { at: 1, error: PublicKeyError::WrongLength(31) }));
    assert_eq!(x(&"A".repeat(43)), Err(JwksError::Key { at: 1, error: PublicKeyError::Weak }));
}

#[test]
fn a_kid_is_1_to_128_printable_characters() {
    let kid = |kid: &str| with(&format!(r#","kid":{kid}"#));
    let refused = |error| Err(JwksError::Kid { at: 1, error });
    assert_eq!(kid(r#""""#), refused(KidError::Empty));
    assert_eq!(kid(r#""a\nb""#), refused(KidError::Unprintable(1)));
    assert_eq!(kid(r#""klíč""#), refused(KidError::Unprintable(2)));
    assert_eq!(kid(&format!("{:?}", "k".repeat(129))), refused(KidError::TooLong(129)));
    let longest = "k".repeat(128);
    assert!(kid(&format!("{longest:?}")).unwrap().get(&longest).is_some());
    assert_eq!("../../etc/passwd".parse::<Kid>().unwrap().as_str(), "../../etc/passwd");
}

#[test]
fn one_id_for_two_keys_and_two_ids_for_one_key_are_refused() {
    assert_eq!(Jwks::new([named("a", 1), named("a", 2)]), Err(JwksError::DuplicateKid("a".to_owned())));
    assert_eq!(
        Jwks::new([named("a", 1), named("b", 1)]),
        Err(JwksError::DuplicateKey("a".to_owned(), "b".to_owned()))
    );
    assert_eq!(
        with(
            r#","kid":"a"},{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"b""#
        ),
        Err(JwksError::DuplicateKey("a".to_owned(), "b".to_owned()))
    );
}

#[test]
fn text_of_another_form_is_refused_with_its_place_and_without_its_contents() {
    let secret = "correct-horse";
    for json in [
        format!(r#"{{"keys":"{secret}"}}"#),
        format!(r#"["{secret}"]"#),
        secret.to_owned(),
        format!(r#"{{"keys":[{{"kty":"OKP","kty":"{secret}"}}]}}"#),
        format!(r#"{{"keys":[]}} {secret}"#),
    ] {
        let error = Jwks::from_json(&json).unwrap_err();
        assert!(matches!(error, JwksError::Json { line: 1, .. }), "{json}: {error:?}");
        assert!(!error.to_string().contains(secret), "{error}");
    }
    assert_eq!(Jwks::from_json(r#"{"keys":[]}"#), Err(JwksError::Empty));
    // What a deserializer may take for the set: its one member in order.
    let in_order = format!(r#" [[{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}]]"#);
    assert_eq!(Jwks::from_json(&in_order), Err(JwksError::Json { line: 1, column: 1 }));
}
