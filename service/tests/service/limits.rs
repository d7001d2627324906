//! How often one may try to log in.

use crate::fixture::{ADMIN, Answer, PASSWORD, Plan, Service, on_each_database};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

/// What an account and an address may try at once, see `identity::login_limit`.
const ACCOUNT: usize = 10;
const ADDRESS: usize = 50;

/// An attempt by way of a trusted proxy, from this address.
async fn attempt_from(service: &Service, address: &str, email: &str, password: &str) -> Answer {
    let request = service.request(Method::POST, "/auth/login").header("x-forwarded-for", address);
    Answer::of(request.json(&json!({"email": email, "password": password}))).await
}

async fn behind_a_proxy(database: crate::fixture::Database) -> Plan {
    let mut plan = Plan::standalone(database).await;
    plan.arguments.trusted_proxies = Some("127.0.0.0/8".to_owned());
    plan
}

#[track_caller]
fn expect_limited(answer: &Answer, seconds: &str) {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("too-many-attempts", seconds));
}

on_each_database! {
    async fn an_accounts_limit_delays_whether_or_not_there_is_such_an_account(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        for email in [ADMIN, "nobody@b"] {
            for number in 0..ACCOUNT {
                let from = format!("192.0.2.{number}");
                attempt_from(&service, &from, email, "wrong horse battery").await.expect(401);
            }
            expect_limited(&attempt_from(&service, "192.0.2.99", email, PASSWORD).await, "30");
        }
        service.clock.advance(SignedDuration::from_millis(29_500));
        expect_limited(&attempt_from(&service, "192.0.2.99", ADMIN, PASSWORD).await, "1");
        service.clock.advance(SignedDuration::from_millis(500));
        attempt_from(&service, "192.0.2.99", ADMIN, PASSWORD).await.expect(200);
    }

    async fn attempts_of_others_do_not_delay_who_logged_in_from_here_before(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        attempt_from(&service, "198.51.100.7", ADMIN, PASSWORD).await.expect(200);
        for _ in 0..ACCOUNT {
            attempt_from(&service, "192.0.2.1", ADMIN, "wrong horse battery").await.expect(401);
        }
        expect_limited(&attempt_from(&service, "192.0.2.1", ADMIN, PASSWORD).await, "30");
        attempt_from(&service, "198.51.100.7", ADMIN, PASSWORD).await.expect(200);
    }

    async fn a_known_address_may_not_try_for_ever_either(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        attempt_from(&service, "198.51.100.7", ADMIN, PASSWORD).await.expect(200);
        for _ in 0..ACCOUNT {
            attempt_from(&service, "198.51.100.7", ADMIN, "wrong horse battery").await.expect(401);
        }
        expect_limited(&attempt_from(&service, "198.51.100.7", ADMIN, PASSWORD).await, "30");
    }

    async fn an_address_may_not_try_one_account_after_the_other(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        for number in 0..ADDRESS {
            attempt_from(&service, "192.0.2.1", &format!("user{number}@b"), "x").await.expect(401);
        }
        expect_limited(&attempt_from(&service, "192.0.2.1", "another@b", "x").await, "2");
        attempt_from(&service, "192.0.2.2", "another@b", "x").await.expect(401);
    }

    async fn right_passwords_use_nothing_up(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        for _ in 0..ADDRESS + 5 {
            attempt_from(&service, "192.0.2.1", ADMIN, PASSWORD).await.expect(200);
        }
    }

    async fn what_a_client_says_of_its_address_does_not_count_without_a_trusted_proxy(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        for number in 0..ADDRESS {
            let from = format!("192.0.2.{number}");
            attempt_from(&service, &from, &format!("user{number}@b"), "x").await.expect(401);
        }
        expect_limited(&attempt_from(&service, "192.0.2.99", "another@b", "x").await, "2");
    }

    async fn attempts_at_once_are_all_counted(database: Database) {
        let service = behind_a_proxy(database).await.start().await;
        let attempts = (0..40).map(|number| {
            let service = &service;
            async move {
                attempt_from(service, &format!("192.0.2.{number}"), ADMIN, "wrong horse battery").await.status
            }
        });
        let answers = futures::future::join_all(attempts).await;
        let tried = answers.iter().filter(|status| **status == 401).count();
        assert_eq!(tried, ACCOUNT, "expected {ACCOUNT} attempts and refusals for the rest, got {answers:?}");
    }

    async fn guessing_the_current_password_is_limited_too(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let guess = async || {
            let body = json!({"current_password": "wrong horse battery", "new_password": "staple the battery"});
            admin.post("/auth/password", &body).await
        };
        for _ in 0..ACCOUNT {
            guess().await.expect(422);
        }
        expect_limited(&guess().await, "30");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_the_limits() {
    let plan = behind_a_proxy(crate::fixture::Database::Postgres).await;
    let (one, other) = (plan.start().await, plan.start().await);
    for number in 0..ACCOUNT {
        let service = if number % 2 == 0 { &one } else { &other };
        let from = format!("192.0.2.{number}");
        attempt_from(service, &from, ADMIN, "wrong horse battery").await.expect(401);
    }
    for service in [&one, &other] {
        let refused = attempt_from(service, "192.0.2.99", ADMIN, PASSWORD).await;
        assert_eq!(refused.status, 429, "{refused:?}");
    }
}
