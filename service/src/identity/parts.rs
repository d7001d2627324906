//! What everything that deals with accounts works with.

use super::password::Passwords;
use super::revocation::Revocations;
use crate::clock::Clock;
use crate::ids::IdSource;
use crate::store::Store;
use std::sync::Arc;

/// Shared by accounts and sessions. Clones share what is behind.
#[derive(Clone)]
pub struct AccountParts {
    /// Where accounts are kept.
    pub store: Store,
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// What is refused although its token is valid.
    pub revocations: Revocations,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for AccountParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountParts").finish_non_exhaustive()
    }
}
