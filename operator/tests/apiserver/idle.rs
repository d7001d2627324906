//! What is not needed is not asked for.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret, events::v1::Event};
use kube::api::ListParams;
use serde_json::json;
use testbed::wait::eventually;

use crate::trial::{SOON, Trial};

#[tokio::test]
async fn a_module_of_which_nothing_has_changed_costs_no_request() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("rabbitmq", "uri", "amqp://user:one@broker:5672/%2f").await?;
    let uri = json!({"rabbitmq": {"uriSecretRef": {"name": "rabbitmq", "key": "uri"}}});
    trial.create("comms", json!({"events": uri})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    // As soon as the cluster's own controllers have come to rest, too.
    let before = eventually(SOON, "reconciles ask for nothing", async || {
        let before = trial.requests()?;
        for _ in 0..5 {
            trial.reconcile_once_more("comms").await?;
        }
        let asked = trial.requests()?.split_off(before.len());
        ensure!(asked.is_empty(), "they asked for {asked:?}");
        Ok(before)
    })
    .await?;

    // Somebody else's Secret is none of the operator's business, and one that it reads is.
    trial.secret("other", "key", "value").await?;
    trial.reconcile_once_more("comms").await?;
    assert_eq!(trial.requests()?[before.len()..], [""; 0]);
    let first = trial.get::<Deployment>("comms").await?.metadata.generation;
    trial.secret("rabbitmq", "uri", "amqp://user:two@broker:5672/%2f").await?;
    trial
        .until_object::<Deployment, _>("comms", "is changed", |deployment| {
            ensure!(deployment.metadata.generation > first, "it is as before");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_restarted_operator_reads_secrets_and_lists_and_writes_nothing() -> Result<()> {
    let mut trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    trial.stop_operator().await?;
    let before = trial.requests()?;
    trial.start_operator().await?;
    trial.reconcile_once_more("comms").await?;
    trial.reconcile_once_more("comms").await?;
    let asked = trial.requests()?.split_off(before.len());
    let mut by_name: Vec<_> =
        asked.iter().filter(|request| !request.starts_with("list ")).map(String::as_str).collect();
    by_name.sort_unstable();
    // Each of its Secrets once, and none that it has not.
    let secrets = ["get secrets/comms-admin", "get secrets/comms-keyring", "get secrets/comms-keys"];
    assert_eq!(by_name, secrets, "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn a_problem_that_comes_and_goes_is_one_event_with_a_count() -> Result<()> {
    let trial = Trial::begin().await?;
    let uri = json!({"rabbitmq": {"uriSecretRef": {"name": "rabbitmq", "key": "uri"}}});
    trial.create("comms", json!({"events": uri})).await?;
    trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    for _ in 0..3 {
        trial.secret("rabbitmq", "uri", "amqp://user:one@broker:5672/%2f").await?;
        trial.until("comms", "Ready", "False", "RollingOut").await?;
        trial.delete::<Secret>("rabbitmq").await?;
        trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    }
    let about = |event: &Event| event.reason.as_deref() == Some("SecretNotFound");
    let count = eventually(SOON, "the event is a series", async || {
        let events = trial.api::<Event>().list(&ListParams::default()).await?.items;
        let told: Vec<_> = events.iter().filter(|event| about(event)).collect();
        ensure!(told.len() == 1, "there are {} events", told.len());
        let count = told[0].series.as_ref().context("it is none")?.count;
        ensure!(count >= 2, "its count is {count}");
        Ok(count)
    })
    .await?;
    // Of a series only the beginning is told at once.
    assert_eq!(count, 2);
    Ok(())
}
