//! The crate's behaviour as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod bare_directory;
mod jwk_sets;
mod key_sets;
mod openssl;
mod rfc8037;
mod secret_mount;
mod unsafe_public_keys;
mod wycheproof;

use keyset::{KeyPair, KeySet};
use rand::{SeedableRng, rngs::StdRng};

/// A pair that is the same for the same seed.
fn pair(seed: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(seed))
}

fn set(seed: u64) -> KeySet {
    KeySet::of_pair(pair(seed))
}
