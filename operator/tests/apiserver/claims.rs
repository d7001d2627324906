//! Objects of other people that have the names of our children.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Secret, Service},
};
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, PostParams},
};
use serde_json::json;
use testbed::wait::eventually;

use crate::{
    repairs::{make, of_every_kind},
    state::{children, kinds, nobodys},
    trial::{SOON, Trial},
};

#[tokio::test]
async fn a_foreign_object_is_reported_and_not_adopted_and_its_removal_is_noticed() -> Result<()> {
    let trial = Trial::begin().await?;
    let foreign = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "comms"},
        "spec": {"selector": {"app": "somebody"}, "ports": [{"port": 80}]},
    });
    trial.by_a_user::<Service>(foreign).await?;
    let before: Service = trial.get("comms").await?;
    trial.create("comms", json!({})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert_eq!(
        message,
        "Service comms exists and is not this module's: delete or rename it, or give the CommsModule another name"
    );
    trial.settle("comms").await?;
    assert_eq!(trial.get::<Service>("comms").await?.resource_version(), before.resource_version());
    assert!(trial.api::<Deployment>().get_opt("comms").await?.is_none(), "no pod comes before its Service");

    trial.delete::<Service>("comms").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}

#[tokio::test]
async fn whatever_has_the_name_of_a_child_is_told_left_alone_and_followed_by_the_child_once_it_is_gone()
-> Result<()> {
    let each = of_every_kind().into_iter().map(async |(module, spec)| {
        let mut trial = Trial::begin().await?;
        make(&trial, module, spec).await?;
        for resource in kinds(&trial).await? {
            for child in children(&trial, resource, module).await? {
                is_made_room_for(&mut trial, resource, module, child).await?;
            }
        }
        Ok::<_, anyhow::Error>(())
    });
    try_join_all(each).await.map(drop)
}

/// Puts an object that is nobody's in the place of a child.
async fn is_made_room_for(
    trial: &mut Trial,
    resource: &ApiResource,
    module: &str,
    child: DynamicObject,
) -> Result<()> {
    let (kind, name) = (&resource.kind, child.name_any());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, resource);
    let foreign = nobodys(child);
    trial.stop_operator().await?;
    api.delete(&name, &DeleteParams::background()).await?;
    let foreign = eventually(SOON, &format!("somebody else makes {kind} {name}"), async || {
        Ok(api.create(&PostParams::default(), &foreign).await?)
    })
    .await?;
    trial.start_operator().await?;
    let message = trial.until(module, "Ready", "False", "NameTaken").await?;
    ensure!(message.starts_with(&format!("{kind} {name} exists and is not this module's")), "{message}");
    trial.settle(module).await?;
    let now = api.get(&name).await?;
    ensure!(
        now.metadata.labels.is_none() && now.metadata.owner_references.is_none(),
        "it was adopted: {now:?}"
    );
    ensure!(now.data.get("spec") == foreign.data.get("spec"), "{kind} {name} was changed: {now:?}");

    api.delete(&name, &DeleteParams::background()).await?;
    eventually(SOON, &format!("the module's own {kind} {name} is there"), async || {
        // Nobody tells the operator that the other one is gone.
        trial.reconcile_once_more(module).await?;
        let now = api.get_opt(&name).await?.context("there is none")?;
        ensure!(now.uid() != foreign.uid(), "it is still the other one");
        ensure!(
            now.labels().get("app.kubernetes.io/instance").map(String::as_str) == Some(module),
            "{now:?}"
        );
        Ok(())
    })
    .await?;
    trial.until(module, "Ready", "False", "RollingOut").await?;
    trial.settle(module).await.map(drop)
}

#[tokio::test]
async fn what_was_retained_for_another_name_is_foreign() -> Result<()> {
    let trial = Trial::begin().await?;
    let retained = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "comms-keys", "labels": {"comms.kraliki.com/retained-for": "other"}},
    });
    trial.by_a_user::<Secret>(retained).await?;
    trial.create("comms", json!({})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert!(message.starts_with("Secret comms-keys exists"), "{message}");
    // It is not in the way where there are no keys.
    trial.change("comms", json!({"mode": "Platform", "gateway": {"trustEveryone": true}})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}
