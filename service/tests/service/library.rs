//! The module in a program of somebody else's.

use crate::delivery::HostPublisher;
use crate::examples::Program;
use crate::fixture::{Answer, Database, Plan, SOON, on_each_database, serve};
use anyhow::ensure;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use cc_lite::settings::{Arguments, Settings};
use cc_lite::{CommsModule, EventPublisher};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use testbed::product;
use testbed::wait::eventually;
use tokio::process::Command;

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

/// Bodies of what the host has published.
fn journal(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

on_each_database! {
    async fn the_host_serves_the_module_publishes_in_its_own_way_and_ends_in_order(database: Database) {
        let program = product::example("host");
        let folder = tempfile::tempdir().unwrap();
        let database = database.url(folder.path()).await;
        let place = folder.path().join("journal");
        let file = place.join("events.jsonl");
        let start = || {
            let mut command = Command::new(program);
            command
                .current_dir(folder.path())
                .env("HOST_TOKEN", "hush")
                .env("HOST_JOURNAL", &file)
                .env("HOST_ADDRESS", "127.0.0.1:0")
                .env("HOST_MANAGEMENT_ADDRESS", "127.0.0.1:0")
                .env("DATABASE_URL", &database);
            Program::start(&mut command)
        };
        let client = Client::new();
        let whole_call = async |base: &str| {
            let ask = async |method: Method, path: &str, body: Value| {
                let request = client.request(method, format!("{base}{path}")).bearer_auth("hush").json(&body);
                // A pretender's headers are dropped.
                Answer::of(request.header("x-org-id", "another")).await
            };
            let new = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
            let made = ask(Method::POST, "/calls", new).await.expect(201);
            let path = made.header("location").strip_prefix("/api/communications").unwrap().to_owned();
            ask(Method::POST, &format!("{path}/start"), json!({})).await.expect(200);
            ask(Method::POST, &format!("{path}/end"), json!({})).await.expect(200);
            path.rsplit('/').next().unwrap().to_owned()
        };

        // The journal cannot be written: answers go on, events wait.
        let mut host = start();
        let (base, management) = addresses(&host.line_with("serving on ").await);
        let first = whole_call(&base).await;
        let root = Answer::of(client.get(base.strip_suffix("/api/communications").unwrap())).await.expect(200);
        assert_eq!(root.text, "the host itself");
        let stranger = client.get(format!("{base}/calls")).header("x-user-id", "u").header("x-org-id", "acme");
        assert_eq!(Answer::of(stranger).await.expect(401).problem(), "identity-missing");
        let events = async || {
            let status = Answer::of(client.get(format!("{management}/status"))).await.expect(200).json();
            status["events"].clone()
        };
        eventually(SOON, "the failure is told", async || {
            let events = events().await;
            ensure!(events["backlog"] == 2 && events["last_error"].to_string().contains("No such file"), "{events}");
            Ok(())
        })
        .await
        .unwrap();
        Answer::of(client.get(format!("{management}/readyz"))).await.expect(200);
        assert_eq!(journal(&file), Vec::<Value>::new());

        // An end and a new start later they are still there, and come as soon as the journal can be written.
        assert_eq!(host.end().await, Some(0));
        let mut host = start();
        let (base, _) = addresses(&host.line_with("serving on ").await);
        std::fs::create_dir(&place).unwrap();
        eventually(SOON, "the events have come", async || {
            let count = journal(&file).len();
            ensure!(count == 2, "{count} came");
            Ok(())
        })
        .await
        .unwrap();
        // What was answered just before the end is published before it.
        let second = whole_call(&base).await;
        assert_eq!(host.end().await, Some(0));
        let published = journal(&file);
        let outline: Vec<(&str, &str, &str)> = published
            .iter()
            .map(|event| ["type", "organizationId"].map(|name| event[name].as_str().unwrap()))
            .zip(&published)
            .map(|([kind, organization], event)| (kind, organization, event["data"]["call_id"].as_str().unwrap()))
            .collect();
        assert_eq!(
            outline,
            [
                ("call.started", "acme", first.as_str()),
                ("call.ended", "acme", &first),
                ("call.started", "acme", &second),
                ("call.ended", "acme", &second),
            ]
        );
    }
}

/// The addresses of the API and of the management port, as the host tells them.
fn addresses(line: &str) -> (String, String) {
    let (api, management) = line.strip_prefix("serving on ").unwrap().split_once(" and ").unwrap();
    (format!("http://{api}/api/communications"), format!("http://{management}"))
}
