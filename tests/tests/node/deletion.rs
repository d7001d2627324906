//! What a deleted module leaves, and what its successor finds.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![
    what_is_retained_is_taken_up_by_a_module_of_the_same_name,
    deletion_policy_delete_leaves_nothing
];

const KINDS: &str = "deployment,replicaset,pod,service,serviceaccount,secret,persistentvolumeclaim";

async fn what_is_retained_is_taken_up_by_a_module_of_the_same_name(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
    let call = module.post("/calls", &token, &call, StatusCode::CREATED).await?;

    room.kubectl(&["delete", "commsmodule", "comms"]).await?;

    left(
        room,
        &[
            "PersistentVolumeClaim/comms-data",
            "Secret/comms-admin",
            "Secret/comms-keyring",
            "Secret/comms-keys",
        ],
    )
    .await?;
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    // The old token still counts, for the key is the same, and the call is still there, for the volume is.
    let found = module.get(&format!("/calls/{}", call["id"].as_str().context("an id")?), &token).await?;
    assert_eq!(found, call);
    room.login("comms", &module).await?;
    Ok(())
}

async fn deletion_policy_delete_leaves_nothing(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({"database": {"embedded": {"deletionPolicy": "Delete"}}})).await?;
    room.ready("comms").await?;

    room.kubectl(&["delete", "commsmodule", "comms"]).await?;

    left(room, &[]).await
}

/// Waits until just these objects of the module are left.
async fn left(room: &Room<'_>, expected: &[&str]) -> Result<()> {
    eventually(Duration::from_secs(90), "the rest is gone", async || {
        let objects: Value = serde_json::from_str(&room.kubectl(&["get", KINDS, "--output", "json"]).await?)?;
        let mut names: Vec<_> = objects["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|object| {
                format!(
                    "{}/{}",
                    object["kind"].as_str().unwrap_or_default(),
                    object["metadata"]["name"].as_str().unwrap_or_default()
                )
            })
            .filter(|name| name != "ServiceAccount/default")
            .collect();
        names.sort();
        anyhow::ensure!(names == expected, "expected {expected:?}, seen {names:?}");
        Ok(())
    })
    .await
}
