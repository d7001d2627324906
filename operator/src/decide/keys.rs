//! The signing keys: the user's own, or the operator's, which the key machine turns.

use std::collections::BTreeMap;

use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use keyset::{JWKS_JSON, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM};
use rand::CryptoRng;

use crate::{
    build::names,
    observe::{Children, Observed},
    rotation::{
        KEYRING_JSON, Keyring, KeyringError, Next, Problem, Published, Report, Standing, Stored, next, report,
    },
};

use super::{
    Claim, Decision, Hold, HoldReason, Identity, Module, Release, Standalone, claim_of, decide as decide_all,
};

/// The signing keys.
#[derive(Debug)]
pub struct Keys {
    /// Which of the operator's Secrets there are to be.
    pub secrets: KeySecrets,
    /// How it stands with them; none where they have yet to be made.
    pub state: Option<KeyState>,
}

/// Which of the operator's Secrets there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySecrets {
    /// `<name>-keys`
    pub keys: bool,
    /// `<name>-keyring`
    pub keyring: bool,
}

/// How it stands with the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// They are the user's.
    Own {
        /// Id of the key that signs.
        kid: String,
        /// When its Secret was made.
        created_at: Option<Timestamp>,
    },
    /// They are the operator's.
    Managed(Box<Report>),
}

/// Takes the user's set, or asks the key machine about the operator's.
pub(super) fn decide(
    module: &Module,
    observed: &Observed,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Option<Keys>, Hold> {
    let Identity::Standalone(auth) = &module.identity else { return Ok(None) };
    let children = &observed.children;
    if let Some(name) = &auth.own_keys {
        let secrets = KeySecrets { keys: children.keys.is_some(), keyring: children.keyring.is_some() };
        let state = own(name, module, observed)?;
        return Ok(Some(Keys { secrets, state: Some(state) }));
    }
    if let Some(Next::Stuck(problem)) = ask(module, observed, now, rng) {
        return Err(Hold::new(HoldReason::InvalidKeys, stuck(&problem, module)));
    }
    Ok(Some(Keys { secrets: KeySecrets { keys: true, keyring: true }, state: managed(auth, observed, now) }))
}

/// Asks the key machine; nothing where the keys are not the operator's.
fn ask(module: &Module, observed: &Observed, now: Timestamp, rng: &mut impl CryptoRng) -> Option<Next> {
    let Identity::Standalone(auth) = &module.identity else { return None };
    if auth.own_keys.is_some() {
        return None;
    }
    let (stored, published) = (stored(&observed.children), published(&observed.children));
    let rules = auth.rotation.rules(&observed.pods);
    Some(next(&stored, &published, &rules, &observed.serving, now, rng))
}

/// How it stands with the keys, as far as that is known.
pub(super) fn state(module: &Module, observed: &Observed, now: Timestamp) -> Option<KeyState> {
    let Identity::Standalone(auth) = &module.identity else { return None };
    match &auth.own_keys {
        Some(name) => own(name, module, observed).ok(),
        None => managed(auth, observed, now),
    }
}

/// What comes next for the keys, where something may be done. A module that is held keeps its keys turning, but gets none
/// before it can run.
pub fn next_for_keys(
    observed: &Observed,
    release: &Release,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Option<Next> {
    let module = Module::new(&observed.module, release).ok().filter(|module| !module.paused)?;
    let next = ask(&module, observed, now, rng)?;
    if matches!(next, Next::Rest { .. }) {
        return Some(next);
    }
    let secrets = || [&observed.children.keys, &observed.children.keyring].into_iter().flatten();
    let is_taken = |secret: &Secret| {
        !matches!(claim_of(&secret.metadata, &module), Claim::Ours | Claim::Retained)
            || secret.metadata.deletion_timestamp.is_some()
    };
    if secrets().any(is_taken) {
        return None;
    }
    let mut can_run = || matches!(decide_all(observed, release, now, rng), Decision::Run(_));
    (secrets().next().is_some() || can_run()).then_some(next)
}

/// What is measured of the keys; nothing where they do not rotate.
pub fn key_standing(observed: &Observed, release: &Release, now: Timestamp) -> Option<Standing> {
    let module = Module::new(&observed.module, release).ok().filter(|module| !module.paused)?;
    let Identity::Standalone(auth) = &module.identity else { return None };
    if auth.own_keys.is_some() {
        return None;
    }
    let KeyState::Managed(report) = managed(auth, observed, now)? else { return None };
    report.standing(&auth.rotation.rules(&observed.pods))
}

fn own(name: &str, module: &Module, observed: &Observed) -> Result<KeyState, Hold> {
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
    let set = read(secret).map_err(|error| {
        Hold::new(
            HoldReason::InvalidKeys,
            format!(
                "Secret {name}, named by spec.keys.secretRef, holds no key set ({error}): write the entries {entries} \
                 of one set into it"
            ),
        )
    })?;
    Ok(KeyState::Own { kid: set.signing_kid().to_string(), created_at: created_at(secret) })
}

fn managed(auth: &Standalone, observed: &Observed, now: Timestamp) -> Option<KeyState> {
    let Stored::Ring(ring) = stored(&observed.children) else { return None };
    let rules = auth.rotation.rules(&observed.pods);
    Some(KeyState::Managed(Box::new(report(&ring, &rules, &observed.serving, now))))
}

/// The keyring as it is stored.
fn stored(children: &Children) -> Stored {
    let Some(secret) = &children.keyring else { return Stored::Absent };
    let entry = secret.data.as_ref().and_then(|data| data.get(KEYRING_JSON));
    match entry.map(|entry| Keyring::from_json(&entry.0)) {
        Some(Ok(ring)) => Stored::Ring(Box::new(ring)),
        Some(Err(error)) => Stored::Unusable(error),
        None => Stored::Unusable(KeyringError::Damaged(format!("it has no entry {KEYRING_JSON}"))),
    }
}

/// What pods read.
fn published(children: &Children) -> Published {
    let Some(secret) = &children.keys else { return Published::Absent };
    match read(secret) {
        Ok(set) => Published::Set { set: Box::new(set), created_at: created_at(secret) },
        Err(error) => Published::Broken(error.to_string()),
    }
}

/// Fingerprint of the key set that pods are to have, where one is published.
pub fn published_set(children: &Children) -> Option<String> {
    read(children.keys.as_ref()?).ok().map(|set| set.set_sha256().to_owned())
}

fn read(secret: &Secret) -> Result<KeySet, KeySetError> {
    let data: BTreeMap<String, Vec<u8>> =
        secret.data.iter().flatten().map(|(name, value)| (name.clone(), value.0.clone())).collect();
    KeySet::from_secret_data(&data)
}

fn created_at(secret: &Secret) -> Option<Timestamp> {
    secret.metadata.creation_timestamp.as_ref().map(|time| time.0)
}

fn stuck(problem: &Problem, module: &Module) -> String {
    let names = names(&module.name);
    let new = "for new keys, which ends all sessions";
    match problem {
        Problem::Newer(error) => format!(
            "Secret {} holds a keyring that cannot be used ({error}): run the release of the operator that wrote it, or a \
             later one",
            names.keyring
        ),
        Problem::Lost { keyring: None, set } => format!(
            "Secret {} holds no key set ({}): restore it, or delete it {new}",
            names.keys,
            set.as_deref().unwrap_or_default()
        ),
        Problem::Lost { keyring: Some(why), set: None } => format!(
            "Secret {} holds no keyring ({why}), and Secret {} is not there: restore one of them, or delete the first {new}",
            names.keyring, names.keys
        ),
        Problem::Lost { keyring: Some(why), set: Some(set) } => format!(
            "Secret {} holds no keyring ({why}), and Secret {} no key set ({set}): restore one of them, or delete both {new}",
            names.keyring, names.keys
        ),
    }
}
