//! The reading of tokens: any text. Nobody can sign for our key, so nothing is accepted but the tokens that were made
//! with it, in the very form in which they were made.

use crate::{KEYS, NOW, RULES, Seed, now};
use jiff::Timestamp;
use std::{collections::BTreeSet, sync::LazyLock};
use token::{Bearer, Role, TokenRefusal, TokenType};

/// Every token that was ever made with the key.
static MADE: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| made().into_iter().map(|(_, token)| token).collect());

/// Tokens of both types, valid now, before and later.
fn made() -> Vec<(String, String)> {
    let mut made = Vec::new();
    for (type_name, token_type) in [("access", TokenType::Access), ("refresh", TokenType::Refresh)] {
        for (role, when, seconds) in
            [(Role::Admin, "now", 0), (Role::Agent, "expired", -2_000_000), (Role::Supervisor, "early", 3600)]
        {
            let bearer = Bearer {
                user_id: "auth0|5f7c8ec7c33c6c004bbafe82",
                email: "\u{17e}\"?>@localhost",
                role,
                organization_id: "default",
                session_id: "0199b2a4-0000-7000-8000-000000000000",
            };
            let issued_at = Timestamp::from_second(NOW + seconds).expect("a time");
            let token = RULES.issue(&KEYS, token_type, &bearer, "j1", issued_at);
            made.push((format!("{type_name}_{when}"), token));
        }
    }
    made
}

/// Checks one input.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for token_type in [TokenType::Access, TokenType::Refresh] {
        match RULES.verify(&KEYS, text, token_type, now()) {
            Ok(claims) => {
                assert!(MADE.contains(text), "accepted, but never made: {text}");
                assert_eq!(claims.token_type, token_type);
            }
            // Only what we made can have expired or be early.
            Err(TokenRefusal::Expired | TokenRefusal::NotYet | TokenRefusal::Claims) => {
                assert!(MADE.contains(text), "its signature was accepted, but never made: {text}");
            }
            Err(_) => assert!(!MADE.contains(text), "made, but its signature is refused: {text}"),
        }
    }
}

/// Tokens that are accepted, and some that are nearly so.
pub fn seeds() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = made().into_iter().map(|(name, token)| (name, token.into_bytes())).collect();
    let token = &made()[0].1;
    let (input, _) = token.rsplit_once('.').expect("a signature");
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoiazEifQ";
    for (name, text) in [
        ("no_signature", format!("{input}.")),
        ("alg_none", format!("{unsigned}.{}.", input.split('.').nth(1).expect("claims"))),
        ("five_parts", format!("{input}.AAAA.AAAA.AAAA")),
        ("padding", format!("{token}==")),
    ] {
        seeds.push((name.to_owned(), text.into_bytes()));
    }
    seeds
}
