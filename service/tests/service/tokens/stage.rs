//! A service with its keys, and the tokens to attack it with.

use crate::fixture::{Database, Plan, Service};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cc_lite::clock::Clock;
use keyset::KeySet;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A service, an access token of an administrator who is logged in, and the service's keys.
pub(super) struct Stage {
    pub(super) service: Service,
    pub(super) keys: KeySet,
    tokens: Value,
    pub(super) claims: Value,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let plan = Plan::standalone(Database::Sqlite).await;
        let service = plan.start().await;
        let keys = keyset::directory::load(&plan.folder().join("keys")).unwrap();
        let tokens = service.login().await;
        let payload = tokens["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
        let claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        Self { service, keys, tokens, claims }
    }

    pub(super) fn token(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap()
    }

    pub(super) fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.keys.signing_kid()})
    }

    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&format!("{}.{}", encode(header.to_string()), encode(claims.to_string())))
    }

    fn sign_text(&self, input: &str) -> String {
        format!("{input}.{}", encode(self.keys.sign(input.as_bytes())))
    }

    fn claiming(&self, name: &str, value: impl Into<Value>) -> String {
        self.sign(&self.header(), &with(&self.claims, name, value))
    }

    fn headed(&self, name: &str, value: impl Into<Value>) -> String {
        self.sign(&with(&self.header(), name, value), &self.claims)
    }

    /// Tokens that must be refused, each with what is wrong with it.
    pub(super) fn attacks(&self) -> Vec<(String, String)> {
        let mut attacks = self.headers();
        attacks.extend(self.claims());
        attacks.extend(self.forms());
        attacks.into_iter().map(|(what, token)| (what.to_owned(), token)).collect()
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let theirs = KeySet::of_pair(keyset::KeyPair::generate(&mut rand::rng()));
        let their_jwk = serde_json::to_value(theirs.jwks()).unwrap()["keys"][0].clone();
        let own = encode(self.header().to_string());
        let body = encode(self.claims.to_string());
        let unsigned =
            |alg: &str| format!("{}.{body}.", encode(with(&self.header(), "alg", alg).to_string()));
        let with_their_key = |header: Value| {
            let input = format!("{}.{body}", encode(header.to_string()));
            format!("{input}.{}", encode(theirs.sign(input.as_bytes())))
        };
        let public = self.keys.verifier(self.keys.signing_kid().as_str()).unwrap();
        let confused = |secret: &[u8]| {
            let input = format!("{}.{body}", encode(with(&self.header(), "alg", "HS256").to_string()));
            format!("{input}.{}", encode(hmac_sha256(secret, input.as_bytes())))
        };
        let mut crit = with(&self.header(), "b64", false);
        crit["crit"] = json!(["b64"]);
        let mut kidless = self.header();
        kidless.as_object_mut().unwrap().remove("kid");
        vec![
            ("alg none", unsigned("none")),
            ("alg nOnE", unsigned("nOnE")),
            ("alg none over our signature", self.headed("alg", "none")),
            ("no signature", format!("{own}.{body}.")),
            ("HS256 with the public key's PEM", confused(public.to_pem().as_bytes())),
            ("HS256 with the public key's bytes", confused(public.as_bytes())),
            ("HS256 with the JWK set", confused(self.keys.jwks().to_json().as_bytes())),
            ("a key of its own", with_their_key(with(&self.header(), "jwk", their_jwk))),
            (
                "a key set elsewhere",
                with_their_key(with(&self.header(), "jku", "http://127.0.0.1:1/jwks.json")),
            ),
            ("another's key", with_their_key(with(&self.header(), "kid", theirs.signing_kid().as_str()))),
            ("another's signature", with_their_key(self.header())),
            ("x5u", self.headed("x5u", "http://127.0.0.1:1/chain.pem")),
            ("x5c", self.headed("x5c", json!(["AAAA"]))),
            ("an unknown crit", self.headed("crit", json!(["urn:example:unknown"]))),
            ("b64 false", self.headed("b64", false)),
            ("b64 false and crit", self.sign(&crit, &self.claims)),
            ("b64 false and the payload as it is", {
                self.sign_text(&format!("{}.{}", encode(crit.to_string()), self.claims))
            }),
            ("no kid", self.sign(&kidless, &self.claims)),
            ("an unknown kid", self.headed("kid", "unknown")),
            ("a path as kid", self.headed("kid", "../../../../dev/null")),
            ("SQL as kid", self.headed("kid", "' UNION SELECT 'key' --")),
            ("10 kB of kid", self.headed("kid", "x".repeat(10_000))),
        ]
    }

    fn claims(&self) -> Vec<(&'static str, String)> {
        let now = self.service.clock.now().as_second();
        let mut attacks = vec![
            ("another issuer", self.claiming("iss", "someone")),
            ("several issuers", self.claiming("iss", json!(["cc-lite", "someone"]))),
            ("another audience", self.claiming("aud", "someone")),
            ("several audiences", self.claiming("aud", json!(["cc-lite", "someone"]))),
            ("a refresh token", self.token("refresh_token").to_owned()),
            ("a refresh token's type", self.claiming("type", "refresh")),
            ("an unknown role", self.claiming("role", "root")),
            ("several roles", self.claiming("role", json!(["admin"]))),
            ("SQL as subject", self.claiming("sub", "' OR 1=1 --")),
            ("a number as subject", self.claiming("sub", 1)),
            ("no end in sight", self.claiming("exp", u64::MAX)),
            ("a negative end", self.claiming("exp", -1)),
            ("an end that is not whole", self.claiming("exp", json!(900.5))),
            ("an end as text", self.claiming("exp", (now + 900).to_string())),
            ("too long a life", self.claiming("exp", now + 25 * 3600)),
            ("a beginning in the future", self.claiming("nbf", now + 60)),
            ("made in the future", self.claiming("iat", now + 60)),
        ];
        for name in ["sub", "email", "role", "org", "sid", "type", "exp", "iat", "nbf", "iss", "aud", "jti"] {
            let mut missing = self.claims.clone();
            missing.as_object_mut().unwrap().remove(name).unwrap();
            attacks.push((name, self.sign(&self.header(), &missing)));
        }
        let text = self.claims.to_string();
        let twice = format!(r#"{{"role":"agent",{}"#, &text[1..]);
        let input = format!("{}.{}", encode(self.header().to_string()), encode(twice));
        attacks.push(("a claim twice", self.sign_text(&input)));
        attacks
    }

    fn forms(&self) -> Vec<(&'static str, String)> {
        let token = self.token("access_token");
        let [head, body, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let flattened = json!({"payload": body, "protected": head, "signature": signature});
        let general = json!({"payload": body, "signatures": [{"protected": head, "signature": signature}]});
        vec![
            ("padding", format!("{token}==")),
            ("padding within", self.sign_text(&format!("{head}=.{body}"))),
            ("the standard alphabet", self.sign_text(&format!("{head}.{}+/", &body[..body.len() - 2]))),
            ("white space within", format!("{head}. {body}.{signature}")),
            ("a space after the scheme", format!(" {token}")),
            ("percent-encoding", token.replace('.', "%2E")),
            ("quotes", format!("\"{token}\"")),
            ("a comma list", format!("{token}, Bearer {token}")),
            ("two tokens", format!("{token} {token}")),
            ("flattened JSON", flattened.to_string()),
            ("general JSON", general.to_string()),
            ("five parts", self.sign_text(&format!("{head}.{body}.AAAA.AAAA"))),
            ("a JWE", format!("{}..AAAA.{body}.AAAA", encode(r#"{"alg":"dir","enc":"A128GCM"}"#))),
            ("a character less", token[..token.len() - 1].to_owned()),
            ("a character more", format!("{token}x")),
            ("24 kB", "x".repeat(24 * 1024)),
            ("24 kB that the service's key signed", self.claiming("note", "x".repeat(18 * 1024))),
        ]
    }
}

pub(super) fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut changed = object.clone();
    changed[name] = value.into();
    changed
}

/// RFC 2104 with SHA-256.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut padded = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    padded.resize(64, 0);
    let keyed =
        |pad: u8| Sha256::new().chain_update(padded.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>());
    keyed(0x5c).chain_update(keyed(0x36).chain_update(message).finalize()).finalize().to_vec()
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
