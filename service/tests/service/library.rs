//! The module in a program of somebody else's.

use crate::delivery::HostPublisher;
use cc_lite::settings::{Arguments, Settings};
use cc_lite::{CommsModule, EventPublisher};
use reqwest::Client;
use serde_json::{Value, json};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_mounts_the_module_under_its_own_path_and_publishes_itself() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = Arguments {
        database_url: Some(format!("sqlite://{}", folder.path().join("voice.db").display())),
        ..Arguments::default()
    };
    let database = Settings::check(&arguments).unwrap().database;
    let publisher = Arc::new(HostPublisher::default());
    let comms = CommsModule::builder()
        .platform_mode(true)
        .event_publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>)
        .database(database)
        .build()
        .await
        .unwrap();
    let app = axum::Router::new()
        .route("/", axum::routing::get(async || "the host"))
        .nest("/api/communications", comms.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let client = Client::new();
    let body = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
    let made = client
        .post(format!("{base}/api/communications/calls"))
        .header("x-user-id", "u1")
        .header("x-org-id", "o1")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let call: Value = made.json().await.unwrap();
    assert_eq!(location, format!("/api/communications/calls/{}", call["id"].as_str().unwrap()));
    let ended = client
        .post(format!("{base}{location}/end"))
        .header("x-user-id", "u1")
        .header("x-org-id", "o1")
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status(), 200);
    let missing = client.get(format!("{base}/api/communications/nothing")).send().await.unwrap();
    assert_eq!(missing.headers()["content-type"], "application/problem+json");
    assert_eq!(client.get(&base).send().await.unwrap().text().await.unwrap(), "the host");

    server.abort();
    comms.shutdown().await;
    assert_eq!(publisher.host().taken.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_may_have_the_modules_own_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = Arguments {
        database_url: Some(format!("sqlite://{}", folder.path().join("voice.db").display())),
        mode: Some("platform".to_owned()),
        enable_events: Some("false".to_owned()),
        ..Arguments::default()
    };
    let comms = CommsModule::builder()
        .settings(Settings::check(&arguments).unwrap())
        .platform_mode(false)
        .keys_dir(folder.path().join("keys"))
        .password_cost(4)
        .build()
        .await
        .unwrap();
    assert!(comms.bootstrap().is_some());
    assert!(folder.path().join("keys/ed25519_private.pem").exists());
    comms.shutdown().await;
}
