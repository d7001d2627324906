//! Requests that are repeated under a key.

use crate::fixture::{Answer, Plan, User, on_each_database};
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row;

async fn post(user: &User<'_>, path: &str, key: &str, body: &Value) -> Answer {
    Answer::of(user.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

fn new_call(agent: &str) -> Value {
    json!({"direction": "inbound", "from": "+420601123456", "to": "+420222333444", "agent_id": agent})
}

async fn count(user: &User<'_>) -> usize {
    user.get("/calls?limit=100").await.expect(200).json()["items"].as_array().unwrap().len()
}

on_each_database! {
    async fn a_repeated_request_gets_the_first_answer_and_changes_nothing(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (ada, eva) = (service.member("ada", "ours"), service.member("eva", "ours"));
        let first = post(&ada, "/calls", "k1", &new_call("ada")).await.expect(201);
        assert!(!first.headers.contains_key("idempotency-replayed"));
        let path = first.header("location").to_owned();
        ada.post(&format!("{path}/start"), &json!({})).await.expect(200);
        for key in ["k1", "\"k1\""] {
            let again = post(&ada, "/calls", key, &new_call("ada")).await.expect(201);
            assert_eq!(again.header("idempotency-replayed"), "true");
            assert_eq!((again.json(), again.header("etag"), again.header("location")), (first.json(), "\"1\"", path.as_str()));
        }
        let other = post(&ada, "/calls", "k1", &new_call("eva")).await.expect(422);
        assert_eq!(other.problem(), "idempotency-key-reused");
        let other = post(&ada, &format!("{path}/end"), "k1", &json!({})).await.expect(422);
        assert_eq!(other.problem(), "idempotency-key-reused");
        // Somebody else's key is another one, and so is each key.
        post(&eva, "/calls", "k1", &new_call("ada")).await.expect(201);
        post(&ada, "/calls", "k2", &new_call("ada")).await.expect(201);
        assert_eq!(count(&ada).await, 3);
        // An action that is repeated is not refused for what it has done itself.
        for _ in 0..2 {
            assert_eq!(post(&ada, &format!("{path}/end"), "k3", &json!({})).await.expect(200).json()["version"], 3);
        }
        for bad in ["", "a b", &"k".repeat(256)] {
            assert_eq!(post(&ada, "/calls", bad, &new_call("ada")).await.expect(400).problem(), "malformed-request");
        }
    }

    async fn many_at_once_make_one_call_and_get_one_answer(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ada = service.member("ada", "ours");
        let body = new_call("ada");
        let answers = join_all((0..20).map(|_| post(&ada, "/calls", "k1", &body))).await;
        let first = answers[0].json();
        for answer in answers {
            let answer = answer.expect(201);
            assert_eq!(answer.json(), first);
        }
        assert_eq!(count(&ada).await, 1);
    }

    async fn what_was_refused_may_be_tried_again_under_its_key(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ada = service.member("ada", "ours");
        let call = ada.call().await;
        post(&ada, &format!("/calls/{call}/answer"), "k1", &json!({})).await.expect(409);
        ada.post(&format!("/calls/{call}/start"), &json!({"status": "ringing"})).await.expect(200);
        post(&ada, &format!("/calls/{call}/answer"), "k1", &json!({})).await.expect(200);
        let unfit = json!({"direction": "inbound"});
        post(&ada, "/calls", "k2", &unfit).await.expect(422);
        post(&ada, "/calls", "k2", &new_call("ada")).await.expect(201);
    }

    async fn after_a_crash_before_the_answer_a_repetition_makes_nothing_twice(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let ada = service.member("ada", "ours");
        let first = post(&ada, "/calls", "k1", &new_call("ada")).await.expect(201).json();
        // As a crash between the change and its answer leaves it.
        let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
        store
            .write::<_, cc_lite::store::StoreError, _>(|tx| {
                Box::pin(async move {
                    sqlx::query("UPDATE idempotency_keys SET status = NULL, body = NULL").execute(tx).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        service.clock.advance(SignedDuration::from_mins(2));
        let again = post(&ada, "/calls", "k1", &new_call("ada")).await.expect(200);
        assert_eq!((again.json(), again.header("idempotency-replayed")), (first, "true"));
        assert_eq!(count(&ada).await, 1);
    }

    async fn a_password_that_was_made_is_told_once_and_never_kept(database: Database) {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let admin = service.admin().await;
        let body = json!({"email": "a@b", "role": "agent"});
        let made = post(&admin, "/users", "k1", &body).await.expect(201).json();
        assert!(made["password"].is_string());
        service.clock.advance(SignedDuration::from_mins(2));
        let again = post(&admin, "/users", "k1", &body).await.expect(200).json();
        assert_eq!((&again["id"], &again["password"]), (&made["id"], &Value::Null));
    }

    async fn nothing_that_is_kept_lets_somebody_try_out_keys_passwords_or_numbers(database: Database) {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let admin = service.admin().await;
        let body = json!({"email": "a@b", "role": "agent", "password": "first password"});
        post(&admin, "/users", "a-key-of-mine", &body).await.expect(201);
        let kept = async || {
            let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
            let mut reader = store.reader().await.unwrap();
            let row = sqlx::query("SELECT key, request FROM idempotency_keys").fetch_one(&mut *reader).await.unwrap();
            let (key, request): (String, String) = (row.get(0), row.get(1));
            (key, request)
        };
        let (key, request) = kept().await;
        assert!(!key.contains("mine"), "{key}");
        service.clock.advance(SignedDuration::from_mins(2));
        // Another password is no other request: none of it is in what is kept.
        let body = json!({"email": "a@b", "role": "agent", "password": "second password"});
        post(&admin, "/users", "a-key-of-mine", &body).await.expect(200);
        assert_eq!(kept().await.1, request);
        let body = json!({"email": "c@b", "role": "agent", "password": "first password"});
        post(&admin, "/users", "a-key-of-mine", &body).await.expect(422);
    }
}
