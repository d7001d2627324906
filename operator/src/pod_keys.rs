//! What serving pods say of their keys: `/keys` on their management port.
//!
//! Serving is who may sign tokens and judge them: a pod whose container runs, also one that is about to end or that no
//! request is led to now, and one that has its mounts and is about to start, for it starts with the keys that it has.
//! One that does not answer counts as well, for nobody can know what it does; but not for ever: a pod on a lost node, or
//! one that should have ended by now, is left out.

use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::{
    api::core::v1::{ContainerStateWaiting, Pod, PodStatus},
    jiff::Timestamp,
};
use kube::ResourceExt;

use crate::{
    build::CONTAINER,
    pod_status::{CONCURRENCY, PodStatusClient},
    rotation::{KeysAnswer, PodKeys, after},
};

/// How long after its time a pod that should have ended may still run.
const OVERDUE: Duration = Duration::from_secs(30);
/// Why a container waits before its first start, where nothing went wrong. Whenever something did, the kubelet looks at the
/// mounts before it tries again.
const STARTING: [&str; 2] = ["ContainerCreating", "PodInitializing"];

impl PodStatusClient {
    /// The answers of those of the pods that serve, in the order of their names.
    pub(crate) async fn keys(&self, pods: &[Pod], now: Timestamp) -> Vec<PodKeys> {
        let mut serving: Vec<Serving> = pods.iter().filter_map(|pod| Serving::of(pod, now)).collect();
        serving.sort_by(|one, other| one.name.cmp(&other.name));
        stream::iter(serving)
            .map(|pod| async move {
                let answer = match &pod.ip {
                    _ if pod.starts => Err("its container has yet to start".to_owned()),
                    Some(ip) => self.get::<KeysAnswer>(ip, "keys").await,
                    None => Err("it has no address".to_owned()),
                };
                let answer = answer.and_then(|answer| of_pod(answer, &pod.uid));
                let counts = answer.is_ok() || !pod.lost;
                counts.then_some(PodKeys { pod: pod.name, uid: pod.uid, ready: pod.ready, answer })
            })
            .buffered(CONCURRENCY)
            .filter_map(std::future::ready)
            .collect()
            .await
    }
}

/// A pod whose container runs, or is about to.
struct Serving {
    name: String,
    uid: String,
    ip: Option<String>,
    ready: bool,
    /// Its container does not run yet.
    starts: bool,
    /// If it does not answer, it is not there any more.
    lost: bool,
}

impl Serving {
    fn of(pod: &Pod, now: Timestamp) -> Option<Self> {
        let status = pod.status.as_ref()?;
        let mut containers = status.container_statuses.iter().flatten();
        let state = containers.find(|container| container.name == CONTAINER)?.state.as_ref()?;
        let is_true = |type_: &str| condition(status, type_) == Some("True");
        let waits = |waiting: &ContainerStateWaiting| STARTING.map(Some).contains(&waiting.reason.as_deref());
        // Its sandbox is made after its volumes are mounted. What it has then may be old by the time its image is here.
        let starts = is_true("PodReadyToStartContainers") && state.waiting.as_ref().is_some_and(waits);
        (state.running.is_some() || starts).then(|| Self {
            name: pod.name_any(),
            uid: pod.uid().unwrap_or_default(),
            ip: status.pod_ip.clone(),
            ready: is_true("Ready"),
            starts,
            lost: is_overdue(pod, now) || (!is_true("Ready") && is_true("ContainersReady")),
            // The node controller marks pods of a node that is not heard of so; the kubelet marks both conditions, unless
            // the pod has readiness gates, and then it answers.
        })
    }
}

/// The pod should have ended: the time of its deletion is the time by which it was to end.
fn is_overdue(pod: &Pod, now: Timestamp) -> bool {
    pod.metadata.deletion_timestamp.as_ref().is_some_and(|end| after(end.0, OVERDUE) < now)
}

fn condition<'a>(status: &'a PodStatus, type_: &str) -> Option<&'a str> {
    let mut conditions = status.conditions.iter().flatten();
    conditions.find(|condition| condition.type_ == type_).map(|condition| condition.status.as_str())
}

/// Addresses are given to other pods soon.
fn of_pod(answer: KeysAnswer, uid: &str) -> Result<KeysAnswer, String> {
    match &answer.pod_uid {
        Some(other) if other != uid => Err("another pod answers at its address".to_owned()),
        _ => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use axum::{Json, Router, routing::get};
    use serde_json::{Value, json};
    use tokio::net::TcpListener;

    use super::*;
    use crate::api::MANAGEMENT_PORT;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn pod(name: &str, ip: &str, [ready, containers_ready]: [&str; 2], state: &str) -> Value {
        json!({
            "metadata": {"name": name, "uid": format!("uid-of-{name}")},
            "status": {
                "podIP": ip,
                "conditions": [
                    {"type": "Ready", "status": ready}, {"type": "ContainersReady", "status": containers_ready},
                ],
                "containerStatuses": [{
                    "name": "cc-lite", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
                    "state": {state: {}},
                }],
            },
        })
    }

    fn starting(name: &str, mounted: &str, reason: &str) -> Value {
        let mut pod = pod(name, "127.60.0.2", ["False", "False"], "waiting");
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] = json!(reason);
        let mounted = json!({"type": "PodReadyToStartContainers", "status": mounted});
        pod["status"]["conditions"].as_array_mut().expect("a list").push(mounted);
        pod
    }

    #[tokio::test]
    async fn whoever_may_sign_is_asked_and_counts_but_for_pods_that_are_lost() {
        let (sound, silent) = (Ipv4Addr::new(127, 60, 0, 1), "127.60.0.2");
        let answer = json!({
            "signing": "k", "accepted": ["k"], "pod_uid": "uid-of-a-sound", "set_sha256": "s", "error": null,
        });
        let router = Router::new().route("/keys", get(async || Json(answer)));
        let listener = TcpListener::bind(SocketAddr::from((sound, MANAGEMENT_PORT))).await.expect("a port");
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });

        let (up, down) = (["True", "True"], ["False", "False"]);
        let sound = sound.to_string();
        let mut ending = pod("f-ending", silent, up, "running");
        ending["metadata"]["deletionTimestamp"] = json!(at(1000).to_string());
        let pods: Vec<Pod> = [
            pod("a-sound", &sound, up, "running"),
            pod("b-other", &sound, up, "running"),
            pod("c-unready", silent, down, "running"),
            pod("d-lost", silent, ["False", "True"], "running"),
            pod("e-crashed", silent, down, "waiting"),
            ending,
            starting("g-starting", "True", "ContainerCreating"),
            starting("h-unmounted", "False", "ContainerCreating"),
            starting("i-without-image", "True", "ImagePullBackOff"),
        ]
        .into_iter()
        .map(|pod| serde_json::from_value(pod).expect("a pod"))
        .collect();
        let told = async |now| {
            let client = PodStatusClient::new().expect("a client");
            let told = client.keys(&pods, at(now)).await.into_iter();
            told.map(|told| (told.pod, told.ready, told.answer.is_ok())).collect::<Vec<_>>()
        };
        let expected = [
            ("a-sound", true, true),
            ("b-other", true, false),
            ("c-unready", false, false),
            ("g-starting", false, false),
        ];
        let expected: Vec<_> = expected.map(|(pod, ready, answers)| (pod.to_owned(), ready, answers)).into();
        assert_eq!(told(1031).await, expected);
        let ending = told(1030).await.into_iter().find(|(pod, ..)| pod == "f-ending");
        assert_eq!(ending, Some(("f-ending".to_owned(), true, false)));
    }
}
