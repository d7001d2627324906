//! Calls over HTTP.

use crate::fixture::{Answer, Plan, on_each_database};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

fn new_call() -> Value {
    json!({"direction": "outbound", "from": "+420123456789", "to": "+420987654321"})
}

on_each_database! {
    async fn a_call_is_made_read_and_moved_to_its_end(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let body = json!({
            "direction": "inbound", "from": "+420123456789", "to": "+420987654321", "campaign_id": "spring",
            "agent_id": "agent-7", "provider": "twilio", "provider_call_id": "CA1", "language": "cs", "contact_id": "contact-1",
            "recording": {"url": "https://recordings.example/1.mp3", "consent": "granted"},
            "metadata": {"note": "žluťoučký \u{1}", "nested": [1, null]},
        });
        let made = admin.post("/calls", &body).await.expect(201);
        let call = made.json();
        let path = format!("/calls/{}", call["id"].as_str().unwrap());
        assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
        let created_at = call["created_at"].clone();
        assert_eq!(
            call,
            json!({
                "id": call["id"], "status": "queued", "version": 1, "direction": "inbound",
                "from": "+420123456789", "to": "+420987654321", "campaign_id": "spring", "agent_id": "agent-7",
                "provider": "twilio", "provider_call_id": "CA1", "language": "cs", "contact_id": "contact-1",
                "recording": body["recording"], "metadata": body["metadata"], "outcome": null, "end_reason": null, "duration": null, "talk_seconds": null, "created_at": created_at,
                "updated_at": created_at, "started_at": null, "answered_at": null, "ended_at": null,
            })
        );
        assert_eq!(admin.get(&path).await.expect(200).json(), call);

        service.clock.advance(SignedDuration::from_secs(5));
        let ringing = admin.post(&format!("{path}/start"), &json!({"status": "ringing"})).await.expect(200).json();
        assert_eq!((&ringing["status"], &ringing["version"]), (&json!("ringing"), &json!(2)));
        service.clock.advance(SignedDuration::from_secs(3));
        let talking = admin.post(&format!("{path}/answer"), &json!({})).await.expect(200).json();
        assert_eq!((&talking["status"], &talking["version"]), (&json!("in_progress"), &json!(3)));
        service.clock.advance(SignedDuration::from_secs(60));
        let ended = admin.post(&format!("{path}/end"), &json!({"outcome": "sold", "end_reason": "hung_up"})).await.expect(200);
        assert_eq!(ended.header("etag"), "\"4\"");
        let ended = ended.json();
        assert_eq!(
            [&ended["status"], &ended["outcome"], &ended["end_reason"], &ended["duration"], &ended["talk_seconds"]],
            [&json!("completed"), &json!("sold"), &json!("hung_up"), &json!(63), &json!(60)]
        );
        assert_eq!(admin.get(&path).await.expect(200).json(), ended);
    }

    async fn there_is_one_call_with_a_providers_id_in_an_organisation(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (one, other) = (service.member("u", "one"), service.member("u", "other"));
        let body = json!({
            "direction": "inbound", "from": "+420123456789", "to": "+420987654321", "provider": "twilio",
            "provider_call_id": "CA1",
        });
        let call = one.post("/calls", &body).await.expect(201).json();
        let refused = one.post("/calls", &body).await.expect(409);
        assert_eq!(refused.problem(), "call-known");
        assert!(refused.text.contains(call["id"].as_str().unwrap()), "{refused:?}");
        other.post("/calls", &body).await.expect(201);
        let without = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
        for _ in 0..2 {
            one.post("/calls", &without).await.expect(201);
        }
    }

    async fn a_recording_that_nobody_agreed_to_is_not_kept(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let body = json!({
            "direction": "inbound", "from": "+420123456789", "to": "+420987654321",
            "recording": {"url": "https://recordings.example/1.mp3", "consent": "denied"},
        });
        let refused = service.member("u", "o").post("/calls", &body).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "#/recording/url");
    }

    async fn an_action_that_is_not_possible_names_the_state_and_what_is(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let call = admin.call().await;
        admin.act(&call, "start").await.expect(200);
        let refused = admin.act(&call, "answer").await.expect(409);
        assert_eq!(refused.problem(), "call-state");
        assert_eq!(
            refused.json(),
            json!({
                "type": "urn:cc-lite:problem:call-state", "title": "The call's state does not allow this",
                "status": 409, "detail": "A call that is in_progress cannot answer: it can end.",
                "current_state": "in_progress", "allowed_actions": ["end"],
            })
        );
        let busy = admin.post(&format!("/calls/{call}/end"), &json!({"status": "busy"})).await.expect(409);
        assert_eq!(
            busy.json()["detail"],
            "A call that is in_progress cannot end as busy: it can as completed or failed."
        );
        admin.act(&call, "end").await.expect(200);
        let again = admin.act(&call, "end").await.expect(409).json();
        assert_eq!((&again["current_state"], &again["allowed_actions"]), (&json!("completed"), &json!([])));
    }

    async fn a_change_meant_for_an_older_version_is_not_made(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let call = admin.call().await;
        let act = async |action: &str, tag: &str| {
            let request = admin.request(Method::POST, &format!("/calls/{call}/{action}"));
            Answer::of(request.header("if-match", tag)).await
        };
        act("start", "\"1\"").await.expect(200);
        let stale = act("end", "\"1\"").await.expect(412);
        assert_eq!(stale.problem(), "version-conflict");
        act("end", "W/\"2\"").await.expect(412);
        assert_eq!(act("end", "2").await.expect(400).problem(), "malformed-request");
        let ended = act("end", "\"7\", \"2\"").await.expect(200).json();
        assert_eq!(ended["version"], 3);
    }

    async fn of_many_who_start_a_call_at_once_one_does(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let call = admin.call().await;
        let answers = join_all((0..20).map(|_| admin.act(&call, "start"))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        let mut expected = vec![409; 20];
        expected[0] = 200;
        assert_eq!(statuses, expected);
        let path = format!("/calls/{call}");
        assert_eq!(admin.get(&path).await.json()["version"], 2);
    }

    async fn another_organisations_call_does_not_exist(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (ours, theirs) = (service.member("u1", "o1"), service.member("u1", "o2"));
        let call = ours.call().await;
        let path = format!("/calls/{call}");
        ours.get(&path).await.expect(200);
        let unknown = theirs.get("/calls/0199b2a4-0000-7000-8000-000000000000").await.expect(404).json();
        assert_eq!(theirs.get(&path).await.expect(404).json(), unknown);
        for action in ["start", "answer", "end"] {
            assert_eq!(theirs.act(&call, action).await.expect(404).json(), unknown);
        }
        assert_eq!(ours.get(&path).await.json()["status"], "queued");
    }

    async fn an_end_may_be_told_late_but_not_early(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let call = admin.call().await;
        let started = admin.act(&call, "start").await.expect(200).json();
        let started_at: Timestamp = started["started_at"].as_str().unwrap().parse().unwrap();
        let end = async |ended_at: Value| {
            admin.post(&format!("/calls/{call}/end"), &json!({"ended_at": ended_at})).await
        };
        let before = started_at - SignedDuration::from_secs(1);
        let early = end(json!(before)).await.expect(422);
        assert_eq!((early.problem().as_str(), &early.json()["errors"][0]["pointer"]), ("invalid-field", &json!("#/ended_at")));
        end(json!(started_at + SignedDuration::from_hours(1))).await.expect(422);
        end(json!("yesterday")).await.expect(422);
        service.clock.advance(SignedDuration::from_secs(30));
        let ended = end(json!(started_at + SignedDuration::from_secs(10))).await.expect(200).json();
        assert_eq!(ended["duration"], 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_that_do_not_fit_are_all_named() {
    let service = Plan::platform(crate::fixture::Database::Sqlite).await.start().await;
    let member = service.member("u1", "o1");
    let body = json!({
        "direction": "inbound", "from": "123", "to": "", "campaign_id": "a b", "agent_id": "", "provider": "",
        "provider_call_id": "\u{0}", "language": "česky",
    });
    let refused = member.post("/calls", &body).await.expect(422);
    assert_eq!(refused.problem(), "invalid-field");
    let body = refused.json();
    let pointers: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        pointers,
        ["#/from", "#/to", "#/campaign_id", "#/agent_id", "#/provider", "#/provider_call_id", "#/language"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_missing_or_mistyped_field_is_refused_by_name() {
    let service = Plan::platform(crate::fixture::Database::Sqlite).await.start().await;
    let member = service.member("u1", "o1");
    let refusal = async |change: fn(&mut Value)| {
        let mut body = new_call();
        change(&mut body);
        let answer = member.post("/calls", &body).await.expect(422);
        assert_eq!(answer.problem(), "invalid-field");
        let error = answer.json()["errors"][0].clone();
        (error["pointer"].as_str().unwrap().to_owned(), error["detail"].as_str().unwrap().to_owned())
    };
    let (pointer, unknown) = refusal(|body| body["form"] = json!(1)).await;
    assert!(pointer == "#/form" && unknown.contains("no field `form`"), "{pointer} {unknown}");
    let (pointer, missing) = refusal(|body| drop(body.as_object_mut().unwrap().remove("to"))).await;
    assert!(pointer == "#" && missing.contains("`to` is missing"), "{pointer} {missing}");
    let (pointer, mistyped) = refusal(|body| body["from"] = json!(420)).await;
    assert!(pointer == "#/from" && mistyped.contains("a text is expected"), "{pointer} {mistyped}");
    let (pointer, sideways) = refusal(|body| body["direction"] = json!("sideways")).await;
    assert!(pointer == "#/direction" && sideways.contains("inbound, outbound"), "{pointer} {sideways}");
    let (pointer, deep) = refusal(|body| body["recording"] = json!({"consent": 7})).await;
    assert!(pointer == "#/recording/consent" && !deep.contains("line"), "{pointer} {deep}");
    let answer = member.get("/calls?colour=red").await.expect(422).json();
    assert_eq!(answer["errors"][0]["pointer"], "#/colour");
    let call = member.call().await;
    let path = format!("/calls/{call}/end");
    let open = member.post(&path, &json!({"status": "ringing"})).await.expect(422).json();
    assert_eq!(open["errors"][0]["pointer"], "#/status");
    member.post(&path, &json!({"status": "gone"})).await.expect(422);
}

on_each_database! {
    async fn metadata_that_others_could_not_read_is_refused_where_it_is(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let member = service.member("boss", "ours").with("x-user-role", "admin");
        let campaign = json!({"name": "Spring", "from": "+420222333444", "time_zone": "Europe/Prague"});
        let campaign = member.post("/campaigns", &campaign).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let call = member.call().await;
        let (calls, campaigns) = ("/calls".to_owned(), "/campaigns".to_owned());
        let bodies: [(Method, String, &str); 5] = [
            (Method::POST, calls.clone(), r#"{"direction":"inbound","from":"+420123456789","to":"+420987654321","#),
            (Method::PATCH, format!("{calls}/{call}"), "{"),
            (Method::POST, campaigns.clone(), r#"{"name":"a","from":"+420222333444","time_zone":"UTC","#),
            (Method::PATCH, format!("{campaigns}/{campaign}"), "{"),
            (Method::POST, format!("{campaigns}/{campaign}/contacts"), r#"{"number":"+420601123456","#),
        ];
        let deep = format!("{}1{}", r#"{"a":"#.repeat(17), "}".repeat(17));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(16 * 1024));
        for (method, path, start) in &bodies {
            for (metadata, pointer, detail) in [
                (r#"{"a":{"b c/d~":1,"b c/d~":2}}"#, "#/metadata/a/b%20c~1d~0", "duplicate field `b c/d~`"),
                (r#"{"a":["x","\u0000"]}"#, "#/metadata/a/1", "text without the character U+0000"),
                (r#"{"\u0000":1}"#, "#/metadata/%00", "text without the character U+0000"),
                (&deep, &format!("#/metadata{}", "/a".repeat(16)), "at most 16 objects and lists within one another"),
                (&long, "#/metadata", "at most 16 KiB of JSON, but this is 16392 bytes long"),
                (r#"{"a":1},"metadata":{"b":1}"#, "#", "duplicate field `metadata`"),
                ("[]", "#/metadata", "invalid type: sequence, expected an object"),
            ] {
                let body = format!(r#"{start}"metadata":{metadata}}}"#);
                let request = member.request(method.clone(), path).header("content-type", "application/json").body(body);
                let refused = Answer::of(request).await.expect(422);
                let error = &refused.json()["errors"][0];
                assert_eq!((&error["pointer"], &error["detail"]), (&json!(pointer), &json!(detail)), "{method} {path}");
            }
        }
        let kept = json!({"a": [{"b": "x".repeat(8000)}, 1.5, -1, u64::MAX, null, true, "\u{1}\u{7f}žluť"]});
        for (method, path, start) in &bodies {
            let body = format!(r#"{start}"metadata":{kept}}}"#);
            let request = member.request(method.clone(), path).header("content-type", "application/json").body(body);
            let answer = Answer::of(request).await;
            assert!([200, 201].contains(&answer.status), "{answer:?}");
            assert_eq!(answer.json()["metadata"], kept);
        }
        let null = member.patch(&format!("/calls/{call}"), &json!({"metadata": null})).await.expect(200).json();
        assert_eq!(null["metadata"], kept, "null and nothing are the same here");
        // Fields that are known here, in a body that takes in others as well.
        let twice = r#"{"party":"customer","basis":"text","label":"positive","score":0.5,"score":0.6}"#;
        let path = format!("/calls/{call}/sentiment");
        let request = member.request(Method::POST, &path).header("content-type", "application/json").body(twice);
        let refused = Answer::of(request).await.expect(422);
        assert!(refused.text.contains("duplicate field `score`"), "{refused:?}");
    }

    async fn rows_of_a_file_are_held_to_the_same(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let member = service.member("boss", "ours").with("x-user-role", "admin");
        let campaign = json!({"name": "Spring", "from": "+420222333444", "time_zone": "Europe/Prague"});
        let campaign = member.post("/campaigns", &campaign).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        for (format, file, errors) in [
            ("application/x-ndjson", concat!(
                r#"{"number":"+420601123450","metadata":{"a":1,"a":2}}"#, "\n",
                r#"{"number":"+420601123451","metadata":{"a":"\u0000"}}"#, "\n",
                r#"{"number":"+420601123452","metadata":{"a":1}}"#, "\n",
            ), [("#", "duplicate field `a`"), ("#", "text without the character U+0000")]),
            ("text/csv", "number,metadata.a,metadata.b\n+420601123453,x\0y,1\n+420601123454,1,\0\n+420601123455,1,2\n",
             [("#/metadata", "text without the character U+0000"); 2]),
        ] {
            let path = format!("/campaigns/{campaign}/contacts/import");
            let request = member.request(Method::POST, &path).header("content-type", format).body(file);
            let import = Answer::of(request).await.expect(201).json();
            assert_eq!((&import["added"], &import["refused"]), (&json!(1), &json!(2)), "{import}");
            for (error, (pointer, detail)) in import["errors"].as_array().unwrap().iter().zip(errors) {
                assert_eq!((&error["pointer"], &error["detail"]), (&json!(pointer), &json!(detail)), "{import}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_an_id_is_one_of_nothing() {
    let service = Plan::platform(crate::fixture::Database::Sqlite).await.start().await;
    let member = service.member("u1", "o1");
    for id in ["x", "%00", "%2e%2e", "a%20b", "%ff", &"x".repeat(300)] {
        assert_eq!(member.get(&format!("/calls/{id}")).await.expect(404).problem(), "not-found", "{id}");
    }
}
