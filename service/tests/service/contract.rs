//! The API's document under other people's tools: linted by Redocly, and held against the running service by
//! Schemathesis, which makes requests of it that fit and that do not, and follows what is made from one to the next.

use crate::fixture::{Database, Plan, Service, on_each_database};
use std::path::Path;
use testbed::venv::Venv;
use tokio::process::Command;

/// How the tools are to be used, and the lock files of what they need.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contract");
pub(crate) const LOCK_FILES: [(&str, &str); 3] = [
    ("requirements.txt", include_str!("../contract/requirements.txt")),
    ("package.json", include_str!("../contract/package.json")),
    ("package-lock.json", include_str!("../contract/package-lock.json")),
];
/// Requests of each kind and operation.
const EXAMPLES: &str = "20";
/// The same requests each time.
const SEED: &str = "1";

pub(crate) async fn venv() -> Venv {
    Venv::ready("contract", &LOCK_FILES).await.unwrap()
}

/// Holds the document of the service against what it does, as whoever these headers are.
async fn examine(service: &Service, headers: &[(&str, &str)], more: &[&str]) {
    let venv = venv().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(venv.dir().join("bin/schemathesis"));
    command
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(Path::new(FOLDER).join("schemathesis.toml"))
        .args([
            "run",
            &format!("{}/openapi.json", service.api),
            "--phases",
            "examples,coverage,fuzzing,stateful",
        ])
        .args(["--max-examples", EXAMPLES, "--seed", SEED, "--no-color", "--request-timeout", "20"])
        .args(more);
    for (name, value) in headers {
        command.args(["--header", &format!("{name}: {value}")]);
    }
    let ended = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "Schemathesis found something:\n{told}");
    assert!(told.contains("API Operations"), "expected a summary of what was tested, got {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_of_both_modes_are_well_made() {
    let venv = venv().await;
    for plan in [Plan::standalone(Database::Sqlite).await, Plan::platform(Database::Sqlite).await] {
        let service = plan.start().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("openapi.json");
        std::fs::write(&file, service.get("/openapi.json").await.expect(200).text).unwrap();
        let mut lint = Command::new(venv.node());
        lint.arg(venv.dir().join("node_modules/.bin/redocly"))
            .arg("lint")
            .arg(&file)
            .arg("--config")
            .arg(Path::new(FOLDER).join("redocly.yaml"))
            .args(["--max-problems", "50"])
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        let ended = lint.output().await.unwrap();
        let told = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "Redocly found something:\n{told}");
    }
}

on_each_database! {
    async fn the_service_does_what_its_document_says(database: Database) {
        let mut plan = Plan::platform(database).await;
        let sid = "AC0123456789abcdef0123456789abcdef";
        plan.arguments.twilio_accounts = Some(format!("{sid}:0123456789abcdef:ours"));
        plan.arguments.public_url = Some("https://voice.example.com".to_owned());
        let service = plan.start().await;
        let headers = [("X-User-Id", "boss"), ("X-Org-Id", "ours"), ("X-User-Role", "admin")];
        // A stream does not end by itself.
        examine(&service, &headers, &["--exclude-path-regex", "^/stream$"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_tokens_do_what_the_document_says() {
    let mut plan = Plan::standalone(Database::Sqlite).await;
    plan.arguments.access_token_ttl = Some("24h".to_owned());
    let service = plan.start().await;
    let token = service.login().await["access_token"].as_str().unwrap().to_owned();
    let token = format!("Bearer {token}");
    // What ends the session that asks is left out.
    let paths = "^/(auth|users|.well-known)";
    let ends = "/(logout|password|disable)$";
    let more = ["--include-path-regex", paths, "--exclude-path-regex", ends];
    examine(&service, &[("Authorization", &token)], &more).await;
}
