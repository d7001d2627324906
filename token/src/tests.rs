//! What is accepted, and each attack that is not: one table a topic. A table names the check that has to refuse, so a
//! refusal for another reason does not count.

mod claims;
mod encodings;
mod headers;
mod peer;
mod signatures;
mod times;

use super::*;
use keyset::KeyPair;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

const NOW: i64 = 1_760_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The pair that this seed makes.
fn pair(seed: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(seed))
}

/// An issuer with a key of its own.
struct Issuer {
    rules: TokenRules,
    keys: KeySet,
}

impl Issuer {
    fn ours() -> Self {
        Self::of(1)
    }

    /// Somebody with the same rules and another key.
    fn other() -> Self {
        Self::of(2)
    }

    fn of(seed: u64) -> Self {
        Self {
            rules: TokenRules {
                issuer: "cc-lite".into(),
                audience: "voice".into(),
                access_life: Duration::from_mins(15),
                refresh_life: Duration::from_hours(168),
            },
            keys: KeySet::of_pair(pair(seed)),
        }
    }

    fn kid(&self) -> &str {
        self.keys.signing_kid().as_str()
    }

    fn issue(&self, token_type: TokenType) -> String {
        self.rules.issue(&self.keys, token_type, &bearer(), "j1", at(NOW))
    }

    /// The header of our tokens.
    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid()})
    }

    /// Signs these bytes as header and claims, whatever they are.
    fn sign(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        self.sign_text(&format!("{}.{}", encode(header), encode(claims)))
    }

    /// Signs this text as it is.
    fn sign_text(&self, input: &str) -> String {
        format!("{input}.{}", encode(self.keys.sign(input.as_bytes())))
    }

    /// A token of these claims with the header of ours.
    fn claiming(&self, claims: &Value) -> String {
        self.sign(self.header().to_string(), claims.to_string())
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRefusal> {
        self.verify_at(token, TokenType::Access, NOW + 60)
    }

    fn verify_at(&self, token: &str, token_type: TokenType, second: i64) -> Result<Claims, TokenRefusal> {
        self.rules.verify(&self.keys, token, token_type, at(second))
    }

    #[track_caller]
    fn refuses(&self, token: &str, expected: TokenRefusal, why: impl std::fmt::Display) {
        let shown: String = token.chars().take(1000).collect();
        assert_eq!(self.verify(token), Err(expected), "{why}: {shown}");
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Header, claims and signature of a token.
fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap_or_else(|parts| panic!("expected three parts, got {parts:?}"))
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

/// An object with this member, new or instead of the one that it has.
fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut changed = object.clone();
    changed[name] = value.into();
    changed
}

fn without(object: &Value, name: &str) -> Value {
    let mut changed = object.clone();
    changed.as_object_mut().unwrap().remove(name).unwrap();
    changed
}

#[test]
fn a_token_of_ours_is_accepted_with_all_it_says() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    let head = BASE64_URL_SAFE_NO_PAD.decode(parts(&token)[0]).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&head).unwrap(), ours.header());
    let verified = ours.verify(&token).unwrap();
    assert_eq!(serde_json::to_value(&verified).unwrap(), claims());
}

#[test]
fn what_the_tables_start_from_is_accepted() {
    let ours = Issuer::ours();
    assert_eq!(serde_json::to_value(ours.verify(&ours.claiming(&claims())).unwrap()).unwrap(), claims());
}

#[test]
fn the_same_arguments_give_the_same_token() {
    let issue = || Issuer::ours().issue(TokenType::Refresh);
    assert_eq!(issue(), issue());
}

#[test]
fn a_refresh_token_is_no_access_token_nor_the_other_way() {
    let ours = Issuer::ours();
    for (made, asked) in [(TokenType::Refresh, TokenType::Access), (TokenType::Access, TokenType::Refresh)] {
        let token = ours.issue(made);
        assert!(ours.verify_at(&token, made, NOW).is_ok(), "{made:?}");
        assert_eq!(ours.verify_at(&token, asked, NOW), Err(TokenRefusal::Claims), "{made:?} as {asked:?}");
    }
}
