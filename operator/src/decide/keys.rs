//! The signing keys: the user's own, or made once and then taken as they are.

use std::collections::BTreeMap;

use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use keyset::{JWKS_JSON, KeyPair, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM};
use rand::CryptoRng;

use crate::{build::names, observe::Observed};

use super::{ActiveKey, Hold, HoldReason, Identity, Module};

/// The signing keys.
#[derive(Debug)]
pub struct Keys {
    /// The set in force.
    pub set: KeySet,
    /// Where it is.
    pub source: KeySource,
    /// When it was stored.
    pub created_at: Option<Timestamp>,
}

/// Where a key set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Nowhere yet: it was made just now.
    New,
    /// In the operator's Secret.
    Stored,
    /// In the user's Secret. The operator's stays as it is, if there is one.
    Own {
        /// Whether there is one.
        stored_as_well: bool,
    },
}

impl Keys {
    /// The key that signs.
    pub fn active(&self) -> ActiveKey {
        ActiveKey { kid: self.set.signing_kid().to_string(), created_at: self.created_at }
    }

    /// The key that signs, unless it is nobody's yet.
    pub fn stored_active(&self) -> Option<ActiveKey> {
        (self.source != KeySource::New).then(|| self.active())
    }
}

/// Takes the user's set, or the one that is there, or makes one.
pub(super) fn decide(
    module: &Module,
    observed: &Observed,
    rng: &mut impl CryptoRng,
) -> Result<Option<Keys>, Hold> {
    let Identity::Standalone(auth) = &module.identity else { return Ok(None) };
    if let Some(name) = &auth.own_keys {
        return own(name, module, observed).map(Some);
    }
    let Some(secret) = &observed.children.keys else {
        let set = KeySet::of_pair(KeyPair::generate(rng));
        return Ok(Some(Keys { set, source: KeySource::New, created_at: None }));
    };
    read(secret, KeySource::Stored).map(Some).map_err(|error| {
        Hold::new(
            HoldReason::InvalidKeys,
            format!(
                "Secret {} holds no key set ({error}): restore it, or delete it for a new one, which ends all sessions",
                names(&module.name).keys
            ),
        )
    })
}

fn own(name: &str, module: &Module, observed: &Observed) -> Result<Keys, Hold> {
    let entries = format!("{PRIVATE_PEM}, {PUBLIC_PEM} and {JWKS_JSON}");
    let Some(secret) = observed.secrets.get(name) else {
        return Err(Hold::new(
            HoldReason::SecretNotFound,
            format!(
                "spec.keys.secretRef names Secret {name}, which is not in namespace {}: create it with the entries \
                 {entries}, or correct the name",
                module.namespace
            ),
        ));
    };
    let source = KeySource::Own { stored_as_well: observed.children.keys.is_some() };
    read(secret, source).map_err(|error| {
        Hold::new(
            HoldReason::InvalidKeys,
            format!(
                "Secret {name}, named by spec.keys.secretRef, holds no key set ({error}): write the entries {entries} \
                 of one set into it"
            ),
        )
    })
}

/// The key that signs, if the module has one.
pub(super) fn active(module: &Module, observed: &Observed) -> Option<ActiveKey> {
    let secret = match &module.identity {
        Identity::Standalone(auth) => match &auth.own_keys {
            Some(name) => observed.secrets.get(name),
            None => observed.children.keys.as_ref(),
        },
        Identity::Platform(_) => None,
    };
    read(secret?, KeySource::Stored).ok().map(|keys| keys.active())
}

fn read(secret: &Secret, source: KeySource) -> Result<Keys, KeySetError> {
    let data: BTreeMap<String, Vec<u8>> =
        secret.data.iter().flatten().map(|(name, value)| (name.clone(), value.0.clone())).collect();
    let created_at = secret.metadata.creation_timestamp.as_ref().map(|time| time.0);
    Ok(Keys { set: KeySet::from_secret_data(&data)?, source, created_at })
}
