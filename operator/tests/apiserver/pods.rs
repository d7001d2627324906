//! What pods report, and what is told of it. The pods are those that the `ReplicaSet` controller makes; their status is
//! written by the tests, as a kubelet would.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result, ensure};
use axum::{Json, Router, extract::State, routing::get};
use comms_operator::api::{CommsModule, MANAGEMENT_PORT};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::trial::Trial;

/// A pod's management port on a loopback address of its own.
struct ManagementPort {
    address: Ipv4Addr,
    answer: Arc<Mutex<Value>>,
    server: JoinHandle<()>,
}

impl ManagementPort {
    async fn serve(address: Ipv4Addr, events: Value, database: Value) -> Result<Self> {
        let answer = Arc::new(Mutex::new(json!({"events": events, "database": database})));
        let tell = async |State(answer): State<Arc<Mutex<Value>>>| {
            Json(answer.lock().expect("not poisoned").clone())
        };
        let router = Router::new().route("/status", get(tell)).with_state(Arc::clone(&answer));
        let listener = TcpListener::bind(SocketAddr::from((address, MANAGEMENT_PORT))).await?;
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves until it is aborted");
        });
        Ok(Self { address, answer, server })
    }

    fn say(&self, events: Value, database: Value) {
        *self.answer.lock().expect("not poisoned") = json!({"events": events, "database": database});
    }
}

impl Drop for ManagementPort {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn connected() -> Value {
    json!({"state": "connected", "last_error": null, "backlog": 0, "oldest_age_seconds": null})
}

fn sound() -> Value {
    json!({"kind": "sqlite", "state": "ok", "error": null})
}

pub(crate) fn serving(address: Ipv4Addr) -> Value {
    json!({
        "phase": "Running",
        "podIP": address, "podIPs": [{"ip": address}],
        "conditions": [
            {"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"},
            {"type": "Initialized", "status": "True"}, {"type": "PodScheduled", "status": "True"},
        ],
        "containerStatuses": [{
            "name": "cc-lite", "image": "cc-lite:test", "imageID": "sha256:0", "ready": true, "restartCount": 0,
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
        }],
    })
}

fn waiting(reason: &str, message: &str, last_words: Option<&str>) -> Value {
    let mut container = json!({
        "name": "cc-lite", "image": "cc-lite:absent", "imageID": "", "ready": false, "restartCount": 0,
        "state": {"waiting": {"reason": reason, "message": message}},
    });
    if let Some(words) = last_words {
        container["lastState"] = json!({"terminated": {"exitCode": 1, "message": words}});
    }
    json!({"phase": "Pending", "containerStatuses": [container]})
}

#[tokio::test]
async fn a_serving_pod_makes_the_module_ready_and_its_answers_are_told() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"events": {"rabbitmq": {"uri": "amqp://broker:5672"}}})).await?;
    trial.until("comms", "EventsReady", "Unknown", "NotObserved").await?;

    let port = ManagementPort::serve(Ipv4Addr::new(127, 30, 0, 1), connected(), sound()).await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    trial.as_kubelet(&pod, serving(port.address)).await?;
    let message = trial.until("comms", "Ready", "True", "Serving").await?;
    assert_eq!(message, "1 of 1 pods are ready with cc-lite:test.");
    trial.until("comms", "Progressing", "False", "Complete").await?;
    trial.until("comms", "EventsReady", "True", "Connected").await?;
    trial.until("comms", "DatabaseReady", "True", "Connected").await?;
    let status = trial.get::<CommsModule>("comms").await?.status.context("no status")?;
    assert_eq!((status.replicas, status.ready_replicas), (1, 1));
    assert_eq!(status.url, Some(format!("http://comms.{}.svc:3018", trial.namespace)));

    let before = trial.settle("comms").await?;
    let away = json!({"state": "connecting", "last_error": "connection refused", "backlog": 3, "oldest_age_seconds": 9});
    port.say(away, json!({"kind": "sqlite", "state": "error", "error": "disk I/O error"}));
    trial.reconcile_once_more("comms").await?;
    let message = trial.until("comms", "EventsReady", "False", "BrokerUnreachable").await?;
    assert_eq!(
        message,
        format!("pod {pod} cannot publish: connection refused. Events are kept until the broker is back.")
    );
    let message = trial.until("comms", "DatabaseReady", "False", "DatabaseUnavailable").await?;
    assert_eq!(message, format!("pod {pod} cannot use its embedded database: disk I/O error"));
    trial.until("comms", "Ready", "True", "Serving").await?;
    // Two events; a status may be written twice where the test changed the module in between.
    let told = trial.settle("comms").await?;
    let (statuses, events): (Vec<_>, Vec<_>) =
        told[before.len()..].iter().map(String::as_str).partition(|write| write.ends_with("/status"));
    assert_eq!(events, ["create events", "create events"]);
    assert!((1..=2).contains(&statuses.len()), "{statuses:?}");

    port.say(connected(), sound());
    // Without anybody touching anything: it is asked again by itself.
    trial.until("comms", "EventsReady", "True", "Connected").await?;
    Ok(())
}

#[tokio::test]
async fn a_pod_that_does_not_answer_is_named() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"events": {"rabbitmq": {"uri": "amqp://broker:5672"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    // Nobody listens there.
    trial.as_kubelet(&pod, serving(Ipv4Addr::new(127, 30, 0, 2))).await?;
    trial.until("comms", "Ready", "True", "Serving").await?;
    let message = trial.until("comms", "EventsReady", "Unknown", "NotObserved").await?;
    assert!(message.starts_with(&format!("pod {pod} did not answer on its management port: ")), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_image_is_told_in_the_kubelets_words_and_a_right_one_heals_it() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"image": "cc-lite:absent"})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    trial.as_kubelet(&pod, waiting("ErrImagePull", "manifest unknown", None)).await?;
    let message = trial.until("comms", "Ready", "False", "ImageUnusable").await?;
    assert_eq!(
        message,
        format!(
            "pod {pod} cannot get image cc-lite:absent: manifest unknown; correct spec.image or spec.imagePullSecrets"
        )
    );

    trial.change("comms", json!({"image": "cc-lite:present"})).await?;
    trial.until_gone::<Pod>(&pod).await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    trial.as_kubelet(&pod, serving(Ipv4Addr::new(127, 30, 0, 3))).await?;
    trial.until("comms", "Ready", "True", "Serving").await.map(drop)
}

#[tokio::test]
async fn what_a_crashing_pod_said_last_is_told() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    let words = "starting\ncc-lite: EVENTS_RETENTION is forever: give a duration such as 24h\n";
    trial.as_kubelet(&pod, waiting("CrashLoopBackOff", "back-off 10s", Some(words))).await?;
    let message = trial.until("comms", "Ready", "False", "CrashLoopBackOff").await?;
    assert_eq!(
        message,
        format!(
            "pod {pod} ended: cc-lite: EVENTS_RETENTION is forever: give a duration such as 24h (back-off 10s)"
        )
    );
    Ok(())
}

#[tokio::test]
async fn pods_that_only_wear_the_labels_are_not_asked() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"events": {"rabbitmq": {"uri": "amqp://broker:5672"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let port = ManagementPort::serve(Ipv4Addr::new(127, 30, 0, 4), connected(), sound()).await?;
    let template = trial.newest_pod("comms").await?;
    let mut impostor = Pod::default();
    impostor.metadata.name = Some("impostor".into());
    // Without the controller's label the ReplicaSet does not adopt it.
    impostor.metadata.labels = Some(template.labels().clone());
    impostor.labels_mut().remove("pod-template-hash");
    impostor.spec = template.spec;
    trial.api::<Pod>().create(&kube::api::PostParams::default(), &impostor).await?;
    trial.as_kubelet("impostor", serving(port.address)).await?;
    trial.reconcile_once_more("comms").await?;
    let module: CommsModule = trial.get("comms").await?;
    let events = crate::trial::condition(&module, "EventsReady")?;
    ensure!(events.reason == "NotObserved", "the impostor was asked: {events:?}");
    Ok(())
}

#[tokio::test]
async fn a_pod_that_is_not_ready_for_its_database_is_asked_why() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let broken = json!({"kind": "sqlite", "state": "error", "error": "database disk image is malformed"});
    let disabled =
        json!({"state": "disabled", "last_error": null, "backlog": null, "oldest_age_seconds": null});
    let port = ManagementPort::serve(Ipv4Addr::new(127, 30, 0, 5), disabled, broken).await?;
    let mut unready = serving(port.address);
    unready["conditions"][0]["status"] = json!("False");
    let pod = trial.newest_pod("comms").await?.name_any();
    trial.as_kubelet(&pod, unready).await?;
    let message = trial.until("comms", "DatabaseReady", "False", "DatabaseUnavailable").await?;
    assert_eq!(
        message,
        format!("pod {pod} cannot use its embedded database: database disk image is malformed")
    );
    Ok(())
}
