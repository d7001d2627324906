//! What the fuzz targets check, and the seeds that they start from. Keys and times are fixed: the same input gives the
//! same outcome on every machine.

pub mod jwks;
pub mod key_set;
mod members;
pub mod token_parts;
pub mod token_text;

use jiff::Timestamp;
use keyset::{Jwk, Jwks, KeyPair, KeySet};
use rand::{SeedableRng, rngs::StdRng};
use std::{sync::LazyLock, time::Duration};
use token::TokenRules;

/// A part of a corpus: a file's name and its contents.
pub type Seed = (String, Vec<u8>);

/// When tokens are made and verified, in seconds since 1970.
const NOW: i64 = 1_760_000_000;

/// The set that verifies: the first pair signs, the second one's public half is accepted too.
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let jwk = |kid: &str, seed| Jwk { kid: kid.parse().expect("a kid"), key: pair(seed).public().clone() };
    let accepted = Jwks::new([jwk("k1", 1), jwk("k2", 2)]).expect("two keys");
    KeySet::new(pair(1), accepted).expect("the first of them signs")
});

static RULES: LazyLock<TokenRules> = LazyLock::new(|| TokenRules {
    issuer: "cc-lite".to_owned(),
    audience: "voice".to_owned(),
    access_life: Duration::from_mins(15),
    refresh_life: Duration::from_hours(168),
});

/// The pair that this seed makes: a test key, known to everybody.
fn pair(seed: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(seed))
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}
