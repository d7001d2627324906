//! A hash over what pods read from Secrets at their start only, so that a change of it rolls them.

use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

use super::{Use, references::Entries};

/// The hash, in lower-case hex.
///
/// The administrator's password is left out: it is read only when there is no administrator. So are the signing keys:
/// pods take changed ones while they run; and authorities, which are read for each connection. The Secrets' UIDs go in, which are random and known only to who may read
/// Secrets, so that who may read pods cannot test guesses of a weak password against the hash.
pub(super) fn config_hash(entries: &Entries<'_>) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // Lengths keep neighbouring parts apart.
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    let later = [Use::AdminPassword, Use::BrokerAuthority, Use::DatabaseAuthority];
    for (used_as, entry) in entries.iter().filter(|(used_as, _)| !later.contains(used_as)) {
        part(format!("{used_as:?}").as_bytes());
        part(entry.secret_uid.as_bytes());
        part(&entry.value);
    }
    hex(hash)
}
