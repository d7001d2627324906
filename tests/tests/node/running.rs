//! What a fresh module does.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::module::token_parts;
use testbed::subscriber::Subscriber;
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![
    an_empty_spec_serves_logins_and_calls,
    a_call_reaches_a_consumer_as_two_events,
    calls_outlive_their_pod,
    its_pod_keeps_to_the_restricted_profile,
    logs_are_json_and_commands_run_in_its_pod,
];

const CALL: fn() -> Value =
    || json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});

async fn an_empty_spec_serves_logins_and_calls(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    let object = room.ready("comms").await?;
    let events = object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "EventsReady")
        .context("EventsReady is missing")?;
    assert_eq!((&events["status"], &events["reason"]), (&json!("False"), &json!("NotConfigured")));

    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let (header, claims) = token_parts(&token)?;
    let keys = module.call(Method::GET, "/.well-known/jwks.json", None, None).await?;
    assert_eq!(header, json!({"alg": "EdDSA", "typ": "JWT", "kid": keys.body["keys"][0]["kid"]}));
    assert_eq!((&claims["role"], &claims["org"]), (&json!("admin"), &json!("default")));
    assert_eq!(module.get("/auth/me", &token).await?["email"], claims["email"]);
    let created = module.post("/calls", &token, &CALL(), StatusCode::CREATED).await?;
    assert_eq!(created["status"], "queued");
    Ok(())
}

async fn a_call_reaches_a_consumer_as_two_events(room: &Room<'_>) -> Result<()> {
    room.broker().await?;
    let mut events = Subscriber::bind(&room.stage.broker.url(), "two.events", "comms.#").await?;
    let rabbitmq = json!({"uriSecretRef": {"name": "rabbitmq", "key": "uri"}});
    room.apply("comms", &json!({"events": {"exchange": "two.events", "rabbitmq": rabbitmq}})).await?;
    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "True", None).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;

    let call = module.post("/calls", &token, &CALL(), StatusCode::CREATED).await?;
    let path = format!("/calls/{}", call["id"].as_str().context("an id")?);
    module.post(&format!("{path}/start"), &token, &json!({}), StatusCode::OK).await?;
    module.post(&format!("{path}/end"), &token, &json!({"outcome": "resolved"}), StatusCode::OK).await?;

    for (kind, sequence) in [("call.started", 1), ("call.ended", 2)] {
        let event = events.next(Duration::from_secs(20)).await?;
        assert_eq!(event.routing_key, format!("comms.{kind}"));
        assert_eq!(event.body["type"], kind);
        assert_eq!(event.body["data"]["call_id"], call["id"]);
        assert_eq!(event.body["data"]["sequence"], sequence);
        assert_eq!(event.body["id"], json!(event.message_id));
    }
    Ok(())
}

async fn calls_outlive_their_pod(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = module.post("/calls", &token, &CALL(), StatusCode::CREATED).await?;
    let pod = room.pod("comms").await?;

    room.kubectl(&["delete", "pod", pod["metadata"]["name"].as_str().context("a name")?]).await?;

    eventually(Duration::from_secs(60), "another pod is Ready", async || {
        let other = room.pod("comms").await?;
        let ready = other["status"]["containerStatuses"][0]["ready"] == true;
        anyhow::ensure!(
            ready && other["metadata"]["uid"] != pod["metadata"]["uid"],
            "seen: {}",
            other["status"]
        );
        Ok(())
    })
    .await?;
    let module = room.module("comms").await?;
    let found = module.get(&format!("/calls/{}", call["id"].as_str().context("an id")?), &token).await?;
    assert_eq!(found, call);
    Ok(())
}

async fn its_pod_keeps_to_the_restricted_profile(room: &Room<'_>) -> Result<()> {
    // The namespace enforces the profile, so a pod is there only if it keeps to it.
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let pod = room.pod("comms").await?;
    let container = &pod["spec"]["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(pod["spec"]["automountServiceAccountToken"], false);
    Ok(())
}

async fn logs_are_json_and_commands_run_in_its_pod(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    room.module("comms").await?;

    let logs = room.kubectl(&["logs", "deployment/comms"]).await?;
    assert!(!logs.trim().is_empty(), "nothing was logged");
    for line in logs.lines() {
        let entry: Value = serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))?;
        assert!(entry["level"].is_string(), "no level in {line}");
    }
    let version = room.kubectl(&["exec", "deployment/comms", "--", "/cc-lite", "--version"]).await?;
    assert_eq!(version.trim(), format!("cc-lite {}", env!("CARGO_PKG_VERSION")));
    Ok(())
}
