//! The signing keys, which the key machine turns: those of the user's own Secret, or some that it makes.

use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use keyset::{JWKS_JSON, KeySet, PRIVATE_PEM, PUBLIC_PEM};
use rand::CryptoRng;

use crate::{
    build::names,
    observe::Observed,
    rotation::{Next, OwnKeys, Problem, Published, Report, Rules, Source, Standing, Stored, next, report},
};

use super::{
    Claim, Decision, Hold, HoldReason, Identity, Module, Release, Standalone, claim_of, decide as decide_all,
    key_secrets::key_set,
};

/// The signing keys.
#[derive(Debug)]
pub struct Keys {
    /// How it stands with them; none where they have yet to be made.
    pub state: Option<Box<Report>>,
}

/// Asks how it stands with the keys, and refuses where there are none to go by.
pub(super) fn decide(
    module: &Module,
    observed: &Observed,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Option<Keys>, Hold> {
    let Identity::Standalone(auth) = &module.identity else { return Ok(None) };
    let rules = rules(auth, module, observed);
    if let Next::Stuck(problem) = ask(&rules, observed, now, rng) {
        return Err(Hold::new(HoldReason::InvalidKeys, stuck(&problem, module)));
    }
    if let (Source::Missing, Some(name)) = (&rules.source, &auth.own_keys) {
        own(name, module, observed)?;
    }
    Ok(Some(Keys { state: report_by(&rules, observed, now) }))
}

/// How it stands with the keys, as far as that is known.
pub(super) fn state(module: &Module, observed: &Observed, now: Timestamp) -> Option<Box<Report>> {
    let Identity::Standalone(auth) = &module.identity else { return None };
    report_by(&rules(auth, module, observed), observed, now)
}

fn report_by(rules: &Rules, observed: &Observed, now: Timestamp) -> Option<Box<Report>> {
    let stored = observed.key_secrets.stored(&observed.children);
    let Stored::Ring(ring) = &*stored else { return None };
    Some(Box::new(report(ring, rules, &observed.serving, now)))
}

/// Asks the key machine. It goes on while the user's keys are not there, for keys may have to be revoked.
fn ask(rules: &Rules, observed: &Observed, now: Timestamp, rng: &mut impl CryptoRng) -> Next {
    let secrets = &observed.key_secrets;
    let (stored, published) = (secrets.stored(&observed.children), secrets.published(&observed.children));
    next(&stored, &published, rules, &observed.serving, now, rng)
}

fn rules(auth: &Standalone, module: &Module, observed: &Observed) -> Rules {
    let source = match &auth.own_keys {
        None => Source::Made,
        Some(name) => own(name, module, observed)
            .map_or(Source::Missing, |set| Source::Own(Box::new(OwnKeys::of(&set)))),
    };
    auth.rotation.rules(&observed.pods, source)
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
    let Identity::Standalone(auth) = &module.identity else { return None };
    let next = ask(&rules(auth, &module, observed), observed, now, rng);
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

/// What is measured of the keys; nothing where there are none, or they are left as they are.
pub fn key_standing(observed: &Observed, release: &Release, now: Timestamp) -> Option<Standing> {
    let module = Module::new(&observed.module, release).ok().filter(|module| !module.paused)?;
    let Identity::Standalone(auth) = &module.identity else { return None };
    let rules = rules(auth, &module, observed);
    report_by(&rules, observed, now)?.standing(&rules)
}

fn own(name: &str, module: &Module, observed: &Observed) -> Result<KeySet, Hold> {
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
    key_set(secret).map_err(|error| {
        Hold::new(
            HoldReason::InvalidKeys,
            format!(
                "Secret {name}, named by spec.keys.secretRef, holds no key set ({error}): write the entries {entries} \
                 of one set into it"
            ),
        )
    })
}

/// Fingerprint of the key set that pods are to have, where one is published.
pub fn published_set(observed: &Observed) -> Option<String> {
    match &*observed.key_secrets.published(&observed.children) {
        Published::Set { set, .. } => Some(set.set_sha256().to_owned()),
        Published::Absent | Published::Broken(_) => None,
    }
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
