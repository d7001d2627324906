//! How long what is kept, and what is left of a person who was erased.

use crate::fixture::{Answer, Plan, SOON, Service, User, on_each_database};
use anyhow::ensure;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testbed::wait::eventually;

const ADA: &str = "+420601123456";
const MOBILE: &str = "+420601777888";
const WORK: &str = "+420222777888";
const DESK: &str = "+420222333444";

fn admin<'a>(service: &'a Service, organization: &str) -> User<'a> {
    service.member("boss", organization).with("x-user-role", "admin")
}

/// A contact of a campaign of its own; its id.
async fn contact(user: &User<'_>, number: &str) -> String {
    let campaign = json!({"name": "Spring", "from": DESK, "time_zone": "Europe/Prague"});
    let campaign = user.post("/campaigns", &campaign).await.expect(201).json();
    let path = format!("/campaigns/{}/contacts", campaign["id"].as_str().unwrap());
    let contact = user.post(&path, &json!({"number": number, "name": "Ada"})).await.expect(201).json();
    contact["id"].as_str().unwrap().to_owned()
}

async fn ended_call(user: &User<'_>, from: &str, to: &str) -> String {
    let body = json!({
        "direction": "inbound", "from": from, "to": to, "metadata": {"name": "Ada"},
        "recording": {"url": "https://recordings.example/1.mp3", "consent": "granted"},
    });
    let call = user.post("/calls", &body).await.expect(201).json();
    let id = call["id"].as_str().unwrap().to_owned();
    user.act(&id, "start").await.expect(200);
    user.act(&id, "end").await.expect(200);
    id
}

/// Everything in these tables, as text.
async fn whole_database(plan: &Plan) -> String {
    let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
    let mut reader = store.reader().await.unwrap();
    let mut text = String::new();
    for sql in [
        "SELECT from_number || ' ' || to_number || ' ' || metadata || ' ' || COALESCE(recording_url, '') FROM calls",
        "SELECT body FROM outbox",
        "SELECT masked_number || ' ' || COALESCE(number, '') || COALESCE(contact_number, '') FROM erasures",
        "SELECT number || ' ' || COALESCE(name, '') FROM campaign_contacts",
        "SELECT COALESCE(body, '') FROM idempotency_keys",
    ] {
        for row in sqlx::query_scalar::<_, String>(sql).fetch_all(&mut *reader).await.unwrap() {
            text.push_str(&row);
            text.push('\n');
        }
    }
    text
}

on_each_database! {
    async fn of_an_erased_person_nothing_is_left_but_that_there_were_calls(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let (ours, theirs) = (admin(&service, "ours"), admin(&service, "theirs"));
        let mut calls = Vec::new();
        for _ in 0..60 {
            calls.push(ended_call(&ours, ADA, DESK).await);
        }
        calls.push(ended_call(&ours, DESK, ADA).await);
        let other = ended_call(&ours, "+420601999888", DESK).await;
        let foreign = ended_call(&theirs, ADA, DESK).await;

        let receipt = ours.post("/erasures", &json!({"number": ADA, "reason": "request 7"})).await.expect(201);
        let location = receipt.header("location").to_owned();
        let receipt = receipt.json();
        let counts = [&receipt["calls"], &receipt["events"], &receipt["masked_number"], &receipt["reason"]];
        assert_eq!(counts, [&json!(61), &json!(122), &json!("+*********456"), &json!("request 7")]);
        assert_eq!(receipt["recordings"].as_array().unwrap().len(), 61);
        assert!(receipt["completed_at"].is_string(), "{receipt}");
        assert_eq!(ours.get(&location).await.expect(200).json(), receipt);
        theirs.get(&location).await.expect(404);
        let listed = ours.get("/erasures").await.expect(200).json();
        assert_eq!(listed["items"], json!([receipt]));

        for id in &calls {
            let call = ours.get(&format!("/calls/{id}")).await.expect(200).json();
            let numbers = [call["from"].as_str().unwrap(), call["to"].as_str().unwrap()];
            assert!(numbers.contains(&"erased") && numbers.contains(&DESK), "{call}");
            assert_eq!((&call["metadata"], &call["recording"]["url"]), (&json!({}), &Value::Null));
            assert_eq!((&call["status"], &call["version"]), (&json!("completed"), &json!(4)));
        }
        let kept = ours.get(&format!("/calls/{other}")).await.expect(200).json();
        assert_eq!((&kept["from"], &kept["metadata"]["name"]), (&json!("+420601999888"), &json!("Ada")));
        let kept = theirs.get(&format!("/calls/{foreign}")).await.expect(200).json();
        assert_eq!(kept["from"], ADA);
        // One call and its event of another organisation hold the number still.
        assert_eq!(whole_database(&plan).await.matches(ADA).count(), 2);
        let again = ours.post("/erasures", &json!({"number": ADA})).await.expect(201).json();
        assert_eq!(again["calls"], 0);
        ours.post("/erasures", &json!({"number": "Ada"})).await.expect(422);
    }

    async fn an_erasure_that_a_crash_cut_short_is_gone_on_with(database: Database) {
        let plan = Plan::platform(database).await;
        let first = plan.start().await;
        let call = ended_call(&admin(&first, "ours"), ADA, DESK).await;
        let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
        let begun = cc_lite::store::erasures::Erasure {
            id: "e1".into(),
            organization_id: "ours".into(),
            contact_id: None,
            number: Some(ADA.into()),
            masked_number: Some("+*********456".into()),
            requested_by: "boss".into(),
            reason: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            completed_at: None,
            erased: cc_lite::store::erasures::Erased::default(),
        };
        store
            .write::<_, cc_lite::store::StoreError, _>(move |tx| {
                Box::pin(async move { cc_lite::store::erasures::insert(tx, &begun).await })
            })
            .await
            .unwrap();
        store.close().await;
        first.module.shutdown().await;
        drop(first);
        let service = plan.start().await;
        let ours = admin(&service, "ours");
        eventually(SOON, "the erasure is completed", async || {
            let receipt = ours.get("/erasures/e1").await.expect(200).json();
            ensure!(receipt["completed_at"].is_string() && receipt["calls"] == 1, "{receipt}");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(ours.get(&format!("/calls/{call}")).await.expect(200).json()["from"], "erased");
    }

    async fn a_contact_is_erased_with_its_number_and_with_those_of_its_calls(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let (ours, theirs) = (admin(&service, "ours"), admin(&service, "theirs"));
        let (spring, autumn) = (contact(&ours, ADA).await, contact(&ours, ADA).await);
        let other = contact(&ours, "+420601999888").await;
        let mut calls = Vec::new();
        for (direction, from, to, contact_id) in [
            ("outbound", DESK, ADA, Some(&spring)),
            ("outbound", DESK, MOBILE, Some(&spring)),
            ("inbound", WORK, DESK, Some(&autumn)),
            ("inbound", ADA, DESK, None),
        ] {
            let body = json!({
                "direction": direction, "from": from, "to": to, "contact_id": contact_id, "metadata": {"name": "Ada"},
                "recording": {"url": "https://recordings.example/1.mp3", "consent": "granted"},
            });
            let request = ours.request(Method::POST, "/calls").header("idempotency-key", format!("k{}", calls.len()));
            let id = Answer::of(request.json(&body)).await.expect(201).json()["id"].as_str().unwrap().to_owned();
            ours.act(&id, "start").await.expect(200);
            ours.act(&id, "end").await.expect(200);
            calls.push(id);
        }
        let body = json!({"direction": "outbound", "from": DESK, "to": "+420601999888", "contact_id": other});
        let kept = ours.post("/calls", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        theirs.post("/calls", &json!({"direction": "outbound", "from": DESK, "to": MOBILE, "contact_id": spring})).await.expect(201);

        for unfit in [json!({}), json!({"number": ADA, "contact_id": spring}), json!({"number": null, "contact_id": null})] {
            let refused = ours.post("/erasures", &unfit).await.expect(422);
            assert_eq!(refused.json()["errors"], json!([{"pointer": "#", "detail": "either `number` or `contact_id`"}]));
        }
        let refused = ours.post("/erasures", &json!({"contact_id": "a b"})).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "#/contact_id");
        for (user, id) in [(&ours, "0199b2a4-0000-7000-8000-000000000000"), (&theirs, &spring)] {
            let unknown = user.post("/erasures", &json!({"contact_id": id})).await.expect(404);
            assert_eq!(unknown.problem(), "not-found");
            assert!(unknown.text.contains("No campaign of yours has a contact with this id"), "{unknown:?}");
        }
        let receipt = ours.post("/erasures", &json!({"contact_id": spring, "reason": "request 8"})).await.expect(201);
        let location = receipt.header("location").to_owned();
        let receipt = receipt.json();
        assert_eq!(
            [&receipt["contact_id"], &receipt["masked_number"], &receipt["calls"], &receipt["contacts"], &receipt["events"]],
            [&json!(spring), &json!("+*********456"), &json!(4), &json!(2), &json!(8)]
        );
        assert_eq!(receipt["recordings"].as_array().unwrap().len(), 4);
        assert!(receipt["completed_at"].is_string(), "{receipt}");
        assert_eq!(ours.get(&location).await.expect(200).json(), receipt);
        for (id, desk) in calls.iter().zip(["from", "from", "to", "to"]) {
            let call = ours.get(&format!("/calls/{id}")).await.expect(200).json();
            let person = if desk == "from" { "to" } else { "from" };
            let seen = [&call[desk], &call[person], &call["contact_id"]];
            assert_eq!(seen, [&json!(DESK), &json!("erased"), &Value::Null]);
            assert_eq!((&call["metadata"], &call["recording"]["url"]), (&json!({}), &Value::Null));
        }
        let call = ours.get(&format!("/calls/{kept}")).await.expect(200).json();
        assert_eq!((&call["to"], &call["contact_id"]), (&json!("+420601999888"), &json!(other)));
        // The call of another organisation holds one number still, and has begun no event.
        let left = whole_database(&plan).await;
        assert_eq!([ADA, MOBILE, WORK].map(|number| left.matches(number).count()), [0, 1, 0]);

        // A call that comes to be known later is erased by what is left of the contact.
        let body = json!({"direction": "outbound", "from": DESK, "to": MOBILE, "contact_id": spring});
        let late = ours.post("/calls", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let again = ours.post("/erasures", &json!({"contact_id": spring})).await.expect(201).json();
        assert_eq!([&again["masked_number"], &again["calls"], &again["contacts"]], [&Value::Null, &json!(1), &json!(0)]);
        assert_eq!(ours.get(&format!("/calls/{late}")).await.expect(200).json()["to"], "erased");
    }

    async fn calls_of_a_contact_are_erased_by_its_number_too(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let ours = admin(&service, "ours");
        let ada = contact(&ours, ADA).await;
        let body = json!({"direction": "outbound", "from": DESK, "to": MOBILE, "contact_id": ada});
        for _ in 0..60 {
            ours.post("/calls", &body).await.expect(201);
        }
        let receipt = ours.post("/erasures", &json!({"number": ADA})).await.expect(201).json();
        assert_eq!([&receipt["calls"], &receipt["contacts"], &receipt["contact_id"]], [&json!(60), &json!(1), &Value::Null]);
        assert!(!whole_database(&plan).await.contains(MOBILE));
    }

    async fn an_erasure_by_contact_that_a_crash_cut_short_is_gone_on_with(database: Database) {
        let plan = Plan::platform(database).await;
        let first = plan.start().await;
        let ours = admin(&first, "ours");
        let ada = contact(&ours, ADA).await;
        let body = json!({"direction": "outbound", "from": DESK, "to": MOBILE, "contact_id": ada});
        let call = ours.post("/calls", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
        let begun = cc_lite::store::erasures::Erasure {
            id: "e1".into(),
            organization_id: "ours".into(),
            contact_id: Some(ada.clone()),
            number: Some(ADA.into()),
            masked_number: Some("+*********456".into()),
            requested_by: "boss".into(),
            reason: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            completed_at: None,
            erased: cc_lite::store::erasures::Erased::default(),
        };
        store
            .write::<_, cc_lite::store::StoreError, _>(move |tx| {
                Box::pin(async move { cc_lite::store::erasures::insert(tx, &begun).await })
            })
            .await
            .unwrap();
        // A process of the previous release takes it for done, and leaves it alone.
        let number: Option<String> = sqlx::query_scalar("SELECT number FROM erasures WHERE id = 'e1'")
            .fetch_one(&mut *store.reader().await.unwrap())
            .await
            .unwrap();
        assert_eq!(number, None);
        store.close().await;
        first.module.shutdown().await;
        drop(first);
        let service = plan.start().await;
        let ours = admin(&service, "ours");
        eventually(SOON, "the erasure is completed", async || {
            let receipt = ours.get("/erasures/e1").await.expect(200).json();
            let seen = [&receipt["calls"], &receipt["contacts"]];
            ensure!(receipt["completed_at"].is_string() && seen == [&json!(1), &json!(1)], "{receipt}");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(ours.get(&format!("/calls/{call}")).await.expect(200).json()["to"], "erased");
        let left = whole_database(&plan).await;
        assert!(!left.contains(ADA) && !left.contains(MOBILE), "{left}");
    }

    async fn calls_that_are_older_than_wanted_are_deleted_and_open_ones_stay(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let (ours, theirs) = (admin(&service, "ours"), admin(&service, "theirs"));
        let (old, foreign) = (ended_call(&ours, ADA, DESK).await, ended_call(&theirs, ADA, DESK).await);
        let kept = ours.get("/retention").await.expect(200);
        assert_eq!((kept.header("etag"), &kept.json()["calls_days"]), ("\"0\"", &Value::Null));
        let put = async |tag: &str, body: &Value| {
            let request = ours.request(Method::PUT, "/retention").header("if-match", tag).json(body);
            Answer::of(request).await
        };
        let policy = json!({"calls_days": 30, "transcripts_days": null, "audit_days": 365});
        assert_eq!(put("\"0\"", &policy).await.expect(200).header("etag"), "\"1\"");
        put("\"0\"", &policy).await.expect(412);
        let unfit = put("\"1\"", &json!({"calls_days": 0, "transcripts_days": null, "audit_days": null})).await.expect(422);
        assert_eq!(unfit.json()["errors"][0]["pointer"], "#/calls_days");
        let open = ours.call().await;
        service.module.shutdown().await;

        let mut later = plan;
        later.arguments.stale_call_timeout = Some("744h".to_owned());
        let service = later.start_at(SignedDuration::from_hours(24 * 30 + 1)).await;
        let (ours, theirs) = (admin(&service, "ours"), admin(&service, "theirs"));
        eventually(SOON, "the old call is deleted", async || {
            let status = ours.get(&format!("/calls/{old}")).await.status;
            ensure!(status == 404, "expected 404, got {status}");
            Ok(())
        })
        .await
        .unwrap();
        ours.get(&format!("/calls/{open}")).await.expect(200);
        theirs.get(&format!("/calls/{foreign}")).await.expect(200);
    }
}
