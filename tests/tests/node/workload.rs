//! How many pods there are and what they are like, and that nobody notices when they change.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::load::Load;
use crate::stage::Room;

crate::tests![
    a_module_on_postgresql_is_scaled_by_kubectl_and_stopped_and_started,
    no_request_fails_during_a_rollout_on_postgresql,
    no_request_fails_while_it_is_scaled_on_postgresql,
    no_request_fails_while_a_node_is_drained,
    an_autoscaler_goes_by_what_pods_use_and_turning_it_off_scales_nothing,
    an_embedded_database_never_has_two_pods_and_outlives_postgresql,
    overrides_of_the_pod_template_come_and_change_and_go,
    a_paused_module_serves_on_unchanged,
];

/// How long anything here may take on a busy machine.
const SOON: Duration = Duration::from_secs(120);

/// Pods of a module that are not on their way out.
async fn pods(room: &Room<'_>, name: &str) -> Result<Vec<Value>> {
    let selector = format!("app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance={name}");
    let pods = room.kubectl(&["get", "pods", "--selector", &selector, "--output", "json"]).await?;
    let pods: Value = serde_json::from_str(&pods)?;
    let all = pods["items"].as_array().cloned().unwrap_or_default();
    Ok(all.into_iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).collect())
}

fn names(pods: &[Value]) -> BTreeSet<String> {
    pods.iter().filter_map(|pod| Some(pod["metadata"]["name"].as_str()?.to_owned())).collect()
}

/// Waits until the module is Ready with so many pods.
async fn ready_with(room: &Room<'_>, name: &str, pods: u64) -> Result<()> {
    room.ready(name).await?;
    eventually(SOON, &format!("{pods} pods of {name} are ready and no others are there"), async || {
        let object = room.get(&format!("commsmodule/{name}")).await?;
        let status = &object["status"];
        let counts = (status["replicas"].as_u64(), status["readyReplicas"].as_u64());
        ensure!(counts == (Some(pods), Some(pods)), "seen: {status}");
        Ok(())
    })
    .await
}

async fn a_module_on_postgresql_is_scaled_by_kubectl_and_stopped_and_started(room: &Room<'_>) -> Result<()> {
    let database = room.postgres().await?;
    room.apply("comms", &json!({ "database": database })).await?;
    ready_with(room, "comms", 1).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
    let call = module.post("/calls", &token, &call, reqwest::StatusCode::CREATED).await?;

    let scale = async |number: &str| room.kubectl(&["scale", "commsmodule/comms", number]).await;
    scale("--replicas=3").await?;
    ready_with(room, "comms", 3).await?;
    assert_eq!(pods(room, "comms").await?.len(), 3);
    let budget = eventually(SOON, "the budget allows one pod to go", async || {
        let budget = room.get("poddisruptionbudget/comms").await?;
        ensure!(budget["status"]["disruptionsAllowed"] == 1, "seen: {}", budget["status"]);
        Ok(budget)
    })
    .await?;
    assert_eq!(budget["status"]["expectedPods"], 3);

    scale("--replicas=0").await?;
    room.condition("comms", "Ready", "True", Some("ScaledToZero")).await?;
    eventually(SOON, "no pod is left", async || {
        let left = pods(room, "comms").await?;
        ensure!(left.is_empty(), "{:?} are", names(&left));
        Ok(())
    })
    .await?;
    ensure!(room.get("poddisruptionbudget/comms").await.is_err(), "a budget is left that protects nothing");

    scale("--replicas=1").await?;
    ready_with(room, "comms", 1).await?;
    let module = room.module("comms").await?;
    let path = format!("/calls/{}", call["id"].as_str().context("an id")?);
    assert_eq!(module.get(&path, &token).await?, call);
    Ok(())
}

/// A module of so many pods, and load on it.
async fn under_load(room: &Room<'_>, name: &str, replicas: u64) -> Result<(Value, Load)> {
    let database = room.postgres().await?;
    let spec = json!({"database": database, "replicas": replicas});
    room.apply(name, &spec).await?;
    ready_with(room, name, replicas).await?;
    let module = room.module(name).await?;
    let token = room.login(name, &module).await?;
    Ok((spec, Load::begin(module.base(), &token).await?))
}

async fn no_request_fails_during_a_rollout_on_postgresql(room: &Room<'_>) -> Result<()> {
    let (mut spec, load) = under_load(room, "comms", 2).await?;
    let before = names(&pods(room, "comms").await?);
    spec["logLevel"] = json!("warn");
    room.apply("comms", &spec).await?;
    ready_with(room, "comms", 2).await?;
    let after = names(&pods(room, "comms").await?);
    ensure!(before.is_disjoint(&after), "of {before:?} some are left among {after:?}");
    gone(room, &before).await?;
    load.end().await.map(drop)
}

async fn no_request_fails_while_it_is_scaled_on_postgresql(room: &Room<'_>) -> Result<()> {
    let (_, load) = under_load(room, "comms", 1).await?;
    for (number, flag) in [(3, "--replicas=3"), (1, "--replicas=1"), (2, "--replicas=2")] {
        let before = names(&pods(room, "comms").await?);
        room.kubectl(&["scale", "commsmodule/comms", flag]).await?;
        ready_with(room, "comms", number).await?;
        let left = names(&pods(room, "comms").await?);
        gone(room, &before.difference(&left).cloned().collect()).await?;
        load.goes_on().await?;
    }
    load.end().await.map(drop)
}

async fn no_request_fails_while_a_node_is_drained(room: &Room<'_>) -> Result<()> {
    // Under a name of its own, so that no other test's pods are driven away.
    let (_, load) = under_load(room, "drained", 2).await?;
    let all = pods(room, "drained").await?;
    let node = all.first().and_then(|pod| pod["spec"]["nodeName"].as_str()).context("a node")?.to_owned();
    let there: Vec<Value> = all.into_iter().filter(|pod| pod["spec"]["nodeName"] == node.as_str()).collect();
    let driven_away = names(&there);

    let drained = room
        .access()
        .kubectl(&[
            "drain",
            &node,
            "--pod-selector=app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance=drained",
            "--delete-emptydir-data",
            "--timeout=120s",
        ])
        .await;
    let moved = async {
        drained?;
        ready_with(room, "drained", 2).await?;
        gone(room, &driven_away).await
    }
    .await;
    // Others need the node, however this went.
    room.access().kubectl(&["uncordon", &node]).await?;
    moved?;
    load.end().await.map(drop)
}

async fn an_autoscaler_goes_by_what_pods_use_and_turning_it_off_scales_nothing(
    room: &Room<'_>,
) -> Result<()> {
    let database = room.postgres().await?;
    let mut spec = json!({
        "database": database, "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
        "autoscaling": {"minReplicas": 1, "maxReplicas": 3, "targetCPUUtilizationPercentage": 50},
    });
    room.apply("comms", &spec).await?;
    ready_with(room, "comms", 1).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let load = Load::begin(module.base(), &token).await?;
    // What a pod uses is known after two measurements of its node.
    eventually(Duration::from_secs(240), "the autoscaler has asked for three pods", async || {
        let autoscaler = room.get("horizontalpodautoscaler/comms").await?;
        ensure!(autoscaler["status"]["desiredReplicas"] == 3, "seen: {}", autoscaler["status"]);
        Ok(())
    })
    .await?;
    ready_with(room, "comms", 3).await?;
    let before = names(&pods(room, "comms").await?);

    spec["autoscaling"] = Value::Null;
    room.apply("comms", &spec).await?;
    eventually(SOON, "the autoscaler is gone", async || {
        ensure!(room.get("horizontalpodautoscaler/comms").await.is_err(), "it is there");
        Ok(())
    })
    .await?;
    ready_with(room, "comms", 3).await?;
    load.goes_on().await?;
    assert_eq!(names(&pods(room, "comms").await?), before, "pods came or went");
    load.end().await.map(drop)
}

/// Waits until pods are gone for good.
async fn gone(room: &Room<'_>, pods: &BTreeSet<String>) -> Result<()> {
    eventually(SOON, &format!("{pods:?} are gone"), async || {
        let there = room.kubectl(&["get", "pods", "--output", "name"]).await?;
        let left: Vec<_> =
            pods.iter().filter(|pod| there.lines().any(|line| line == format!("pod/{pod}"))).collect();
        ensure!(left.is_empty(), "{left:?} are there");
        Ok(())
    })
    .await
}

/// The most containers with the embedded database that ran at once, as the pods' status told.
async fn most_at_once(room: &Room<'_>) -> Result<(Arc<Mutex<usize>>, tokio::task::JoinHandle<()>)> {
    let api: Api<Pod> = Api::namespaced(room.access().client().await?, &room.namespace);
    let most = Arc::new(Mutex::new(0));
    let noted = Arc::clone(&most);
    let config = watcher::Config::default().labels("app.kubernetes.io/name=cc-lite");
    let mut running: HashMap<String, bool> = HashMap::new();
    let task = tokio::spawn(watcher(api, config).default_backoff().for_each(move |event| {
        match event {
            Ok(Event::Apply(pod) | Event::InitApply(pod)) => {
                running.insert(pod.name_any(), runs_embedded(&pod));
            }
            Ok(Event::Delete(pod)) => {
                running.remove(&pod.name_any());
            }
            Ok(Event::Init | Event::InitDone) | Err(_) => {}
        }
        let now = running.values().filter(|runs| **runs).count();
        let mut most = noted.lock().expect("not poisoned");
        *most = now.max(*most);
        std::future::ready(())
    }));
    Ok((most, task))
}

fn runs_embedded(pod: &Pod) -> bool {
    let environment =
        pod.spec.iter().flat_map(|spec| &spec.containers).flat_map(|one| one.env.iter().flatten());
    let embedded = environment.into_iter().any(|entry| entry.name == "DATABASE_URL");
    let mut containers = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    embedded && containers.any(|one| one.state.as_ref().is_some_and(|state| state.running.is_some()))
}

async fn an_embedded_database_never_has_two_pods_and_outlives_postgresql(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let (most, watching) = most_at_once(room).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
    let call = module.post("/calls", &token, &call, reqwest::StatusCode::CREATED).await?;
    let path = format!("/calls/{}", call["id"].as_str().context("an id")?);
    assert_eq!(call["status"], "queued");

    room.apply("comms", &json!({"logLevel": "debug"})).await?;
    room.ready("comms").await?;
    let database = room.postgres().await?;
    room.apply("comms", &json!({ "database": database })).await?;
    let object = room.ready("comms").await?;
    let other = room.module("comms").await?;
    let token = room.login("comms", &other).await?;
    let absent = other.call(reqwest::Method::GET, &path, Some(&token), None).await?;
    assert_eq!(absent.status, reqwest::StatusCode::NOT_FOUND, "nothing is copied");
    let message = eventually(SOON, "the volume is told of", async || {
        let object = room.condition("comms", "DatabaseReady", "True", Some("Connected")).await?;
        let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let ready = conditions.into_iter().find(|condition| condition["type"] == "DatabaseReady");
        Ok(ready.and_then(|ready| ready["message"].as_str().map(str::to_owned)).unwrap_or_default())
    })
    .await?;
    assert_eq!(
        message,
        "The PostgreSQL database answers. Volume comms-data still holds what was in the embedded database; nothing of it \
         was copied."
    );
    assert_eq!(object["status"]["effective"]["database"], "PostgreSQL");

    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    assert_eq!(module.get(&path, &token).await?, call, "what was on the volume is there again");
    watching.abort();
    let most = *most.lock().expect("not poisoned");
    assert_eq!(most, 1, "so many pods with the embedded database ran at once");
    let events = room.kubectl(&["get", "events", "--field-selector", "reason=DatabaseChanged"]).await?;
    assert!(events.contains("PostgreSQL replaces the embedded database"), "{events}");
    assert!(events.contains("The embedded database on volume comms-data replaces PostgreSQL"), "{events}");
    Ok(())
}

async fn overrides_of_the_pod_template_come_and_change_and_go(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let original = room.pod("comms").await?;

    let environment = |zone: &str| json!([{"name": "TZ", "value": zone}]);
    let spec = json!({"podTemplate": {
        "metadata": {"labels": {"team": "voice"}, "annotations": {"note": "first"}},
        "spec": {
            "terminationGracePeriodSeconds": 20,
            "volumes": [{"name": "extra", "emptyDir": {}}],
            "containers": [{
                "name": "cc-lite", "env": environment("UTC"),
                "volumeMounts": [{"name": "extra", "mountPath": "/extra"}],
            }],
        },
    }});
    room.apply("comms", &spec).await?;
    room.ready("comms").await?;
    let pod = room.pod("comms").await?;
    assert_eq!(pod["metadata"]["labels"]["team"], "voice");
    assert_eq!(pod["spec"]["terminationGracePeriodSeconds"], 20);
    let container = &pod["spec"]["containers"][0];
    let has = |list: &Value, element: Value| list.as_array().is_some_and(|list| list.contains(&element));
    assert!(has(&container["env"], json!({"name": "TZ", "value": "UTC"})), "{container}");
    assert!(has(&container["volumeMounts"], json!({"name": "extra", "mountPath": "/extra"})), "{container}");
    room.module("comms").await?;

    room.apply(
        "comms",
        &json!({"podTemplate": {"spec": {"containers": [{"name": "cc-lite", "env": environment("CET")}]}}}),
    )
    .await?;
    room.ready("comms").await?;
    let pod = room.pod("comms").await?;
    assert_eq!(pod["metadata"]["labels"]["team"], Value::Null);
    assert!(has(&pod["spec"]["containers"][0]["env"], json!({"name": "TZ", "value": "CET"})), "{pod}");

    room.apply("comms", &json!({"podTemplate": {"spec": {"hostPID": true}}})).await?;
    room.condition("comms", "Ready", "False", Some("UnrestrictedPod")).await?;
    assert_eq!(room.pod("comms").await?["metadata"]["uid"], pod["metadata"]["uid"], "what runs was touched");

    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let pod = room.pod("comms").await?;
    let lasting = |pod: &Value| {
        let mut spec = pod["spec"].clone();
        // The kubelet's and the scheduler's.
        spec.as_object_mut().map(|spec| spec.remove("nodeName"));
        (pod["metadata"]["labels"].clone(), pod["metadata"]["annotations"].clone(), spec)
    };
    assert_eq!(lasting(&pod), lasting(&original));
    Ok(())
}

async fn a_paused_module_serves_on_unchanged(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let before = room.pod("comms").await?;
    room.apply("comms", &json!({"paused": true, "logLevel": "debug"})).await?;
    room.condition("comms", "Paused", "True", None).await?;
    let object = room.condition("comms", "Ready", "False", Some("Paused")).await?;
    assert_eq!(object["status"]["readyReplicas"], 1);
    room.module("comms").await?;

    room.apply("comms", &json!({"paused": true})).await?;
    // As the spec says again, so it is Ready though paused.
    room.ready("comms").await?;
    assert_eq!(
        room.pod("comms").await?["metadata"]["uid"],
        before["metadata"]["uid"],
        "the pod was replaced"
    );

    room.apply("comms", &json!({"logLevel": "debug"})).await?;
    room.ready("comms").await?;
    room.condition("comms", "Paused", "False", None).await?;
    assert_ne!(
        room.pod("comms").await?["metadata"]["uid"],
        before["metadata"]["uid"],
        "the change was not made"
    );
    Ok(())
}
