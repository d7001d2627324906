//! The API server stops answering for minutes, on a cluster of the test's own: it would take all others with it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::json;
use testbed::wait::eventually;

use crate::load::Load;
use crate::stage::{Room, Stage};

crate::tests![a_module_serves_while_the_api_server_is_away];

/// Longer than a Lease lasts, any request is waited for, and nodes are believed in without news of them.
const OUTAGE: Duration = Duration::from_secs(120);
/// How long anything afterwards may take.
const PATIENCE: Duration = Duration::from_secs(180);

async fn a_module_serves_while_the_api_server_is_away(_: &Room<'_>) -> Result<()> {
    let stage = Stage::start().await?;
    stage.play("outage", |room| Box::pin(serves_through_an_outage(room))).await
}

async fn serves_through_an_outage(room: &Room<'_>) -> Result<()> {
    let cluster = &room.stage.cluster;
    room.broker().await?;
    let rabbitmq = json!({"uriSecretRef": {"name": "rabbitmq", "key": "uri"}});
    room.apply("comms", &json!({"events": {"rabbitmq": rabbitmq}})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let pod = room.pod("comms").await?;

    let load = Load::begin(module.base(), &token).await?;
    cluster.pause_api_server()?;
    let answered = async {
        let gone = Instant::now();
        while gone.elapsed() < OUTAGE {
            load.goes_on().await?;
        }
        load.end().await
    }
    .await;
    // However it went: what a failure shows is asked of the API server.
    cluster.resume_api_server()?;
    println!("{} requests were answered without an API server, and none failed", answered?);

    // What was asked for meanwhile, and what is broken from now on, the operator sees to without help.
    eventually(PATIENCE, "the API server answers", async || {
        room.kubectl(&["delete", "service", "comms", "--wait=false", "--ignore-not-found"]).await
    })
    .await?;
    room.apply(
        "comms",
        &json!({"events": {"rabbitmq": rabbitmq}, "corsOrigins": ["https://app.example.com"]}),
    )
    .await?;
    eventually(PATIENCE, "a pod with the new settings serves", async || {
        room.ready("comms").await?;
        let now = room.pod("comms").await?;
        ensure!(now["metadata"]["uid"] != pod["metadata"]["uid"], "it is the pod of before");
        Ok(())
    })
    .await?;
    let module = room.module("comms").await?;
    let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
    module.post("/calls", &token, &call, StatusCode::CREATED).await?;
    Ok(())
}
