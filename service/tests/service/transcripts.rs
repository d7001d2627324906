//! Transcripts over HTTP.

use crate::fixture::{Answer, Plan, SOON, Service, User, on_each_database};
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testbed::wait::eventually;

/// Somebody of an organisation with a role.
pub(crate) fn user<'a>(service: &'a Service, organization: &str, role: &str) -> User<'a> {
    service.member(role, organization).with("x-user-role", role)
}

/// A segment of a second, said by the customer.
pub(crate) fn said(sequence: i64, text: &str) -> Value {
    json!({"sequence": sequence, "party": "customer", "text": text, "starts_ms": sequence * 1000,
        "ends_ms": sequence * 1000 + 900, "is_final": true})
}

/// Appends these segments to the call's transcript.
pub(crate) async fn append(user: &User<'_>, call: &str, segments: &[Value]) -> Answer {
    user.post(&format!("/calls/{call}/transcript/segments"), &json!({"segments": segments})).await
}

async fn complete(user: &User<'_>, call: &str, body: Value) -> Answer {
    user.post(&format!("/calls/{call}/transcript/complete"), &body).await
}

fn partial(sequence: i64, text: &str) -> Value {
    let mut segment = said(sequence, text);
    segment["is_final"] = json!(false);
    segment
}

on_each_database! {
    async fn segments_are_appended_replaced_while_partial_and_read_in_order(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        let path = format!("/calls/{call}/transcript");
        agent.get(&path).await.expect(404);
        let mut first = said(1, "Dobrý den");
        first["confidence"] = json!(0.9);
        first["party"] = json!("agent");
        first["language"] = json!("cs");
        let body = json!({"language": "sk", "segments": [first, partial(2, "Já")]});
        let answer = agent.post(&format!("{path}/segments"), &body).await.expect(200);
        assert_eq!(answer.header("etag"), "\"1\"");
        let answer = answer.json();
        assert_eq!((&answer["added"], &answer["replaced"], &answer["unchanged"]), (&json!(2), &json!(0), &json!(0)));
        assert!(answer.get("segments").is_none(), "an answer that may be kept elsewhere holds no text: {answer}");
        let second = append(&agent, &call, &[partial(2, "Já bych"), said(2, "Já bych rád")]).await.expect(200).json();
        assert_eq!((&second["replaced"], &second["version"]), (&json!(1), &json!(2)));
        let again = append(&agent, &call, &[said(2, "Já bych rád"), first.clone()]).await.expect(200).json();
        assert_eq!((&again["unchanged"], &again["version"]), (&json!(2), &json!(2)));

        let read = agent.get(&path).await.expect(200);
        assert_eq!((read.header("etag"), read.header("vary")), ("\"2\"", "accept"));
        let transcript = read.json();
        assert_eq!(
            transcript,
            json!({
                "id": transcript["id"], "call_id": call, "status": "open", "version": 2, "language": "sk",
                "segment_count": 2, "partial_count": 0, "word_count": 5, "average_confidence": 0.9,
                "failure_reason": null, "created_at": transcript["created_at"],
                "updated_at": transcript["updated_at"], "completed_at": null,
                "segments": [
                    {"id": transcript["segments"][0]["id"], "sequence": 1, "party": "agent", "text": "Dobrý den",
                     "starts_ms": 1000, "ends_ms": 1900, "confidence": 0.9, "language": "cs", "is_final": true,
                     "redactions": []},
                    {"id": transcript["segments"][1]["id"], "sequence": 2, "party": "customer", "text": "Já bych rád",
                     "starts_ms": 2000, "ends_ms": 2900, "confidence": null, "language": null, "is_final": true,
                     "redactions": []},
                ],
            })
        );
        user(&service, "o2", "admin").get(&path).await.expect(404);
        append(&user(&service, "o2", "admin"), &call, &[said(3, "x")]).await.expect(404);
    }

    async fn gaps_other_finals_and_stale_versions_are_refused_and_nothing_of_the_batch_is_kept(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        let gap = append(&agent, &call, &[said(2, "b")]).await.expect(409);
        assert_eq!((gap.problem().as_str(), &gap.json()["expected_sequence"]), ("segment-gap", &json!(1)));
        agent.get(&format!("/calls/{call}/transcript")).await.expect(404);
        append(&agent, &call, &[said(1, "a")]).await.expect(200);
        let gap = append(&agent, &call, &[said(2, "b"), said(4, "d")]).await.expect(409);
        assert_eq!(gap.json()["expected_sequence"], 3);
        let other = append(&agent, &call, &[said(2, "b"), said(1, "other")]).await.expect(409);
        assert_eq!(other.problem(), "segment-final");
        let transcript = agent.get(&format!("/calls/{call}/transcript")).await.expect(200).json();
        assert_eq!((&transcript["segment_count"], &transcript["segments"][0]["text"]), (&json!(1), &json!("a")));
        let stale = agent
            .request(Method::POST, &format!("/calls/{call}/transcript/segments"))
            .header("if-match", "\"9\"")
            .json(&json!({"segments": [said(2, "b")]}));
        assert_eq!(Answer::of(stale).await.expect(412).problem(), "version-conflict");
    }

    async fn what_does_not_fit_is_named(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        for (field, value) in [
            ("sequence", json!(0)), ("text", json!("")), ("text", json!("a\nb")), ("text", json!("x".repeat(4001))),
            ("starts_ms", json!(-1)), ("ends_ms", json!(0)), ("confidence", json!(1.5)), ("language", json!("čeština")),
            ("ends_ms", json!(i64::MAX)), ("sequence", json!(i64::MAX)),
        ] {
            let mut segment = said(1, "a");
            segment[field] = value.clone();
            let refused = append(&agent, &call, &[segment]).await.expect(422);
            assert_eq!(refused.problem(), "invalid-field");
            assert!(refused.text.contains(&format!("#/segments/0/{field}")), "{field} {value}: {refused:?}");
        }
        append(&agent, &call, &[]).await.expect(422);
        let many: Vec<Value> = (1..=501).map(|sequence| said(sequence, "a")).collect();
        append(&agent, &call, &many).await.expect(422);
        let long: Vec<Value> = (1..=200).map(|sequence| said(sequence, &"ž".repeat(2000))).collect();
        assert_eq!(append(&agent, &call, &long[..100]).await.expect(200).json()["added"], 100);
        assert_eq!(append(&agent, &call, &[long, vec![said(500, &"ž".repeat(400_000))]].concat()).await.expect(413).problem(), "content-too-large");
        let unknown = agent.post(&format!("/calls/{call}/transcript/segments"), &json!({"segments": [], "x": 1})).await;
        assert!(unknown.expect(422).text.contains('x'));
        complete(&agent, &call, json!({"reason": "why"})).await.expect(422);
    }

    async fn segments_of_many_at_once_leave_no_gap(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        let batches: Vec<Vec<Value>> = (0..8).map(|_| (1..=20).map(|n| said(n, "slovo")).collect()).collect();
        let answers = join_all(batches.iter().map(|batch| append(&agent, &call, batch))).await;
        let added: i64 = answers.into_iter().map(|answer| answer.expect(200).json()["added"].as_i64().unwrap()).sum();
        assert_eq!(added, 20);
        let transcript = agent.get(&format!("/calls/{call}/transcript")).await.expect(200).json();
        let places: Vec<i64> = transcript["segments"].as_array().unwrap().iter().map(|s| s["sequence"].as_i64().unwrap()).collect();
        assert_eq!(places, (1..=20).collect::<Vec<_>>());
    }

    async fn completion_before_the_calls_end_is_told_after_it_and_once(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        agent.act(&call, "start").await.expect(200);
        append(&agent, &call, &[said(1, "dobrý den"), partial(2, "a")]).await.expect(200);
        let refused = complete(&agent, &call, json!({})).await.expect(409);
        assert_eq!((refused.problem().as_str(), &refused.json()["current_state"]), ("transcript-state", &json!("open")));
        assert!(refused.text.contains("its segment 2 is not final"), "{refused:?}");
        append(&agent, &call, &[said(2, "ano")]).await.expect(200);
        let done = complete(&agent, &call, json!({})).await.expect(200).json();
        assert_eq!((&done["status"], done["completed_at"].is_string()), (&json!("completed"), true));
        assert_eq!(complete(&agent, &call, json!({})).await.expect(200).json(), done, "the same again changes nothing");
        assert_eq!(complete(&agent, &call, json!({"status": "failed"})).await.expect(409).problem(), "transcript-state");
        let late = append(&agent, &call, &[said(3, "b")]).await.expect(409);
        assert_eq!(late.json()["allowed_actions"], json!(["redactions"]));
        let kinds = |events: &[(String, Value)]| events.iter().map(|(kind, _)| kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&plan.events_of(&call).await), ["call.started"]);

        service.clock.advance(SignedDuration::from_secs(10));
        agent.act(&call, "end").await.expect(200);
        let events = plan.events_of(&call).await;
        assert_eq!(kinds(&events), ["call.started", "call.ended", "call.transcribed"]);
        let data = &events[2].1;
        assert_eq!(
            data,
            &json!({
                "call_id": call, "transcript_id": done["id"], "language": null, "segment_count": 2, "word_count": 3,
                "average_confidence": null, "url": format!("/calls/{call}/transcript"), "sequence": 3,
                "resource_version": 3,
            })
        );
        agent.get(data["url"].as_str().unwrap()).await.expect(200);
        complete(&agent, &call, json!({})).await.expect(200);
        assert_eq!(plan.events_of(&call).await.len(), 3);
    }

    async fn completion_after_the_calls_end_is_told_at_once(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.whole_call().await;
        let failed = complete(&agent, &call, json!({"status": "failed", "reason": "no audio"})).await.expect(200).json();
        assert_eq!((&failed["status"], &failed["failure_reason"], &failed["version"]), (&json!("failed"), &json!("no audio"), &json!(1)));
        assert_eq!(plan.events_of(&call).await.len(), 2);
        append(&agent, &call, &[said(1, "přece jen")]).await.expect(200);
        let completed = join_all((0..5).map(|_| complete(&agent, &call, json!({})))).await;
        assert!(completed.iter().all(|answer| answer.status == 200), "{completed:?}");
        let events = plan.events_of(&call).await;
        let transcribed = events.iter().filter(|(kind, _)| kind == "call.transcribed").count();
        assert_eq!((events.len(), transcribed), (3, 1));
    }

    async fn a_call_that_ends_while_all_of_it_is_reported_is_told_of_in_order_and_once(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let mut calls = Vec::new();
        for _ in 0..8 {
            let call = agent.call().await;
            agent.act(&call, "start").await.expect(200);
            append(&agent, &call, &[said(1, "ano")]).await.expect(200);
            calls.push(call);
        }
        let mood = json!({"label": "negative", "score": -0.5, "method": "m"});
        let work = calls.iter().map(|call| {
            let (agent, mood) = (&agent, &mood);
            async move {
                let path = format!("/calls/{call}/sentiment");
                tokio::join!(
                    complete(agent, call, json!({})),
                    agent.act(call, "end"),
                    complete(agent, call, json!({})),
                    agent.post(&path, mood)
                )
            }
        });
        for (first, ended, second, judged) in join_all(work).await {
            let statuses = [first.status, ended.status, second.status, judged.status];
            assert_eq!(statuses, [200, 200, 200, 201], "{first:?} {ended:?} {second:?} {judged:?}");
        }
        for call in &calls {
            let events = plan.events_of(call).await;
            let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
            assert_eq!(kinds[..2], ["call.started", "call.ended"], "{kinds:?}");
            let mut rest = kinds[2..].to_vec();
            rest.sort_unstable();
            assert_eq!(rest, ["call.transcribed", "sentiment.analyzed"]);
            let sequences: Vec<i64> = events.iter().map(|(_, data)| data["sequence"].as_i64().unwrap()).collect();
            assert_eq!(sequences, [1, 2, 3, 4]);
        }
    }

    async fn a_transcript_is_exported_as_webvtt(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        let mut early = said(2, "<v Agent>1 < 2 & 3 --> 4");
        early["starts_ms"] = json!(500);
        append(&agent, &call, &[said(1, "Žluťoučký kůň"), early]).await.expect(200);
        let path = format!("/calls/{call}/transcript");
        let exported = agent.get(&format!("{path}?format=vtt")).await.expect(200);
        assert_eq!(exported.header("content-type"), "text/vtt; charset=utf-8");
        assert_eq!(
            exported.text,
            "WEBVTT\n\n2\n00:00:00.500 --> 00:00:02.900\n<v Customer>&lt;v Agent&gt;1 &lt; 2 &amp; 3 --&gt; 4\n\n\
             1\n00:00:01.000 --> 00:00:01.900\n<v Customer>Žluťoučký kůň\n"
        );
        let negotiated = Answer::of(agent.request(Method::GET, &path).header("accept", "text/vtt")).await;
        assert_eq!(negotiated.expect(200).text, exported.text);
        let json = Answer::of(agent.request(Method::GET, &format!("{path}?format=json")).header("accept", "text/vtt")).await;
        assert_eq!(json.expect(200).json()["segment_count"], 2);
        agent.get(&format!("{path}?format=srt")).await.expect(422);
    }

    async fn what_was_redacted_is_nowhere_any_more(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let (agent, boss) = (user(&service, "o1", "agent"), user(&service, "o1", "supervisor"));
        let call = agent.call().await;
        let text = "moje karta je 4111222233334444 a heslo Šváb";
        append(&agent, &call, &[said(1, text), partial(2, "tajné")]).await.expect(200);
        complete(&agent, &call, json!({})).await.expect(409);
        append(&agent, &call, &[said(2, "děkuji")]).await.expect(200);
        complete(&agent, &call, json!({})).await.expect(200);
        let found = async |word: &str| {
            let page = boss.get(&format!("/transcripts/search?q={word}")).await.expect(200).json();
            page["items"].as_array().unwrap().len()
        };
        assert_eq!((found("4111222233334444").await, found("svab").await), (1, 1));

        let path = format!("/calls/{call}/transcript/redactions");
        let card = json!({"sequence": 1, "start": 14, "end": 30, "reason": "card_number"});
        agent.post(&path, &card).await.expect(403);
        user(&service, "o2", "admin").post(&path, &card).await.expect(404);
        let redacted = boss.post(&path, &card).await.expect(200).json();
        let read = agent.get(&format!("/calls/{call}/transcript")).await.expect(200).json();
        assert_eq!(read["segments"][0]["text"], format!("moje karta je {} a heslo Šváb", "█".repeat(16)));
        assert_eq!((&redacted["version"], &redacted["sequence"]), (&read["version"], &json!(1)));
        assert_eq!(redacted["redactions"], json!([{"start": 14, "end": 30, "reason": "card_number"}]));
        boss.post(&path, &json!({"sequence": 1, "start": 39, "end": 43, "reason": "password"})).await.expect(200);
        let again = boss.post(&path, &card).await.expect(200);
        assert_eq!(again.json()["redactions"].as_array().unwrap().len(), 2);
        for (start, end) in [(0, 0), (5, 4), (40, 44)] {
            let body = json!({"sequence": 1, "start": start, "end": end, "reason": "x"});
            assert_eq!(boss.post(&path, &body).await.expect(422).problem(), "invalid-field", "{start} {end}");
        }
        boss.post(&path, &json!({"sequence": 9, "start": 0, "end": 1, "reason": "x"})).await.expect(404);

        // Whoever sends the segment again cannot know, and brings nothing back.
        assert_eq!(append(&agent, &call, &[said(1, text)]).await.expect(200).json()["unchanged"], 1);
        assert_eq!((found("4111222233334444").await, found("svab").await, found("karta").await), (0, 0, 1));
        let hit = boss.get("/transcripts/search?q=karta").await.expect(200).text;
        let read = agent.get(&format!("/calls/{call}/transcript")).await.expect(200).text;
        let vtt = agent.get(&format!("/calls/{call}/transcript?format=vtt")).await.expect(200).text;
        for answer in [&hit, &read, &vtt] {
            assert!(!answer.contains("4111") && !answer.contains("Šváb") && answer.contains('█'), "{answer}");
        }
        service.module.shutdown().await;
        drop(service);
        if let cc_lite::settings::DatabaseSettings::Sqlite { file } = plan.database() {
            // Also not in what the file keeps of deleted rows.
            let bytes = std::fs::read(file).unwrap();
            for word in ["4111222233334444", "Šváb", "svab"] {
                let place = bytes.windows(word.len()).position(|window| window == word.as_bytes());
                assert_eq!(place, None, "the file holds {word}");
            }
        } else {
            let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
            let mut reader = store.reader().await.unwrap();
            for sql in ["SELECT text FROM transcript_segments", "SELECT CAST(words AS TEXT) FROM transcript_search"] {
                let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *reader).await.unwrap();
                assert!(!rows.is_empty() && rows.iter().all(|row| !row.contains("4111") && !row.contains("vab")), "{rows:?}");
            }
        }
    }

    async fn an_erased_persons_words_are_gone(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = user(&service, "o1", "admin");
        let call = boss.call().await;
        append(&boss, &call, &[said(1, "jmenuji se Ada")]).await.expect(200);
        let mood = json!({"label": "negative", "score": -0.5, "method": "m"});
        boss.post(&format!("/calls/{call}/sentiment"), &mood).await.expect(201);
        let receipt = boss.post("/erasures", &json!({"number": "+420123456789"})).await.expect(201).json();
        assert_eq!(receipt["transcripts"], 1);
        boss.get(&format!("/calls/{call}/transcript")).await.expect(404);
        assert_eq!(boss.get("/transcripts/search?q=ada").await.expect(200).json()["items"], json!([]));
        assert_eq!(boss.get(&format!("/calls/{call}/sentiment")).await.expect(200).json()["items"], json!([]));
        append(&boss, &call, &[said(1, "jiný hovor")]).await.expect(200);
        assert_eq!(boss.get("/transcripts/search?q=hovor").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    }

    async fn transcripts_that_are_older_than_wanted_are_deleted_and_their_calls_stay(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let (ours, theirs) = (user(&service, "o1", "admin"), user(&service, "o2", "admin"));
        let mut calls = Vec::new();
        for boss in [&ours, &theirs] {
            let call = boss.whole_call().await;
            append(boss, &call, &[said(1, "dávno")]).await.expect(200);
            calls.push(call);
        }
        let policy = json!({"calls_days": null, "transcripts_days": 30, "audit_days": null});
        let put = ours.request(Method::PUT, "/retention").json(&policy);
        Answer::of(put).await.expect(200);
        service.module.shutdown().await;
        drop(service);

        let service = plan.start_at(SignedDuration::from_hours(24 * 30 + 1)).await;
        let (ours, theirs) = (user(&service, "o1", "admin"), user(&service, "o2", "admin"));
        eventually(SOON, "the old transcript is deleted", async || {
            let status = ours.get(&format!("/calls/{}/transcript", calls[0])).await.status;
            anyhow::ensure!(status == 404, "expected 404, got {status}");
            Ok(())
        })
        .await
        .unwrap();
        ours.get(&format!("/calls/{}", calls[0])).await.expect(200);
        assert_eq!(ours.get("/transcripts/search?q=davno").await.expect(200).json()["items"], json!([]));
        theirs.get(&format!("/calls/{}/transcript", calls[1])).await.expect(200);
    }
}
