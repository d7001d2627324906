//! The document of the API.

use crate::fixture::{Database, Plan, serve};
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn the_document_tells_of_every_path_of_its_mode_with_summary_and_errors() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let document = service.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/");
    let paths = document["paths"].as_object().unwrap();
    for path in ["/auth/login", "/users/{id}", "/calls", "/calls/{id}/end", "/health"] {
        assert!(paths.contains_key(path), "{path} is missing in {:?}", paths.keys());
    }
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path} has an id of another");
        assert!(operation["responses"]["500"].is_object(), "{method} {path}");
    }
    let page = service.get("/docs").await.expect(200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{page:?}");
    for path in paths.keys() {
        assert!(page.text.contains(path.as_str()), "{path} is missing on the page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_platform_mode_the_document_knows_no_accounts_and_where_it_is_mounted() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let host = axum::Router::new().nest("/api/communications", service.module.router());
    let (address, _task) = serve(host).await;
    let url = format!("http://{address}/api/communications/openapi.json");
    let document: Value = service.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["servers"][0]["url"], "/api/communications");
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert!(!paths.iter().any(|path| path.starts_with("/auth") || path.starts_with("/users")), "{paths:?}");
    assert_eq!(document["components"]["securitySchemes"]["user"]["name"], "X-User-Id");
}

fn operations(document: &Value) -> Vec<(&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
        })
        .collect()
}
