//! What every request gets, whatever it asks for.

use crate::fixture::{Answer, Database, Plan, SOON, Service};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_and_headers_that_are_too_long_are_refused_with_what_may_be_sent() {
    let service = service().await;
    let member = service.member("u1", "o1");
    let path = |length: usize| format!("/calls?provider={}", "x".repeat(length - "/calls?provider=".len()));
    member.get(&path(8 * 1024)).await.expect(200);
    let refused = member.get(&path(8 * 1024 + 1)).await.expect(414);
    assert_eq!(refused.problem(), "uri-too-long");
    uuid::Uuid::parse_str(refused.header("x-request-id")).unwrap();
    let with = async |length: usize| {
        let request = member.request(Method::GET, "/calls").header("cookie", "x".repeat(length));
        Answer::of(request).await
    };
    with(31 * 1024).await.expect(200);
    assert_eq!(with(32 * 1024).await.expect(431).problem(), "headers-too-large");
    // What the server itself does not take in has no body.
    let address = service.api.strip_prefix("http://").unwrap();
    let many = (0..101).fold(String::new(), |lines, number| format!("{lines}x-{number}: x\r\n"));
    for (target, lines, status) in [(path(70_000).as_str(), "", "414"), ("/calls", many.as_str(), "431")] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n{lines}\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(SOON, socket.read_to_string(&mut answer)).await.expect("an answer and its end").unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "expected {status}, got {answer}");
        assert!(answer.ends_with("\r\n\r\n"), "expected no body, got {answer}");
    }
}
