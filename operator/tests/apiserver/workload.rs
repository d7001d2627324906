//! How many pods there are, who says so, what they are like, and when nothing is changed.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use comms_operator::api::CommsModule;
use futures::StreamExt;
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{PersistentVolumeClaim, Service},
    events::v1::Event,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    runtime::{WatchStreamExt, watcher},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{admission::refused_and_mended, trial::Trial};

/// A module on PostgreSQL, rolled out as far as that goes without nodes.
async fn on_postgres(trial: &Trial, more: Value) -> Result<()> {
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    let mut spec = json!({"database": {"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}}});
    for (field, value) in more.as_object().into_iter().flatten() {
        spec[field] = value.clone();
    }
    trial.create("comms", spec).await?;
    trial.until_object::<Deployment, _>("comms", "exists", |_| Ok(())).await
}

async fn until_replicas(trial: &Trial, expected: i32) -> Result<()> {
    trial
        .until_object::<Deployment, _>("comms", &format!("has {expected} replicas"), |deployment| {
            let replicas = deployment.spec.as_ref().and_then(|spec| spec.replicas);
            ensure!(replicas == Some(expected), "it has {replicas:?}");
            Ok(())
        })
        .await
}

/// Each number of replicas that the Deployment is given, in order.
struct Numbers {
    seen: Arc<Mutex<Vec<i32>>>,
    task: JoinHandle<()>,
}

impl Numbers {
    fn watch(trial: &Trial) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let config = watcher::Config::default().fields("metadata.name=comms");
        let stream = watcher(trial.api::<Deployment>(), config).default_backoff().applied_objects();
        let task = tokio::spawn(stream.for_each(move |deployment| {
            if let Ok(number) = deployment.map(|deployment| deployment.spec.and_then(|spec| spec.replicas)) {
                let mut seen = noted.lock().expect("not poisoned");
                if seen.last().copied() != number {
                    seen.extend(number);
                }
            }
            std::future::ready(())
        }));
        Self { seen, task }
    }

    fn seen(&self) -> Vec<i32> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As the autoscaler's controller does.
async fn scale_deployment(trial: &Trial, replicas: i32) -> Result<()> {
    let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
    trial.api::<Deployment>().patch_scale("comms", &PatchParams::default(), &patch).await?;
    Ok(())
}

#[tokio::test]
async fn wrong_numbers_of_pods_are_refused_with_what_to_write_and_that_passes() -> Result<()> {
    let database = json!({"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}});
    let automatic = |autoscaling: Value| json!({"database": database, "autoscaling": autoscaling});
    let with = |field: &str, value: Value| {
        let mut spec = automatic(json!({"maxReplicas": 3}));
        spec[field] = value;
        spec
    };
    refused_and_mended(vec![
        (
            json!({"replicas": 2}),
            "the embedded database is for one pod: set spec.replicas to 1, or give all pods one PostgreSQL by \
             spec.database.postgres.uriSecretRef",
            json!({"replicas": 2, "database": database}),
        ),
        (
            json!({"replicas": 2, "database": {"embedded": {}}}),
            "set spec.replicas to 1",
            json!({"replicas": 1, "database": {"embedded": {}}}),
        ),
        (json!({"replicas": -1}), "greater than or equal to 0", json!({"replicas": 0})),
        (
            json!({"autoscaling": {"maxReplicas": 3}}),
            "remove spec.autoscaling, or give all pods one PostgreSQL",
            automatic(json!({"maxReplicas": 3})),
        ),
        (
            automatic(json!({"minReplicas": 4, "maxReplicas": 3})),
            "set spec.autoscaling.maxReplicas to at least spec.autoscaling.minReplicas",
            automatic(json!({"minReplicas": 4, "maxReplicas": 4})),
        ),
        (automatic(json!({})), "maxReplicas: Required value", automatic(json!({"maxReplicas": 1}))),
        (
            with("replicas", json!(0)),
            "set spec.replicas to at least 1, or remove spec.autoscaling to stop all pods",
            with("replicas", json!(1)),
        ),
        (
            with("resources", json!({"requests": {"memory": "64Mi"}})),
            "set spec.resources.requests.cpu, such as 100m, or remove spec.autoscaling",
            with("resources", json!({"requests": {"cpu": "100m"}})),
        ),
        (
            automatic(json!({"maxReplicas": 3, "targetCPUUtilizationPercentage": 0})),
            "greater than or equal to 1",
            with("resources", json!({"limits": {"cpu": "1"}})),
        ),
    ])
    .await
}

#[tokio::test]
async fn defaults_of_scaling_stand_in_the_stored_object() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let spec = json!({
        "database": {"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}},
        "autoscaling": {"maxReplicas": 3}, "podDisruptionBudget": {},
    });
    let resource = ApiResource::erase::<CommsModule>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, &resource);
    api.create(&PostParams::default(), &DynamicObject::new("comms", &resource).data(json!({ "spec": spec })))
        .await?;
    let stored = api.get("comms").await?.data;
    assert_eq!(
        (&stored["spec"]["replicas"], &stored["spec"]["autoscaling"], &stored["spec"]["podDisruptionBudget"]),
        (
            &json!(1),
            &json!({"minReplicas": 1, "maxReplicas": 3, "targetCPUUtilizationPercentage": 80}),
            &json!({"enabled": true})
        )
    );
    Ok(())
}

#[tokio::test]
async fn kubectl_scales_a_module_on_postgresql_and_is_told_why_no_other() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("embedded", json!({})).await?;
    let scale = async |name: &str, replicas: &str| {
        let module = format!("commsmodule/{name}");
        trial.server.kubectl(&["scale", &module, replicas, "--namespace", &trial.namespace]).await
    };
    let refused = format!("{:#}", scale("embedded", "--replicas=2").await.err().context("it was scaled")?);
    assert!(refused.contains("the embedded database is for one pod: set spec.replicas to 1"), "{refused}");

    on_postgres(&trial, json!({})).await?;
    scale("comms", "--replicas=3").await?;
    until_replicas(&trial, 3).await?;
    let module = trial
        .until_object::<CommsModule, _>("comms", "says that there are three", |module| {
            let status = module.status.as_ref().context("no status")?;
            ensure!(status.replicas == 3, "it says {}", status.replicas);
            Ok(module.clone())
        })
        .await?;
    let resource = ApiResource::erase::<CommsModule>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, &resource);
    let scale = api.get_scale("comms").await?;
    assert_eq!(scale.spec.and_then(|spec| spec.replicas), Some(3));
    assert_eq!(
        scale.status.and_then(|status| status.selector),
        module.status.and_then(|status| status.selector)
    );
    let shown =
        trial.server.kubectl(&["get", "commsmodule", "comms", "--namespace", &trial.namespace]).await?;
    let columns: Vec<_> = shown.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(columns, ["NAME", "MODE", "READY", "REPLICAS", "KEY", "ROTATES", "AGE"]);
    assert_eq!(shown.lines().nth(1).and_then(|row| row.split_whitespace().nth(3)), Some("3"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn no_replicas_stop_the_module_and_one_starts_it_again() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.change("comms", json!({"replicas": 0})).await?;
    let message = trial.until("comms", "Ready", "True", "ScaledToZero").await?;
    assert_eq!(message, "No pod runs, for spec.replicas is 0: set it to 1 to serve again.");
    trial.get::<PersistentVolumeClaim>("comms-data").await?;
    trial.change("comms", json!({"replicas": 1})).await?;
    until_replicas(&trial, 1).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}

#[tokio::test]
async fn an_autoscaler_is_given_the_number_and_taken_it_from_without_a_pod_more_or_less() -> Result<()> {
    let trial = Trial::begin().await?;
    on_postgres(&trial, json!({"replicas": 2})).await?;
    until_replicas(&trial, 2).await?;
    trial.settle("comms").await?;
    let numbers = Numbers::watch(&trial);

    trial.change("comms", json!({"autoscaling": {"maxReplicas": 6}})).await?;
    let autoscaler =
        trial.until_object::<HorizontalPodAutoscaler, _>("comms", "exists", |a| Ok(a.clone())).await?;
    let spec = autoscaler.spec.context("no spec")?;
    assert_eq!(
        (spec.min_replicas, spec.max_replicas, spec.scale_target_ref.kind.as_str()),
        (Some(1), 6, "Deployment")
    );
    let before = trial.settle("comms").await?;

    scale_deployment(&trial, 5).await?;
    until_replicas(&trial, 5).await?;
    let after = trial.settle("comms").await?;
    let children: Vec<_> =
        after[before.len()..].iter().filter(|write| !write.contains("commsmodules")).collect();
    assert!(children.is_empty(), "the autoscaler's choice was answered with {children:?}");

    // What else changes does not touch the number, nor does a change of the number that is overruled.
    trial.change("comms", json!({"logLevel": "debug", "replicas": 4})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    assert_eq!(numbers.seen(), [2, 5]);

    trial.change("comms", json!({"autoscaling": null})).await?;
    trial.until_gone::<HorizontalPodAutoscaler>("comms").await?;
    trial.settle("comms").await?;
    assert_eq!(numbers.seen(), [2, 5]);
    // It is the operator's again, that is: what is changed by hand is put right.
    scale_deployment(&trial, 6).await?;
    until_replicas(&trial, 5).await?;

    trial.change("comms", json!({"replicas": 3})).await?;
    until_replicas(&trial, 3).await?;
    trial.settle("comms").await?;
    let annotations = trial.get::<Deployment>("comms").await?.metadata.annotations.unwrap_or_default();
    let remembered: Vec<_> = annotations.keys().filter(|key| key.contains("replicas")).collect();
    assert!(remembered.is_empty(), "{remembered:?} are left");
    Ok(())
}

#[tokio::test]
async fn an_autoscaled_module_begins_in_its_range_and_a_stopped_one_is_woken() -> Result<()> {
    let trial = Trial::begin().await?;
    on_postgres(&trial, json!({"replicas": 0})).await?;
    until_replicas(&trial, 0).await?;
    trial
        .change("comms", json!({"replicas": 1, "autoscaling": {"minReplicas": 2, "maxReplicas": 4}}))
        .await?;
    until_replicas(&trial, 2).await?;
    trial.delete::<Deployment>("comms").await?;
    until_replicas(&trial, 2).await?;
    let before = trial.settle("comms").await?;
    let numbers = Numbers::watch(&trial);
    trial.change("comms", json!({"logLevel": "debug"})).await?;
    let writes = trial.settle("comms").await?;
    let children: Vec<_> =
        writes[before.len()..].iter().filter(|write| !write.contains("commsmodules")).collect();
    assert_eq!(children, ["patch deployments/comms"]);
    assert!(numbers.seen().iter().all(|number| *number == 2), "{:?}", numbers.seen());
    Ok(())
}

#[tokio::test]
async fn budget_and_autoscaler_are_repaired_and_go_when_they_are_no_longer_asked_for() -> Result<()> {
    let trial = Trial::begin().await?;
    on_postgres(&trial, json!({"replicas": 2, "autoscaling": {"minReplicas": 2, "maxReplicas": 4}})).await?;
    trial.until_object::<PodDisruptionBudget, _>("comms", "exists", |_| Ok(())).await?;
    trial.until_object::<HorizontalPodAutoscaler, _>("comms", "exists", |_| Ok(())).await?;
    trial.settle("comms").await?;

    let change = Patch::Merge(json!({"spec": {"maxReplicas": 9}}));
    trial.api::<HorizontalPodAutoscaler>().patch("comms", &PatchParams::default(), &change).await?;
    let change = Patch::Merge(json!({"spec": {"maxUnavailable": "100%"}}));
    trial.api::<PodDisruptionBudget>().patch("comms", &PatchParams::default(), &change).await?;
    trial
        .until_object::<HorizontalPodAutoscaler, _>("comms", "has its limit back", |autoscaler| {
            let most = autoscaler.spec.as_ref().map(|spec| spec.max_replicas);
            ensure!(most == Some(4), "it is {most:?}");
            Ok(())
        })
        .await?;
    let at_most_one = |budget: &PodDisruptionBudget| {
        let most = budget.spec.as_ref().and_then(|spec| spec.max_unavailable.clone());
        ensure!(json!(most) == 1, "it is {most:?}");
        Ok(())
    };
    trial.until_object("comms", "is one pod again", at_most_one).await?;
    trial.delete::<PodDisruptionBudget>("comms").await?;
    trial.delete::<HorizontalPodAutoscaler>("comms").await?;
    trial.until_object("comms", "is back", at_most_one).await?;
    trial.until_object::<HorizontalPodAutoscaler, _>("comms", "is back", |_| Ok(())).await?;

    trial.change("comms", json!({"podDisruptionBudget": {"enabled": false}})).await?;
    trial.until_gone::<PodDisruptionBudget>("comms").await?;
    trial.change("comms", json!({"podDisruptionBudget": null})).await?;
    trial.until_object("comms", "is back", at_most_one).await?;
    trial.change("comms", json!({"autoscaling": null, "replicas": 1})).await?;
    trial.until_gone::<PodDisruptionBudget>("comms").await?;
    trial.until_gone::<HorizontalPodAutoscaler>("comms").await
}

#[tokio::test]
async fn an_autoscaler_of_somebody_else_is_reported_and_not_touched() -> Result<()> {
    let trial = Trial::begin().await?;
    let foreign: HorizontalPodAutoscaler = serde_json::from_value(json!({
        "metadata": {"name": "comms"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "other"}, "maxReplicas": 2},
    }))?;
    trial.api().create(&PostParams::default(), &foreign).await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    let database = json!({"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}});
    trial.create("comms", json!({"database": database, "autoscaling": {"maxReplicas": 3}})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert!(
        message.starts_with("HorizontalPodAutoscaler comms exists and is not this module's"),
        "{message}"
    );
    // Without one of its own, the module has no quarrel with it.
    trial.change("comms", json!({"autoscaling": null})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let left = trial.get::<HorizontalPodAutoscaler>("comms").await?;
    assert_eq!(left.spec.map(|spec| spec.scale_target_ref.name).as_deref(), Some("other"));
    Ok(())
}

#[tokio::test]
async fn overrides_of_the_pod_template_are_added_changed_and_removed_without_a_trace() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let original = json!(trial.get::<Deployment>("comms").await?.spec);
    let has = async |what: &str, check: &dyn Fn(&Value) -> bool| {
        trial
            .until_object::<Deployment, _>("comms", what, |deployment| {
                let template = json!(deployment.spec)["template"].clone();
                ensure!(check(&template), "its template is {template}");
                Ok(())
            })
            .await
    };
    let sidecar = json!({
        "name": "sidecar", "image": "proxy:1",
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    });
    trial
        .change(
            "comms",
            json!({"podTemplate": {
                "metadata": {"labels": {"team": "voice"}, "annotations": {"note": "first"}},
                "spec": {
                    "nodeSelector": {"disk": "fast"}, "tolerations": [{"key": "voice", "operator": "Exists"}],
                    "volumes": [{"name": "extra", "emptyDir": {}}],
                    "containers": [sidecar, {
                        "name": "cc-lite", "env": [{"name": "TZ", "value": "UTC"}],
                        "volumeMounts": [{"name": "extra", "mountPath": "/extra"}],
                        "resources": {"requests": {"cpu": 1}},
                    }],
                },
            }}),
        )
        .await?;
    has("has the overrides", &|template| {
        let containers = template["spec"]["containers"].as_array().cloned().unwrap_or_default();
        let own =
            containers.iter().find(|container| container["name"] == "cc-lite").cloned().unwrap_or_default();
        containers.len() == 2
            && template["metadata"]["annotations"]["note"] == "first"
            && template["spec"]["nodeSelector"]["disk"] == "fast"
            && own["env"].as_array().is_some_and(|env| env.contains(&json!({"name": "TZ", "value": "UTC"})))
            && own["resources"]["requests"] == json!({"cpu": "1", "memory": "32Mi"})
    })
    .await?;
    trial.settle("comms").await?;

    // As a merge patch takes a list: as a whole.
    let changed = json!({"podTemplate": {
        "metadata": {"annotations": {"note": "second"}},
        "spec": {"tolerations": null, "containers": [{"name": "cc-lite", "env": [{"name": "TZ", "value": "CET"}]}]},
    }});
    trial.change("comms", changed).await?;
    has("has the changed overrides", &|template| {
        let containers = template["spec"]["containers"].as_array().cloned().unwrap_or_default();
        containers.len() == 1
            && template["metadata"]["annotations"]["note"] == "second"
            && template["spec"]["tolerations"].is_null()
            && containers[0]["volumeMounts"].as_array().is_some_and(|mounts| mounts.len() == 4)
    })
    .await?;

    trial.change("comms", json!({"podTemplate": null})).await?;
    trial
        .until_object::<Deployment, _>("comms", "is as at first", |deployment| {
            let spec = json!(deployment.spec);
            ensure!(spec == original, "it is {spec}");
            Ok(())
        })
        .await?;
    trial.settle("comms").await.map(drop)
}

#[tokio::test]
async fn a_null_of_the_pod_template_is_stored_and_takes_a_field_away() -> Result<()> {
    let trial = Trial::begin().await?;
    let manifest = json!({
        "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
        "metadata": {"name": "comms", "namespace": trial.namespace},
        "spec": {"podTemplate": {"spec": {"containers": [{"name": "cc-lite", "startupProbe": null}]}}},
    });
    trial.server.access().apply(&manifest.to_string()).await?;
    trial
        .until_object::<Deployment, _>("comms", "has no startup probe", |deployment| {
            let container = json!(deployment.spec)["template"]["spec"]["containers"][0].clone();
            ensure!(
                container["startupProbe"].is_null() && container["livenessProbe"].is_object(),
                "{container}"
            );
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_template_that_must_not_be_is_held_and_what_runs_stays() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let generation = trial.get::<Deployment>("comms").await?.metadata.generation;
    trial.change("comms", json!({"podTemplate": {"spec": {"hostNetwork": true}}})).await?;
    let message = trial.until("comms", "Ready", "False", "UnrestrictedPod").await?;
    assert_eq!(
        message,
        "spec.podTemplate leaves the restricted Pod Security profile: hostNetwork is true; change that, or have the \
         operator run with --allow-unrestricted-pods"
    );
    trial
        .change("comms", json!({"podTemplate": {"spec": {"hostNetwork": null, "nodeselector": {}}}}))
        .await?;
    let message = trial.until("comms", "Ready", "False", "InvalidSpec").await?;
    assert!(message.starts_with("spec.podTemplate.spec.nodeselector is no field of a pod"), "{message}");
    assert_eq!(trial.get::<Deployment>("comms").await?.metadata.generation, generation);
    Ok(())
}

#[tokio::test]
async fn a_paused_module_is_told_of_and_not_changed_until_it_goes_on() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Paused", "False", "NotPaused").await?;
    trial.settle("comms").await?;
    trial.change("comms", json!({"paused": true})).await?;
    trial.until("comms", "Paused", "True", "Paused").await?;
    // Nothing waits yet, so the rollout is told as ever.
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let before = trial.settle("comms").await?;

    trial.delete::<Service>("comms").await?;
    trial.change("comms", json!({"logLevel": "debug"})).await?;
    let message = trial.until("comms", "Ready", "False", "Paused").await?;
    assert_eq!(
        message,
        "spec.paused is true, and these are not as the spec says: Service comms, Deployment comms. Set spec.paused to \
         false to have them changed."
    );
    trial.until("comms", "Progressing", "False", "Paused").await?;
    let writes = trial.settle("comms").await?;
    let changes: Vec<_> = writes[before.len()..]
        .iter()
        .filter(|write| !write.contains("commsmodules") && !write.contains("events"))
        .collect();
    assert!(changes.is_empty(), "{changes:?}");
    assert!(trial.api::<Service>().get_opt("comms").await?.is_none());

    // The status still follows what runs.
    let pod = trial.newest_pod("comms").await?.name_any();
    let unschedulable = json!({"conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"},
    ]});
    trial.change("comms", json!({"logLevel": "info"})).await?;
    trial.as_kubelet(&pod, unschedulable).await?;
    trial.until("comms", "Ready", "False", "Paused").await?;

    trial.change("comms", json!({"paused": false, "logLevel": "debug"})).await?;
    trial.until_object::<Service, _>("comms", "is back", |_| Ok(())).await?;
    trial.until("comms", "Paused", "False", "NotPaused").await.map(drop)
}

#[tokio::test]
async fn a_module_that_is_made_paused_makes_nothing() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"paused": true})).await?;
    let message = trial.until("comms", "Ready", "False", "Paused").await?;
    assert!(
        message.contains(
            "Secret comms-keys, Secret comms-admin, NetworkPolicy comms, PersistentVolumeClaim comms-data"
        ),
        "{message}"
    );
    trial.settle("comms").await?;
    assert!(trial.api::<Deployment>().get_opt("comms").await?.is_none());
    let status = trial.get::<CommsModule>("comms").await?.status.context("no status")?;
    assert_eq!((status.keys.len(), status.active_key), (0, None), "keys that are not stored are nobody's");
    Ok(())
}

/// Notes of the events with this reason.
async fn notes(trial: &Trial, reason: &str) -> Result<Vec<String>> {
    let events = trial.api::<Event>().list(&ListParams::default()).await?;
    let of_reason = events.items.into_iter().filter(|event| event.reason.as_deref() == Some(reason));
    Ok(of_reason.filter_map(|event| event.note).collect())
}

#[tokio::test]
async fn a_change_of_the_database_says_what_happens_to_the_data_and_retains_it() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    let postgres = json!({"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}});
    trial.change("comms", json!({"database": postgres})).await?;
    let message = trial.until("comms", "DatabaseReady", "Unknown", "NotObserved").await?;
    assert!(
        message.ends_with(
            "Volume comms-data still holds what was in the embedded database; nothing of it was copied."
        ),
        "{message}"
    );
    assert_eq!(
        notes(&trial, "DatabaseChanged").await?,
        [
            "PostgreSQL replaces the embedded database, and nothing is copied: what was in the latter is retained on volume \
          comms-data and taken up again where spec.database.postgres is removed."
        ]
    );
    trial.change("comms", json!({"database": null})).await?;
    trial
        .until_object::<Deployment, _>("comms", "replaces its pods one by one", |deployment| {
            let strategy =
                deployment.spec.as_ref().and_then(|spec| spec.strategy.clone()).unwrap_or_default();
            ensure!(strategy.type_.as_deref() == Some("Recreate"), "its strategy is {strategy:?}");
            Ok(())
        })
        .await?;
    trial.settle("comms").await?;
    let told = notes(&trial, "DatabaseChanged").await?;
    assert_eq!(told.len(), 2, "{told:?}");
    let back = "The embedded database on volume comms-data replaces PostgreSQL, and nothing is copied: what is in \
                PostgreSQL stays there.";
    assert!(told.iter().any(|note| note == back), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn a_volume_that_is_to_be_deleted_stays_until_postgresql_serves() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"database": {"embedded": {"deletionPolicy": "Delete"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    let postgres =
        json!({"embedded": null, "postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}});
    trial.change("comms", json!({"database": postgres})).await?;
    trial
        .until_object::<Deployment, _>("comms", "is on PostgreSQL", |deployment| {
            let strategy =
                deployment.spec.as_ref().and_then(|spec| spec.strategy.clone()).unwrap_or_default();
            ensure!(strategy.type_.as_deref() == Some("RollingUpdate"), "its strategy is {strategy:?}");
            Ok(())
        })
        .await?;
    trial.settle("comms").await?;
    let volume: PersistentVolumeClaim = trial.get("comms-data").await?;
    ensure!(volume.metadata.deletion_timestamp.is_none(), "the volume is on its way out already");

    let pod = trial.newest_pod("comms").await?;
    let serving = json!({
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}],
        "containerStatuses": [{
            "name": "cc-lite", "image": "i", "imageID": "i", "ready": true, "restartCount": 0,
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
        }],
    });
    trial.as_kubelet(&pod.name_any(), serving).await?;
    trial.until_gone::<PersistentVolumeClaim>("comms-data").await
}

#[tokio::test]
async fn a_change_of_the_mode_says_what_happens_to_the_data() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.change("comms", json!({"mode": "Platform", "gateway": {"trustEveryone": true}})).await?;
    trial.until("comms", "KeysReady", "True", "NotUsed").await?;
    trial.settle("comms").await?;
    trial.change("comms", json!({"mode": "Standalone", "gateway": null})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    let mut told = notes(&trial, "ModeChanged").await?;
    told.sort();
    assert_eq!(
        told,
        [
            "Platform mode replaces Standalone mode: calls and campaigns stay and are seen by requests of their \
             organisation, accounts rest, tokens are worth nothing, and Secrets comms-keys and comms-admin are retained.",
            "Standalone mode replaces Platform mode: calls and campaigns stay and are seen by accounts of their \
             organisation, and the gateway's headers are worth nothing.",
        ]
    );
    Ok(())
}
