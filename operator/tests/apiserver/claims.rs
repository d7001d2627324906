//! Objects of other people that have the names of our children.

use anyhow::Result;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Secret, Service},
};
use kube::{
    ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::trial::Trial;

#[tokio::test]
async fn a_foreign_object_is_reported_and_not_adopted_and_its_removal_is_noticed() -> Result<()> {
    let trial = Trial::begin().await?;
    let foreign = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "comms"},
        "spec": {"selector": {"app": "somebody"}, "ports": [{"port": 80}]},
    });
    trial.api::<Service>().patch("comms", &PatchParams::apply("a-user"), &Patch::Apply(foreign)).await?;
    let before: Service = trial.get("comms").await?;
    trial.create("comms", json!({})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert_eq!(
        message,
        "Service comms exists and is not this module's: delete or rename it, or give the CommsModule another name"
    );
    trial.settle("comms").await?;
    assert_eq!(trial.get::<Service>("comms").await?.resource_version(), before.resource_version());
    assert!(trial.api::<Deployment>().get_opt("comms").await?.is_none(), "nothing else is made");

    trial.delete::<Service>("comms").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}

#[tokio::test]
async fn what_was_retained_for_another_name_is_foreign() -> Result<()> {
    let trial = Trial::begin().await?;
    let retained = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "comms-keys", "labels": {"comms.kraliki.com/retained-for": "other"}},
    });
    trial.api::<Secret>().patch("comms-keys", &PatchParams::apply("a-user"), &Patch::Apply(retained)).await?;
    trial.create("comms", json!({})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert!(message.starts_with("Secret comms-keys exists"), "{message}");
    // It is not in the way where there are no keys.
    trial.change("comms", json!({"mode": "Platform", "gateway": {"trustEveryone": true}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}
