//! `jsonwebtoken`, which many Rust programs verify with, as the peer: each reads what the other makes, and what the peer
//! lets pass is refused here.
//!
//! Its back end is made of `ed25519-dalek` here, and verifies as its own ones do: without strictness.

use super::*;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey, pkcs8::DecodePrivateKey};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    jwk::JwkSet,
    signature::{Error, Signer, Verifier},
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, key| {
        let key = SigningKey::from_pkcs8_der(key.as_bytes()).map_err(|_| ErrorKind::InvalidEddsaKey)?;
        Ok(Box::new(Signs(key)))
    },
    verifier_factory: |_, key| {
        let bytes = key.try_get_as_bytes()?.try_into().map_err(|_| ErrorKind::InvalidEddsaKey)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| ErrorKind::InvalidEddsaKey)?;
        Ok(Box::new(Verifies(key)))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Signs(SigningKey);

impl Signer<Vec<u8>> for Signs {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(ed25519_dalek::Signer::sign(&self.0, message).to_vec())
    }
}

impl JwtSigner for Signs {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

struct Verifies(VerifyingKey);

impl Verifier<Vec<u8>> for Verifies {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let signature = Signature::from_slice(signature).map_err(|_| Error::new())?;
        ed25519_dalek::Verifier::verify(&self.0, message, &signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Verifies {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// What the peer makes of a token, set up as its documentation says, with this key.
fn peer_with(key: &DecodingKey, token: &str) -> Result<TokenData<Value>> {
    let _ = PROVIDER.install_default();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&["cc-lite"]);
    validation.set_audience(&["voice"]);
    jsonwebtoken::decode(token, key, &validation)
}

/// What the peer makes of a token with the keys that we publish.
fn peer(token: &str) -> Result<TokenData<Value>> {
    let ours = Issuer::ours();
    let published: JwkSet = serde_json::from_str(&ours.keys.jwks().to_json()).unwrap();
    let key = DecodingKey::from_jwk(published.find(ours.kid()).unwrap()).unwrap();
    peer_with(&key, token)
}

/// Claims of now: the peer looks at the clock itself.
fn claims_now() -> Value {
    let now = now();
    with(&with(&with(&claims(), "exp", now + 900), "iat", now), "nbf", now)
}

fn now() -> i64 {
    i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap()
}

#[test]
fn the_peer_reads_our_tokens_with_our_published_keys() {
    let ours = Issuer::ours();
    for token_type in [TokenType::Access, TokenType::Refresh] {
        let token = ours.rules.issue(&ours.keys, token_type, &bearer(), "j1", at(now()));
        let read = peer(&token).unwrap();
        let claims: Claims = serde_json::from_value(read.claims).unwrap();
        assert_eq!(ours.verify_at(&token, token_type, now()), Ok(claims));
        assert_eq!((read.header.alg, read.header.kid.as_deref()), (Algorithm::EdDSA, Some(ours.kid())));
    }
    let [head, body, _] = parts(&ours.claiming(&claims_now())).map(str::to_owned);
    let forged = Issuer::other().sign_text(&format!("{head}.{body}"));
    assert_eq!(peer(&forged).unwrap_err().kind(), &ErrorKind::InvalidSignature);
}

#[test]
fn we_read_tokens_that_the_peer_makes_with_our_key() {
    let _ = PROVIDER.install_default();
    let ours = Issuer::ours();
    let pem = pair(1).to_pem();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = EncodingKey::from_ed_der(&base64::prelude::BASE64_STANDARD.decode(der).unwrap());
    let header = Header { kid: Some(ours.kid().to_owned()), ..Header::new(Algorithm::EdDSA) };
    let claims = claims_now();
    let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    let read = ours.verify_at(&token, TokenType::Access, now()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), claims);
    let again = jsonwebtoken::encode(&header, &read, &key).unwrap();
    assert_eq!(ours.verify_at(&again, TokenType::Access, now()), Ok(read));
}

#[test]
fn rfc_9864s_name_is_read_here_and_not_by_the_peer() {
    let ours = Issuer::ours();
    let token = ours.sign(with(&ours.header(), "alg", "Ed25519").to_string(), claims_now().to_string());
    assert!(ours.verify_at(&token, TokenType::Access, now()).is_ok());
    assert!(matches!(peer(&token).unwrap_err().kind(), ErrorKind::Json(_)));
}

/// Each is signed with our key, so only what it says can be its fault.
#[test]
fn what_the_peer_lets_pass_is_refused_here() {
    use TokenRefusal::{Claims, Expired, Form, Header, NotYet};
    let ours = Issuer::ours();
    let (header, claims, now) = (ours.header(), claims_now(), now());
    let claiming = |name: &str, value: Value| ours.claiming(&with(&claims, name, value));
    let missing = |name: &str| ours.claiming(&without(&claims, name));
    let saying =
        |name: &str, value: Value| ours.sign(with(&header, name, value).to_string(), claims.to_string());
    let text = claims.to_string();
    let twice = format!(r#"{{"role":"agent",{}"#, &text[1..]);
    let weak = encode([&[1_u8][..], &[0; 31]].concat());
    let cases = [
        ("no issuer", missing("iss"), Claims),
        ("a number as issuer", claiming("iss", json!(1)), Claims),
        ("ours among several issuers", claiming("iss", json!(["someone", "cc-lite"])), Claims),
        ("no audience", missing("aud"), Claims),
        ("a number as audience", claiming("aud", json!(1)), Claims),
        ("ours among several audiences", claiming("aud", json!(["someone", "voice"])), Claims),
        ("no subject", missing("sub"), Claims),
        ("a number as subject", claiming("sub", json!(1)), Claims),
        ("no id", missing("jti"), Claims),
        ("no beginning", missing("nbf"), Claims),
        ("a text as beginning", claiming("nbf", json!("soon")), Claims),
        ("a claim twice", ours.sign(header.to_string(), twice), Claims),
        (
            "an end that is not whole",
            claiming("exp", json!(900.5 + f64::from(u32::try_from(now).unwrap()))),
            Claims,
        ),
        ("an end in 2106 and later", claiming("exp", json!(u64::MAX)), Claims),
        ("an end in ten years", claiming("exp", json!(now + 10 * 366 * 24 * 3600)), Claims),
        ("a refresh token", claiming("type", json!("refresh")), Claims),
        ("expired half a minute ago", timed(&ours, now - 30, now - 900, now - 900), Expired),
        ("a beginning in an hour", timed(&ours, now + 7200, now, now + 3600), NotYet),
        ("made in an hour", timed(&ours, now + 7200, now + 3600, now), NotYet),
        ("an unknown crit", saying("crit", json!(["urn:example:unknown"])), Header),
        ("an unencoded payload, it says", saying("b64", json!(false)), Header),
        ("a key of its own", saying("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": weak})), Header),
        ("another media type", saying("typ", json!("at+jwt")), Header),
        ("no media type", ours.sign(without(&header, "typ").to_string(), &text), Header),
        ("64 kB", claiming("note", json!("x".repeat(48 * 1024))), Form),
    ];
    for (case, token, expected) in cases {
        assert!(peer(&token).is_ok(), "the peer takes {case}: {:?}", peer(&token).err());
        assert_eq!(ours.verify_at(&token, TokenType::Access, now), Err(expected), "{case}");
    }
}

fn timed(ours: &Issuer, exp: i64, iat: i64, nbf: i64) -> String {
    ours.claiming(&with(&with(&with(&claims(), "exp", exp), "iat", iat), "nbf", nbf))
}

#[test]
fn a_forgery_under_a_weak_key_passes_the_peer() {
    let weak = encode([&[1_u8][..], &[0; 31]].concat());
    let forged = encode([&super::signatures::BASE_POINT[..], &[1], &[0; 31]].concat());
    let header = with(&Issuer::ours().header(), "kid", "weak").to_string();
    let token = format!("{}.{}.{forged}", encode(header), encode(claims_now().to_string()));
    let key = DecodingKey::from_ed_components(&weak).unwrap();
    assert!(peer_with(&key, &token).is_ok(), "{:?}", peer_with(&key, &token).err());
    let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": weak}]}).to_string();
    let refused = keyset::Jwks::from_json(&jwks);
    assert_eq!(refused, Err(keyset::JwksError::Key { at: 1, error: keyset::PublicKeyError::Weak }));
}
