//! Pods in the words of `kubectl get pods`.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::ResourceExt;

use super::PodLine;

/// The pods, by name.
pub(super) fn lines(pods: &[Pod]) -> Vec<PodLine> {
    let mut lines: Vec<_> = pods.iter().map(line).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    lines
}

fn line(pod: &Pod) -> PodLine {
    let containers = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let statuses = pod.status.as_ref().and_then(|status| status.container_statuses.as_deref());
    let statuses = statuses.unwrap_or_default();
    PodLine {
        name: pod.name_any(),
        ready: format!("{}/{containers}", statuses.iter().filter(|status| status.ready).count()),
        status: status(pod, statuses),
        restarts: statuses.iter().map(|status| status.restart_count).sum(),
        created_at: pod.metadata.creation_timestamp.as_ref().map(|time| time.0),
        node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
    }
}

/// Why a container does not run says more than the pod's phase.
fn status(pod: &Pod, statuses: &[ContainerStatus]) -> String {
    if pod.metadata.deletion_timestamp.is_some() {
        return "Terminating".into();
    }
    let reason = statuses.iter().filter_map(|status| status.state.as_ref()).find_map(|state| {
        let waiting = state.waiting.as_ref().and_then(|waiting| waiting.reason.clone());
        let ended = state.terminated.as_ref().and_then(|ended| ended.reason.clone());
        waiting.or(ended)
    });
    let of_pod =
        pod.status.as_ref().and_then(|status| status.reason.clone().or_else(|| status.phase.clone()));
    reason.or(of_pod).unwrap_or_else(|| "Unknown".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_is_told_of_as_kubectl_does() {
        let pod = |status: serde_json::Value, deleted: Option<&str>| -> Pod {
            serde_json::from_value(json!({
                "metadata": {"name": "comms-1", "deletionTimestamp": deleted},
                "spec": {"containers": [{"name": "cc-lite"}], "nodeName": "node-1"},
                "status": status,
            }))
            .expect("a pod")
        };
        let container = |state: serde_json::Value, ready: bool| {
            json!({"phase": "Running", "containerStatuses": [{
                "name": "cc-lite", "image": "", "imageID": "", "ready": ready, "restartCount": 2, "state": state,
            }]})
        };
        let told = |pod: Pod| {
            let line = line(&pod);
            (line.ready, line.status, line.restarts)
        };
        let serving = pod(container(json!({"running": {}}), true), None);
        assert_eq!(told(serving), ("1/1".into(), "Running".into(), 2));
        let crashing = pod(container(json!({"waiting": {"reason": "CrashLoopBackOff"}}), false), None);
        assert_eq!(told(crashing), ("0/1".into(), "CrashLoopBackOff".into(), 2));
        let leaving = pod(container(json!({"running": {}}), true), Some("2026-02-02T02:40:00Z"));
        assert_eq!(told(leaving), ("1/1".into(), "Terminating".into(), 2));
        let waiting = pod(json!({"phase": "Pending"}), None);
        assert_eq!(told(waiting), ("0/1".into(), "Pending".into(), 0));
    }
}
