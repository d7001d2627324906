//! `Ready` and `Progressing`.

use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};

use crate::decide::Replicas;

use super::{
    conditions::{Finding, State},
    pods::problem,
    reason::Reason,
};

/// Where a rollout is.
pub(super) struct Rollout<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) pods: &'a [Pod],
    pub(super) image: &'a str,
    pub(super) replicas: Option<Replicas>,
}

/// The findings `Ready` and `Progressing`.
pub(super) fn rollout(Rollout { deployment, pods, image, replicas }: &Rollout<'_>) -> (Finding, Finding) {
    let spec = deployment.spec.as_ref();
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = spec.and_then(|spec| spec.replicas).unwrap_or(1);
    let count = |count: Option<i32>| count.unwrap_or(0);
    let seen = status.observed_generation >= deployment.metadata.generation;
    let (updated, ready) = (count(status.updated_replicas), count(status.ready_replicas));
    let complete = seen && updated >= wanted && ready >= wanted && count(status.replicas) == updated;
    let pods_ready = format!("{ready} of {wanted} pods are ready");
    if complete && wanted == 0 {
        return (
            Finding::new(
                State::True,
                Reason::ScaledToZero,
                "No pod runs, for spec.replicas is 0: set it to 1 to serve again.",
            ),
            Finding::new(State::False, Reason::Complete, "The pods are as the spec says."),
        );
    }
    if complete {
        return (
            Finding::new(
                State::True,
                Reason::Serving,
                format!("{pods_ready} with {image}.{}", whose(*replicas)),
            ),
            Finding::new(State::False, Reason::Complete, "The pods are as the spec says."),
        );
    }
    if let Some(problem) = problem(pods) {
        let stuck = Finding::new(State::False, problem.reason, problem.message);
        return (stuck.clone(), stuck);
    }
    let refused = status.conditions.iter().flatten().find(|condition| {
        (condition.type_ == "ReplicaFailure" && condition.status == "True")
            || (condition.type_ == "Progressing" && condition.status == "False")
    });
    if let Some(refused) = refused.filter(|_| seen) {
        let reason = Reason::Theirs(refused.reason.clone().unwrap_or_else(|| "ReplicaFailure".into()));
        let message = format!("{pods_ready}: {}", refused.message.as_deref().unwrap_or("no reason given"));
        let stuck = Finding::new(State::False, reason, message);
        return (stuck.clone(), stuck);
    }
    let was_complete = status.conditions.iter().flatten().any(|condition| {
        condition.type_ == "Progressing" && condition.reason.as_deref() == Some("NewReplicaSetAvailable")
    });
    let (reason, message) = if seen && was_complete {
        (Reason::PodsNotReady, format!("{pods_ready}: see DatabaseReady, and kubectl describe pods."))
    } else {
        (Reason::RollingOut, format!("{pods_ready}, {updated} of them with the present spec."))
    };
    (Finding::new(State::False, reason.clone(), message.clone()), Finding::new(State::True, reason, message))
}

/// Who has chosen the number of pods, where it is not the spec.
fn whose(replicas: Option<Replicas>) -> String {
    match replicas {
        Some(Replicas::Kept { overruled, .. }) => format!(
            " The autoscaler left so many; spec.replicas, which is {overruled}, counts again when it is changed."
        ),
        Some(Replicas::Automatic { .. }) => " The autoscaler chooses their number.".into(),
        Some(Replicas::Fixed(_)) | None => String::new(),
    }
}
