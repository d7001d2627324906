//! What serving pods say of their keys: `/keys` on their management port.
//!
//! Serving is who may sign tokens and judge them: a pod whose container runs, also one that is about to end or that no
//! request is led to now. One that does not answer counts as well, for nobody can know what it does; but not for ever: a
//! pod on a lost node, or one that should have ended by now, is left out.

use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::{
    api::core::v1::{Pod, PodStatus},
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

impl PodStatusClient {
    /// The answers of those of the pods that serve, in the order of their names.
    pub(crate) async fn keys(&self, pods: &[Pod], now: Timestamp) -> Vec<PodKeys> {
        let mut serving: Vec<Serving> = pods.iter().filter_map(|pod| Serving::of(pod, now)).collect();
        serving.sort_by(|one, other| one.name.cmp(&other.name));
        stream::iter(serving)
            .map(|pod| async move {
                let answer = match &pod.ip {
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

/// A pod whose container runs.
struct Serving {
    name: String,
    uid: String,
    ip: Option<String>,
    ready: bool,
    /// If it does not answer, it is not there any more.
    lost: bool,
}

impl Serving {
    fn of(pod: &Pod, now: Timestamp) -> Option<Self> {
        let status = pod.status.as_ref()?;
        let containers = status.container_statuses.iter().flatten();
        let mut running = containers.filter(|container| {
            container.name == CONTAINER
                && container.state.as_ref().is_some_and(|state| state.running.is_some())
        });
        running.next()?;
        let is_true = |type_: &str| condition(status, type_) == Some("True");
        Some(Self {
            name: pod.name_any(),
            uid: pod.uid().unwrap_or_default(),
            ip: status.pod_ip.clone(),
            ready: is_true("Ready"),
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
        ]
        .into_iter()
        .map(|pod| serde_json::from_value(pod).expect("a pod"))
        .collect();
        let told = async |now| {
            let client = PodStatusClient::new().expect("a client");
            let told = client.keys(&pods, at(now)).await.into_iter();
            told.map(|told| (told.pod, told.ready, told.answer.is_ok())).collect::<Vec<_>>()
        };
        let expected = [("a-sound", true, true), ("b-other", true, false), ("c-unready", false, false)];
        let expected: Vec<_> = expected.map(|(pod, ready, answers)| (pod.to_owned(), ready, answers)).into();
        assert_eq!(told(1031).await, expected);
        assert_eq!(told(1030).await.last(), Some(&("f-ending".to_owned(), true, false)));
    }
}
