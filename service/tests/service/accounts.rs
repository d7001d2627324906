//! Login, tokens and their exchange, in standalone mode.

use crate::fixture::{ADMIN, Answer, PASSWORD, Plan, Service, on_each_database};
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("expected `{name}` in {value}")).to_owned()
}

async fn refresh(service: &Service, token: &str) -> Answer {
    service.post("/auth/refresh", &json!({"refresh_token": token})).await
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

on_each_database! {
    async fn a_login_gives_tokens_that_say_who_one_is(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let answer = service.post("/auth/login", &json!({"email": " Admin@LocalHost", "password": PASSWORD})).await;
        let answer = answer.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.json();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_ne!(tokens["access_token"], tokens["refresh_token"]);
        let me = service
            .request(Method::GET, "/auth/me")
            .header("authorization", format!("bearer {}", text(&tokens, "access_token")));
        let me = Answer::of(me).await.expect(200).json();
        assert_eq!(
            (&me["email"], &me["role"], &me["organization_id"]),
            (&json!(ADMIN), &json!("admin"), &json!("default"))
        );
        assert!(me["id"].is_string());
    }

    async fn a_wrong_password_and_an_unknown_address_look_alike(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let attempt = async |email: &str, password: &str| {
            let answer = service.post("/auth/login", &json!({"email": email, "password": password})).await;
            assert_eq!(answer.problem(), "credentials-rejected");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="cc-lite""#);
            answer.expect(401).json()
        };
        let wrong = attempt(ADMIN, "wrong horse battery").await;
        assert_eq!(attempt("nobody@localhost", PASSWORD).await, wrong);
        assert_eq!(attempt("not an address", PASSWORD).await, wrong);
        assert_eq!(attempt(ADMIN, &PASSWORD.repeat(10)).await, wrong);
    }

    async fn a_refresh_token_is_used_once_and_gives_the_same_successor_while_that_is_fresh(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let first = text(&service.login().await, "refresh_token");
        service.clock.advance(seconds(10));
        let second = text(&refresh(&service, &first).await.expect(200).json(), "refresh_token");
        assert_ne!(first, second);
        service.clock.advance(seconds(60));
        assert_eq!(text(&refresh(&service, &first).await.expect(200).json(), "refresh_token"), second);
        service.clock.advance(seconds(1));
        let late = refresh(&service, &first).await.expect(401);
        assert_eq!(late.problem(), "session-ended");
        refresh(&service, &second).await.expect(200);
    }

    async fn fifty_refreshes_of_one_token_at_once_give_one_successor(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let token = text(&service.login().await, "refresh_token");
        service.clock.advance(seconds(1));
        let answers = join_all((0..50).map(|_| refresh(&service, &token))).await;
        let successors: std::collections::HashSet<String> =
            answers.into_iter().map(|answer| text(&answer.expect(200).json(), "refresh_token")).collect();
        assert_eq!(successors.len(), 1, "expected one successor, got {successors:?}");
    }

    async fn a_replay_after_the_successor_was_used_ends_the_session(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let first = text(&service.login().await, "refresh_token");
        let second = text(&refresh(&service, &first).await.expect(200).json(), "refresh_token");
        let third = text(&refresh(&service, &second).await.expect(200).json(), "refresh_token");
        let replayed = refresh(&service, &first).await.expect(401);
        assert_eq!(replayed.problem(), "session-ended");
        assert_eq!(replayed.header("www-authenticate"), r#"Bearer realm="cc-lite", error="invalid_token""#);
        for token in [&second, &third] {
            assert_eq!(refresh(&service, token).await.expect(401).problem(), "session-ended");
        }
        let other_session = text(&service.login().await, "refresh_token");
        refresh(&service, &other_session).await.expect(200);
    }

    async fn a_logout_ends_the_session_and_no_other(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let (one, other) = (service.login().await, service.login().await);
        let token = text(&one, "refresh_token");
        for _ in 0..2 {
            let answer = service.post("/auth/logout", &json!({"refresh_token": token})).await.expect(204);
            assert_eq!(answer.text, "");
        }
        assert_eq!(refresh(&service, &token).await.expect(401).problem(), "session-ended");
        refresh(&service, &text(&other, "refresh_token")).await.expect(200);
    }

    async fn tokens_end_on_time(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let tokens = service.login().await;
        let access = format!("Bearer {}", text(&tokens, "access_token"));
        let me = async || {
            Answer::of(service.request(Method::GET, "/auth/me").header("authorization", &access)).await
        };
        service.clock.advance(seconds(900));
        me().await.expect(200);
        service.clock.advance(seconds(5));
        let expired = me().await.expect(401);
        assert_eq!(expired.problem(), "token-expired");
        assert_eq!(expired.header("www-authenticate"), r#"Bearer realm="cc-lite", error="invalid_token""#);
        service.clock.advance(seconds(7 * 24 * 3600));
        let refused = refresh(&service, &text(&tokens, "refresh_token")).await.expect(401);
        assert_eq!(refused.problem(), "token-expired");
    }

    async fn a_disabled_account_is_shut_out(database: Database) {
        use sqlx::{AnyConnection, Connection};
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let tokens = service.login().await;
        let url = plan.arguments.database_url.as_deref().unwrap();
        let mut connection = AnyConnection::connect(url).await.unwrap();
        sqlx::query("UPDATE users SET disabled_at = 1").execute(&mut connection).await.unwrap();
        let login = service.post("/auth/login", &json!({"email": ADMIN, "password": PASSWORD})).await.expect(401);
        assert_eq!(login.problem(), "credentials-rejected");
        let refreshed = refresh(&service, &text(&tokens, "refresh_token")).await.expect(401);
        assert_eq!(refreshed.problem(), "session-ended");
        let access = format!("Bearer {}", text(&tokens, "access_token"));
        let me = Answer::of(service.request(Method::GET, "/auth/me").header("authorization", access)).await;
        assert_eq!(me.expect(401).problem(), "session-ended");
    }

    async fn an_address_of_someone_else_does_not_become_the_administrators(database: Database) {
        use cc_lite::identity::Role;
        use cc_lite::store::users::{self, User};
        use cc_lite::store::{Store, StoreError};
        let plan = Plan::standalone(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let agent = User::new("u1".to_owned(), "default", ADMIN, Role::Agent, "none".to_owned(), at);
        let insert = store.write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { users::insert(tx, &agent).await })
        });
        assert!(insert.await.unwrap());
        store.close().await;
        let refused = cc_lite::CommsModule::builder().settings(plan.settings()).password_cost(4).build().await;
        assert_eq!(
            refused.unwrap_err().to_string(),
            "admin@localhost has an account that is not an administrator's: give another address with \
             CC_LITE_ADMIN_EMAIL."
        );
    }

    async fn the_first_administrator_is_made_once(database: Database) {
        let mut plan = Plan::standalone(database).await;
        let first = plan.start().await;
        assert_eq!(first.module.bootstrap(), Some(&cc_lite::identity::admin::Bootstrap::Given));
        first.module.shutdown().await;
        drop(first);
        plan.arguments.admin_password = Some("another horse battery".to_owned());
        let second = plan.start().await;
        assert_eq!(second.module.bootstrap(), Some(&cc_lite::identity::admin::Bootstrap::Present));
        second.login().await;
    }

    async fn without_a_given_password_one_is_left_in_the_key_directory(database: Database) {
        use cc_lite::identity::admin::Bootstrap;
        use std::os::unix::fs::PermissionsExt;
        let mut plan = Plan::standalone(database).await;
        plan.arguments.admin_password = None;
        let service = plan.start().await;
        let file = plan.folder().join("keys/admin_password");
        match service.module.bootstrap() {
            // Where the test itself runs in a terminal, it is shown there.
            Some(Bootstrap::Printed) => return,
            left => assert_eq!(left, Some(&Bootstrap::Left(file.clone()))),
        }
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let password = std::fs::read_to_string(&file).unwrap();
        let body = json!({"email": ADMIN, "password": password.trim_end()});
        service.post("/auth/login", &body).await.expect(200);
    }

    async fn replicas_starting_at_once_make_one_administrator(database: Database) {
        if matches!(database, crate::fixture::Database::Sqlite) {
            // The embedded database has one process alone, see `database`.
            return;
        }
        let plan = Plan::standalone(database).await;
        let services = join_all((0..4).map(|_| plan.start())).await;
        let made = services.iter().filter(|service| {
            service.module.bootstrap() == Some(&cc_lite::identity::admin::Bootstrap::Given)
        });
        assert_eq!(made.count(), 1);
        for service in &services {
            service.login().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_needs_exactly_one_bearer_token() {
    let service = Plan::standalone(crate::fixture::Database::Sqlite).await.start().await;
    let token = format!("Bearer {}", text(&service.login().await, "access_token"));
    let outcome = async |values: &[&str]| {
        let request = service.request(Method::GET, "/auth/me");
        let request = values.iter().fold(request, |request, value| request.header("authorization", *value));
        let answer = Answer::of(request).await.expect(401);
        (answer.problem(), answer.header("www-authenticate").to_owned())
    };
    let plain = r#"Bearer realm="cc-lite""#.to_owned();
    let unreadable = r#"Bearer realm="cc-lite", error="invalid_request""#.to_owned();
    let invalid = r#"Bearer realm="cc-lite", error="invalid_token""#.to_owned();
    assert_eq!(outcome(&[]).await, ("token-missing".to_owned(), plain.clone()));
    assert_eq!(outcome(&["Basic YTpi"]).await, ("token-missing".to_owned(), plain));
    assert_eq!(outcome(&[&token, &token]).await, ("token-invalid".to_owned(), unreadable.clone()));
    assert_eq!(outcome(&["Bearer"]).await, ("token-invalid".to_owned(), unreadable));
    assert_eq!(outcome(&["Bearer x.y.z"]).await, ("token-invalid".to_owned(), invalid.clone()));
    assert_eq!(outcome(&[&format!("{token}x")]).await, ("token-invalid".to_owned(), invalid));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_verify_with_the_published_keys() {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let service = Plan::standalone(crate::fixture::Database::Sqlite).await.start().await;
    let answer = service.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    let mut longer = Plan::standalone(crate::fixture::Database::Sqlite).await;
    longer.arguments.verifier_cache_ttl = Some("10m".to_owned());
    let longer = longer.start().await;
    let told = longer.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(told.header("cache-control"), "public, max-age=300", "half of what verifiers may do");
    let keys = keyset::Jwks::from_json(&answer.text).unwrap();

    let token = text(&service.login().await, "access_token");
    let (input, signature) = token.rsplit_once('.').unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.decode(input.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let key = keys.get(header["kid"].as_str().unwrap()).expect("the token's key is published");
    key.verify(input.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    assert_eq!(header["alg"], "EdDSA");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateways_headers_mean_nothing_in_standalone_mode() {
    let service = Plan::standalone(crate::fixture::Database::Sqlite).await.start().await;
    let answer = service.member("u1", "o1").get("/auth/me").await.expect(401);
    assert_eq!(answer.problem(), "token-missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_outlive_a_restart_with_the_same_keys() {
    let plan = Plan::standalone(crate::fixture::Database::Sqlite).await;
    let first = plan.start().await;
    let token = text(&first.login().await, "access_token");
    first.module.shutdown().await;
    drop(first);
    let second = plan.start().await;
    let me = second.request(Method::GET, "/auth/me").header("authorization", format!("Bearer {token}"));
    Answer::of(me).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_cannot_be_left_anywhere_stops_the_start_and_makes_nobody() {
    let mut plan = Plan::standalone(crate::fixture::Database::Sqlite).await;
    plan.arguments.admin_password = None;
    let keys = plan.folder().join("keys");
    keyset::directory::load_or_generate(&keys, &mut rand::rng()).unwrap();
    std::fs::create_dir(keys.join("admin_password")).unwrap();
    let build =
        cc_lite::CommsModule::builder().settings(plan.settings()).password_cost(4).build().await.map(drop);
    match build.map_err(|error| error.to_string()) {
        // Where the test itself runs in a terminal, it is shown there.
        Ok(()) => return,
        Err(sentence) => {
            let expected = format!("The administrator's password cannot be left in `{}", keys.display());
            assert!(sentence.starts_with(&expected), "{sentence}");
        }
    }
    plan.arguments.admin_password = Some(PASSWORD.to_owned());
    plan.start().await.login().await;
}
