//! A changed resource changes what runs.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testbed::module::token_parts;
use testbed::subscriber::Subscriber;
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![
    a_changed_port_moves_the_service,
    a_changed_token_life_shows_in_the_next_token,
    a_changed_image_runs_in_the_next_pod,
    a_changed_broker_gets_the_next_events,
    a_changed_mode_trusts_the_gateway_instead_of_tokens,
];

async fn a_changed_port_moves_the_service(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    assert!(room.module("comms").await?.base().ends_with(":3018"));

    room.apply("comms", &json!({"port": 8443})).await?;

    room.ready("comms").await?;
    assert!(room.module("comms").await?.base().ends_with(":8443"));
    Ok(())
}

async fn a_changed_token_life_shows_in_the_next_token(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({"auth": {"accessTokenTtl": "5m"}})).await?;
    room.ready("comms").await?;
    let life = async || -> Result<i64> {
        let module = room.module("comms").await?;
        let (_, claims) = token_parts(&room.login("comms", &module).await?)?;
        Ok(claims["exp"].as_i64().context("exp")? - claims["iat"].as_i64().context("iat")?)
    };
    assert_eq!(life().await?, 300);

    room.apply("comms", &json!({"auth": {"accessTokenTtl": "7m"}})).await?;

    room.ready("comms").await?;
    assert_eq!(life().await?, 420);
    Ok(())
}

async fn a_changed_image_runs_in_the_next_pod(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let other = room.stage.product.service.renamed("localhost/cc-lite:other").await?;
    room.stage.cluster.load(&other).await?;

    room.apply("comms", &json!({"image": other.reference})).await?;

    let object = room.ready("comms").await?;
    assert_eq!(object["status"]["image"], json!(other.reference));
    assert_eq!(room.pod("comms").await?["spec"]["containers"][0]["image"], json!(other.reference));
    room.module("comms").await?;
    Ok(())
}

async fn a_changed_broker_gets_the_next_events(room: &Room<'_>) -> Result<()> {
    room.broker().await?;
    let other_url = room.stage.broker.vhost().await?;
    let vhost = other_url.rsplit('/').next().context("a vhost")?;
    let here = room.stage.broker.url_at("rabbitmq", 5672);
    let (authority, _) = here.rsplit_once('/').context("a URL")?;
    let spec = json!({"events": {"exchange": "moved", "rabbitmq": {"uriSecretRef": {"name": "rabbitmq", "key": "uri"}}}});
    room.apply("comms", &spec).await?;
    room.condition("comms", "EventsReady", "True", None).await?;
    let mut events = Subscriber::bind(&other_url, "moved", "comms.#").await?;

    room.secret("rabbitmq", "uri", &format!("{authority}/{vhost}")).await?;

    // No consumer of the first broker is there: what is published to it before the change stays in the outbox.
    let event = eventually(Duration::from_secs(90), "an event comes by way of the new broker", async || {
        let module = room.module("comms").await?;
        let token = room.login("comms", &module).await?;
        let call = json!({"direction": "outbound", "from": "+420601234567", "to": "+420221111111"});
        let call = module.post("/calls", &token, &call, StatusCode::CREATED).await?;
        let path = format!("/calls/{}/start", call["id"].as_str().context("an id")?);
        module.post(&path, &token, &json!({}), StatusCode::OK).await?;
        events.next(Duration::from_secs(5)).await
    })
    .await?;
    assert_eq!(event.routing_key, "comms.call.started");
    Ok(())
}

async fn a_changed_mode_trusts_the_gateway_instead_of_tokens(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;

    room.apply("comms", &json!({"mode": "Platform", "gateway": {"trustEveryone": true}})).await?;

    room.ready("comms").await?;
    let base = room.module("comms").await?.base().to_owned();
    assert!(base.ends_with(":3018/api/communications"), "served at {base}");
    let calls = format!("{base}/calls");
    let http = reqwest::Client::new();
    let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
    let by_token = http.post(&calls).bearer_auth(&token).json(&call).send().await?;
    assert_eq!(by_token.status(), StatusCode::UNAUTHORIZED, "a token is worth nothing in platform mode");
    let by_headers = http
        .post(&calls)
        .header("X-User-Id", "user_1")
        .header("X-Org-Id", "org_1")
        .json(&call)
        .send()
        .await?;
    assert_eq!(by_headers.status(), StatusCode::CREATED);
    let login = http.request(Method::POST, format!("{base}/auth/login")).json(&json!({})).send().await?;
    assert_eq!(login.status(), StatusCode::NOT_FOUND);
    Ok(())
}
