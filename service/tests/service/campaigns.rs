//! Campaigns over HTTP: their life, and what happens by itself.

use crate::fixture::{Answer, Plan, SOON, Service, User, on_each_database};
use cc_lite::store::Store;
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row;
use testbed::wait::eventually;

/// Somebody who may make campaigns.
pub(crate) fn boss(service: &Service) -> User<'_> {
    service.member("boss", "ours").with("x-user-role", "supervisor")
}

/// What a campaign needs, with more or other fields.
pub(crate) fn campaign(more: &Value) -> Value {
    let mut body = json!({"name": "Spring", "from": "+420222333444", "time_zone": "Europe/Prague"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The path of a new campaign.
pub(crate) async fn new_campaign(user: &User<'_>, more: &Value) -> String {
    let made = user.post("/campaigns", &campaign(more)).await.expect(201);
    made.header("location").to_owned()
}

/// The path of a campaign that runs, with contacts of these numbers.
pub(crate) async fn running(user: &User<'_>, more: &Value, numbers: &[&str]) -> String {
    let path = new_campaign(user, more).await;
    for number in numbers {
        user.post(&format!("{path}/contacts"), &json!({"number": number})).await.expect(201);
    }
    user.post(&format!("{path}/start"), &json!({})).await.expect(200);
    path
}

/// Bodies of the events that the outbox has of the campaign at `path`.
pub(crate) async fn events(plan: &Plan, path: &str) -> Vec<Value> {
    let store = Store::open_beside(&plan.database()).await.unwrap();
    let mut connection = store.reader().await.unwrap();
    let rows = sqlx::query("SELECT body FROM outbox WHERE subject = $1 ORDER BY sequence")
        .bind(path.rsplit('/').next().unwrap())
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let bodies = rows.iter().map(|row| serde_json::from_str(row.get("body")).unwrap()).collect();
    drop(connection);
    store.close().await;
    bodies
}

async fn until_status(user: &User<'_>, path: &str, status: &str) -> Value {
    eventually(SOON, &format!("the campaign is {status}"), async || {
        let campaign = user.get(path).await.expect(200).json();
        anyhow::ensure!(campaign["status"] == status, "{campaign}");
        Ok(campaign)
    })
    .await
    .unwrap()
}

on_each_database! {
    async fn a_campaign_is_made_read_and_changed(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let body = campaign(&json!({
            "calling_windows": [{"days": ["monday", "friday"], "from": "09:00", "to": "18:00"}],
            "retry": {"max_attempts": 5, "delays": {"busy": 30}}, "metadata": {"note": "žluťoučký"},
        }));
        let made = boss.post("/campaigns", &body).await.expect(201);
        assert_eq!(made.header("etag"), "\"1\"");
        let made_json = made.json();
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/campaigns/{}", made_json["id"].as_str().unwrap()));
        let at = made_json["created_at"].clone();
        assert_eq!(
            made_json,
            json!({
                "id": made_json["id"], "status": "draft", "version": 1, "name": "Spring", "description": null,
                "from": "+420222333444", "language": null, "time_zone": "Europe/Prague",
                "calling_windows": body["calling_windows"], "starts_at": null, "ends_at": null,
                "max_concurrency": 10, "lease_seconds": 300, "metadata": {"note": "žluťoučký"},
                "retry": {"max_attempts": 5, "delays": {"no_answer": 3600, "busy": 30, "rejected": 14400,
                    "failed": 900, "voicemail": 14400, "canceled": 60, "lease_expired": 300}},
                "counters": {"total": 0, "pending": 0, "in_progress": 0, "reached": 0, "exhausted": 0, "skipped": 0},
                "end_reason": null, "created_at": at, "updated_at": at, "started_at": null, "ended_at": null,
            })
        );
        assert_eq!(boss.get(&path).await.expect(200).json(), made_json);

        let change = json!({"description": "For those who leave", "max_concurrency": 3});
        let changed = boss.patch(&path, &change).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.json()["max_concurrency"]), ("\"2\"", &json!(3)));
        let changed = boss.patch(&path, &json!({"description": null})).await.expect(200).json();
        assert_eq!((&changed["description"], &changed["max_concurrency"]), (&Value::Null, &json!(3)));
        let stale = Answer::of(
            boss.request(Method::PATCH, &path).header("if-match", "\"2\"").json(&json!({"name": "Late"})),
        );
        assert_eq!(stale.await.expect(412).problem(), "version-conflict");
        let stale =
            Answer::of(boss.request(Method::POST, &format!("{path}/start")).header("if-match", "\"2\""));
        assert_eq!(stale.await.expect(412).problem(), "version-conflict");
    }

    async fn what_does_not_fit_is_named(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let body = campaign(&json!({
            "name": "", "from": "12", "time_zone": "Europe/Praha", "language": "?", "max_concurrency": 0,
            "lease_seconds": 5, "retry": {"max_attempts": 0, "delays": {"busy": -1}},
            "calling_windows": [{"days": [], "from": "09:00", "to": "18:00"}],
            "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2029-01-01T00:00:00Z",
        }));
        let refused = boss.post("/campaigns", &body).await.expect(422);
        assert_eq!(refused.problem(), "invalid-field");
        let refused = refused.json();
        let pointers: Vec<&str> =
            refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(
            pointers,
            [
                "#/name", "#/from", "#/language", "#/time_zone", "#/calling_windows", "#/ends_at",
                "#/max_concurrency", "#/retry/max_attempts", "#/retry/delays", "#/lease_seconds"
            ]
        );
        for (more, named) in [
            (json!({"colour": "red"}), "colour"),
            (json!({"calling_windows": [{"days": ["monday"], "from": "9", "to": "18:00"}]}), "HH:MM"),
            (json!({"retry": {"delays": {"never": 1}}}), "never"),
        ] {
            let refused = boss.post("/campaigns", &campaign(&more)).await.expect(422);
            assert!(refused.json()["errors"][0].to_string().contains(named), "{refused:?}");
        }
        let path = new_campaign(&boss, &json!({})).await;
        let refused = boss.post(&format!("{path}/schedule"), &json!({})).await.expect(422).json();
        assert_eq!(refused["errors"][0]["pointer"], "#/starts_at");
        let refused = boss.patch(&path, &json!({"time_zone": "Nowhere"})).await.expect(422).json();
        assert_eq!(refused["errors"][0]["pointer"], "#/time_zone");
    }

    async fn an_action_that_the_state_does_not_allow_says_what_it_does(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = new_campaign(&boss, &json!({})).await;
        let refused = boss.post(&format!("{path}/pause"), &json!({})).await.expect(409);
        assert_eq!(refused.problem(), "campaign-state");
        let body = refused.json();
        assert_eq!(
            (&body["current_state"], &body["allowed_actions"]),
            (&json!("draft"), &json!(["schedule", "start", "cancel"]))
        );
        for (action, status) in [("start", "running"), ("pause", "paused"), ("resume", "running")] {
            let moved = boss.post(&format!("{path}/{action}"), &json!({})).await.expect(200).json();
            assert_eq!(moved["status"], status);
        }
        let ended =
            boss.post(&format!("{path}/complete"), &json!({"reason": "sold_out"})).await.expect(200).json();
        assert_eq!((&ended["status"], &ended["end_reason"]), (&json!("completed"), &json!("sold_out")));
        for action in ["schedule", "start", "pause", "resume", "complete", "cancel"] {
            let refused = boss.post(&format!("{path}/{action}"), &json!({})).await.expect(409).json();
            assert_eq!((&refused["current_state"], &refused["allowed_actions"]), (&json!("completed"), &json!([])));
        }
        boss.patch(&path, &json!({"name": "Late"})).await.expect(409);
        boss.post(&format!("{path}/contacts"), &json!({"number": "+420601123456"})).await.expect(409);
        let events = events(&plan, &path).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["type"], "campaign.completed");
        assert_eq!(
            events[0]["data"],
            json!({
                "campaign_id": ended["id"], "outcome": "completed", "end_reason": "sold_out",
                "counters": {"total": 0, "pending": 0, "in_progress": 0, "reached": 0, "exhausted": 0, "skipped": 0},
                "started_at": ended["started_at"], "ended_at": ended["ended_at"], "sequence": 1,
                "resource_version": ended["version"],
            })
        );
    }

    async fn lists_are_filtered_and_paged_newest_first(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let mut paths = Vec::new();
        for _ in 0..5 {
            paths.push(new_campaign(&boss, &json!({})).await);
        }
        boss.post(&format!("{}/start", paths[1]), &json!({})).await.expect(200);
        boss.post(&format!("{}/start", paths[3]), &json!({})).await.expect(200);
        let list = async |query: &str| {
            let page = boss.get(&format!("/campaigns?{query}")).await.expect(200).json();
            let ids: Vec<String> = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| format!("/campaigns/{}", item["id"].as_str().unwrap()))
                .collect();
            (ids, page["next_cursor"].as_str().map(str::to_owned))
        };
        assert_eq!(list("status=running").await, (vec![paths[3].clone(), paths[1].clone()], None));
        let (first, cursor) = list("limit=3").await;
        assert_eq!(first, [&paths[4], &paths[3], &paths[2]].map(Clone::clone));
        let (rest, end) = list(&format!("limit=3&cursor={}", cursor.unwrap())).await;
        assert_eq!((rest, end), (vec![paths[1].clone(), paths[0].clone()], None));
        boss.get("/campaigns?status=lost").await.expect(422);
        boss.get("/campaigns?limit=101").await.expect(422);
    }

    async fn nothing_of_another_organisation_is_there(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ours = boss(&service);
        let path = running(&ours, &json!({}), &["+420601123456"]).await;
        let contact = ours.get(&format!("{path}/contacts")).await.json()["items"][0]["id"].clone();
        let contact = contact.as_str().unwrap();
        ours.post("/suppressions", &json!({"number": "+420601123457"})).await.expect(201);
        let theirs = service.member("boss", "theirs").with("x-user-role", "admin");
        for (method, tail) in [
            (Method::GET, String::new()),
            (Method::PATCH, String::new()),
            (Method::POST, "/pause".into()),
            (Method::POST, "/complete".into()),
            (Method::GET, "/contacts".into()),
            (Method::GET, format!("/contacts/{contact}")),
            (Method::POST, "/contacts/next".into()),
            (Method::GET, "/imports".into()),
        ] {
            let answer = Answer::of(theirs.request(method.clone(), &format!("{path}{tail}")).json(&json!({}))).await;
            assert_eq!((answer.status, answer.problem()), (404, "not-found".into()), "{method} {tail}");
        }
        let result = format!("{path}/contacts/{contact}/result");
        theirs.post(&result, &json!({"outcome": "reached"})).await.expect(404);
        theirs.post(&format!("{path}/contacts"), &json!({"number": "+420601123458"})).await.expect(404);
        theirs.get("/suppressions/+420601123457").await.expect(404);
        for list in ["/campaigns", "/suppressions"] {
            assert_eq!(theirs.get(list).await.expect(200).json()["items"], json!([]), "{list}");
        }
        assert_eq!(ours.get(&path).await.json()["counters"]["pending"], 1);
    }

    async fn scheduled_campaigns_begin_and_end_by_themselves_once(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        // On PostgreSQL replicas look after the same campaigns.
        let replica = match database {
            crate::fixture::Database::Postgres => Some(plan.start().await),
            crate::fixture::Database::Sqlite => None,
        };
        let boss = boss(&service);
        let now = cc_lite::clock::Clock::now(&*service.clock);
        let starts_at = now + SignedDuration::from_hours(1);
        let ends_at = now + SignedDuration::from_hours(2);
        let path = new_campaign(&boss, &json!({"ends_at": ends_at})).await;
        let scheduled = boss.post(&format!("{path}/schedule"), &json!({"starts_at": starts_at})).await.expect(200);
        assert_eq!(scheduled.json()["status"], "scheduled");
        let held = boss.post(&format!("{path}/contacts/next"), &json!({})).await.expect(200).json();
        assert_eq!((&held["reason"], &held["retry_at"]), (&json!("campaign_not_running"), &json!(starts_at)));
        boss.patch(&path, &json!({"starts_at": null})).await.expect(422);

        let clocks: Vec<_> = [Some(&service), replica.as_ref()].into_iter().flatten().collect();
        for service in &clocks {
            service.clock.advance(SignedDuration::from_secs(3601));
        }
        let campaign = until_status(&boss, &path, "running").await;
        assert_eq!(campaign["version"], 3);
        boss.patch(&path, &json!({"starts_at": now})).await.expect(422);
        for service in &clocks {
            service.clock.advance(SignedDuration::from_secs(3600));
        }
        let ended = until_status(&boss, &path, "completed").await;
        assert_eq!((&ended["end_reason"], &ended["version"]), (&json!("ends_at"), &json!(4)));
        let events = events(&plan, &path).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["userId"], "system:scheduler");
    }

    async fn actions_at_once_are_done_one_after_the_other(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[]).await;
        let ends = (0..8).map(|number| {
            let action = if number % 2 == 0 { "complete" } else { "cancel" };
            let (boss, path) = (&boss, &path);
            async move { boss.post(&format!("{path}/{action}"), &json!({})).await.status }
        });
        let mut statuses = join_all(ends).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(events(&plan, &path).await.len(), 1);
    }
}
