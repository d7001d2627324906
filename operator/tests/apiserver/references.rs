//! Secrets that the spec refers to: missing, wrong, late and changed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use comms_operator::api::{CommsModule, KeyPhase};
use k8s_openapi::ByteString;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret, events::v1::Event};
use keyset::{KeyPair, KeySet};
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;
use testbed::wait::eventually;

use crate::trial::{SOON, Trial};

#[tokio::test]
async fn a_missing_secret_is_named_and_taken_up_as_soon_as_it_is_there() -> Result<()> {
    let trial = Trial::begin().await?;
    let uri = json!({"rabbitmq": {"uriSecretRef": {"name": "rabbitmq", "key": "uri"}}});
    trial.create("comms", json!({"events": uri})).await?;
    let message = trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    assert_eq!(
        message,
        format!(
            "spec.events.rabbitmq.uriSecretRef names Secret rabbitmq, which is not in namespace {}: \
             create it with the key uri, or correct the name",
            trial.namespace
        )
    );
    let noted = eventually(SOON, "an event says so", async || {
        let events = trial.api::<Event>().list(&ListParams::default()).await?;
        let event = events.items.into_iter().find(|event| event.reason.as_deref() == Some("SecretNotFound"));
        event.and_then(|event| event.note).context("there is none")
    })
    .await?;
    assert_eq!(noted, message);
    assert!(trial.api::<Deployment>().get_opt("comms").await?.is_none(), "nothing is made before");

    trial.secret("rabbitmq", "url", "amqp://user:secret@broker:5672/%2f").await?;
    let message = eventually(SOON, "the wrong key is told", async || {
        let message = trial.until("comms", "Ready", "False", "SecretNotFound").await?;
        ensure!(message.contains("no such key"), "it is {message}");
        Ok(message)
    })
    .await?;
    assert_eq!(
        message,
        "spec.events.rabbitmq.uriSecretRef names key uri of Secret rabbitmq, which has no such key: \
         add it, or correct the key"
    );

    trial.secret("rabbitmq", "uri", "amqp://user:secret@broker:56x72/%2f").await?;
    let message = trial.until("comms", "Ready", "False", "InvalidSecret").await?;
    assert_eq!(
        message,
        "key uri of Secret rabbitmq, named by spec.events.rabbitmq.uriSecretRef, does not parse as \
         amqp://user:password@host:port/vhost or amqps://…: write a proper value into it"
    );

    trial.secret("rabbitmq", "uri", "amqp://user:secret@broker:5672/%2f").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await.map(drop)
}

/// Stores a new key set in a Secret of the user's, and gives the id of the key that signs.
async fn own_keys(trial: &Trial, name: &str) -> Result<String> {
    let set = KeySet::of_pair(KeyPair::generate(&mut rand::rng()));
    let data: BTreeMap<_, _> =
        set.to_secret_data().into_iter().map(|(entry, bytes)| (entry, ByteString(bytes))).collect();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data});
    let forced = PatchParams::apply("a-user").force();
    trial.api::<Secret>().patch(name, &forced, &Patch::Apply(secret)).await?;
    Ok(set.signing_kid().to_string())
}

/// Waits until the key that signs is one that is `right`, by the status and by what pods mount, and gives it with the keys
/// that are accepted besides.
async fn until_signs(
    trial: &Trial,
    what: &str,
    right: impl Fn(&str) -> bool,
) -> Result<(String, BTreeSet<String>)> {
    let active = trial
        .until_object::<CommsModule, _>("comms", what, |module| {
            let keys = module.status.as_ref().map(|status| status.keys.clone()).unwrap_or_default();
            let active = keys.iter().find(|key| key.phase == KeyPhase::Active && right(&key.kid));
            Ok(active.with_context(|| format!("the keys are {keys:?}"))?.kid.clone())
        })
        .await?;
    trial
        .until_object::<Secret, _>("comms-keys", what, |secret| {
            let data = secret.data.clone().unwrap_or_default().into_iter();
            let set = KeySet::from_secret_data(&data.map(|(name, value)| (name, value.0)).collect())?;
            ensure!(set.signing_kid().as_str() == active, "{} signs", set.signing_kid());
            let accepted = set.jwks().iter().map(|(kid, _)| kid.to_string());
            Ok((active.clone(), accepted.filter(|kid| *kid != active).collect()))
        })
        .await
}

#[tokio::test]
async fn own_keys_are_waited_for_and_take_over_from_others_and_those_from_them() -> Result<()> {
    let trial = Trial::begin().await?;
    let windows = json!({"propagationDelay": "2s", "verifierCacheTtl": "2s"});
    let spec = json!({"keys": {"secretRef": {"name": "signing"}, "rotation": windows}});
    trial.create("comms", spec.clone()).await?;
    let message = trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    assert_eq!(
        message,
        format!(
            "spec.keys.secretRef names Secret signing, which is not in namespace {}: create it with the entries \
             ed25519_private.pem, ed25519_public.pem and jwks.json, or correct the name",
            trial.namespace
        )
    );
    trial.secret("signing", "ed25519_private.pem", "none").await?;
    let message = trial.until("comms", "KeysReady", "False", "InvalidKeys").await?;
    assert!(
        message.starts_with("Secret signing, named by spec.keys.secretRef, holds no key set ("),
        "{message}"
    );
    ensure!(trial.api::<Secret>().get_opt("comms-keys").await?.is_none(), "none are invented");

    let first = own_keys(&trial, "signing").await?;
    let (_, others) = until_signs(&trial, "signs with the user's key", |kid| kid == first).await?;
    assert!(others.is_empty(), "{others:?}");
    trial.settle("comms").await?;
    let second = own_keys(&trial, "signing").await?;
    let (_, others) = until_signs(&trial, "signs with another one", |kid| kid == second).await?;
    assert_eq!(others, [first.clone()].into());

    // Gone or damaged it stops nothing, and says so.
    trial.secret("signing", "ed25519_private.pem", "none").await?;
    trial.until("comms", "KeysReady", "False", "InvalidKeys").await?;
    until_signs(&trial, "goes on with what it has", |kid| kid == second).await?;

    trial.change("comms", json!({"keys": {"secretRef": null}})).await?;
    let made = |kid: &str| kid != first && kid != second;
    let (made, others) = until_signs(&trial, "signs with a key that was made", made).await?;
    assert_eq!(others, [first.clone(), second.clone()].into());

    let third = own_keys(&trial, "signing").await?;
    trial.change("comms", spec).await?;
    let (_, others) = until_signs(&trial, "signs with the user's again", |kid| kid == third).await?;
    assert_eq!(others, [first, second, made].into());
    trial.settle("comms").await.map(drop)
}

#[tokio::test]
async fn what_runs_is_left_alone_while_a_reference_is_broken() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    let before: Deployment = trial.get("comms").await?;

    let uri = json!({"rabbitmq": {"uriSecretRef": {"name": "absent", "key": "uri"}}});
    trial.change("comms", json!({"events": uri, "image": "cc-lite:next"})).await?;
    trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    trial.settle("comms").await?;
    assert_eq!(trial.get::<Deployment>("comms").await?.metadata.generation, before.metadata.generation);
    Ok(())
}

#[tokio::test]
async fn a_changed_secret_rolls_the_pods_and_a_touched_one_does_not() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("rabbitmq", "uri", "amqp://user:one@broker:5672/%2f").await?;
    let uri = json!({"rabbitmq": {"uriSecretRef": {"name": "rabbitmq", "key": "uri"}}});
    trial.create("comms", json!({"events": uri})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let first = hash(&trial.get("comms").await?)?;

    let touch = json!({"metadata": {"labels": {"touched": "yes"}}});
    trial.api::<Secret>().patch("rabbitmq", &PatchParams::default(), &Patch::Merge(touch)).await?;
    trial.settle("comms").await?;
    assert_eq!(hash(&trial.get("comms").await?)?, first);

    trial.secret("rabbitmq", "uri", "amqp://user:two@broker:5672/%2f").await?;
    trial
        .until_object::<Deployment, _>("comms", "has another config hash", |deployment| {
            ensure!(hash(deployment)? != first, "it is still {first}");
            Ok(())
        })
        .await
}

fn hash(deployment: &Deployment) -> Result<String> {
    let template = deployment.spec.as_ref().map(|spec| &spec.template).context("no spec")?;
    let annotations = template.metadata.as_ref().and_then(|meta| meta.annotations.as_ref());
    annotations
        .and_then(|annotations| annotations.get("comms.kraliki.com/config-hash"))
        .cloned()
        .context("no config hash")
}
