//! A broker of RabbitMQ's cluster operator, in another namespace only where that grants it.

use anyhow::{Result, ensure};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use testbed::{upstream, wait::eventually};

use crate::trial::{SOON, Trial};

fn spec(namespace: &str) -> Value {
    json!({"events": {"rabbitmq": {"clusterRef": {"name": "broker", "namespace": namespace}}}})
}

async fn default_user(trial: &Trial, namespace: &str, password: &str) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "broker-default-user", "namespace": namespace},
        "stringData": {
            "host": format!("broker.{namespace}.svc"), "port": "5672", "username": "default_user_x", "password": password,
        },
    });
    trial.server.access().apply(&secret.to_string()).await.map(drop)
}

fn grant(namespace: &str, to_modules_of: &str, secret: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
        "metadata": {"name": "comms", "namespace": namespace},
        "spec": {
            "from": [{"group": "comms.kraliki.com", "kind": "CommsModule", "namespace": to_modules_of}],
            "to": [{"group": "", "kind": "Secret", "name": secret}],
        },
    })
}

async fn until_address(trial: &Trial, expected: &str) -> Result<()> {
    trial
        .until_object::<Secret, _>("comms-broker", "has the address", |secret| {
            let uri = secret.data.as_ref().and_then(|data| data.get("uri")).map(|uri| uri.0.as_slice());
            ensure!(uri == Some(expected.as_bytes()), "it has {:?}", uri.map(String::from_utf8_lossy));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn another_namespace_is_read_only_where_it_grants_that_and_changes_there_are_followed() -> Result<()> {
    let trial = Trial::cluster_wide().await?;
    let access = trial.server.access();
    access.apply(&upstream::gateway_api().await?).await?;
    access.namespace("messaging").await?;
    trial.create("comms", spec("messaging")).await?;
    let without_cluster = trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?;
    default_user(&trial, "messaging", "one").await?;
    trial.reconcile_once_more("comms").await?;
    let with_cluster = trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?;
    assert_eq!(with_cluster, without_cluster, "who was granted nothing learns nothing");

    eventually(SOON, "grants can be made", async || {
        access.apply(&grant("messaging", "elsewhere", "broker-default-user").to_string()).await.map(drop)
    })
    .await?;
    trial.reconcile_once_more("comms").await?;
    trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?;
    access.apply(&grant("messaging", "trial", "other").to_string()).await?;
    trial.reconcile_once_more("comms").await?;
    trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?;
    ensure!(trial.api::<Secret>().get_opt("comms-broker").await?.is_none(), "nothing is copied before");

    access.apply(&grant("messaging", "trial", "broker-default-user").to_string()).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    until_address(&trial, "amqp://default_user_x:one@broker.messaging.svc:5672/%2f").await?;
    let hash = async || -> Result<Value> {
        let deployment = serde_json::to_value(trial.get::<Deployment>("comms").await?)?;
        Ok(deployment["spec"]["template"]["metadata"]["annotations"]["comms.kraliki.com/config-hash"].clone())
    };
    let before = hash().await?;
    trial.settle("comms").await?;

    default_user(&trial, "messaging", "two").await?;
    until_address(&trial, "amqp://default_user_x:two@broker.messaging.svc:5672/%2f").await?;
    eventually(SOON, "pods are rolled for it", async || {
        ensure!(hash().await? != before, "the hash is the same");
        Ok(())
    })
    .await?;

    let secrets: Api<Secret> = Api::namespaced(trial.client.clone(), "messaging");
    secrets.delete("broker-default-user", &DeleteParams::default()).await?;
    let message = trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    assert!(message.contains("whose Secret broker-default-user is not in namespace messaging"), "{message}");
    default_user(&trial, "messaging", "two").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;

    trial
        .server
        .kubectl(&["delete", "referencegrants.gateway.networking.k8s.io/comms", "--namespace", "messaging"])
        .await?;
    trial.until("comms", "Ready", "False", "ReferenceNotGranted").await.map(drop)
}

#[tokio::test]
async fn an_operator_for_one_namespace_gives_the_same_answer_whether_or_not_the_cluster_exists() -> Result<()>
{
    let trial = Trial::begin().await?;
    let elsewhere = format!("{}-messaging", trial.namespace);
    trial.server.access().namespace(&elsewhere).await?;
    trial.create("comms", spec(&elsewhere)).await?;
    let without = trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?;
    default_user(&trial, &elsewhere, "one").await?;
    trial
        .server
        .access()
        .apply(&grant(&elsewhere, &trial.namespace, "broker-default-user").to_string())
        .await?;
    trial.reconcile_once_more("comms").await?;
    assert_eq!(trial.until("comms", "Ready", "False", "ReferenceNotGranted").await?, without);

    // Its owners let the operator read the grants and the one Secret.
    let rights = json!({"apiVersion": "v1", "kind": "List", "items": [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "comms-operator", "namespace": elsewhere},
            "rules": [
                {"apiGroups": ["gateway.networking.k8s.io"], "resources": ["referencegrants"], "verbs": ["list"]},
                {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["broker-default-user"], "verbs": ["get"]},
            ],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "comms-operator", "namespace": elsewhere},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "comms-operator"},
            "subjects": [{"kind": "ServiceAccount", "name": "comms-operator", "namespace": trial.namespace}],
        },
    ]});
    trial.server.access().apply(&rights.to_string()).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    until_address(&trial, &format!("amqp://default_user_x:one@broker.{elsewhere}.svc:5672/%2f")).await
}

#[tokio::test]
async fn a_cluster_beside_the_module_needs_no_grant() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"events": {"rabbitmq": {"clusterRef": {"name": "broker"}}}})).await?;
    trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    default_user(&trial, &trial.namespace, "one").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let expected = format!("amqp://default_user_x:one@broker.{}.svc:5672/%2f", trial.namespace);
    until_address(&trial, &expected).await?;
    let patch = json!({"metadata": {"labels": {"touched": "yes"}}});
    trial.api::<Secret>().patch("broker-default-user", &PatchParams::default(), &Patch::Merge(patch)).await?;
    let before = trial.settle("comms").await?;
    trial.reconcile_once_more("comms").await?;
    assert_eq!(trial.writes()?, before);
    Ok(())
}
