//! The admission policy that keeps the operator's changes of pods to one annotation.

use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, Error,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use testbed::{product::repository, wait::eventually};

use crate::trial::{SOON, Trial};

const KEYS_BUMPED_AT: &str = "comms.kraliki.com/keys-bumped-at";

/// A namespace with a pod, and the chart's policy in force for its operator, as who the client speaks.
async fn stage() -> Result<(Trial, Client)> {
    let trial = Trial::without_operator().await?;
    let access = trial.server.access();
    let chart = repository().join("charts/comms-operator").display().to_string();
    let arguments = ["template", "comms-operator", &chart, "--namespace", &trial.namespace];
    let policy = access.helm(&[&arguments[..], &["--show-only=templates/podpolicy.yaml"]].concat()).await?;
    access.apply(&policy).await?;
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {
            "name": "comms", "labels": {"app": "comms"}, "annotations": {"theirs": "1"},
            "finalizers": ["example.com/kept"],
        },
        "spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "cc-lite", "image": "cc-lite:test",
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    }))?;
    trial.api::<Pod>().create(&PostParams::default(), &pod).await?;
    let user = format!("system:serviceaccount:{}:comms-operator", trial.namespace);
    let client = trial.server.client_for(&user, None).await?;
    // Policies take a moment to be in force.
    let mut attempt = 0;
    eventually(SOON, "the policy is in force", async || {
        // Another value each time: what changes nothing is no change to refuse.
        attempt += 1;
        let tried = json!({"metadata": {"annotations": {"tried": attempt.to_string()}}});
        let refused = patch(&trial, &client, tried).await?;
        ensure!(refused.is_some_and(|refused| refused.contains(KEYS_BUMPED_AT)), "it is not");
        Ok(())
    })
    .await?;
    Ok((trial, client))
}

/// The sentence of the refusal of a patch of the pod, if it is refused.
async fn patch(trial: &Trial, client: &Client, patch: Value) -> Result<Option<String>> {
    let api: Api<Pod> = Api::namespaced(client.clone(), &trial.namespace);
    match api.patch("comms", &PatchParams::default(), &Patch::Strategic(patch)).await {
        Ok(_) => Ok(None),
        Err(Error::Api(status)) if [403, 422].contains(&status.code) => Ok(Some(status.message)),
        Err(other) => Err(other.into()),
    }
}

#[tokio::test]
async fn the_operator_may_set_change_and_remove_the_one_annotation() -> Result<()> {
    let (trial, operator) = stage().await?;
    for value in [json!("2026-02-02T02:40:00Z"), json!("2026-02-02T02:40:02Z"), Value::Null] {
        let refused =
            patch(&trial, &operator, json!({"metadata": {"annotations": {KEYS_BUMPED_AT: value}}})).await?;
        ensure!(refused.is_none(), "{value} was refused: {refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_operator_may_change_nothing_else_of_a_pod() -> Result<()> {
    let (trial, operator) = stage().await?;
    let only_annotation = "may change no annotation of a pod but comms.kraliki.com/keys-bumped-at";
    let nothing = "may change nothing of a pod but its annotation comms.kraliki.com/keys-bumped-at";
    let image = json!({"spec": {"containers": [{"name": "cc-lite", "image": "evil:1"}]}});
    for (change, sentence) in [
        (json!({"metadata": {"annotations": {"theirs": "2"}}}), only_annotation),
        (json!({"metadata": {"annotations": {"theirs": null}}}), only_annotation),
        (json!({"metadata": {"annotations": {"new": "1", KEYS_BUMPED_AT: "now"}}}), only_annotation),
        (json!({"metadata": {"labels": {"app": "other"}}}), nothing),
        (json!({"metadata": {"labels": null}}), nothing),
        (json!({"metadata": {"finalizers": null}}), nothing),
        (
            json!({"metadata": {"ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "0"},
            ]}}),
            nothing,
        ),
        (json!({"spec": {"activeDeadlineSeconds": 1}}), nothing),
        (image, nothing),
    ] {
        let refused = patch(&trial, &operator, change.clone()).await?;
        ensure!(
            refused.as_ref().is_some_and(|refused| refused.contains(sentence)),
            "{change} was to be refused with {sentence:?}, and was: {refused:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_policy_is_about_nobody_else() -> Result<()> {
    let (trial, _) = stage().await?;
    let change = json!({"metadata": {"labels": {"app": "other"}, "finalizers": null}});
    let refused = patch(&trial, &trial.client, change).await?;
    ensure!(refused.is_none(), "an administrator was refused: {refused:?}");
    Ok(())
}
