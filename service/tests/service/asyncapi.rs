//! The document of the events: whether it is one, and whether all that is published keeps to it.

use crate::contract::{FOLDER, venv};
use crate::events::Inbox;
use crate::fixture::{Database, Plan, Service, User, on_each_database, rabbitmq};
use crate::transcripts::{append, said};
use lapin::message::BasicGetMessage;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tokio::process::Command;

/// Has others' tools examine the service's document, and messages by it; what they say.
async fn examine(service: &Service, messages: &[Value]) -> Result<String, String> {
    let venv = venv().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let document = file("asyncapi.json", service.get("/asyncapi.json").await.expect(200).text);
    let messages = file("messages.json", Value::from(messages).to_string());
    let mut check = Command::new(venv.node());
    check.current_dir(venv.dir()).arg(Path::new(FOLDER).join("asyncapi.mjs")).args([&document, &messages]);
    let mut lint = Command::new(venv.node());
    lint.arg(venv.dir().join("node_modules/.bin/redocly"))
        .arg("lint")
        .arg(&document)
        .args(["--extends", "spec"])
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    let mut told = String::new();
    let mut well = true;
    for mut tool in [check, lint] {
        let ended = tool.output().await.unwrap();
        well &= ended.status.success();
        told.push_str(&String::from_utf8_lossy(&ended.stdout));
        told.push_str(&String::from_utf8_lossy(&ended.stderr));
    }
    if well { Ok(told) } else { Err(told) }
}

/// A message as the document sees it.
fn seen(message: &BasicGetMessage) -> Value {
    let properties = &message.properties;
    let text = |value: &Option<lapin::types::ShortString>| value.as_ref().map(ToString::to_string);
    json!({
        "address": message.routing_key.as_str(),
        "headers": {
            "message_id": text(properties.message_id()), "type": text(properties.kind()),
            "content_type": text(properties.content_type()), "app_id": text(properties.app_id()),
            "delivery_mode": properties.delivery_mode(), "timestamp": properties.timestamp(),
        },
        "payload": serde_json::from_slice::<Value>(&message.data).unwrap(),
    })
}

/// Has something of each kind happen, with as much and with as little told as can be; how many events it makes.
async fn live(boss: &User<'_>) -> usize {
    let call = boss.whole_call().await;
    append(boss, &call, &[said(1, "This is awful"), said(2, "Thank you")]).await.expect(200);
    let (transcript, sentiment) = (format!("/calls/{call}/transcript"), format!("/calls/{call}/sentiment"));
    boss.post(&format!("{transcript}/complete"), &json!({})).await.expect(200);
    for body in [
        json!({"label": "mixed", "score": 0, "method": "acme"}),
        json!({"label": "negative", "score": -0.9, "confidence": 0.7, "method": "acme", "segment_sequence": 1}),
    ] {
        boss.post(&sentiment, &body).await.expect(201);
    }
    let unanswered = boss.call().await;
    boss.act(&unanswered, "end").await.expect(200);

    let fresh = json!({"name": "Spring", "from": "+420222333444", "time_zone": "Europe/Prague"});
    for begun in [false, true] {
        let made = boss.post("/campaigns", &fresh).await.expect(201);
        let path = made.header("location");
        if begun {
            boss.post(&format!("{path}/contacts"), &json!({"number": "+420601234567"})).await.expect(201);
            boss.post(&format!("{path}/start"), &json!({})).await.expect(200);
        }
        boss.post(&format!("{path}/cancel"), &json!({})).await.expect(200);
    }
    9
}

on_each_database! {
    async fn every_published_message_keeps_to_the_document(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let service = Plan::platform(database).await.events(&url).start().await;
        let boss = service.member("boss", "ours").with("x-user-role", "admin");
        let count = live(&boss).await;
        let messages: Vec<Value> = inbox.take(count).await.iter().map(seen).collect();
        let types: BTreeSet<&str> =
            messages.iter().map(|message| message["payload"]["type"].as_str().unwrap()).collect();
        assert_eq!(types, BTreeSet::from(cc_lite::domain::event::TYPES));
        let told = examine(&service, &messages).await;
        assert!(told.as_ref().is_ok_and(|told| told.contains("5 channels and 9 messages fit")), "{told:?}");

        // What does not keep to it is found; what is added is let in.
        let mut bent = messages.clone();
        bent[0]["payload"]["data"]["added"] = json!("later");
        bent[0]["headers"]["added"] = json!("later");
        bent[1]["payload"]["data"]["sequence"] = json!("2");
        bent[1]["headers"]["delivery_mode"] = json!(1);
        let findings = examine(&service, &bent).await.unwrap_err();
        let findings: Vec<&str> = findings.lines().filter(|line| line.starts_with("comms.")).collect();
        assert_eq!(findings.len(), 4, "expected two findings by either draft, got {findings:?}");
        assert!(findings.iter().any(|line| line.ends_with("/data/sequence: must be integer")), "{findings:?}");
        assert!(findings.iter().all(|line| line.starts_with(bent[1]["address"].as_str().unwrap())), "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_names_the_broker_and_the_exchange_but_nobody_who_logs_in_there() {
    let mut plan = Plan::standalone(Database::Sqlite).await.events("amqps://user:hush@127.0.0.1:1/voice");
    plan.arguments.events_exchange = Some("elsewhere".to_owned());
    let service = plan.start().await;
    let answer = service.get("/asyncapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    let broker = &document["servers"]["broker"];
    assert_eq!((&broker["host"], &broker["protocol"]), (&json!("127.0.0.1:1"), &json!("amqps")));
    let exchange = &document["channels"]["callStarted"]["bindings"]["amqp"]["exchange"];
    let expected =
        json!({"name": "elsewhere", "type": "topic", "durable": true, "autoDelete": false, "vhost": "voice"});
    assert_eq!(exchange, &expected);
    assert!(!answer.text.contains("hush") && !answer.text.contains("user:"), "{}", answer.text);

    let request = service.request(reqwest::Method::GET, "/asyncapi.json");
    let again =
        crate::fixture::Answer::of(request.header("if-none-match", answer.header("etag"))).await.expect(304);
    assert_eq!(again.text, "");
    let told = examine(&service, &[]).await;
    assert!(told.is_ok(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_the_document_names_none_and_is_one_all_the_same() {
    let off = Plan::standalone(Database::Sqlite).await;
    let host = Plan::platform(Database::Sqlite).await;
    let host = host.publisher(std::sync::Arc::new(crate::delivery::HostPublisher::default()));
    for (plan, said) in
        [(off, "`ENABLE_EVENTS` is `false`"), (host, "the program that has this module in it")]
    {
        let service = plan.start().await;
        let document = service.get("/asyncapi.json").await.expect(200).json();
        assert!(document.get("servers").is_none(), "{document}");
        assert!(document["info"]["description"].as_str().unwrap().contains(said), "{document}");
        let told = examine(&service, &[]).await;
        assert!(told.is_ok(), "{told:?}");
    }
}
