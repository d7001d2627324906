//! The module in a program of somebody else's.

use crate::delivery::HostPublisher;
use crate::fixture::{Answer, Database, Plan, serve};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
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

/// The host's middleware: a gateway within the program, which knows one user by their password.
async fn identify(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let known = headers.get("authorization").is_some_and(|value| value == "Password hush");
    for name in ["x-user-id", "x-org-id", "x-user-role", "x-user-email", "x-gateway-secret"] {
        headers.remove(name);
    }
    if known {
        headers.insert("x-user-id", HeaderValue::from_static("u1"));
        headers.insert("x-org-id", HeaderValue::from_static("o1"));
    }
    next.run(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosts_middleware_says_who_is_asking() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let call = service.member("u1", "o1").call().await;
    let comms = service.module.router().layer(from_fn(identify));
    let (host, _task) = serve(axum::Router::new().nest("/api/communications", comms)).await;
    let request = || service.client.get(format!("http://{host}/api/communications/calls/{call}"));
    Answer::of(request().header("authorization", "Password hush")).await.expect(200);
    let pretender = || request().header("x-user-id", "u1").header("x-org-id", "o1");
    assert_eq!(Answer::of(pretender()).await.expect(401).problem(), "identity-missing");
    Answer::of(pretender().header("authorization", "Password hush").header("x-org-id", "o2"))
        .await
        .expect(200);
    let underscores = request().header("authorization", "Password hush").header("x_org_id", "o2");
    assert_eq!(
        Answer::of(underscores).await.expect(401).json()["detail"],
        "A header is named like X-Org-Id with an underscore: the gateway has to drop such names, since some programs \
         take them for the header itself."
    );
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
