//! What the operator knows is behind its time, or it cannot ask: it corrupts nothing, and catches up.

use anyhow::{Context, Result, ensure};
use comms_operator::api::CommsModule;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Secret, Service},
};
use kube::ResourceExt;
use serde_json::json;
use testbed::wait::eventually;

use crate::{
    fault::{Fault, Faults},
    trial::{SOON, Trial},
};

/// A settled module under an operator with these faults.
async fn settled(faults: &Faults) -> Result<Trial> {
    let mut trial = Trial::without_operator().await?;
    trial.start_operator_with(faults.client(trial.server, &trial.user()).await?).await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.settle("comms").await?;
    Ok(trial)
}

#[tokio::test]
async fn a_successor_that_the_watch_has_not_told_of_is_not_adopted() -> Result<()> {
    let faults = Faults::none();
    let trial = settled(&faults).await?;
    // From now on nothing is heard of Services.
    faults.change(|call| {
        if call.is_watch() && call.path.ends_with("/services") { Fault::Hang } else { Fault::None }
    });
    faults.cut_watches();
    trial.delete::<Service>("comms").await?;
    let foreign = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "comms"},
        "spec": {"selector": {"app": "somebody"}, "ports": [{"port": 80}]},
    });
    trial.by_a_user::<Service>(foreign).await?;
    let before: Service = trial.get("comms").await?;

    trial.change("comms", json!({"port": 4000})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert!(message.starts_with("Service comms exists and is not this module's"), "{message}");
    assert_eq!(trial.get::<Service>("comms").await?.resource_version(), before.resource_version());
    Ok(())
}

#[tokio::test]
async fn keys_that_somebody_made_meanwhile_are_not_overwritten() -> Result<()> {
    let mut trial = Trial::without_operator().await?;
    // The first read of the keys seems to find nothing, as if they were made just after it.
    let first = std::sync::Once::new();
    let faults = Faults::planned(move |call| {
        let mut fault = Fault::None;
        if !call.is_write() && call.path.ends_with("/secrets/comms-keys") {
            first.call_once(|| fault = Fault::Refuse(404));
        }
        fault
    });
    let keys = keyset::KeySet::of_pair(keyset::KeyPair::generate(&mut rand::rng()));
    let data: serde_json::Map<String, serde_json::Value> = keys
        .to_secret_data()
        .into_iter()
        .map(|(name, value)| Ok((name, serde_json::to_value(k8s_openapi::ByteString(value))?)))
        .collect::<Result<_>>()?;
    let retained = json!({
        "apiVersion": "v1", "kind": "Secret", "data": data,
        "metadata": {"name": "comms-keys", "labels": {"comms.kraliki.com/retained-for": "comms"}},
    });
    trial.by_a_user::<Secret>(retained).await?;
    let before: Secret = trial.get("comms-keys").await?;

    trial.start_operator_with(faults.client(trial.server, &trial.user()).await?).await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    let after: Secret = trial.get("comms-keys").await?;
    assert_eq!((after.uid(), &after.data), (before.uid(), &before.data));
    Ok(())
}

#[tokio::test]
async fn a_module_that_the_watch_still_shows_is_not_served_after_its_deletion() -> Result<()> {
    let faults = Faults::none();
    let trial = settled(&faults).await?;
    faults.change(|call| {
        if call.is_watch() && call.path.ends_with("/commsmodules") { Fault::Hang } else { Fault::None }
    });
    faults.cut_watches();
    trial.delete::<CommsModule>("comms").await?;
    // Their vanishing wakes the operator up, which believes that the module is there.
    trial.until_gone::<Deployment>("comms").await?;
    trial.until_gone::<Service>("comms").await?;
    let before = trial.writes()?;
    trial.delete::<Secret>("comms-keys").await?;
    // The operator has to look at it, and to find out.
    eventually(SOON, "the operator has asked for the module", async || {
        let asked = trial.requests()?;
        ensure!(asked.iter().any(|request| request == "get commsmodules/comms"), "it asked {asked:?}");
        Ok(())
    })
    .await?;
    assert_eq!(trial.writes()?, before);
    assert!(trial.api::<Secret>().get_opt("comms-keys").await?.is_none(), "keys were made for nobody");
    Ok(())
}

#[tokio::test]
async fn watches_that_break_off_miss_nothing() -> Result<()> {
    let faults = Faults::none();
    let trial = settled(&faults).await?;
    for port in 4001..4004 {
        // While no watch can begin, one thing is changed and another deleted.
        faults.change(|call| if call.is_watch() { Fault::NoConnection } else { Fault::None });
        faults.cut_watches();
        trial.change("comms", json!({"port": port})).await?;
        let service: Service = trial.get("comms").await?;
        trial.delete::<Service>("comms").await?;
        faults.change(|_| Fault::None);
        trial
            .until_object::<Service, _>("comms", "is made anew with the port", |made| {
                ensure!(made.uid() != service.uid(), "it is the old one");
                let ports = made.spec.as_ref().and_then(|spec| spec.ports.as_ref()).context("no ports")?;
                ensure!(ports[0].port == port, "its port is {}", ports[0].port);
                Ok(())
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_api_server_that_is_away_is_waited_for_and_nothing_is_lost() -> Result<()> {
    let faults = Faults::none();
    let trial = settled(&faults).await?;
    let before = trial.writes()?;
    faults.change(|_| Fault::NoConnection);
    faults.cut_watches();
    trial.change("comms", json!({"port": 4000})).await?;
    trial.delete::<Service>("comms").await?;
    faults.change(|_| Fault::None);
    trial
        .until_object::<Service, _>("comms", "has the new port", |made| {
            let ports = made.spec.as_ref().and_then(|spec| spec.ports.as_ref()).context("no ports")?;
            ensure!(ports[0].port == 4000, "its port is {}", ports[0].port);
            Ok(())
        })
        .await?;
    let writes = trial.settle("comms").await?;
    let mut children: Vec<_> =
        writes[before.len()..].iter().filter(|write| !write.contains("commsmodules")).collect();
    // Where the Service was believed to be there, a first try has conflicted.
    children.dedup();
    assert_eq!(children, ["patch services/comms", "patch deployments/comms"]);
    Ok(())
}
