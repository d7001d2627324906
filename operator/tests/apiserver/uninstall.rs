//! Uninstalling the chart takes the operator away and nothing of the modules.

use anyhow::{Context, Result, ensure};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        core::v1::{PersistentVolumeClaim, Secret, Service},
    },
};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::json;
use testbed::product::repository;

use comms_operator::api::CommsModule;

use crate::trial::Trial;

async fn uid<K>(trial: &Trial, name: &str) -> Result<String>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + std::fmt::Debug,
{
    let object: K = trial.get(name).await.with_context(|| format!("{} {name} is gone", K::kind(&())))?;
    ensure!(object.meta().deletion_timestamp.is_none(), "{} {name} is being deleted", K::kind(&()));
    object.uid().context("an object has a uid")
}

/// The module, what runs for it, and its data.
async fn everything(trial: &Trial) -> Result<[String; 6]> {
    Ok([
        uid::<CommsModule>(trial, "comms").await?,
        uid::<Deployment>(trial, "comms").await?,
        uid::<Service>(trial, "comms").await?,
        uid::<PersistentVolumeClaim>(trial, "comms-data").await?,
        uid::<Secret>(trial, "comms-keys").await?,
        uid::<Secret>(trial, "comms-admin").await?,
    ])
}

#[tokio::test]
async fn an_uninstall_keeps_modules_what_runs_for_them_and_their_data() -> Result<()> {
    let mut trial = Trial::begin().await?;
    let access = trial.server.access();
    let release = format!("gone-{}", trial.namespace);
    let chart = repository().join("charts/comms-operator").display().to_string();
    let watched = format!("crds.install=false,watchNamespace={}", trial.namespace);
    let flags = ["--namespace", &trial.namespace, "--set", &watched];
    let notes = access.helm(&[&["install", &release, &chart], &flags[..]].concat()).await?;
    ensure!(
        notes.contains("`helm uninstall` leaves the CommsModules, what runs for them, their data"),
        "{notes}"
    );
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let before = everything(&trial).await?;

    access.helm(&["uninstall", &release, "--namespace", &trial.namespace, "--wait"]).await?;
    trial.stop_operator().await?;
    assert_eq!(everything(&trial).await?, before);
    // Another operator takes them up, and makes nothing anew.
    trial.start_operator().await?;
    trial.settle("comms").await?;
    assert_eq!(everything(&trial).await?, before);
    Ok(())
}
