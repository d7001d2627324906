//! What every request gets, whatever it asks for.

use crate::fixture::{Answer, Database, Plan, Service};
use reqwest::Method;

async fn service() -> Service {
    Plan::platform(Database::Sqlite).await.start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_has_an_id_and_a_callers_is_kept() {
    let service = service().await;
    let own = service.get("/health").await.expect(200);
    uuid::Uuid::parse_str(own.header("x-request-id")).unwrap();
    let with = async |id: &str| {
        let request = service.request(Method::GET, "/nothing").header("x-request-id", id);
        Answer::of(request).await.expect(404).header("x-request-id").to_owned()
    };
    assert_eq!(with("caller-1.a:b").await, "caller-1.a:b");
    let replaced = with("a b\"}").await;
    uuid::Uuid::parse_str(&replaced).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_tells_the_version() {
    let answer = service().await.get("/health").await.expect(200).json();
    assert_eq!(answer, serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_of_any_kind_are_problems() {
    let service = service().await;
    assert_eq!(service.get("/nothing").await.expect(404).problem(), "not-found");
    let wrong = Answer::of(service.request(Method::DELETE, "/calls")).await.expect(405);
    assert_eq!((wrong.problem().as_str(), wrong.header("allow")), ("method-not-allowed", "POST,GET,HEAD"));
    let member = service.member("u1", "o1");
    let post = async |content_type: &str, body: Vec<u8>| {
        let request = member.request(Method::POST, "/calls").header("content-type", content_type).body(body);
        let answer = Answer::of(request).await;
        (answer.status, answer.problem())
    };
    let cases = [
        (post("text/plain", b"{}".to_vec()).await, (415, "unsupported-media-type")),
        (post("application/json", b"{".to_vec()).await, (400, "malformed-request")),
        (post("application/json", b"\xff".to_vec()).await, (400, "malformed-request")),
        (post("application/json", b"[]".to_vec()).await, (422, "invalid-field")),
        (post("application/json", vec![b' '; 65 * 1024]).await, (413, "content-too-large")),
        (post("application/json; charset=utf-8", b"{}".to_vec()).await, (422, "invalid-field")),
    ];
    for ((status, problem), expected) in cases {
        assert_eq!((status, problem.as_str()), expected);
    }
}
