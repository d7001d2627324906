//! Which pod to lead to. Pure.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

/// Name of the port of the API.
const HTTP: &str = "http";

/// A pod, and the port of its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) pod: String,
    pub(super) port: u16,
}

/// The newest pod that serves.
pub(super) fn target(pods: &[Pod]) -> Option<Target> {
    let serving = pods.iter().filter(|pod| is_ready(pod));
    let newest = serving.max_by_key(|pod| pod.metadata.creation_timestamp.as_ref().map(|time| time.0))?;
    let ports = newest.spec.iter().flat_map(|spec| &spec.containers).flat_map(|container| &container.ports);
    let http = ports.flatten().find(|port| port.name.as_deref() == Some(HTTP))?;
    Some(Target { pod: newest.name_any(), port: u16::try_from(http.container_port).ok()? })
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| &status.conditions).flatten();
    pod.metadata.deletion_timestamp.is_none()
        && conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, created: &str, ready: &str, deleted: Option<&str>) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": name, "creationTimestamp": created, "deletionTimestamp": deleted},
            "spec": {"containers": [{"name": "cc-lite", "ports": [
                {"name": "management", "containerPort": 9018}, {"name": "http", "containerPort": 3018},
            ]}]},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }))
        .expect("a pod")
    }

    #[test]
    fn the_newest_pod_that_serves_is_taken() {
        let pods = [
            pod("old", "2026-02-02T01:00:00Z", "True", None),
            pod("newer", "2026-02-02T02:00:00Z", "True", None),
            pod("starting", "2026-02-02T03:00:00Z", "False", None),
            pod("leaving", "2026-02-02T04:00:00Z", "True", Some("2026-02-02T05:00:00Z")),
        ];
        assert_eq!(target(&pods), Some(Target { pod: "newer".into(), port: 3018 }));
        assert_eq!(target(&pods[2..]), None);
    }
}
