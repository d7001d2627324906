//! What is refused although its token is still valid.

use crate::fixture::{ADMIN, Database, PASSWORD, Plan, SOON, Service, on_each_database};
use anyhow::ensure;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testbed::wait::eventually;

const NEW_PASSWORD: &str = "staple the battery";

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

async fn refresh(service: &Service, tokens: &Value) -> crate::fixture::Answer {
    service.post("/auth/refresh", &json!({"refresh_token": tokens["refresh_token"]})).await
}

async fn me(service: &Service, tokens: &Value) -> u16 {
    service.bearer(access(tokens)).get("/auth/me").await.status
}

/// What a call answers: it is not looked up who asks, so that this shows what is in memory.
async fn problem_of_a_call(service: &Service, tokens: &Value) -> String {
    let path = "/calls/0199b2a4-0000-7000-8000-000000000000";
    service.bearer(access(tokens)).get(path).await.problem()
}

on_each_database! {
    async fn a_logout_ends_access_at_once(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let (one, other) = (service.login().await, service.login().await);
        assert_eq!(problem_of_a_call(&service, &one).await, "not-found");
        service.post("/auth/logout", &json!({"refresh_token": one["refresh_token"]})).await.expect(204);
        assert_eq!(problem_of_a_call(&service, &one).await, "session-ended");
        assert_eq!(problem_of_a_call(&service, &other).await, "not-found");
    }

    async fn a_logout_everywhere_ends_all_sessions_of_the_user(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.login().await;
        service.bearer(access(&admin)).new_user("a@b", "agent").await;
        let agent = service.try_login("a@b", PASSWORD).await.expect(200).json();
        let (one, other) = (service.login().await, service.login().await);
        let body = json!({"refresh_token": one["refresh_token"], "everywhere": true});
        service.post("/auth/logout", &body).await.expect(204);
        for tokens in [&one, &other, &admin] {
            assert_eq!(problem_of_a_call(&service, tokens).await, "session-ended");
            assert_eq!(refresh(&service, tokens).await.expect(401).problem(), "session-ended");
        }
        assert_eq!(problem_of_a_call(&service, &agent).await, "not-found");
    }

    async fn who_holds_a_token_of_an_ended_session_ends_no_other(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let (one, other) = (service.login().await, service.login().await);
        service.post("/auth/logout", &json!({"refresh_token": one["refresh_token"]})).await.expect(204);
        let body = json!({"refresh_token": one["refresh_token"], "everywhere": true});
        service.post("/auth/logout", &body).await.expect(204);
        assert_eq!(me(&service, &other).await, 200);
    }

    async fn a_copied_refresh_token_ends_access_too(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let first = service.login().await;
        let second = refresh(&service, &first).await.expect(200).json();
        let third = refresh(&service, &second).await.expect(200).json();
        refresh(&service, &first).await.expect(401);
        for tokens in [&first, &second, &third] {
            assert_eq!(problem_of_a_call(&service, tokens).await, "session-ended");
        }
    }

    async fn a_disabled_user_is_out_at_once_and_comes_back_when_enabled(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let id = admin.new_user("a@b", "agent").await;
        let tokens = service.try_login("a@b", PASSWORD).await.expect(200).json();
        admin.post(&format!("/users/{id}/disable"), &json!({})).await.expect(200);
        assert_eq!(problem_of_a_call(&service, &tokens).await, "session-ended");
        assert_eq!(refresh(&service, &tokens).await.expect(401).problem(), "session-ended");
        service.try_login("a@b", PASSWORD).await.expect(401);
        admin.post(&format!("/users/{id}/enable"), &json!({})).await.expect(200);
        let again = service.try_login("a@b", PASSWORD).await.expect(200).json();
        assert_eq!(me(&service, &again).await, 200, "a login in the same second is not refused");
        assert_eq!(problem_of_a_call(&service, &tokens).await, "session-ended");
    }

    async fn another_role_takes_hold_with_the_next_refresh_which_is_due_at_once(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let id = admin.new_user("a@b", "admin").await;
        let tokens = service.try_login("a@b", PASSWORD).await.expect(200).json();
        service.bearer(access(&tokens)).get("/users").await.expect(200);
        admin.patch(&format!("/users/{id}"), &json!({"role": "agent"})).await.expect(200);
        assert_eq!(service.bearer(access(&tokens)).get("/users").await.expect(401).problem(), "token-expired");
        let next = refresh(&service, &tokens).await.expect(200).json();
        assert_eq!(service.bearer(access(&next)).get("/users").await.expect(403).problem(), "forbidden");
        assert_eq!(me(&service, &next).await, 200);
    }

    async fn a_changed_password_ends_the_other_sessions(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let (here, there) = (service.login().await, service.login().await);
        let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
        service.bearer(access(&here)).post("/auth/password", &body).await.expect(204);
        assert_eq!((me(&service, &here).await, me(&service, &there).await), (200, 401));
        refresh(&service, &here).await.expect(200);
        refresh(&service, &there).await.expect(401);
    }

    async fn a_reset_password_ends_all_sessions(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let id = admin.new_user("a@b", "agent").await;
        let tokens = service.try_login("a@b", PASSWORD).await.expect(200).json();
        admin.post(&format!("/users/{id}/password"), &json!({"password": NEW_PASSWORD})).await.expect(200);
        assert_eq!(problem_of_a_call(&service, &tokens).await, "session-ended");
        let again = service.try_login("a@b", NEW_PASSWORD).await.expect(200).json();
        assert_eq!(me(&service, &again).await, 200);
    }

    async fn it_makes_no_difference_whether_a_token_was_seen_before(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        for (number, end) in ["logout", "disable", "password", "role"].into_iter().enumerate() {
            let email = format!("user{number}@b");
            let id = admin.new_user(&email, "supervisor").await;
            let seen = service.try_login(&email, PASSWORD).await.expect(200).json();
            let unseen = refresh(&service, &seen).await.expect(200).json();
            assert_eq!(problem_of_a_call(&service, &seen).await, "not-found", "{end}");

            let expected = match end {
                "logout" => {
                    let body = json!({"refresh_token": unseen["refresh_token"]});
                    service.post("/auth/logout", &body).await.expect(204);
                    "session-ended"
                }
                "role" => {
                    admin.patch(&format!("/users/{id}"), &json!({"role": "agent"})).await.expect(200);
                    "token-expired"
                }
                way => {
                    admin.post(&format!("/users/{id}/{way}"), &json!({})).await.expect(200);
                    "session-ended"
                }
            };
            for (tokens, which) in [(&seen, "seen"), (&unseen, "unseen")] {
                assert_eq!(problem_of_a_call(&service, tokens).await, expected, "{end}, {which}");
            }
        }
    }

    async fn what_was_ended_stays_so_after_a_restart(database: Database) {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let tokens = service.login().await;
        service.post("/auth/logout", &json!({"refresh_token": tokens["refresh_token"]})).await.expect(204);
        service.module.shutdown().await;
        drop(service);
        let service = plan.start().await;
        assert_eq!(problem_of_a_call(&service, &tokens).await, "session-ended");
    }

    async fn what_nobody_can_use_any_more_is_deleted(database: Database) {
        use cc_lite::clock::Clock;
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let expired = service.login().await;
        service.try_login("nobody@b", "x").await.expect(401);
        service.clock.advance(SignedDuration::from_hours(8 * 24));
        let first = service.login().await;
        let second = refresh(&service, &first).await.expect(200).json();
        let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
        let life = SignedDuration::from_hours(7 * 24);
        let left = async |now| {
            cc_lite::identity::retention::prune(&store, now, life).await.unwrap();
            let mut reader = store.reader().await.unwrap();
            let mut counts = Vec::new();
            for table in ["sessions", "refresh_tokens", "login_limits"] {
                let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
                counts.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *reader).await.unwrap());
            }
            counts
        };
        assert_eq!(left(service.clock.now()).await, [1, 2, 0], "of the expired session nothing is left");
        refresh(&service, &expired).await.expect(401);
        refresh(&service, &second).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_hear_of_what_one_of_them_ends_though_its_clock_is_behind() {
    let plan = Plan::standalone(Database::Postgres).await;
    let (one, other) = (plan.start().await, plan.start().await);
    other.clock.advance(SignedDuration::from_secs(4));
    let admin = one.admin().await;
    let id = admin.new_user("a@b", "admin").await;
    let login = async |email: &str| other.try_login(email, PASSWORD).await.expect(200).json();
    let (logged_out, demoted) = (login(ADMIN).await, login("a@b").await);
    assert_eq!(problem_of_a_call(&other, &logged_out).await, "not-found");

    one.post("/auth/logout", &json!({"refresh_token": logged_out["refresh_token"]})).await.expect(204);
    admin.patch(&format!("/users/{id}"), &json!({"role": "agent"})).await.expect(200);

    for (tokens, expected) in [(&logged_out, "session-ended"), (&demoted, "token-expired")] {
        eventually(SOON, "the other replica refuses the token", async || {
            let seen = problem_of_a_call(&other, tokens).await;
            ensure!(seen == expected, "expected {expected}, got {seen}");
            Ok(())
        })
        .await
        .unwrap();
    }
}
