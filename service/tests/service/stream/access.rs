//! When a stream ends.

use super::Stream;
use crate::fixture::{Database, PASSWORD, Plan, Service, on_each_database};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The stream ends with a word about why.
async fn expect_end(mut stream: Stream, beginning: &str) {
    let began = Instant::now();
    let end = stream.event().await;
    assert_eq!(end.event, "end", "{end:?}");
    assert!(end.data["detail"].as_str().unwrap().starts_with(beginning), "{end:?}");
    assert!(stream.frame().await.is_none(), "nothing comes after the end");
    assert!(began.elapsed() < Duration::from_secs(4), "it took {:?}", began.elapsed());
}

async fn tokens(service: &Service, email: &str) -> Value {
    service.try_login(email, PASSWORD).await.expect(200).json()
}

async fn stream(service: &Service, tokens: &Value) -> Stream {
    let mut stream =
        Stream::of(&service.bearer(tokens["access_token"].as_str().unwrap()), "/stream", None).await;
    stream.frame().await.unwrap();
    stream
}

const REFUSED: &str = "The token is not accepted any more";

on_each_database! {
    async fn a_stream_ends_with_its_token_session_account_and_role(database: Database) {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let admin = service.admin().await;
        let mut ids = Vec::new();
        for email in ["a@b", "b@b", "c@b"] {
            ids.push(admin.new_user(email, "agent").await);
        }
        let out = tokens(&service, "a@b").await;
        let streams = [
            stream(&service, &out).await,
            stream(&service, &tokens(&service, "b@b").await).await,
            stream(&service, &tokens(&service, "c@b").await).await,
        ];
        let refresh = json!({"refresh_token": out["refresh_token"]});
        service.post("/auth/logout", &refresh).await.expect(204);
        admin.post(&format!("/users/{}/disable", ids[1]), &json!({})).await.expect(200);
        admin.patch(&format!("/users/{}", ids[2]), &json!({"role": "supervisor"})).await.expect(200);
        for stream in streams {
            expect_end(stream, REFUSED).await;
        }

        let last = stream(&service, &tokens(&service, "a@b").await).await;
        service.clock.advance(SignedDuration::from_mins(16));
        expect_end(last, REFUSED).await;
    }

    async fn in_platform_mode_it_ends_after_an_hour(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let user = service.member("u1", "o1");
        let mut stream = Stream::of(&user, "/stream", None).await;
        service.clock.advance(SignedDuration::from_mins(59));
        let call = user.whole_call().await;
        assert_eq!(stream.event().await.what().1, call);
        stream.event().await;
        service.clock.advance(SignedDuration::from_mins(1));
        expect_end(stream, "The stream has lived for an hour").await;
    }

    async fn it_ends_at_once_when_the_service_stops(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let stream = Stream::of(&service.member("u1", "o1"), "/stream", None).await;
        service.module.announce_shutdown();
        expect_end(stream, "The service stops").await;
        service.module.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_with_the_key_that_signed_its_token() {
    let mut plan = Plan::standalone(Database::Sqlite).await;
    plan.keys_interval = Some(Duration::from_millis(20));
    let service = plan.start().await;
    let open = stream(&service, &service.login().await).await;
    let (keys, others) = (plan.folder().join("keys"), plan.folder().join("others"));
    keyset::directory::load_or_generate(&others, &mut rand::rng()).unwrap();
    for file in ["jwks.json", "ed25519_public.pem", "ed25519_private.pem"] {
        match std::fs::rename(others.join(file), keys.join(file)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::remove_file(keys.join(file)).ok();
            }
            outcome => outcome.unwrap(),
        }
    }
    expect_end(open, REFUSED).await;
    stream(&service, &service.login().await).await;
}
