//! Who may do what, route by route and role by role; and organisations that see nothing of one another.

use crate::fixture::{ADMIN, Answer, Database, PASSWORD, Plan};
use cc_lite::identity::admin::add_organization;
use cc_lite::identity::password::Passwords;
use cc_lite::store::Store;
use reqwest::Method;
use serde_json::json;

const ROLES: [&str; 3] = ["admin", "supervisor", "agent"];
/// Of nothing; what lets it through answers 404 or that a body is missing, and what does not answers 403.
const ID: &str = "0199b2a4-0000-7000-8000-000000000000";

/// Every route that asks who one is, with the roles that it lets through.
fn table() -> Vec<(Method, String, &'static [&'static str])> {
    let (everyone, admins): (&[&str], &[&str]) = (&ROLES, &["admin"]);
    let leaders: &[&str] = &["admin", "supervisor"];
    vec![
        (Method::GET, "/auth/me".into(), everyone),
        (Method::POST, "/auth/password".into(), everyone),
        (Method::GET, "/users".into(), admins),
        (Method::POST, "/users".into(), admins),
        (Method::GET, format!("/users/{ID}"), admins),
        (Method::PATCH, format!("/users/{ID}"), admins),
        (Method::POST, format!("/users/{ID}/disable"), admins),
        (Method::POST, format!("/users/{ID}/enable"), admins),
        (Method::POST, format!("/users/{ID}/password"), admins),
        (Method::GET, "/retention".into(), admins),
        (Method::PUT, "/retention".into(), admins),
        (Method::GET, "/erasures".into(), admins),
        (Method::POST, "/erasures".into(), admins),
        (Method::GET, format!("/erasures/{ID}"), admins),
        (Method::GET, "/audit".into(), admins),
        (Method::GET, "/stats".into(), everyone),
        (Method::GET, "/events/parked".into(), admins),
        (Method::GET, format!("/events/{ID}"), admins),
        (Method::POST, format!("/events/{ID}/retry"), admins),
        // Refused for its type, so that it ends.
        (Method::GET, "/stream?types=none".into(), everyone),
        (Method::POST, "/calls".into(), everyone),
        (Method::GET, "/calls".into(), everyone),
        (Method::GET, format!("/calls/{ID}"), everyone),
        (Method::PATCH, format!("/calls/{ID}"), everyone),
        (Method::POST, format!("/calls/{ID}/start"), everyone),
        (Method::POST, format!("/calls/{ID}/answer"), everyone),
        (Method::POST, format!("/calls/{ID}/end"), everyone),
        (Method::GET, format!("/calls/{ID}/transcript"), everyone),
        (Method::POST, format!("/calls/{ID}/transcript/segments"), everyone),
        (Method::POST, format!("/calls/{ID}/transcript/complete"), everyone),
        (Method::POST, format!("/calls/{ID}/transcript/redactions"), leaders),
        (Method::GET, "/transcripts/search?q=x".into(), leaders),
        (Method::GET, format!("/calls/{ID}/sentiment"), everyone),
        (Method::POST, format!("/calls/{ID}/sentiment"), everyone),
        (Method::POST, format!("/calls/{ID}/sentiment/{ID}/result"), everyone),
        (Method::GET, "/campaigns".into(), everyone),
        (Method::POST, "/campaigns".into(), leaders),
        (Method::GET, format!("/campaigns/{ID}"), everyone),
        (Method::GET, format!("/campaigns/{ID}/stats"), everyone),
        (Method::PATCH, format!("/campaigns/{ID}"), leaders),
        (Method::POST, format!("/campaigns/{ID}/schedule"), leaders),
        (Method::POST, format!("/campaigns/{ID}/start"), leaders),
        (Method::POST, format!("/campaigns/{ID}/pause"), leaders),
        (Method::POST, format!("/campaigns/{ID}/resume"), leaders),
        (Method::POST, format!("/campaigns/{ID}/complete"), leaders),
        (Method::POST, format!("/campaigns/{ID}/cancel"), leaders),
        (Method::GET, format!("/campaigns/{ID}/contacts"), everyone),
        (Method::POST, format!("/campaigns/{ID}/contacts"), leaders),
        (Method::GET, format!("/campaigns/{ID}/contacts/{ID}"), everyone),
        (Method::POST, format!("/campaigns/{ID}/contacts/next"), everyone),
        (Method::POST, format!("/campaigns/{ID}/contacts/{ID}/result"), everyone),
        (Method::POST, format!("/campaigns/{ID}/contacts/import"), leaders),
        (Method::GET, format!("/campaigns/{ID}/imports"), everyone),
        (Method::GET, format!("/campaigns/{ID}/imports/{ID}"), everyone),
        (Method::GET, "/suppressions".into(), everyone),
        (Method::POST, "/suppressions".into(), leaders),
        (Method::GET, "/suppressions/+420601123456".into(), everyone),
        (Method::DELETE, "/suppressions/+420601123456".into(), leaders),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_may_do_what_the_table_says() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let admin = service.admin().await;
    for role in ROLES {
        let email = format!("{role}@b");
        admin.new_user(&email, role).await;
        let tokens = service.try_login(&email, PASSWORD).await.expect(200).json();
        let user = service.bearer(tokens["access_token"].as_str().unwrap());
        for (method, path, allowed) in table() {
            let answer = Answer::of(user.request(method.clone(), &path)).await;
            let forbidden = answer.status == 403;
            assert_eq!(forbidden, !allowed.contains(&role), "{role}: {method} {path} answered {answer:?}");
            if forbidden {
                assert_eq!(answer.problem(), "forbidden");
            }
            assert!(answer.status != 401 && answer.status < 500, "{role}: {method} {path}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_none_of_these_routes_does_anything() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    for (method, path, _) in table() {
        let answer = Answer::of(service.request(method.clone(), &path)).await;
        assert_eq!((answer.status, answer.problem()), (401, "token-missing".to_owned()), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_organisations_things_are_not_there() {
    let plan = Plan::standalone(Database::Sqlite).await;
    let service = plan.start().await;
    let ours = service.admin().await;
    let (user, call) = (ours.new_user("a@b", "agent").await, ours.call().await);
    let store = Store::open_beside(&plan.database()).await.unwrap();
    let (clock, ids) = (cc_lite::clock::SystemClock, cc_lite::ids::RandomIds);
    let password = secrecy::SecretString::from(PASSWORD);
    add_organization(&store, &Passwords::new(4), "theirs", "boss@theirs", password, &clock, &ids)
        .await
        .unwrap();
    let tokens = service.try_login("boss@theirs", PASSWORD).await.expect(200).json();
    let theirs = service.bearer(tokens["access_token"].as_str().unwrap());

    assert_eq!(theirs.get("/users").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    for (method, path) in [
        (Method::GET, format!("/users/{user}")),
        (Method::PATCH, format!("/users/{user}")),
        (Method::POST, format!("/users/{user}/disable")),
        (Method::POST, format!("/users/{user}/enable")),
        (Method::POST, format!("/users/{user}/password")),
        (Method::GET, format!("/calls/{call}")),
        (Method::POST, format!("/calls/{call}/start")),
        (Method::POST, format!("/calls/{call}/answer")),
        (Method::POST, format!("/calls/{call}/end")),
        (Method::GET, format!("/calls/{call}/transcript")),
        (Method::POST, format!("/calls/{call}/transcript/complete")),
        (Method::GET, format!("/calls/{call}/sentiment")),
    ] {
        let answer = Answer::of(theirs.request(method.clone(), &path).json(&json!({}))).await;
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()), "{method} {path}");
    }
    let unchanged = ours.get(&format!("/users/{user}")).await.expect(200).json();
    assert_eq!((&unchanged["version"], &unchanged["disabled_at"]), (&json!(1), &json!(null)));
    service.try_login(ADMIN, PASSWORD).await.expect(200);
}
