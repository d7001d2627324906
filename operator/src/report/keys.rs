//! `KeysReady`, and what the status says of each key.

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use kube::{Client, Resource};

use crate::{
    api::{CommsModule, KeyPhase, KeyStatus},
    decide::{Hold, HoldReason, Identity, KeyState, Module},
    rotation::{Happening, MAX_FORMER, Phase, Report, Situation},
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

/// The operator's keys.
pub(super) fn managed(state: &KeyState) -> Option<&Report> {
    match state {
        KeyState::Managed(report) => Some(report),
        KeyState::Own { .. } => None,
    }
}

/// Beginning of the id of the key that signs.
pub(super) fn active(state: &KeyState) -> Option<String> {
    let kid = match state {
        KeyState::Own { kid, .. } => kid.as_str(),
        KeyState::Managed(report) => {
            report.keys.iter().find(|key| key.phase == Phase::Active).map(|key| key.kid.as_str())?
        }
    };
    Some(kid.chars().take(SHORT_KID).collect())
}

/// A time as the API server stores it: in whole seconds.
pub(super) fn time(time: Timestamp) -> Time {
    Time(Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// Each key.
pub(super) fn statuses(state: &KeyState) -> Vec<KeyStatus> {
    match state {
        KeyState::Own { kid, created_at } => vec![KeyStatus::active(kid, *created_at)],
        KeyState::Managed(report) => report
            .keys
            .iter()
            .map(|key| KeyStatus {
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
            })
            .collect(),
    }
}

/// The finding `KeysReady`.
pub(super) fn finding(module: Option<&Module>, state: Option<&KeyState>, hold: Option<&Hold>) -> Finding {
    match (module.map(|module| &module.identity), hold) {
        (_, Some(hold)) if hold.reason == HoldReason::InvalidKeys => {
            Finding::new(State::False, hold.reason, &hold.message)
        }
        (Some(Identity::Platform(_)), _) => {
            let message = "Platform mode makes and reads no keys. Those of Standalone mode stay where they are retained.";
            Finding::new(State::True, Reason::NotUsed, message)
        }
        (Some(Identity::Standalone(_)), None) => match state.and_then(managed) {
            Some(report) => of_report(report),
            None => Finding::new(State::True, Reason::Available, standing(module)),
        },
        (Some(Identity::Standalone(_)) | None, _) => Finding::new(
            State::Unknown,
            Reason::NotObserved,
            "Something else has to be mended first: see Ready.",
        ),
    }
}

fn standing(module: Option<&Module>) -> String {
    let own = module.and_then(|module| match &module.identity {
        Identity::Standalone(auth) => auth.own_keys.as_ref(),
        Identity::Platform(_) => None,
    });
    match own {
        Some(secret) => format!("The module signs with the key set of Secret {secret}."),
        None => "The module has a key to sign with.".to_owned(),
    }
}

fn of_report(report: &Report) -> Finding {
    let (state, reason, message) = match &report.situation {
        Situation::Calm => (State::True, Reason::Available, standing(None)),
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

fn pods_named(pods: &[String]) -> String {
    let kind = if pods.len() == 1 { "pod" } else { "pods" };
    format!("{kind} {}", named(pods))
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}
