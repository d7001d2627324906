//! Access tokens that were verified before, so that a token which comes with many requests has its signature checked
//! once.
//!
//! What is kept of a token is its SHA-256 and its claims. Only tokens that were accepted are kept, so nobody but this
//! service can put anything in, and to be taken for another's token a forged one would have to share its SHA-256. A
//! remembered token counts under the keys that it was verified with: once others are in force it is verified anew, so
//! that the tokens of a removed key end with it. Times are asked each time.

use super::keys::KeysInForce;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use token::{Claims, MAX_TOKEN_BYTES, TokenRefusal, TokenRules, TokenType};

/// How many tokens are remembered: those used least make room. One takes some 600 bytes, all of them 5 MB.
const CAPACITY: usize = 8192;

/// Remembers verified access tokens. Clones share them.
#[derive(Debug, Clone)]
pub struct VerifiedTokens(Arc<Cache<[u8; 32], Verified>>);

#[derive(Debug, Clone)]
struct Verified {
    generation: u64,
    claims: Arc<Claims>,
}

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl VerifiedTokens {
    fn with_capacity(capacity: usize) -> Self {
        Self(Arc::new(Cache::new(capacity)))
    }

    /// The claims of an access token that is accepted with these keys at the time `now`: what [`TokenRules::verify`]
    /// answers, sooner when it was asked before.
    pub fn claims(
        &self,
        rules: &TokenRules,
        keys: &KeysInForce,
        access_token: &str,
        now: Timestamp,
    ) -> Result<Arc<Claims>, TokenRefusal> {
        let verify = || rules.verify(&keys.set, access_token, TokenType::Access, now).map(Arc::new);
        if access_token.len() > MAX_TOKEN_BYTES {
            // Not even hashed: its sender decides how long that would take.
            return verify();
        }
        let hash: [u8; 32] = Sha256::digest(access_token).into();
        if let Some(known) = self.0.get(&hash).filter(|known| known.generation == keys.generation) {
            known.claims.check_time(now)?;
            return Ok(known.claims);
        }
        let claims = verify()?;
        self.0.insert(hash, Verified { generation: keys.generation, claims: Arc::clone(&claims) });
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyset::{Jwk, Jwks, KeyPair, KeySet};
    use rand::{SeedableRng, rngs::StdRng};
    use std::time::Duration;
    use token::{Bearer, Role};

    const NOW: i64 = 1_760_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A service with keys, rules and a memory of its own.
    struct Verifier {
        rules: TokenRules,
        keys: KeysInForce,
        tokens: VerifiedTokens,
    }

    impl Verifier {
        /// Signs with the key of this seed and accepts no other.
        fn with_key(seed: u64) -> Self {
            Self {
                rules: TokenRules {
                    issuer: "cc-lite".into(),
                    audience: "cc-lite".into(),
                    access_life: Duration::from_mins(15),
                    refresh_life: Duration::from_hours(168),
                },
                keys: KeysInForce { set: set(seed, &[]), generation: 1 },
                tokens: VerifiedTokens::with_capacity(64),
            }
        }

        fn token(&self, token_type: TokenType, user_id: &str) -> String {
            let bearer = Bearer {
                user_id,
                email: "agent@localhost",
                role: Role::Agent,
                organization_id: "default",
                session_id: "s1",
            };
            self.rules.issue(&self.keys.set, token_type, &bearer, "j1", at(NOW))
        }

        fn access_token(&self, user_id: &str) -> String {
            self.token(TokenType::Access, user_id)
        }

        fn ask(&self, token: &str, second: i64) -> Result<Claims, TokenRefusal> {
            self.tokens
                .claims(&self.rules, &self.keys, token, at(second))
                .map(|claims| Claims::clone(&claims))
        }

        /// What is answered without any memory.
        fn verify(&self, token: &str, second: i64) -> Result<Claims, TokenRefusal> {
            self.rules.verify(&self.keys.set, token, TokenType::Access, at(second))
        }
    }

    fn pair(seed: u64) -> KeyPair {
        KeyPair::generate(&mut StdRng::seed_from_u64(seed))
    }

    /// Signs with one key and accepts others too.
    fn set(signing: u64, also: &[u64]) -> KeySet {
        let keys = also.iter().chain([&signing]).map(|seed| pair(*seed).public().clone());
        let jwks = keys.map(|key| Jwk { kid: key.thumbprint(), key });
        KeySet::new(pair(signing), Jwks::new(jwks).unwrap()).unwrap()
    }

    #[test]
    fn a_remembered_token_is_answered_as_an_unknown_one_at_every_second_of_its_life() {
        let ours = Verifier::with_key(1);
        let token = ours.access_token("u1");
        ours.ask(&token, NOW).unwrap();
        for second in NOW - 10..NOW + 920 {
            assert_eq!(ours.ask(&token, second), ours.verify(&token, second), "at {}", second - NOW);
        }
        assert_eq!(ours.ask(&token, NOW + 904).map(|claims| claims.sub), Ok("u1".to_owned()));
        assert_eq!(ours.ask(&token, NOW + 905), Err(TokenRefusal::Expired));
        assert_eq!(ours.ask(&token, NOW - 6), Err(TokenRefusal::NotYet));
    }

    #[test]
    fn a_remembered_token_of_a_removed_key_is_refused_and_that_of_a_kept_one_is_not() {
        let mut ours = Verifier::with_key(1);
        let of_old = ours.access_token("u1");
        ours.ask(&of_old, NOW).unwrap();
        ours.keys = KeysInForce { set: set(2, &[1]), generation: 2 };
        let of_new = ours.access_token("u2");
        for (token, user) in [(&of_old, "u1"), (&of_new, "u2")] {
            assert_eq!(ours.ask(token, NOW).map(|claims| claims.sub), Ok(user.to_owned()));
        }
        ours.keys = KeysInForce { set: set(2, &[]), generation: 3 };
        assert_eq!(ours.ask(&of_old, NOW), Err(TokenRefusal::Key));
        assert_eq!(ours.ask(&of_new, NOW).map(|claims| claims.sub), Ok("u2".to_owned()));
    }

    #[test]
    fn only_accepted_access_tokens_are_remembered() {
        let (ours, theirs) = (Verifier::with_key(1), Verifier::with_key(2));
        let long = "x".repeat(MAX_TOKEN_BYTES + 1);
        for (token, refusal) in [
            (ours.token(TokenType::Refresh, "u1"), TokenRefusal::Claims),
            (theirs.access_token("u1"), TokenRefusal::Key),
            (format!("{}x", ours.access_token("u1")), TokenRefusal::Form),
            (long, TokenRefusal::Form),
            (String::new(), TokenRefusal::Form),
        ] {
            for _ in 0..2 {
                assert_eq!(ours.ask(&token, NOW), Err(refusal), "{token}");
            }
        }
        assert_eq!(ours.ask(&ours.access_token("u1"), NOW + 3600), Err(TokenRefusal::Expired));
        assert_eq!(ours.tokens.0.len(), 0);
        ours.ask(&ours.access_token("u1"), NOW).unwrap();
        assert_eq!(ours.tokens.0.len(), 1);
    }

    #[test]
    fn more_tokens_than_there_is_room_for_push_others_out_and_are_answered_all_the_same() {
        let ours = Verifier::with_key(1);
        let tokens: Vec<String> = (0..500).map(|user| ours.access_token(&format!("u{user}"))).collect();
        for round in 0..2 {
            for (user, token) in tokens.iter().enumerate() {
                let claims = ours.ask(token, NOW).unwrap();
                assert_eq!(claims.sub, format!("u{user}"), "in round {round}");
                assert!(ours.tokens.0.len() <= 64, "{} are remembered", ours.tokens.0.len());
            }
        }
        assert!(ours.tokens.0.len() >= 32, "only {} are remembered", ours.tokens.0.len());
    }

    #[test]
    fn a_token_that_differs_in_one_character_from_a_remembered_one_is_verified_by_itself() {
        let ours = Verifier::with_key(1);
        let token = ours.access_token("u1");
        ours.ask(&token, NOW).unwrap();
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(bytes).unwrap();
            let seen = ours.ask(&other, NOW);
            assert!(seen.is_err(), "position {position}");
            assert_eq!(seen, ours.verify(&other, NOW), "position {position}");
        }
        for other in [format!("{token} "), format!(" {token}"), token[..token.len() - 1].to_owned()] {
            assert!(ours.ask(&other, NOW).is_err(), "{other:?}");
        }
        assert_eq!(ours.tokens.0.len(), 1);
    }
}
