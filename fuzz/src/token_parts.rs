//! What a token says, past its signature: any header and any claims, signed with our key. Input: the header, a NUL byte,
//! the claims. What is accepted has to be what another reader of JSON makes of the same text.

use crate::{KEYS, NOW, RULES, Seed, members::Members, now};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use token::{Claims, Role, TokenType};

const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#;
const CLAIMS: &str = concat!(
    r#"{"sub":"u1","email":"admin@localhost","role":"admin","org":"default","sid":"s1","type":"access","#,
    r#""exp":1760000900,"iat":1760000000,"nbf":1760000000,"iss":"cc-lite","aud":"voice","jti":"j1"}"#
);
/// The claims that are read.
const NAMES: [&str; 12] =
    ["sub", "email", "role", "org", "sid", "type", "exp", "iat", "nbf", "iss", "aud", "jti"];

fn sign(header: &[u8], claims: &[u8]) -> String {
    let encode = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let input = format!("{}.{}", encode(header), encode(claims));
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(KEYS.sign(input.as_bytes())))
}

/// Checks one input.
pub fn check(input: &[u8]) {
    let split = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
    let (header, claims) = (&input[..split], input.get(split + 1..).unwrap_or_default());
    let token = sign(header, claims);
    for token_type in [TokenType::Access, TokenType::Refresh] {
        if let Ok(accepted) = RULES.verify(&KEYS, &token, token_type, now()) {
            assert_eq!(accepted.token_type, token_type);
            check_header(&Members::of(header));
            check_claims(&Members::of(claims), &accepted);
            // Written anew, they are the same.
            let rewritten = sign(HEADER.as_bytes(), &serde_json::to_vec(&accepted).expect("claims"));
            assert_eq!(RULES.verify(&KEYS, &rewritten, token_type, now()), Ok(accepted));
        }
    }
}

fn check_header(header: &Members<'_>) {
    assert_eq!(header.names(), ["alg", "kid", "typ"], "accepted as a header");
    let alg = header.value("alg");
    assert!(alg == "EdDSA" || alg == "Ed25519", "accepted with {alg}");
    assert_eq!((header.value("typ"), header.value("kid")), ("JWT".into(), "k1".into()));
}

fn check_claims(claims: &Members<'_>, accepted: &Claims) {
    let read = serde_json::to_value(accepted).expect("claims");
    for name in NAMES {
        assert_eq!(claims.value(name), read[name], "accepted, but `{name}` was read as something else");
    }
    assert_eq!((accepted.iss.as_str(), accepted.aud.as_str()), ("cc-lite", "voice"));
    assert!(Role::ALL.contains(&accepted.role));
    let seconds = |name| claims.value(name).as_u64().and_then(|time| i64::try_from(time).ok());
    let [exp, iat, nbf] = ["exp", "iat", "nbf"].map(|name| seconds(name).expect("a time"));
    assert!(exp > NOW - 5 && iat <= NOW + 5 && nbf <= NOW + 5, "accepted at {NOW}: {accepted:?}");
    assert!(iat < exp && nbf < exp && exp - iat <= 366 * 24 * 3600, "accepted: {accepted:?}");
    for id in [&accepted.sub, &accepted.org, &accepted.sid, &accepted.jti] {
        assert!(token::is_identifier(id), "accepted: {accepted:?}");
    }
}

/// A pair that is accepted, and some that are nearly so.
pub fn seeds() -> Vec<Seed> {
    let in_order = CLAIMS.replace('{', "[").replace('}', "]");
    let in_order = NAMES.iter().fold(in_order, |text, name| text.replacen(&format!("\"{name}\":"), "", 1));
    [
        ("accepted", HEADER.to_owned(), CLAIMS.to_owned()),
        ("refresh", HEADER.to_owned(), CLAIMS.replace("\"access\"", "\"refresh\"")),
        ("ed25519", HEADER.replace("EdDSA", "Ed25519"), CLAIMS.to_owned()),
        ("none", HEADER.replace("EdDSA", "none"), CLAIMS.to_owned()),
        ("crit", HEADER.replace('}', r#","crit":["b64"],"b64":false}"#), CLAIMS.to_owned()),
        ("jwk", HEADER.replace('}', r#","jwk":{"kty":"OKP","crv":"Ed25519","x":""}}"#), CLAIMS.to_owned()),
        ("header_in_order", r#"["EdDSA","JWT","k1"]"#.to_owned(), CLAIMS.to_owned()),
        ("alg_as_object", HEADER.replace("\"EdDSA\"", r#"{"EdDSA":null}"#), CLAIMS.to_owned()),
        ("claims_in_order", HEADER.to_owned(), in_order),
        ("role_as_object", HEADER.to_owned(), CLAIMS.replace("\"admin\"", r#"{"admin":null}"#)),
        ("audiences", HEADER.to_owned(), CLAIMS.replace("\"voice\"", r#"["voice"]"#)),
        ("twice", HEADER.to_owned(), CLAIMS.replace("{\"sub\"", r#"{"s\u0075b":"u2","sub""#)),
        ("more", HEADER.to_owned(), CLAIMS.replace("{\"sub\"", r#"{"more":[{"a":null}],"sub""#)),
        ("no_end", HEADER.to_owned(), CLAIMS.replace("1760000900", "18446744073709551615")),
        ("fraction", HEADER.to_owned(), CLAIMS.replace("1760000900", "1760000900.5")),
    ]
    .into_iter()
    .map(|(name, header, claims)| (name.to_owned(), format!("{header}\0{claims}").into_bytes()))
    .collect()
}
