//! Keys that rotate and are revoked again and again, at constant load of fresh and old tokens, while pods are killed,
//! scaled and driven away, a kubelet is paused, so that mounts come late, and the operator is killed.
//!
//! A short form runs with all tests; `ROTATIONS=20` makes it a long one.

mod ledger;
mod load;
mod verifier;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ledger::Ledger;
use load::{check_tokens, issue_tokens};
use serde_json::{Value, json};
use testbed::module::Account;
use testbed::wait::eventually;
use tokio_util::sync::CancellationToken;
use verifier::verify_outside;

use crate::keys::{of_phase, rotated, status, windows};
use crate::stage::Room;

crate::tests![keys_turn_and_are_revoked_while_everything_is_shaken_and_no_valid_token_is_refused];

/// Rotations of the short form.
const ROTATIONS: usize = 3;
/// A key is revoked after so many of them.
const REVOKED_EACH: usize = 3;
/// How long one rotation may take, however it is disturbed.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long a kubelet does nothing: shorter than what makes a node count as lost.
const PAUSE: Duration = Duration::from_secs(8);
/// Name of the module, so that no other test's pods are driven away with its pods.
const NAME: &str = "turning";

async fn keys_turn_and_are_revoked_while_everything_is_shaken_and_no_valid_token_is_refused(
    room: &Room<'_>,
) -> Result<()> {
    let rotations = std::env::var("ROTATIONS").ok().map(|number| number.parse()).transpose()?;
    let rotations: usize = rotations.unwrap_or(ROTATIONS);
    let database = room.postgres().await?;
    // As short as may be, so that keys also go in the long form.
    let spec = json!({
        "replicas": 3, "database": database, "auth": {"accessTokenTtl": "1m", "refreshTokenTtl": "1m"},
        "keys": {"rotation": windows()},
    });
    room.apply(NAME, &spec).await?;
    room.ready(NAME).await?;
    let module = room.module(NAME).await?;
    let account = Account::admin_of(&room.access().client().await?, &room.namespace, NAME).await?;

    let (ledger, stop) = (Arc::new(Ledger::default()), CancellationToken::new());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(issue_tokens(module.clone(), account, Arc::clone(&ledger), stop.clone()));
    for _ in 0..4 {
        tasks.spawn(check_tokens(module.clone(), Arc::clone(&ledger), stop.clone()));
    }
    tasks.spawn(verify_outside(module.base().to_owned(), Arc::clone(&ledger), stop.clone()));

    let turned = async {
        for number in 1..=rotations {
            let begun = Instant::now();
            tokio::try_join!(rotate(room, number), shake(room, number))?;
            println!("rotation {number} of {rotations}: {:.1} s", begun.elapsed().as_secs_f64());
            if number % REVOKED_EACH == 0 {
                let begun = Instant::now();
                let kid = revoke(room, &ledger).await?;
                println!("{kid} was revoked and is refused by all: {:.1} s", begun.elapsed().as_secs_f64());
            }
        }
        ledger.goes_on().await
    };
    let turned = tokio::select! {
        turned = turned => turned,
        // None of them ends by itself but with an error.
        Some(ended) = tasks.join_next() => ended?,
    };
    stop.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    turned?;
    println!("{}", ledger.summary());
    println!("{}", promotions(room).await?);
    Ok(())
}

async fn change(room: &Room<'_>, spec: &Value) -> Result<()> {
    let patch = json!({ "spec": spec }).to_string();
    room.kubectl(&["patch", "commsmodule", NAME, "--type=merge", "--patch", &patch]).await.map(drop)
}

async fn rotate(room: &Room<'_>, number: usize) -> Result<()> {
    let request = number.to_string();
    change(room, &json!({"keys": {"rotateRequest": request}})).await?;
    rotated(room, NAME, &request, PATIENCE).await.map(drop)
}

/// Revokes the key that signs, and waits until no pod accepts it.
async fn revoke(room: &Room<'_>, ledger: &Ledger) -> Result<String> {
    let before = room.get(&format!("commsmodule/{NAME}")).await?;
    let active = of_phase(&before["status"], "Active");
    let kid = active.first().and_then(|key| key["kid"].as_str()).context("no key signs")?.to_owned();
    let mut revoked = before["spec"]["keys"]["revokedKids"].as_array().cloned().unwrap_or_default();
    revoked.push(json!(kid));
    ledger.revoking(&kid);
    change(room, &json!({"keys": {"revokedKids": revoked}})).await?;
    eventually(PATIENCE, "every pod refuses the revoked key", async || {
        let status = status(room, NAME).await?;
        let key = of_phase(&status, "Revoked").into_iter().find(|key| key["kid"] == kid.as_str());
        let key = key.with_context(|| format!("seen: {status}"))?;
        // What is left to be waited for is counted there.
        ensure!(key["acknowledged"].is_null(), "seen: {key}");
        let reason = status["conditions"].as_array().into_iter().flatten();
        let reason = reason.filter(|one| one["type"] == "KeysReady").map(|one| &one["reason"]).next();
        ensure!(
            reason.is_some_and(|reason| reason != "Revoking" && reason != "RotationHeld"),
            "seen: {status}"
        );
        Ok(())
    })
    .await?;
    ledger.refused(&kid);
    Ok(kid)
}

/// Something that goes wrong while keys turn, another thing each time.
async fn shake(room: &Room<'_>, number: usize) -> Result<()> {
    let pods = room.kubectl(&["get", "pods", "--selector", &selector(), "--output", "name"]).await?;
    let pod = pods.lines().next().context("a pod")?;
    match number % 5 {
        1 => room.kubectl(&["delete", pod, "--grace-period=0", "--force"]).await.map(drop),
        2 => {
            let operator = "--selector=app.kubernetes.io/name=comms-operator";
            let kill =
                ["delete", "pods", "--namespace=comms-system", operator, "--grace-period=0", "--force"];
            room.access().kubectl(&kill).await.map(drop)
        }
        3 => {
            room.stage.cluster.pause_kubelet(1)?;
            tokio::time::sleep(PAUSE).await;
            room.stage.cluster.resume_kubelet(1)
        }
        4 => {
            for replicas in ["--replicas=4", "--replicas=2", "--replicas=3"] {
                room.kubectl(&["scale", &format!("commsmodule/{NAME}"), replicas]).await?;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            Ok(())
        }
        _ => {
            let pod: Value = serde_json::from_str(&room.kubectl(&["get", pod, "--output", "json"]).await?)?;
            let node = pod["spec"]["nodeName"].as_str().context("a node")?;
            let only = format!("--pod-selector={}", selector());
            let drain = ["drain", node, &only, "--delete-emptydir-data", "--timeout=180s"];
            let drained = room.access().kubectl(&drain).await;
            // Others need the node, however this went.
            room.access().kubectl(&["uncordon", node]).await?;
            drained.map(drop)
        }
    }
}

fn selector() -> String {
    format!("app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance={NAME}")
}

/// How long keys needed until they signed, as the operator's events tell.
async fn promotions(room: &Room<'_>) -> Result<String> {
    let events = room.kubectl(&["get", "events.events.k8s.io", "--output", "json"]).await?;
    let events: Value = serde_json::from_str(&events)?;
    let promoted =
        events["items"].as_array().into_iter().flatten().filter(|event| event["reason"] == "KeyPromoted");
    let seconds =
        |note: &str| -> Option<f64> { note.split("now on, ").nth(1)?.split(" s after").next()?.parse().ok() };
    let mut took: Vec<f64> = promoted.filter_map(|event| seconds(event["note"].as_str()?)).collect();
    took.sort_by(f64::total_cmp);
    let median = took.get(took.len() / 2).context("no promotion was told of")?;
    Ok(format!(
        "{} keys signed {median:.1} s after they were made (median), with a delay of 2 s: {took:?}",
        took.len()
    ))
}
