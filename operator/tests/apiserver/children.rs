//! Children: made, kept, changed, and never written without need.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{PersistentVolumeClaim, Secret, Service, ServiceAccount},
};
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::trial::{IMAGE, Trial};

const APPLIED: [&str; 8] = [
    "create secrets",
    "create secrets",
    "patch serviceaccounts/comms",
    "create secrets",
    "patch persistentvolumeclaims/comms-data",
    "patch networkpolicies/comms",
    "patch services/comms",
    "patch deployments/comms",
];

async fn names<K>(trial: &Trial) -> Result<BTreeSet<String>>
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + serde::de::DeserializeOwned
        + std::fmt::Debug,
{
    let ours = ListParams::default().labels("app.kubernetes.io/managed-by=comms-operator");
    Ok(trial.api::<K>().list(&ours).await?.items.iter().map(kube::ResourceExt::name_any).collect())
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test]
async fn an_empty_spec_makes_exactly_its_children_with_one_write_each() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let writes = trial.settle("comms").await?;

    assert_eq!(names::<ServiceAccount>(&trial).await?, set(["comms"]));
    assert_eq!(names::<Secret>(&trial).await?, set(["comms-keys", "comms-keyring", "comms-admin"]));
    assert_eq!(names::<PersistentVolumeClaim>(&trial).await?, set(["comms-data"]));
    assert_eq!(names::<Service>(&trial).await?, set(["comms"]));
    assert_eq!(names::<Deployment>(&trial).await?, set(["comms"]));
    let (children, told): (Vec<_>, Vec<_>) =
        writes.iter().map(String::as_str).partition(|write| !write.contains("commsmodules"));
    assert_eq!(children, APPLIED);
    assert!(told.iter().all(|write| *write == "patch commsmodules/comms/status"), "{told:?}");
    // What is not there is not looked for.
    let requests = trial.requests()?;
    let reads: BTreeSet<_> =
        requests.iter().filter(|request| request.starts_with("get ")).map(String::as_str).collect();
    let secrets = ["get secrets/comms-admin", "get secrets/comms-keyring", "get secrets/comms-keys"];
    assert!(reads.is_subset(&secrets.into_iter().chain(["get commsmodules/comms"]).collect()), "{reads:?}");
    let first = requests.iter().take_while(|request| !request.contains("commsmodules/comms/status"));
    let first: Vec<_> = first.filter(|request| request.contains("comms")).collect();
    assert!(
        first.iter().all(|request| !request.starts_with("get ")),
        "a new module has nothing to read: {first:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_restarted_operator_writes_nothing() -> Result<()> {
    let mut trial = Trial::begin().await?;
    trial.create("comms", json!({"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let before = trial.settle("comms").await?;
    trial.stop_operator().await?;
    trial.start_operator().await?;
    trial.reconcile_once_more("comms").await?;
    assert_eq!(trial.writes()?, before);
    Ok(())
}

#[tokio::test]
async fn changes_of_the_spec_reach_the_pods_and_going_back_leaves_nothing_behind() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let original: Deployment = trial.get("comms").await?;

    trial
        .change(
            "comms",
            json!({
                "image": "cc-lite:next", "port": 4000, "basePath": "/voice", "logLevel": "debug",
                "auth": {"accessTokenTtl": "5m"}, "events": {"rabbitmq": {"uri": "amqp://broker:5672"}},
            }),
        )
        .await?;
    let container = trial
        .until_object::<Deployment, _>("comms", "has the new settings", |deployment| {
            let container = container(deployment)?;
            ensure!(container["image"] == "cc-lite:next", "its container is {container}");
            Ok(container)
        })
        .await?;
    assert_eq!(env(&container, "CC_LITE_PORT"), json!("4000"));
    assert_eq!(env(&container, "CC_LITE_BASE_PATH"), json!("/voice"));
    assert_eq!(env(&container, "CC_LITE_ACCESS_TOKEN_TTL"), json!("5m"));
    assert_eq!(env(&container, "RABBITMQ_URL"), json!("amqp://broker:5672"));
    assert_eq!(env(&container, "ENABLE_EVENTS"), json!("true"));
    assert_eq!(env(&container, "RUST_LOG"), json!("debug"));
    let port =
        trial.get::<Service>("comms").await?.spec.context("no spec")?.ports.context("no ports")?[0].port;
    assert_eq!(port, 4000);

    let back = json!({"image": null, "port": 3018, "basePath": null, "logLevel": "info", "auth": null, "events": null});
    trial.change("comms", back).await?;
    trial.until_it_has_its_spec_again(&original).await
}

#[tokio::test]
async fn another_image_is_one_write() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let before = trial.settle("comms").await?;
    trial.change("comms", json!({"image": "cc-lite:next"})).await?;
    trial
        .until_object::<Deployment, _>("comms", "has the image", |deployment| {
            let container = container(deployment)?;
            ensure!(container["image"] == "cc-lite:next", "its image is {}", container["image"]);
            Ok(())
        })
        .await?;
    let writes = trial.settle("comms").await?;
    let children: Vec<_> =
        writes[before.len()..].iter().filter(|write| !write.contains("commsmodules")).collect();
    assert_eq!(children, ["patch deployments/comms"]);
    Ok(())
}

#[tokio::test]
async fn the_mode_and_the_database_can_be_changed_and_changed_back() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;

    let to = json!({
        "mode": "Platform", "gateway": {"trustEveryone": true},
        "database": {"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}},
    });
    trial.change("comms", to).await?;
    let container = trial
        .until_object::<Deployment, _>("comms", "runs in Platform mode", |deployment| {
            let container = container(deployment)?;
            ensure!(env(&container, "CC_LITE_MODE") == "platform", "its container is {container}");
            Ok(container)
        })
        .await?;
    assert_eq!(env(&container, "DATABASE_URL_FILE"), json!("/etc/cc-lite/database/uri"));
    assert_eq!(env(&container, "CC_LITE_BASE_PATH"), json!("/api/communications"));
    assert_eq!(env(&container, "CC_LITE_KEYS_DIR"), Value::Null);
    let strategy =
        trial.get::<Deployment>("comms").await?.spec.and_then(|spec| spec.strategy).context("no strategy")?;
    assert_eq!(strategy.type_.as_deref(), Some("RollingUpdate"));
    trial.until("comms", "KeysReady", "True", "NotUsed").await?;
    // What cannot be made again is kept.
    trial.get::<PersistentVolumeClaim>("comms-data").await?;
    trial.get::<Secret>("comms-keys").await?;

    trial.change("comms", json!({"mode": "Standalone", "gateway": null, "database": null})).await?;
    trial
        .until_object::<Deployment, _>("comms", "is as at first", |deployment| {
            let spec = deployment.spec.as_ref().context("no spec")?;
            let strategy = spec.strategy.as_ref().context("no strategy")?;
            ensure!(strategy.type_.as_deref() == Some("Recreate"), "its strategy is {strategy:?}");
            ensure!(strategy.rolling_update.is_none(), "its strategy is {strategy:?}");
            Ok(())
        })
        .await?;
    trial.until("comms", "KeysReady", "True", "Available").await.map(drop)
}

#[tokio::test]
async fn what_is_changed_or_deleted_by_hand_is_put_right_with_one_write() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let before = trial.settle("comms").await?;

    let by_hand =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "cc-lite", "image": "evil:1"}]}}}});
    trial.api::<Deployment>().patch("comms", &PatchParams::default(), &Patch::Strategic(by_hand)).await?;
    trial
        .until_object::<Deployment, _>("comms", "has its image back", |deployment| {
            let container = container(deployment)?;
            ensure!(container["image"] == IMAGE, "its image is {}", container["image"]);
            Ok(())
        })
        .await?;
    trial.delete::<Service>("comms").await?;
    trial.until_object::<Service, _>("comms", "is back", |_| Ok(())).await?;

    let writes = trial.settle("comms").await?;
    let repairs: Vec<_> =
        writes[before.len()..].iter().filter(|write| !write.contains("commsmodules")).collect();
    assert_eq!(repairs, ["patch deployments/comms", "patch services/comms"]);
    Ok(())
}

#[tokio::test]
async fn a_volume_grows_and_keeps_its_class() -> Result<()> {
    let trial = Trial::begin().await?;
    trial
        .create("comms", json!({"database": {"embedded": {"size": "1Gi", "storageClassName": "slow"}}}))
        .await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let claim: PersistentVolumeClaim = trial.get("comms-data").await?;
    let spec = claim.spec.context("no spec")?;
    assert_eq!(spec.storage_class_name.as_deref(), Some("slow"));
    let size =
        spec.resources.and_then(|resources| resources.requests).context("no requests")?["storage"].clone();
    assert_eq!(size.0, "1Gi");

    // An unbound claim cannot grow: the refusal is told, and what runs stays.
    trial.change("comms", json!({"database": {"embedded": {"size": "2Gi"}}})).await?;
    let message = trial.until("comms", "Ready", "False", "ChildRefused").await?;
    assert!(message.starts_with("PersistentVolumeClaim comms-data could not be applied: "), "{message}");
    trial.get::<Deployment>("comms").await.map(drop)
}

fn container(deployment: &Deployment) -> Result<Value> {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref()).context("no pod spec")?;
    Ok(serde_json::to_value(pod.containers.first().context("no container")?)?)
}

fn env(container: &Value, name: &str) -> Value {
    let all = container["env"].as_array().into_iter().flatten();
    all.into_iter().find(|entry| entry["name"] == name).map_or(Value::Null, |entry| entry["value"].clone())
}
