//! `KeysReady`, and what the status says of each key.

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use kube::{Client, Resource};

use crate::{
    api::{CommsModule, KeyPhase, KeyStatus},
    decide::{Hold, HoldReason, Identity, Module, Standalone},
    rotation::{Happening, KeyReport, MAX_FORMER, Phase, Report, Situation, Unfit},
};

use super::{
    Telling,
    conditions::{Finding, State},
    event,
    reason::Reason,
};

/// Characters of a kid that tables show.
const SHORT_KID: usize = 8;
/// Kids or pods that a message names at most.
const NAMED: usize = 5;

/// Publishes an event about each thing that was done to the keys.
pub async fn report_keys(
    client: &Client,
    telling: &Telling,
    module: &CommsModule,
    happened: &[Happening],
    now: Timestamp,
) {
    for happening in happened {
        let type_ = if happening.is_warning() { "Warning" } else { "Normal" };
        let about = (type_, happening.reason(), happening.note());
        let about = (about.0, about.1, about.2.as_str());
        event::tell(client, telling, &module.object_ref(&()), about, now).await;
    }
}

/// Beginning of the id of the key that signs.
pub(super) fn active(report: &Report) -> Option<String> {
    let active = report.keys.iter().find(|key| key.phase == Phase::Active)?;
    Some(active.kid.as_str().chars().take(SHORT_KID).collect())
}

/// A time as the API server stores it: in whole seconds.
pub(super) fn time(time: Timestamp) -> Time {
    Time(Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// Each key.
pub(super) fn statuses(report: &Report) -> Vec<KeyStatus> {
    let status = |key: &KeyReport| KeyStatus {
        kid: key.kid.to_string(),
        phase: match key.phase {
            Phase::Staged => KeyPhase::Staged,
            Phase::Active => KeyPhase::Active,
            Phase::Retired => KeyPhase::Retired,
            Phase::Revoked => KeyPhase::Revoked,
        },
        created_at: key.created_at.map(time),
        activated_at: key.activated_at.map(time),
        retired_at: key.retired_at.map(time),
        remove_at: key.remove_at.map(time),
        acknowledged: key.acknowledged.map(|(done, of)| format!("{done}/{of}")),
    };
    report.keys.iter().map(status).collect()
}

/// The finding `KeysReady`.
pub(super) fn finding(module: Option<&Module>, report: Option<&Report>, hold: Option<&Hold>) -> Finding {
    match (module.map(|module| &module.identity), hold) {
        (_, Some(hold)) if hold.reason == HoldReason::InvalidKeys => {
            Finding::new(State::False, hold.reason, &hold.message)
        }
        (Some(Identity::Platform(_)), _) => {
            let message = "Platform mode makes and reads no keys. Those of Standalone mode stay where they are retained.";
            Finding::new(State::True, Reason::NotUsed, message)
        }
        // Keys turn while something else holds the module.
        (Some(Identity::Standalone(auth)), hold) if report.is_some() || hold.is_none() => match report {
            Some(report) => of_report(report, auth),
            None => Finding::new(State::True, Reason::Available, standing(auth)),
        },
        (Some(Identity::Standalone(_)) | None, _) => Finding::new(
            State::Unknown,
            Reason::NotObserved,
            "Something else has to be mended first: see Ready.",
        ),
    }
}

fn standing(auth: &Standalone) -> String {
    match &auth.own_keys {
        Some(secret) => format!("The module signs with the key of Secret {secret}."),
        None => "The module has a key to sign with.".to_owned(),
    }
}

fn of_report(report: &Report, auth: &Standalone) -> Finding {
    if let (Some(unfit), Some(secret)) = (&report.unfit, &auth.own_keys) {
        let reason = if *unfit == Unfit::Missing { Reason::SecretNotFound } else { Reason::InvalidKeys };
        return Finding::new(State::False, reason, unfit_message(unfit, secret));
    }
    let (state, reason, message) = match &report.situation {
        Situation::Calm => (State::True, Reason::Available, standing(auth)),
        Situation::Staging { kid, promotes_at: None } => (
            State::True,
            Reason::Rotating,
            format!(
                "Key {kid} is given to the pods; it signs when all have accepted it for the propagation delay."
            ),
        ),
        Situation::Staging { kid, promotes_at: Some(at) } => {
            (State::True, Reason::Rotating, format!("All pods accept key {kid}; it signs from {at:.0} on."))
        }
        Situation::Retiring => {
            (State::True, Reason::Rotating, "The last pods change over to the key that signs now.".to_owned())
        }
        Situation::Revoking => {
            (State::True, Reason::Revoking, "The last pods learn that a key is revoked.".to_owned())
        }
        Situation::Held { pods, why } => {
            let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            (
                State::False,
                Reason::RotationHeld,
                format!(
                    "Keys wait for {} to take them up{why}. Tokens are signed and accepted as before. Look why the \
                     operator cannot reach it or its mount does not change, or delete it.",
                    pods_named(pods)
                ),
            )
        }
        Situation::Crowded { until } => {
            let until = until.map(|until| format!(" before {until:.0}")).unwrap_or_default();
            (
                State::False,
                Reason::RotationHeld,
                format!(
                    "{MAX_FORMER} former keys are accepted, as many as there may be, so that no other is made{until}. To \
                     rotate now, revoke one of them in spec.keys.revokedKids, which ends its tokens."
                ),
            )
        }
    };
    let unknown = match report.unknown.as_slice() {
        [] => String::new(),
        unknown => format!(
            " spec.keys.revokedKids names {}, no key of this module: correct or remove it.",
            named(unknown)
        ),
    };
    Finding::new(state, reason, message + &unknown)
}

fn unfit_message(unfit: &Unfit, secret: &str) -> String {
    match unfit {
        Unfit::Missing => format!(
            "Secret {secret}, named by spec.keys.secretRef, cannot be had: see Ready. The module goes on with the keys that it \
             has."
        ),
        Unfit::Revoked(kid) => format!(
            "Key {kid}, which Secret {secret} signs with, is revoked, and as long as there is no other it goes on: write \
             another pair into the Secret, which then signs at once."
        ),
        Unfit::Renamed(kid) => format!(
            "Secret {secret} gives the id {kid} to another key than before, or one of the module's keys another id, so that \
             nothing is taken from it: give each new key an id of its own, such as its thumbprint (RFC 7638)."
        ),
    }
}

fn pods_named(pods: &[String]) -> String {
    let kind = if pods.len() == 1 { "pod" } else { "pods" };
    format!("{kind} {}", named(pods))
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}
