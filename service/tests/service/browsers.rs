//! What browsers and caches ask besides: other origins' pages, and whether something has changed.

use crate::fixture::{Answer, Database, Plan, on_each_database};
use reqwest::Method;
use reqwest::header::HeaderName;
use serde_json::{Value, json};

const PAGE: &str = "https://app.example.com";

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_named_origins_may_call_and_no_others() {
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.cors_origins = Some(format!("{PAGE},http://localhost:5173"));
    let service = plan.start().await;
    let preflight = async |origin: &str| {
        let request = service
            .request(Method::OPTIONS, "/calls")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,idempotency-key,if-match");
        Answer::of(request).await.expect(200)
    };
    let answer = preflight(PAGE).await;
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"), "{answer:?}");
    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"), "{answer:?}");
    assert!(answer.header("vary").contains("origin"), "{answer:?}");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{answer:?}");
    assert!(!preflight("https://evil.example").await.headers.contains_key("access-control-allow-origin"));
    let member = service.member("u", "o");
    let answer = Answer::of(member.request(Method::GET, "/calls").header("origin", PAGE)).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert!(answer.header("access-control-expose-headers").contains("etag"), "{answer:?}");
    // Errors can be read by the page too.
    let refused = Answer::of(service.request(Method::GET, "/calls").header("origin", PAGE)).await.expect(401);
    assert_eq!(refused.header("access-control-allow-origin"), PAGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_requests_are_limited_each_answer_says_what_is_left() {
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.rate_limit = Some("3/1h".to_owned());
    let service = plan.start().await;
    let (ada, eva) = (service.member("ada", "o"), service.member("eva", "o"));
    for (left, back) in [(2, 1200), (1, 2400), (0, 3600)] {
        let answer = ada.get("/calls").await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=3;w=3600");
        assert_eq!(answer.header("ratelimit"), format!("\"default\";r={left};t={back}"));
    }
    let refused = ada.get("/calls").await.expect(429);
    assert_eq!(
        (refused.problem().as_str(), refused.header("ratelimit").starts_with("\"default\";r=0;t=")),
        ("rate-limited", true)
    );
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1200).contains(&wait), "{refused:?}");
    eva.get("/calls").await.expect(200);
    service.get("/health").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_no_page_of_another_origin_may_call() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let request = service.member("u", "o").request(Method::GET, "/calls").header("origin", PAGE);
    let answer = Answer::of(request).await.expect(200);
    let speaks_of_origins = |name: &&str| *name == "vary" || name.starts_with("access-control-");
    let told: Vec<&str> = answer.headers.keys().map(HeaderName::as_str).filter(speaks_of_origins).collect();
    assert!(told.is_empty(), "expected nothing of origins, got {told:?}");
    let request = service.request(Method::OPTIONS, "/calls").header("origin", PAGE);
    let preflight = Answer::of(request.header("access-control-request-method", "POST")).await.expect(405);
    assert!(!preflight.headers.contains_key("access-control-allow-methods"), "{preflight:?}");
}

on_each_database! {
    async fn who_has_what_is_there_is_not_sent_it_again(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let member = service.member("u", "o");
        let path = format!("/calls/{}", member.call().await);
        let ask = async |tag: &str| Answer::of(member.request(Method::GET, &path).header("if-none-match", tag)).await;
        for tag in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
            let answer = ask(tag).await.expect(304);
            assert_eq!((answer.text.as_str(), answer.header("etag")), ("", "\"1\""), "{tag}");
        }
        ask("\"2\"").await.expect(200);
    }

    async fn what_is_said_anew_of_a_call_tells_null_from_absent(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let member = service.member("u", "o");
        let id = member.whole_call().await;
        let path = format!("/calls/{id}");
        let said = json!({"language": "cs", "metadata": {"order": 7},
            "recording": {"url": "https://recordings.example/1.mp3", "consent": "granted"}});
        let call = member.patch(&path, &said).await.expect(200).json();
        assert_eq!((&call["agent_id"], &call["language"], &call["version"]), (&json!("agent-7"), &json!("cs"), &json!(4)));
        assert_eq!((&call["metadata"], &call["recording"]), (&said["metadata"], &said["recording"]));
        assert_eq!(call["status"], "completed");
        let call = member.patch(&path, &json!({"agent_id": null, "recording": null})).await.expect(200).json();
        let seen = [&call["agent_id"], &call["recording"], &call["language"], &call["metadata"]["order"]];
        assert_eq!(seen, [&Value::Null, &Value::Null, &json!("cs"), &json!(7)]);
        assert_eq!(member.get(&path).await.expect(200).json(), call);
        let stale = member.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({"language": "en"}));
        Answer::of(stale).await.expect(412);
        let unfit = member.patch(&path, &json!({"language": "čeština"})).await.expect(422);
        assert_eq!(unfit.json()["errors"][0]["pointer"], "#/language");
        member.patch(&path, &json!({"status": "queued"})).await.expect(422);
    }
}
