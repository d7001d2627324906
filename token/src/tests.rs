use super::*;
use keyset::KeyPair;
use serde_json::{Value, json};

const NOW: i64 = 1_760_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// An issuer with a key of its own.
struct Issuer {
    rules: TokenRules,
    keys: KeySet,
}

impl Issuer {
    fn new() -> Self {
        Self {
            rules: TokenRules {
                issuer: "cc-lite".into(),
                audience: "voice".into(),
                access_life: Duration::from_mins(15),
                refresh_life: Duration::from_hours(168),
            },
            keys: KeySet::of_pair(KeyPair::generate(&mut rand::rng())),
        }
    }

    fn issue(&self, token_type: TokenType) -> String {
        self.rules.issue(&self.keys, token_type, &bearer(), "j1", at(NOW))
    }

    /// Signs any header and claims, whatever they say.
    fn sign(&self, header: &str, claims: &str) -> String {
        let input =
            format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
        let signature = self.keys.sign(input.as_bytes());
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn header(&self, alg: &str) -> String {
        json!({"alg": alg, "typ": "JWT", "kid": self.keys.signing_kid()}).to_string()
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRefusal> {
        self.verify_at(token, TokenType::Access, NOW + 60)
    }

    fn verify_at(&self, token: &str, token_type: TokenType, second: i64) -> Result<Claims, TokenRefusal> {
        self.rules.verify(&self.keys, token, token_type, at(second))
    }
}

fn bearer() -> Bearer<'static> {
    Bearer {
        user_id: "u1",
        email: "admin@localhost",
        role: Role::Admin,
        organization_id: "default",
        session_id: "s1",
    }
}

fn claims() -> Value {
    json!({
        "sub": "u1", "email": "admin@localhost", "role": "admin", "org": "default", "sid": "s1", "type": "access",
        "exp": NOW + 900, "iat": NOW, "nbf": NOW, "iss": "cc-lite", "aud": "voice", "jti": "j1",
    })
}

#[test]
fn a_token_of_ours_is_accepted_with_all_it_says() {
    let ours = Issuer::new();
    let token = ours.issue(TokenType::Access);
    let head = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&head).unwrap(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": ours.keys.signing_kid()})
    );
    let verified = ours.verify(&token).unwrap();
    assert_eq!(serde_json::to_value(&verified).unwrap(), claims());
}

#[test]
fn the_same_arguments_give_the_same_token() {
    let ours = Issuer::new();
    let issue = || ours.issue(TokenType::Refresh);
    assert_eq!(issue(), issue());
}

#[test]
fn both_names_of_the_algorithm_are_accepted_and_no_other() {
    let ours = Issuer::new();
    let body = claims().to_string();
    for alg in ["EdDSA", "Ed25519"] {
        assert!(ours.verify(&ours.sign(&ours.header(alg), &body)).is_ok(), "{alg}");
    }
    for alg in ["none", "None", "HS256", "ES256", "RS256", "Ed448", "eddsa", ""] {
        let token = ours.sign(&ours.header(alg), &body);
        assert_eq!(ours.verify(&token), Err(TokenRefusal::Header), "{alg}");
    }
}

#[test]
fn a_header_with_anything_more_or_less_is_refused() {
    let ours = Issuer::new();
    let kid = ours.keys.signing_kid().as_str();
    let body = claims().to_string();
    for header in [
        json!({"alg": "EdDSA", "typ": "JWT"}),
        json!({"alg": "EdDSA", "kid": kid}),
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": 1}),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "crit": ["exp"]}),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "b64": false}),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "jku": "https://example.com/jwks.json"}),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "jwk": {"kty": "OKP"}}),
    ] {
        let token = ours.sign(&header.to_string(), &body);
        assert_eq!(ours.verify(&token), Err(TokenRefusal::Header), "{header}");
    }
    let twice = format!(r#"{{"alg":"EdDSA","alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#);
    assert_eq!(ours.verify(&ours.sign(&twice, &body)), Err(TokenRefusal::Header));
}

#[test]
fn a_key_that_is_not_accepted_and_a_foreign_signature_are_refused() {
    let (ours, theirs) = (Issuer::new(), Issuer::new());
    let body = claims().to_string();
    let foreign = theirs.sign(&theirs.header("EdDSA"), &body);
    assert_eq!(ours.verify(&foreign), Err(TokenRefusal::Key));
    let forged = theirs.sign(&ours.header("EdDSA"), &body);
    assert_eq!(ours.verify(&forged), Err(TokenRefusal::Signature));
    for kid in ["", "../../etc/passwd", "' OR 1=1 --", &"x".repeat(2000)] {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}).to_string();
        assert_eq!(ours.verify(&ours.sign(&header, &body)), Err(TokenRefusal::Key), "{kid}");
    }
}

#[test]
fn every_claim_is_required_and_typed() {
    let ours = Issuer::new();
    let token = |claims: &Value| ours.sign(&ours.header("EdDSA"), &claims.to_string());
    assert!(ours.verify(&token(&claims())).is_ok());
    for name in claims().as_object().unwrap().keys() {
        let mut missing = claims();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(ours.verify(&token(&missing)), Err(TokenRefusal::Claims), "without {name}");
        for wrong in [json!(null), json!({}), json!([claims()[name]]), json!(1.5), json!(""), json!(true)] {
            if name == "email" && wrong == json!("") {
                continue;
            }
            let mut mistyped = claims();
            mistyped[name] = wrong.clone();
            assert_eq!(ours.verify(&token(&mistyped)), Err(TokenRefusal::Claims), "{name} = {wrong}");
        }
    }
    for (name, wrong) in [
        ("iss", json!("someone")),
        ("aud", json!("someone")),
        ("type", json!("refresh")),
        ("role", json!("root")),
        ("exp", json!(u64::MAX)),
        ("exp", json!(-1)),
        ("exp", json!(NOW + 25 * 3600)),
        ("exp", json!(NOW)),
        ("iat", json!(NOW + 901)),
        ("sub", json!("a b")),
    ] {
        let mut changed = claims();
        changed[name] = wrong.clone();
        assert_eq!(ours.verify(&token(&changed)), Err(TokenRefusal::Claims), "{name} = {wrong}");
    }
    let text = claims().to_string();
    let twice = format!(r#"{},"role":"admin"}}"#, text.strip_suffix('}').unwrap());
    assert_eq!(ours.verify(&ours.sign(&ours.header("EdDSA"), &twice)), Err(TokenRefusal::Claims));
}

#[test]
fn times_hold_to_the_second_with_five_seconds_of_leeway() {
    let ours = Issuer::new();
    let token = ours.issue(TokenType::Access);
    let outcome = |second| ours.verify_at(&token, TokenType::Access, second).map(|_| ());
    assert_eq!(outcome(NOW - 6), Err(TokenRefusal::NotYet));
    assert_eq!(outcome(NOW - 5), Ok(()));
    assert_eq!(outcome(NOW + 904), Ok(()));
    assert_eq!(outcome(NOW + 905), Err(TokenRefusal::Expired));
}

#[test]
fn a_refresh_token_is_no_access_token_nor_the_other_way() {
    let ours = Issuer::new();
    let refresh = ours.issue(TokenType::Refresh);
    assert_eq!(ours.verify_at(&refresh, TokenType::Access, NOW), Err(TokenRefusal::Claims));
    let access = ours.issue(TokenType::Access);
    assert_eq!(ours.verify_at(&access, TokenType::Refresh, NOW), Err(TokenRefusal::Claims));
}

#[test]
fn other_forms_of_the_same_bytes_are_refused() {
    let ours = Issuer::new();
    let token = ours.issue(TokenType::Access);
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("expected three parts, got {parts:?}") };
    // 64 bytes end in a character of which two bits count: another last character may mean the same bytes.
    let (front, last) = signature.split_at(signature.len() - 1);
    let sibling = char::from(last.as_bytes()[0] + 1);
    for other in [
        String::new(),
        ".".into(),
        "..".into(),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!("{token}.x"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{head}.{body}.{front}{sibling}"),
        "x".repeat(64 * 1024),
    ] {
        assert!(ours.verify(&other).is_err(), "{other:?}");
    }
}

#[test]
fn a_changed_bit_anywhere_is_noticed() {
    let ours = Issuer::new();
    let token = ours.issue(TokenType::Access);
    for position in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(ours.verify(&changed).is_err(), "byte {position}");
    }
}
