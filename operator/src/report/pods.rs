//! Why pods do not get on, in the words of the kubelet and the scheduler.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::ResourceExt;

use super::reason::Reason;

/// Waiting reasons that pass by themselves.
const PASSING: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// Why a pod does not get on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) reason: Reason,
    pub(super) message: String,
}

/// The problem of the newest pod that has one: older ones may be of a former spec.
pub(super) fn problem(pods: &[Pod]) -> Option<Problem> {
    let mut newest_first: Vec<_> =
        pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none()).collect();
    newest_first.sort_by_key(|pod| std::cmp::Reverse((pod.creation_timestamp(), pod.name_any())));
    newest_first.into_iter().find_map(problem_of)
}

fn problem_of(pod: &Pod) -> Option<Problem> {
    let status = pod.status.as_ref()?;
    let name = pod.name_any();
    let containers = status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
    let waiting = containers.into_iter().find_map(|container| waiting(&name, container));
    waiting.or_else(|| {
        let scheduled =
            status.conditions.iter().flatten().find(|condition| condition.type_ == "PodScheduled")?;
        (scheduled.status == "False").then(|| Problem {
            reason: Reason::Theirs(scheduled.reason.clone().unwrap_or_else(|| "Unschedulable".into())),
            message: format!(
                "pod {name} finds no node: {}",
                scheduled.message.as_deref().unwrap_or("no reason given")
            ),
        })
    })
}

fn waiting(pod: &str, container: &ContainerStatus) -> Option<Problem> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.clone().filter(|reason| !PASSING.contains(&reason.as_str()))?;
    let kubelet = waiting.message.as_deref().unwrap_or("no reason given");
    // What the container said last tells more than "back-off 10s restarting".
    let last = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
    let said = last.and_then(|last| last.message.as_deref()).and_then(last_line);
    let message = match said {
        Some(said) => format!("pod {pod} ended: {said} ({kubelet})"),
        None if is_image(&reason) => {
            format!(
                "pod {pod} cannot get image {}: {kubelet}; correct spec.image or spec.imagePullSecrets",
                container.image
            )
        }
        None => format!("pod {pod} does not start: {kubelet}"),
    };
    // The kubelet's own reasons take turns as it tries again.
    let reason = if is_image(&reason) { Reason::ImageUnusable } else { Reason::Theirs(reason) };
    Some(Problem { reason, message })
}

fn is_image(reason: &str) -> bool {
    matches!(
        reason,
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError"
    )
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}
