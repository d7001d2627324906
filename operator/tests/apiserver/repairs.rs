//! Every child, whatever its kind, is put right when it is edited and made anew when it is deleted.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams},
};
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::{
    state::{children, kinds},
    trial::{SOON, Trial},
};

/// The one by which the operator watches, the one by which it finds what belongs to a module, and one that tells nothing.
const LABELS: [&str; 3] =
    ["app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "app.kubernetes.io/part-of"];

#[tokio::test]
async fn every_child_is_put_right_when_it_is_edited_and_made_anew_when_it_is_deleted() -> Result<()> {
    let trial = Trial::begin().await?;
    let mut found = BTreeSet::new();
    for (module, spec) in of_every_kind() {
        make(&trial, module, spec).await?;
        for resource in kinds(&trial).await? {
            for child in children(&trial, resource, module).await? {
                found.insert(&resource.kind);
                is_put_right(&trial, resource, &child).await?;
            }
        }
    }
    let all = kinds(&trial).await?.iter().map(|resource| &resource.kind);
    let without: Vec<_> = all.filter(|kind| !found.contains(kind)).collect();
    // The one pod that the operator makes itself is there only while an image is tried.
    assert_eq!(without, ["Pod"], "no module here has a child of this kind: add one that has");
    Ok(())
}

/// Modules that together have children of every kind, but for the pod that is there only while an image is tried.
pub(crate) fn of_every_kind() -> [(&'static str, Value); 4] {
    let database = json!({"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}});
    [
        ("embedded", json!({})),
        ("shared", json!({"database": database, "replicas": 2, "autoscaling": {"maxReplicas": 3}})),
        (
            "around",
            json!({
                "events": {"rabbitmq": {"uri": "amqp://broker:5672"}},
                "exposure": {"ingress": {"host": "voice.example.com"}},
                "monitoring": {"serviceMonitor": true},
            }),
        ),
        ("routed", json!({"exposure": {"httpRoute": {"parentRefs": [{"name": "gateway"}]}}})),
    ]
}

/// Makes such a module, with what it refers to.
pub(crate) async fn make(trial: &Trial, module: &str, spec: Value) -> Result<()> {
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    trial.create(module, spec).await?;
    trial.until(module, "Ready", "False", "RollingOut").await?;
    trial.settle(module).await.map(drop)
}

async fn is_put_right(trial: &Trial, resource: &ApiResource, child: &DynamicObject) -> Result<()> {
    let (kind, name) = (&resource.kind, child.name_any());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, resource);
    // At once again: nothing else has woken the operator up meanwhile.
    for _ in 0..2 {
        let former = api.get(&name).await?.uid();
        api.delete(&name, &DeleteParams::background()).await?;
        eventually(SOON, &format!("{kind} {name} is made anew"), async || {
            let now = api.get_opt(&name).await?.context("it is gone")?;
            ensure!(now.uid() != former, "it is the old one");
            ensure!(now.metadata.deletion_timestamp.is_none(), "it is on its way out");
            Ok(())
        })
        .await?;
    }
    for label in LABELS {
        let former = child.labels().get(label).with_context(|| format!("{kind} {name} has no {label}"))?;
        let edit = json!({"metadata": {"labels": {label: "somebody-else"}}});
        api.patch(&name, &PatchParams::default(), &Patch::Merge(&edit)).await?;
        eventually(SOON, &format!("{label} of {kind} {name} is put right"), async || {
            let now = api.get(&name).await?.labels().get(label).cloned();
            ensure!(now.as_ref() == Some(former), "it is {now:?}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}
