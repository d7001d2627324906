//! Deletion: what goes, what stays, and what is taken up again.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{PersistentVolumeClaim, Secret, Service, ServiceAccount},
};
use kube::ResourceExt;
use serde_json::json;

use comms_operator::api::CommsModule;

use crate::trial::Trial;

const RETAINED_FOR: &str = "comms.kraliki.com/retained-for";

#[tokio::test]
async fn deletion_removes_all_but_what_is_retained_which_a_new_module_of_the_name_takes_up() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let keys: Secret = trial.get("comms-keys").await?;
    let admin: Secret = trial.get("comms-admin").await?;
    let volume: PersistentVolumeClaim = trial.get("comms-data").await?;
    assert_eq!(keys.labels().get(RETAINED_FOR).map(String::as_str), Some("comms"));

    trial.delete::<CommsModule>("comms").await?;
    trial.until_gone::<Deployment>("comms").await?;
    trial.until_gone::<Service>("comms").await?;
    trial.until_gone::<ServiceAccount>("comms").await?;
    assert_eq!(trial.get::<Secret>("comms-keys").await?.uid(), keys.uid());

    trial.create("comms", json!({"database": {"embedded": {"size": "512Mi"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    assert_eq!(trial.get::<Secret>("comms-keys").await?.data, keys.data);
    assert_eq!(trial.get::<Secret>("comms-admin").await?.data, admin.data);
    assert_eq!(trial.get::<PersistentVolumeClaim>("comms-data").await?.uid(), volume.uid());
    let module: CommsModule = trial.get("comms").await?;
    let effective = module.status.and_then(|status| status.effective).context("no effective settings")?;
    assert_eq!(effective.volume_size.as_deref(), Some("1Gi"), "a volume taken up keeps its size");
    Ok(())
}

#[tokio::test]
async fn with_the_policy_delete_everything_goes() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"database": {"embedded": {"deletionPolicy": "Delete"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let keys: Secret = trial.get("comms-keys").await?;
    assert_eq!(keys.owner_references().len(), 1);
    assert_eq!(keys.labels().get(RETAINED_FOR), None);

    trial.delete::<CommsModule>("comms").await?;
    trial.until_gone::<Deployment>("comms").await?;
    trial.until_gone::<Secret>("comms-keys").await?;
    trial.until_gone::<Secret>("comms-keyring").await?;
    trial.until_gone::<Secret>("comms-admin").await?;
    trial.until_gone::<PersistentVolumeClaim>("comms-data").await
}

#[tokio::test]
async fn the_policy_can_be_changed_both_ways_and_keeps_the_keys() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let keys: Secret = trial.get("comms-keys").await?;
    for (policy, owners, label) in [("Delete", 1, None), ("Retain", 0, Some("comms"))] {
        trial.change("comms", json!({"database": {"embedded": {"deletionPolicy": policy}}})).await?;
        for name in ["comms-keys", "comms-keyring", "comms-admin"] {
            trial
                .until_object::<Secret, _>(name, &format!("is under the policy {policy}"), |secret| {
                    let seen = (
                        secret.owner_references().len(),
                        secret.labels().get(RETAINED_FOR).map(String::as_str),
                    );
                    ensure!(seen == (owners, label), "owners and label are {seen:?}");
                    Ok(())
                })
                .await?;
        }
        trial
            .until_object::<PersistentVolumeClaim, _>("comms-data", &format!("is under {policy}"), |claim| {
                let seen =
                    (claim.owner_references().len(), claim.labels().get(RETAINED_FOR).map(String::as_str));
                ensure!(seen == (owners, label), "owners and label are {seen:?}");
                Ok(())
            })
            .await?;
        trial.settle("comms").await?;
    }
    assert_eq!(trial.get::<Secret>("comms-keys").await?.data, keys.data);
    Ok(())
}

#[tokio::test]
async fn what_a_policy_delete_module_no_longer_asks_for_is_removed() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("mine", "password", "correct-horse").await?;
    trial.create("comms", json!({"database": {"embedded": {"deletionPolicy": "Delete"}}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.get::<Secret>("comms-admin").await?;
    trial
        .change(
            "comms",
            json!({"auth": {"admin": {"passwordSecretRef": {"name": "mine", "key": "password"}}}}),
        )
        .await?;
    trial.until_gone::<Secret>("comms-admin").await?;
    trial.get::<Secret>("mine").await.map(drop)
}
