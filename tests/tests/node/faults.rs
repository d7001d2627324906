//! Mistakes: said where the user looks, and harmless to what runs.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::stage::Room;

crate::tests![
    an_image_that_cannot_be_pulled_is_said_in_the_condition_and_as_an_event,
    a_missing_secret_is_named_and_its_arrival_is_noticed,
    a_wrong_change_is_said_and_leaves_the_running_pod_alone,
];

async fn an_image_that_cannot_be_pulled_is_said_in_the_condition_and_as_an_event(
    room: &Room<'_>,
) -> Result<()> {
    room.apply("comms", &json!({"image": "localhost/no-such-image:1"})).await?;

    let object = room.condition("comms", "Ready", "False", Some("ImageUnusable")).await?;

    let message = message(&object, "Ready")?;
    assert!(message.contains("localhost/no-such-image:1"), "the image is not named: {message}");
    let events =
        room.kubectl(&["get", "events", "--field-selector", "involvedObject.kind=CommsModule"]).await?;
    assert!(events.contains("ImageUnusable"), "no event says so:\n{events}");
    Ok(())
}

async fn a_missing_secret_is_named_and_its_arrival_is_noticed(room: &Room<'_>) -> Result<()> {
    let reference = json!({"uriSecretRef": {"name": "broker", "key": "uri"}});
    room.apply("comms", &json!({"events": {"rabbitmq": reference}})).await?;
    let object = room.condition("comms", "Ready", "False", Some("SecretNotFound")).await?;
    let message = message(&object, "Ready")?;
    assert!(message.contains("broker"), "the Secret is not named: {message}");

    room.broker().await?;
    room.secret("broker", "uri", &room.stage.broker.url_at("rabbitmq", 5672)).await?;

    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "True", None).await?;
    Ok(())
}

async fn a_wrong_change_is_said_and_leaves_the_running_pod_alone(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let before = room.pod("comms").await?;

    let refused = room.apply("comms", &json!({"port": 9018})).await.expect_err("9018 is the management port");
    assert!(refused.to_string().contains("9018"), "unexpected refusal: {refused:#}");
    room.apply("comms", &json!({"image": "localhost/no-such-image:2"})).await?;
    room.condition("comms", "Ready", "False", Some("ImageUnusable")).await?;
    room.apply("comms", &json!({"events": {"rabbitmq": {"uriSecretRef": {"name": "absent", "key": "uri"}}}}))
        .await?;
    room.condition("comms", "Ready", "False", Some("SecretNotFound")).await?;

    let after = room.pod("comms").await?;
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"], "the pod was replaced");
    room.module("comms").await?;
    Ok(())
}

fn message(object: &Value, kind: &str) -> Result<String> {
    let conditions = object["status"]["conditions"].as_array().context("conditions")?;
    let found = conditions.iter().find(|condition| condition["type"] == kind).context("the condition")?;
    Ok(found["message"].as_str().context("a message")?.to_owned())
}
