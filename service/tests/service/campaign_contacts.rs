//! Contacts of campaigns: handed out each to one taker, when they may be called, and what comes of them.

use crate::campaigns::{boss, events, new_campaign, running};
use crate::fixture::{Answer, Plan, SOON, Service, User, on_each_database};
use cc_lite::clock::Clock;
use cc_lite::domain::time_zone::time_zone;
use futures::future::join_all;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use testbed::wait::eventually;

const ONE: &str = "+420601123401";
const TWO: &str = "+420601123402";

async fn next(user: &User<'_>, path: &str) -> Value {
    user.post(&format!("{path}/contacts/next"), &json!({})).await.expect(200).json()
}

/// Takes the next contact, which must be there; its path.
async fn take(user: &User<'_>, path: &str) -> String {
    let taken = next(user, path).await;
    let id = taken["contact"]["id"].as_str().unwrap_or_else(|| panic!("expected a contact, got {taken}"));
    format!("{path}/contacts/{id}")
}

async fn report(user: &User<'_>, contact: &str, outcome: &str) -> Answer {
    user.post(&format!("{contact}/result"), &json!({"outcome": outcome})).await
}

async fn counters(user: &User<'_>, path: &str) -> Value {
    let counters = user.get(path).await.expect(200).json()["counters"].clone();
    let sum: i64 = ["pending", "in_progress", "reached", "exhausted", "skipped"]
        .iter()
        .map(|name| counters[*name].as_i64().unwrap())
        .sum();
    assert_eq!(counters["total"], sum, "{counters}");
    counters
}

/// A call with the contact at this path; its path.
async fn call(user: &User<'_>, contact: &str) -> String {
    let parts: Vec<&str> = contact.split('/').collect();
    let body = json!({"direction": "outbound", "from": "+420222333444", "to": ONE, "campaign_id": parts[2],
        "contact_id": parts[4]});
    user.post("/calls", &body).await.expect(201).header("location").to_owned()
}

/// JSON lines of this many contacts.
fn lines(count: usize) -> String {
    let lines = (0..count).map(|number| format!("{{\"number\":\"+42060{number:07}\"}}\n"));
    lines.collect::<Vec<_>>().concat()
}

async fn import(user: &User<'_>, path: &str, count: usize) {
    let request = user.request(Method::POST, &format!("{path}/contacts/import"));
    let request = request.header("content-type", "application/x-ndjson").body(lines(count));
    let made = Answer::of(request).await.expect(201).json();
    assert_eq!(made["added"], count, "{made}");
}

/// Sets the clock ahead to this time.
fn set(service: &Service, time: Timestamp) {
    let by = time.duration_since(service.clock.now());
    assert!(by.is_positive(), "the clock is at {} already", service.clock.now());
    service.clock.advance(by);
}

on_each_database! {
    async fn contacts_are_added_read_and_listed(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = new_campaign(&boss, &json!({})).await;
        let body = json!({"number": ONE, "name": "Jana", "external_id": "crm-1", "time_zone": "Europe/Bratislava",
            "metadata": {"plan": "gold"}});
        let added = boss.post(&format!("{path}/contacts"), &body).await.expect(201);
        let contact = added.json();
        let contact_path = added.header("location").to_owned();
        assert_eq!(contact_path, format!("{path}/contacts/{}", contact["id"].as_str().unwrap()));
        assert_eq!(
            (&contact["status"], &contact["name"], &contact["metadata"]["plan"], &contact["attempts"]),
            (&json!("pending"), &json!("Jana"), &json!("gold"), &json!([]))
        );
        assert_eq!(contact["waiting"], json!({"reason": "campaign_not_running", "until": null}));
        assert_eq!(boss.get(&contact_path).await.expect(200).json(), contact);
        let known = boss.post(&format!("{path}/contacts"), &json!({"number": ONE})).await.expect(409);
        assert_eq!(known.problem(), "contact-known");
        assert!(known.json()["detail"].as_str().unwrap().contains(contact["id"].as_str().unwrap()));
        let unfit = json!({"number": "601", "time_zone": "x", "name": "a\u{0}"});
        let unfit = boss.post(&format!("{path}/contacts"), &unfit).await.expect(422).json();
        assert_eq!(unfit["errors"].as_array().unwrap().len(), 3, "{unfit}");
        boss.post("/suppressions", &json!({"number": TWO, "reason": "asked by mail"})).await.expect(201);
        let skipped = boss.post(&format!("{path}/contacts"), &json!({"number": TWO})).await.expect(201).json();
        assert_eq!(
            (&skipped["status"], &skipped["reason"]),
            (&json!("skipped"), &json!("suppressed: asked by mail"))
        );
        let list = async |query: &str| {
            let page = boss.get(&format!("{path}/contacts{query}")).await.expect(200).json();
            let numbers = page["items"].as_array().unwrap().iter().map(|item| item["number"].clone());
            (numbers.collect::<Vec<_>>(), page["next_cursor"].as_str().map(str::to_owned))
        };
        assert_eq!(list("").await.0, [TWO, ONE]);
        assert_eq!(list("?status=pending").await.0, [ONE]);
        assert_eq!(list("?number=%2B420601123402&status=skipped").await.0, [TWO]);
        assert!(list("?number=%2B420601123409").await.0.is_empty());
        let (first, cursor) = list("?limit=1").await;
        assert_eq!(first, [TWO]);
        assert_eq!(list(&format!("?limit=1&cursor={}", cursor.unwrap())).await, (vec![json!(ONE)], None));
        assert_eq!(counters(&boss, &path).await["skipped"], 1);
    }

    async fn twenty_takers_get_each_contact_once(database: Database) {
        let plan = Plan::platform(database).await;
        // On PostgreSQL by way of two replicas.
        let mut services = vec![plan.start().await];
        if matches!(database, crate::fixture::Database::Postgres) {
            services.push(plan.start().await);
        }
        let boss = boss(&services[0]);
        let path = running(&boss, &json!({"max_concurrency": 1000}), &[]).await;
        import(&boss, &path, 200).await;
        let takers = (0..20).map(|number| {
            let (service, path) = (&services[number % services.len()], &path);
            async move {
                let agent = service.member(&format!("agent-{number}"), "ours");
                let mut taken = Vec::new();
                loop {
                    let answer = next(&agent, path).await;
                    let Some(id) = answer["contact"]["id"].as_str() else {
                        assert_eq!(answer["reason"], "none_waiting", "{answer}");
                        return taken;
                    };
                    taken.push(id.to_owned());
                }
            }
        });
        let taken: Vec<String> = join_all(takers).await.into_iter().flatten().collect();
        assert_eq!(taken.len(), 200);
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 200, "a contact was handed out twice");
        assert_eq!(counters(&boss, &path).await["in_progress"], 200);
    }

    async fn no_more_contacts_are_on_their_way_than_may_be(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({"max_concurrency": 3}), &[]).await;
        import(&boss, &path, 20).await;
        let answers = join_all((0..12).map(|_| next(&boss, &path))).await;
        let (taken, held): (Vec<&Value>, Vec<&Value>) =
            answers.iter().partition(|answer| !answer["contact"].is_null());
        assert_eq!((taken.len(), held.len()), (3, 9));
        for answer in held {
            assert_eq!((&answer["reason"], &answer["attempt"]), (&json!("max_concurrency"), &Value::Null));
            assert_eq!(answer["retry_at"], taken[0]["attempt"]["lease_until"]);
        }
        let contact = format!("{path}/contacts/{}", taken[0]["contact"]["id"].as_str().unwrap());
        report(&boss, &contact, "reached").await.expect(200);
        take(&boss, &path).await;
    }

    async fn a_repeated_request_gets_the_same_contact_until_its_result_is_known(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[ONE, TWO]).await;
        let (ada, eve) = (service.member("ada", "ours"), service.member("eve", "ours"));
        let ask = async |user: &User<'_>| {
            user.post(&format!("{path}/contacts/next"), &json!({"request_id": "r1"})).await.expect(200).json()
        };
        let answers = join_all((0..6).map(|_| ask(&ada))).await;
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
        assert_eq!(answers[0]["contact"]["number"], ONE);
        assert_eq!(ask(&eve).await["contact"]["number"], TWO, "another user's request is another one");
        // A pause keeps back what is new alone.
        boss.post(&format!("{path}/pause"), &json!({})).await.expect(200);
        assert_eq!(ask(&ada).await, answers[0]);
        assert_eq!(next(&ada, &path).await["campaign_status"], "paused");
        boss.post(&format!("{path}/resume"), &json!({})).await.expect(200);
        let contact = format!("{path}/contacts/{}", answers[0]["contact"]["id"].as_str().unwrap());
        report(&ada, &contact, "busy").await.expect(200);
        assert_eq!(ask(&ada).await["reason"], "retry_delay");
    }

    async fn contacts_are_called_when_their_clock_allows(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let working_days = json!(["monday", "tuesday", "wednesday", "thursday", "friday"]);
        let windows = json!([{"days": working_days, "from": "09:00", "to": "18:00"}]);
        let path = running(&boss, &json!({"calling_windows": windows}), &[ONE]).await;
        let far = json!({"number": "+12025550123", "time_zone": "America/New_York"});
        boss.post(&format!("{path}/contacts"), &far).await.expect(201);
        let (prague, new_york) = (time_zone("Europe/Prague").unwrap(), time_zone("America/New_York").unwrap());
        let local = |zone: &jiff::tz::TimeZone, day, hour| {
            zone.to_timestamp(date(2030, 6, day).at(hour, 0, 0, 0)).unwrap()
        };
        // Sunday, 2 June 2030.
        set(&service, local(&prague, 2, 12));
        let held = next(&boss, &path).await;
        assert_eq!(
            (&held["reason"], &held["retry_at"]),
            (&json!("outside_calling_window"), &json!(local(&prague, 3, 9)))
        );
        let contact = boss.get(&format!("{path}/contacts?number=%2B12025550123")).await.json();
        let contact = format!("{path}/contacts/{}", contact["items"][0]["id"].as_str().unwrap());
        assert_eq!(
            boss.get(&contact).await.json()["waiting"],
            json!({"reason": "outside_calling_window", "until": local(&new_york, 3, 9)})
        );
        set(&service, local(&prague, 3, 9));
        assert_eq!(next(&boss, &path).await["contact"]["number"], ONE);
        let held = next(&boss, &path).await;
        assert_eq!(
            (&held["reason"], &held["retry_at"]),
            (&json!("outside_calling_window"), &json!(local(&new_york, 3, 9)))
        );
        // In New York it is 12:30 when Prague has closed.
        set(&service, local(&prague, 3, 18) + SignedDuration::from_mins(30));
        let taken: BTreeSet<String> = BTreeSet::from([take(&boss, &path).await]);
        assert_eq!(taken, BTreeSet::from([contact]));
    }

    async fn who_is_not_reached_is_called_again_until_that_is_enough(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let retry = json!({"max_attempts": 3, "delays": {"no_answer": 600, "busy": 60}});
        let path = running(&boss, &json!({"retry": retry}), &[ONE]).await;
        let contact = take(&boss, &path).await;
        let waiting = report(&boss, &contact, "no_answer").await.expect(200).json();
        assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("pending"), &json!("no_answer")));
        let held = next(&boss, &path).await;
        assert_eq!((&held["reason"], &held["retry_at"]), (&json!("retry_delay"), &waiting["due_at"]));
        assert_eq!(waiting["waiting"], json!({"reason": "retry_delay", "until": waiting["due_at"]}));
        service.clock.advance(SignedDuration::from_secs(599));
        assert_eq!(next(&boss, &path).await["contact"], Value::Null);
        service.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(take(&boss, &path).await, contact);
        report(&boss, &contact, "busy").await.expect(200);
        service.clock.advance(SignedDuration::from_secs(60));
        assert_eq!(take(&boss, &path).await, contact);
        let lost = report(&boss, &contact, "voicemail").await.expect(200).json();
        assert_eq!((&lost["status"], &lost["reason"]), (&json!("exhausted"), &json!("max_attempts")));
        let outcomes: Vec<&Value> =
            lost["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["outcome"]).collect();
        assert_eq!(outcomes, ["no_answer", "busy", "voicemail"]);

        let campaign = boss.get(&path).await.json();
        assert_eq!(
            (&campaign["status"], &campaign["end_reason"]),
            (&json!("completed"), &json!("contacts_exhausted"))
        );
        let held = next(&boss, &path).await;
        assert_eq!(
            (&held["reason"], &held["campaign_status"]),
            (&json!("campaign_not_running"), &json!("completed"))
        );
        let events = events(&plan, &path).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["data"]["counters"], campaign["counters"]);
    }

    async fn a_result_is_taken_in_once_and_the_same_again_changes_nothing(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[ONE, TWO]).await;
        let contact = take(&boss, &path).await;
        let results = join_all((0..6).map(|_| report(&boss, &contact, "reached"))).await;
        for result in results {
            let contact = result.expect(200).json();
            assert_eq!((&contact["status"], &contact["attempt_count"]), (&json!("reached"), &json!(1)));
        }
        let refused = report(&boss, &contact, "busy").await.expect(409);
        assert_eq!((refused.problem(), refused.json()["current_state"].clone()), ("contact-state".into(), json!("reached")));
        assert_eq!(counters(&boss, &path).await["reached"], 1);
        // Another contact was never handed out; and an attempt is its contact's own.
        let other = boss.get(&format!("{path}/contacts?status=pending")).await.json()["items"][0]["id"].clone();
        let other = format!("{path}/contacts/{}", other.as_str().unwrap());
        assert_eq!(report(&boss, &other, "reached").await.expect(409).problem(), "contact-state");
        let attempt = boss.get(&contact).await.json()["attempts"][0]["id"].clone();
        let body = json!({"outcome": "reached", "attempt_id": attempt});
        boss.post(&format!("{contact}/result"), &body).await.expect(200);
        boss.post(&format!("{other}/result"), &body).await.expect(404);
        report(&boss, &contact, "lease_expired").await.expect(422);
        report(&boss, &contact, "sold").await.expect(422);
    }

    async fn contacts_that_nobody_reports_on_go_back(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let retry = json!({"max_attempts": 2, "delays": {"lease_expired": 0}});
        let path = running(&boss, &json!({"lease_seconds": 60, "retry": retry}), &[ONE]).await;
        let (ada, eve) = (service.member("ada", "ours"), service.member("eve", "ours"));
        let contact = take(&ada, &path).await;
        service.clock.advance(SignedDuration::from_secs(59));
        assert_eq!(next(&eve, &path).await["reason"], "none_waiting");
        service.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(take(&eve, &path).await, contact);
        let history = boss.get(&contact).await.json();
        assert_eq!(
            (&history["attempts"][0]["outcome"], &history["attempts"][0]["user_id"]),
            (&json!("lease_expired"), &json!("ada"))
        );
        // Ada's word comes too late: the contact is Eve's now.
        let late = json!({"outcome": "reached", "attempt_id": history["attempts"][0]["id"]});
        ada.post(&format!("{contact}/result"), &late).await.expect(409);
        // Nobody asks: it goes back by itself, and that was the last attempt.
        service.clock.advance(SignedDuration::from_secs(60));
        eventually(SOON, "the contact is given up", async || {
            let campaign = boss.get(&path).await.json();
            anyhow::ensure!(campaign["status"] == "completed", "{campaign}");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(boss.get(&contact).await.json()["status"], "exhausted");
        // Eve's word, late as it is, says more than that her time was up.
        let reached = report(&eve, &contact, "reached").await.expect(200).json();
        assert_eq!((&reached["status"], &reached["attempt_count"]), (&json!("reached"), &json!(2)));
        assert_eq!(counters(&boss, &path).await["reached"], 1);
    }

    async fn a_contact_that_somebody_talks_with_does_not_go_back(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({"lease_seconds": 60}), &[ONE, TWO]).await;
        let contact = take(&boss, &path).await;
        let call = call(&boss, &contact).await;
        boss.post(&format!("{call}/start"), &json!({})).await.expect(200);
        service.clock.advance(SignedDuration::from_mins(30));
        take(&boss, &path).await;
        assert_eq!(next(&boss, &path).await["reason"], "none_waiting");
        assert_eq!(boss.get(&contact).await.json()["status"], "in_progress");
        boss.post(&format!("{call}/end"), &json!({})).await.expect(200);
        let reached = boss.get(&contact).await.json();
        assert_eq!((&reached["status"], &reached["attempt_count"]), (&json!("reached"), &json!(1)));
    }

    async fn calls_that_end_tell_what_came_of_their_contacts(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({"retry": {"delays": {"busy": 0}}}), &[ONE, TWO]).await;
        let contact = take(&boss, &path).await;
        let busy = call(&boss, &contact).await;
        service.clock.advance(SignedDuration::from_secs(1));
        boss.post(&format!("{busy}/end"), &json!({"status": "busy"})).await.expect(200);
        let waiting = boss.get(&contact).await.json();
        let attempt = &waiting["attempts"][0];
        assert_eq!(
            (&waiting["status"], &attempt["outcome"], &attempt["settled_by"]),
            (&json!("pending"), &json!("busy"), &json!("call"))
        );
        assert_eq!(attempt["call_id"], busy.rsplit('/').next().unwrap());

        // The other one has been due for longer.
        let second = take(&boss, &path).await;
        let talk = call(&boss, &second).await;
        boss.post(&format!("{talk}/start"), &json!({})).await.expect(200);
        boss.post(&format!("{talk}/end"), &json!({})).await.expect(200);
        assert_eq!(boss.get(&second).await.json()["status"], "reached");
        // What the agent says of it stands, before and after.
        let said = report(&boss, &second, "do_not_call").await.expect(200).json();
        assert_eq!((&said["status"], &said["attempts"][0]["settled_by"]), (&json!("skipped"), &json!("report")));
        assert_eq!(take(&boss, &path).await, contact);
        let talk = call(&boss, &contact).await;
        boss.post(&format!("{talk}/start"), &json!({})).await.expect(200);
        report(&boss, &contact, "voicemail").await.expect(200);
        boss.post(&format!("{talk}/end"), &json!({})).await.expect(200);
        let settled = boss.get(&contact).await.json();
        assert_eq!(
            (&settled["attempts"][1]["outcome"], &settled["attempts"][1]["call_id"]),
            (&json!("voicemail"), &json!(talk.rsplit('/').next().unwrap()))
        );
        // A call about a contact that was not handed out, or of no campaign of ours, is nobody's result.
        let stray = call(&boss, &contact).await;
        boss.post(&format!("{stray}/end"), &json!({"status": "rejected"})).await.expect(200);
        let again = boss.get(&contact).await.json();
        assert_eq!((&again["status"], &again["attempts"]), (&settled["status"], &settled["attempts"]));
        counters(&boss, &path).await;
    }

    async fn suppressed_numbers_are_skipped_when_their_turn_comes(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({"max_concurrency": 1000}), &[]).await;
        import(&boss, &path, 250).await;
        // More than one transaction skips at once, and one that is left.
        join_all((0..249).map(|number| {
            let boss = &boss;
            async move {
                let body = json!({"number": format!("+42060{number:07}"), "reason": "register"});
                boss.post("/suppressions", &body).await.expect(201);
            }
        }))
        .await;
        let taken = next(&boss, &path).await;
        assert_eq!(taken["contact"]["number"], "+420600000249", "{taken}");
        let counted = counters(&boss, &path).await;
        assert_eq!((&counted["skipped"], &counted["in_progress"]), (&json!(249), &json!(1)));
        let contact = format!("{path}/contacts/{}", taken["contact"]["id"].as_str().unwrap());
        report(&boss, &contact, "do_not_call").await.expect(200);
        let entry = boss.get("/suppressions/+420600000249").await.expect(200).json();
        assert_eq!((&entry["reason"], &entry["user_id"]), (&json!("do_not_call"), &json!("boss")));
        assert_eq!(boss.get(&path).await.json()["end_reason"], "contacts_exhausted");
        assert_eq!(events(&plan, &path).await.len(), 1);
    }

    async fn an_erased_person_is_no_contact_any_more_and_stays_suppressed(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let admin = service.member("admin", "ours").with("x-user-role", "admin");
        let (first, second) = (running(&boss, &json!({}), &[ONE, TWO]).await, running(&boss, &json!({}), &[ONE]).await);
        let contact = take(&boss, &first).await;
        boss.post("/suppressions", &json!({"number": ONE})).await.expect(201);
        let receipt = admin.post("/erasures", &json!({"number": ONE})).await.expect(201).json();
        assert_eq!(receipt["contacts"], 2);
        let erased = boss.get(&contact).await.expect(200).json();
        assert_eq!((&erased["status"], &erased["reason"]), (&json!("skipped"), &json!("erased")));
        assert!(erased["number"].as_str().unwrap().starts_with("erased:"), "{erased}");
        assert_eq!(erased["attempts"][0]["outcome"], "canceled");
        assert_eq!(boss.get(&format!("{first}/contacts?number=%2B420601123401")).await.json()["items"], json!([]));
        assert_eq!(counters(&boss, &first).await["skipped"], 1);
        assert_eq!(counters(&boss, &second).await["skipped"], 1);
        report(&boss, &contact, "busy").await.expect(409);
        boss.get(&format!("/suppressions/{ONE}")).await.expect(200);
        assert_eq!(next(&boss, &second).await["campaign_status"], "completed");
    }

    async fn suppressions_are_added_listed_and_removed(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let added = boss.post("/suppressions", &json!({"number": ONE, "reason": "asked by mail"})).await.expect(201);
        assert_eq!(added.header("location"), format!("/suppressions/{ONE}"));
        let again = boss.post("/suppressions", &json!({"number": ONE, "reason": "other"})).await.expect(200);
        assert_eq!(again.json(), added.json());
        boss.post("/suppressions", &json!({"number": TWO})).await.expect(201);
        boss.post("/suppressions", &json!({"number": "911"})).await.expect(422);
        let page = boss.get("/suppressions?limit=1").await.expect(200).json();
        assert_eq!(page["items"][0]["number"], TWO);
        let cursor = page["next_cursor"].as_str().unwrap();
        let page = boss.get(&format!("/suppressions?limit=1&cursor={cursor}")).await.expect(200).json();
        assert_eq!((&page["items"][0]["number"], &page["next_cursor"]), (&json!(ONE), &Value::Null));
        let remove = async || Answer::of(boss.request(Method::DELETE, &format!("/suppressions/{ONE}"))).await;
        remove().await.expect(204);
        remove().await.expect(404);
        let path = new_campaign(&boss, &json!({})).await;
        let contact = boss.post(&format!("{path}/contacts"), &json!({"number": ONE})).await.expect(201).json();
        assert_eq!(contact["status"], "pending");
    }

    async fn many_agents_with_results_keep_the_counters_right(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let retry = json!({"max_attempts": 2, "delays": {"busy": 0, "no_answer": 0}});
        let path = running(&boss, &json!({"max_concurrency": 5, "retry": retry}), &[]).await;
        import(&boss, &path, 60).await;
        let agents = (0..8).map(|number| {
            let (service, path) = (&service, &path);
            async move {
                let agent = service.member(&format!("agent-{number}"), "ours");
                for turn in 0.. {
                    let answer = next(&agent, path).await;
                    if answer["campaign_status"] == "completed" {
                        return;
                    }
                    let Some(id) = answer["contact"]["id"].as_str() else { continue };
                    let outcome = ["reached", "busy", "no_answer", "invalid_number"][(turn + number) % 4];
                    report(&agent, &format!("{path}/contacts/{id}"), outcome).await.expect(200);
                }
            }
        });
        tokio::time::timeout(SOON * 3, join_all(agents)).await.expect("the campaign completes by itself");
        let counted = counters(&boss, &path).await;
        assert_eq!((&counted["total"], &counted["pending"], &counted["in_progress"]), (&json!(60), &json!(0), &json!(0)));
        let mut by_status: BTreeMap<String, i64> = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = boss.get(&format!("{path}/contacts?limit=50{cursor}")).await.expect(200).json();
            for contact in page["items"].as_array().unwrap() {
                *by_status.entry(contact["status"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        for (status, count) in by_status {
            assert_eq!(counted[&status], count, "{status}");
        }
        let events = events(&plan, &path).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["data"]["counters"], counted);
    }
}
