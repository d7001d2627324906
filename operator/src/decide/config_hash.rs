//! A hash over what pods read from Secrets at their start only, so that a change of it rolls them.

use keyset::KeySet;
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

use super::{Keys, Use, references::Entries};

/// The hash, in lower-case hex.
///
/// The administrator's password is left out: it is read only when there is no administrator. The private key's bytes
/// go in, so that who may read pods cannot test guesses of a weak password against the hash.
pub(super) fn config_hash(keys: Option<&Keys>, entries: &Entries<'_>) -> String {
    let mut hash = Sha256::new();
    let mut part = |name: &str, value: &[u8]| {
        // Lengths keep neighbouring parts apart.
        hash.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(name);
        hash.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(value);
    };
    for (name, value) in keys.map(|keys| KeySet::to_secret_data(&keys.set)).into_iter().flatten() {
        part(&name, &value);
    }
    for (used_as, value) in entries.iter().filter(|(used_as, _)| **used_as != Use::AdminPassword) {
        part(&format!("{used_as:?}"), value);
    }
    hex(hash)
}
