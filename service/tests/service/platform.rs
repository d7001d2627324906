//! Platform mode: the gateway says who is asking.

use crate::fixture::{Answer, Database, Plan};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_gateways_headers_nobody_is_asking() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let path = "/calls/0199b2a4-0000-7000-8000-000000000000";
    let anonymous = service.get(path).await.expect(401);
    assert_eq!(anonymous.problem(), "identity-missing");
    assert_eq!(anonymous.header("www-authenticate"), r#"Gateway realm="cc-lite""#);
    let twice = service.member("u1", "o1").request(Method::GET, path).header("x-org-id", "o2");
    let twice = Answer::of(twice).await.expect(401).json();
    assert_eq!(
        twice["detail"],
        "The header X-Org-Id is there more than once: the gateway has to replace what a client sends."
    );
    service.member("u1", "o1").get(path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_secret_only_the_gateway_is_answered() {
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.gateway_secret = Some("0123456789abcdef,fedcba9876543210".to_owned());
    let service = plan.start().await;
    let member = service.member("u1", "o1");
    let path = "/calls/0199b2a4-0000-7000-8000-000000000000";
    assert_eq!(member.get(path).await.expect(401).problem(), "identity-missing");
    for secret in ["0123456789abcdef", "fedcba9876543210"] {
        let request = member.request(Method::GET, path).header("x-gateway-secret", secret);
        Answer::of(request).await.expect(404);
    }
    let wrong = member.request(Method::GET, path).header("x-gateway-secret", "0123456789abcdeX");
    Answer::of(wrong).await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_no_accounts_and_no_keys() {
    let plan = Plan::platform(Database::Sqlite).await;
    let service = plan.start().await;
    let member = service.member("u1", "o1");
    for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
        member.post(path, &json!({"email": "a@b", "password": "x"})).await.expect(404);
    }
    for path in ["/auth/me", "/.well-known/jwks.json"] {
        assert_eq!(member.get(path).await.expect(404).problem(), "not-found");
    }
    service.manage("/keys").await.expect(404);
    assert!(!plan.folder().join("keys").exists(), "no keys are made");
    assert_eq!(service.module.bootstrap(), None);
}
