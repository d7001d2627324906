//! The management port.

use crate::fixture::{Database, Plan, on_each_database};
use serde_json::json;

on_each_database! {
    async fn status_tells_of_events_and_database(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let kind = match database {
            crate::fixture::Database::Sqlite => "sqlite",
            crate::fixture::Database::Postgres => "postgres",
        };
        assert_eq!(
            service.status().await,
            json!({
                "events": {"state": "disabled", "last_error": null, "backlog": 0, "backlog_limit": null,
                    "backlog_full": false, "oldest_age_seconds": null, "parked": 0},
                "database": {"kind": kind, "state": "ok", "error": null},
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
        assert_eq!(service.manage("/livez").await.expect(200).text, "ok\n");
        assert_eq!(service.manage("/readyz").await.expect(200).text, "ok\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_tells_what_is_signed_and_accepted_with() {
    let mut plan = Plan::standalone(Database::Sqlite).await;
    plan.arguments.pod_uid = Some("0f1e2d3c".to_owned());
    let service = plan.start().await;
    let loaded = keyset::directory::load(&plan.folder().join("keys")).unwrap();
    assert_eq!(
        service.manage("/keys").await.expect(200).json(),
        json!({
            "signing": loaded.signing_kid(), "accepted": [loaded.signing_kid()], "pod_uid": "0f1e2d3c",
            "set_sha256": loaded.set_sha256(), "error": null,
        })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_module_that_is_about_to_stop_is_not_ready_but_answers() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    service.module.announce_shutdown();
    assert_eq!(service.manage("/readyz").await.expect(503).text, "stopping\n");
    service.manage("/livez").await.expect(200);
    service.member("u1", "o1").whole_call().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_requests_by_route_and_never_by_path() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let member = service.member("u1", "o1");
    let call = member.whole_call().await;
    member.get(&format!("/calls/{call}")).await.expect(200);
    let answer = service.manage("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    for line in [
        r#"cc_lite_http_requests_total{method="POST",route="/calls",status="201"} 1"#,
        r#"cc_lite_http_requests_total{method="GET",route="/calls/{id}",status="200"} 1"#,
        r#"cc_lite_http_request_duration_seconds_count{method="POST",route="/calls/{id}/end"} 1"#,
        "cc_lite_events_backlog 0",
        "cc_lite_events_published_total 0",
        "cc_lite_events_connected 0",
        "cc_lite_events_oldest_age_seconds 0.0",
    ] {
        assert!(answer.text.lines().any(|present| present == line), "expected `{line}` in\n{}", answer.text);
    }
    assert!(!answer.text.contains(&call), "a call's id must not become a label");
}
