//! The signing keys: made once, then taken as they are.

use std::collections::BTreeMap;

use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use keyset::{KeyPair, KeySet, KeySetError};
use rand::CryptoRng;

use crate::{build::names, observe::Children};

use super::{ActiveKey, Hold, HoldReason, Identity, Module};

/// The signing keys.
#[derive(Debug)]
pub struct Keys {
    /// The set in force.
    pub set: KeySet,
    /// Whether it has to be stored yet.
    pub new: bool,
    /// When it was.
    pub created_at: Option<Timestamp>,
}

impl Keys {
    /// The key that signs.
    pub fn active(&self) -> ActiveKey {
        ActiveKey { kid: self.set.signing_kid().to_string(), created_at: self.created_at }
    }
}

/// Takes the set that is there or makes one.
pub(super) fn decide(
    module: &Module,
    children: &Children,
    rng: &mut impl CryptoRng,
) -> Result<Option<Keys>, Hold> {
    if matches!(module.identity, Identity::Platform(_)) {
        return Ok(None);
    }
    let Some(secret) = &children.keys else {
        let set = KeySet::of_pair(KeyPair::generate(rng));
        return Ok(Some(Keys { set, new: true, created_at: None }));
    };
    stored(secret).map(Some).map_err(|error| {
        Hold::new(
            HoldReason::InvalidKeys,
            format!(
                "Secret {} holds no key set ({error}): restore it, or delete it for a new one, which ends all sessions",
                names(&module.name).keys
            ),
        )
    })
}

/// The key that signs, if the module has one.
pub(super) fn active(children: &Children) -> Option<ActiveKey> {
    stored(children.keys.as_ref()?).ok().map(|keys| keys.active())
}

fn stored(secret: &Secret) -> Result<Keys, KeySetError> {
    let data: BTreeMap<String, Vec<u8>> =
        secret.data.iter().flatten().map(|(name, value)| (name.clone(), value.0.clone())).collect();
    let created_at = secret.metadata.creation_timestamp.as_ref().map(|time| time.0);
    Ok(Keys { set: KeySet::from_secret_data(&data)?, new: false, created_at })
}
