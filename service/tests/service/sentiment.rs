//! Moods told from calls, over HTTP.

use crate::fixture::{Plan, User, on_each_database};
use crate::transcripts::{append, said, user};
use cc_lite::domain::sentiment::{Label, Verdict};
use cc_lite::{AnalyzerError, SentimentAnalyzer};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;

async fn post(user: &User<'_>, call: &str, body: Value) -> crate::fixture::Answer {
    user.post(&format!("/calls/{call}/sentiment"), &body).await
}

fn of_segment(sequence: i64, label: &str, score: f64) -> Value {
    json!({"segment_sequence": sequence, "label": label, "score": score, "method": "acme", "method_version": "3"})
}

fn moods(events: &[(String, Value)]) -> Vec<&Value> {
    events.iter().filter(|(kind, _)| kind == "sentiment.analyzed").map(|(_, data)| data).collect()
}

on_each_database! {
    async fn an_analysis_of_a_whole_call_is_told_after_its_end(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.call().await;
        agent.act(&call, "start").await.expect(200);
        let body = json!({"label": "negative", "score": -0.75, "confidence": 0.8, "basis": "audio", "method": "acme"});
        let made = post(&agent, &call, body).await.expect(201);
        assert_eq!(made.header("etag"), "\"1\"");
        let made = made.json();
        assert_eq!(
            made,
            json!({
                "id": made["id"], "call_id": call, "segment_id": null, "segment_sequence": null, "status": "analyzed",
                "party": "customer", "basis": "audio", "method": "acme", "method_version": null, "label": "negative",
                "score": -0.75, "confidence": 0.8, "reason": null, "version": 1, "created_at": made["created_at"],
                "updated_at": made["created_at"], "segments": null,
            })
        );
        assert_eq!(moods(&plan.events_of(&call).await).len(), 0);
        agent.act(&call, "end").await.expect(200);
        post(&agent, &call, json!({"label": "positive", "score": 1, "method": "acme"})).await.expect(201);
        let events = plan.events_of(&call).await;
        let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["call.started", "call.ended", "sentiment.analyzed", "sentiment.analyzed"]);
        let told = moods(&events);
        assert_eq!(
            told[0],
            &json!({
                "call_id": call, "sentiment_id": made["id"], "segment_id": null, "label": "negative", "score": -0.75,
                "confidence": 0.8, "party": "customer", "basis": "audio", "method": "acme", "alert": true,
                "sequence": 3, "resource_version": 3,
            })
        );
        assert_eq!((&told[1]["alert"], &told[1]["sequence"]), (&json!(false), &json!(4)));
        user(&service, "o2", "admin").get(&format!("/calls/{call}/sentiment")).await.expect(404);
        post(&user(&service, "o2", "admin"), &call, json!({"label": "neutral", "score": 0, "method": "m"})).await.expect(404);
    }

    async fn a_segment_is_told_of_when_it_turns_negative(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.whole_call().await;
        append(&agent, &call, &[said(1, "a"), said(2, "b")]).await.expect(200);
        for (sequence, label, score, told) in [
            (1, "positive", 0.5, 0), (1, "negative", -0.5, 1), (1, "negative", -0.9, 1), (2, "negative", -0.1, 2),
            (1, "mixed", 0.0, 2), (1, "negative", -0.5, 3),
        ] {
            post(&agent, &call, of_segment(sequence, label, score)).await.expect(201);
            let events = plan.events_of(&call).await;
            assert_eq!(moods(&events).len(), told, "after {sequence} {label}: {events:?}");
            assert!(moods(&events).iter().all(|data| data["alert"] == json!(true) && data["segment_id"].is_string()));
        }
        post(&agent, &call, of_segment(3, "neutral", 0.0)).await.expect(404);
    }

    async fn what_does_not_belong_together_is_refused(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = user(&service, "o1", "admin");
        let call = boss.call().await;
        let mut of_agent = said(1, "dobrý den");
        of_agent["party"] = json!("agent");
        let mut menu = said(2, "volte jedna");
        menu["party"] = json!("system");
        append(&boss, &call, &[of_agent, menu]).await.expect(200);
        for (body, pointer) in [
            (json!({"label": "positive", "score": -0.2, "method": "m"}), "#/score"),
            (json!({"label": "neutral", "score": 0.9, "method": "m"}), "#/score"),
            (json!({"label": "neutral", "score": 1.2, "method": "m"}), "#/score"),
            (json!({"label": "neutral", "method": "m"}), "#/score"),
            (json!({"score": 0.1, "method": "m"}), "#/label"),
            (json!({"label": "neutral", "score": 0.1, "confidence": -1, "method": "m"}), "#/confidence"),
            (json!({"label": "neutral", "score": 0.1}), "#/method"),
            (json!({"status": "skipped", "method": "m"}), "#/reason"),
            (json!({"status": "failed", "reason": "x", "score": 0, "method": "m"}), "#/status"),
            (json!({"label": "neutral", "score": 0, "reason": "x", "method": "m"}), "#/reason"),
            (json!({"analyzer": "built_in", "score": 0.5}), "#/score"),
            (json!({"analyzer": "built_in", "basis": "audio"}), "#/basis"),
        ] {
            let refused = post(&boss, &call, body.clone()).await.expect(422);
            assert!(refused.json()["errors"].to_string().contains(pointer), "{body}: {refused:?}");
        }
        for body in [
            json!({"segment_sequence": 1, "party": "customer", "label": "neutral", "score": 0, "method": "m"}),
            json!({"segment_sequence": 2, "label": "neutral", "score": 0, "method": "m"}),
            json!({"label": "neutral", "score": 0, "method": "m", "mood": "x"}),
            json!({"label": "neutral", "score": 0, "method": "m", "party": "system"}),
        ] {
            assert_eq!(post(&boss, &call, body.clone()).await.expect(422).problem(), "invalid-field", "{body}");
        }
    }

    async fn the_voice_of_agents_is_judged_only_where_the_deployment_allows_it(database: Database) {
        let mut plan = Plan::platform(database).await;
        let body = json!({"party": "agent", "basis": "audio", "label": "negative", "score": -0.5, "method": "m"});
        {
            let service = plan.start().await;
            let boss = user(&service, "o1", "supervisor");
            let call = boss.call().await;
            let refused = post(&boss, &call, body.clone()).await.expect(403);
            assert_eq!(refused.problem(), "agent-audio");
            assert!(refused.text.contains("Article 5(1)(f) of the EU AI Act"), "{refused:?}");
            let mut text = body.clone();
            text["basis"] = json!("text");
            post(&boss, &call, text).await.expect(201);
            let customer = json!({"basis": "audio", "label": "neutral", "score": 0, "method": "m"});
            post(&boss, &call, customer).await.expect(201);
            service.module.shutdown().await;
        }
        plan.arguments.allow_agent_audio_sentiment = Some("true".to_owned());
        let service = plan.start().await;
        let boss = user(&service, "o1", "supervisor");
        let call = boss.call().await;
        post(&boss, &call, body).await.expect(201);
    }

    async fn agents_see_nothing_of_analyses_of_agents(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (agent, boss) = (user(&service, "o1", "agent"), user(&service, "o1", "supervisor"));
        let call = boss.call().await;
        let of_agent = json!({"party": "agent", "label": "negative", "score": -0.5, "method": "m"});
        let requested = json!({"party": "agent", "status": "requested", "method": "m"});
        post(&boss, &call, of_agent.clone()).await.expect(201);
        let requested = post(&boss, &call, requested).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        post(&boss, &call, json!({"label": "neutral", "score": 0, "method": "m"})).await.expect(201);
        let path = format!("/calls/{call}/sentiment");
        let count = |page: Value| page["items"].as_array().unwrap().len();
        assert_eq!(count(boss.get(&path).await.expect(200).json()), 3);
        assert_eq!(count(boss.get(&format!("{path}?party=agent")).await.expect(200).json()), 2);
        assert_eq!(count(agent.get(&path).await.expect(200).json()), 1);
        assert_eq!(agent.get(&format!("{path}?party=agent")).await.expect(403).problem(), "forbidden");
        post(&agent, &call, of_agent).await.expect(403);
        post(&agent, &call, json!({"analyzer": "built_in", "party": "agent"})).await.expect(403);
        let result = json!({"label": "neutral", "score": 0});
        agent.post(&format!("{path}/{requested}/result"), &result).await.expect(404);
        boss.post(&format!("{path}/{requested}/result"), &result).await.expect(200);
    }

    async fn a_requested_analysis_gets_one_result(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = user(&service, "o1", "agent");
        let call = agent.whole_call().await;
        let asked = post(&agent, &call, json!({"status": "requested", "method": "acme"})).await.expect(201).json();
        assert_eq!((&asked["status"], &asked["score"]), (&json!("requested"), &Value::Null));
        assert_eq!(moods(&plan.events_of(&call).await).len(), 0);
        let path = format!("/calls/{call}/sentiment/{}/result", asked["id"].as_str().unwrap());
        agent.post(&path, &json!({"status": "requested"})).await.expect(422);
        let settled = agent.post(&path, &json!({"label": "mixed", "score": 0.1})).await.expect(200).json();
        assert_eq!((&settled["status"], &settled["version"]), (&json!("analyzed"), &json!(2)));
        agent.post(&path, &json!({"label": "mixed", "score": 0.1})).await.expect(200);
        let other = agent.post(&path, &json!({"status": "failed", "reason": "late"})).await.expect(409);
        assert_eq!((other.problem().as_str(), &other.json()["allowed_actions"]), ("sentiment-state", &json!([])));
        assert_eq!(moods(&plan.events_of(&call).await).len(), 1);
        agent.post(&format!("/calls/{call}/sentiment/none/result"), &json!({"label": "mixed", "score": 0})).await.expect(404);
    }

    async fn the_built_in_analyser_tells_the_mood_of_english_and_of_nothing_else(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = user(&service, "o1", "supervisor");
        let call = boss.whole_call().await;
        let built_in = json!({"analyzer": "built_in"});
        let skipped = post(&boss, &call, built_in.clone()).await.expect(201).json();
        assert_eq!((&skipped["status"], &skipped["segments"]), (&json!("skipped"), &json!(0)));
        assert!(skipped["reason"].as_str().unwrap().contains("no final segment"), "{skipped}");
        append(&boss, &call, &[said(1, "This is awful, I hate it.")]).await.expect(200);
        let unknown = post(&boss, &call, built_in.clone()).await.expect(201).json();
        assert!(unknown["reason"].as_str().unwrap().contains("language of the transcript is not known"), "{unknown}");
        let mut thanks = said(4, "Thank you, this is wonderful.");
        let mut agent = said(3, "I am happy to help.");
        agent["party"] = json!("agent");
        thanks["language"] = json!("en-GB");
        let body = json!({"language": "en", "segments": [said(2, "You are a terrible company and you lied."), agent, thanks]});
        boss.post(&format!("/calls/{call}/transcript/segments"), &body).await.expect(200);
        let told = post(&boss, &call, built_in.clone()).await.expect(201).json();
        assert_eq!((&told["status"], &told["method"], &told["segments"]), (&json!("analyzed"), &json!("vader"), &json!(3)));
        let of_agent = post(&boss, &call, json!({"analyzer": "built_in", "party": "agent"})).await.expect(201).json();
        assert_eq!((&of_agent["label"], &of_agent["segments"]), (&json!("positive"), &json!(1)));
        let events = plan.events_of(&call).await;
        let alerts = moods(&events).iter().filter(|data| data["segment_id"].is_string()).count();
        assert_eq!(alerts, 2, "the two negative segments, once each: {events:?}");
        post(&boss, &call, built_in.clone()).await.expect(201);
        let events = plan.events_of(&call).await;
        assert_eq!(moods(&events).iter().filter(|data| data["segment_id"].is_string()).count(), 2, "they were negative before");

        let listed = boss.get(&format!("/calls/{call}/sentiment?party=customer")).await.expect(200).json();
        let scores: Vec<Option<f64>> = listed["trend"].as_array().unwrap().iter().map(|q| q["score"].as_f64()).collect();
        assert!(scores[0].is_none() && scores[1].is_some_and(|score| score < 0.0), "{listed}");
        assert!(scores[3].is_some_and(|score| score > 0.0), "{listed}");
        assert_eq!(listed["items"][0]["segment_id"], Value::Null, "newest first");

        let czech = boss.whole_call().await;
        let body = json!({"language": "cs", "segments": [said(1, "To je hrozné, jsem naštvaný.")]});
        boss.post(&format!("/calls/{czech}/transcript/segments"), &body).await.expect(200);
        let skipped = post(&boss, &czech, built_in).await.expect(201).json();
        assert_eq!((&skipped["status"], &skipped["label"]), (&json!("skipped"), &Value::Null));
        assert_eq!(skipped["reason"], "the analyser vader does not know the language cs");
        assert_eq!(moods(&plan.events_of(&czech).await).len(), 0);
    }

    async fn a_host_brings_its_own_analyser_and_what_it_says_is_checked(database: Database) {
        let mut plan = Plan::platform(database).await;
        plan.analyzer = Some(Arc::new(HostAnalyzer));
        let service = plan.start().await;
        let boss = user(&service, "o1", "supervisor");
        for (text, status, reason) in [
            ("dobře", "analyzed", None),
            ("spadni", "failed", Some("the host is busy")),
            ("zapomeň", "failed", Some("the analyser gave verdicts that do not fit")),
            ("přeháněj", "failed", Some("the analyser gave verdicts that do not fit")),
        ] {
            let call = boss.whole_call().await;
            let body = json!({"language": "cs-CZ", "segments": [said(1, text)]});
            boss.post(&format!("/calls/{call}/transcript/segments"), &body).await.expect(200);
            let told = post(&boss, &call, json!({"analyzer": "built_in"})).await.expect(201).json();
            assert_eq!((&told["status"], &told["reason"]), (&json!(status), &json!(reason)), "{text}");
            assert_eq!((&told["method"], &told["method_version"]), (&json!("host"), &json!("7")));
            assert_eq!(moods(&plan.events_of(&call).await).len(), usize::from(status == "analyzed"));
        }
    }
}

/// A host's analyser of Czech, which does as the text says.
struct HostAnalyzer;

impl SentimentAnalyzer for HostAnalyzer {
    fn method(&self) -> &'static str {
        "host"
    }

    fn version(&self) -> &'static str {
        "7"
    }

    fn knows(&self, language: &str) -> bool {
        language.starts_with("cs")
    }

    fn analyze(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Verdict>, AnalyzerError>> {
        let verdict = |score| Verdict { label: Label::Positive, score, confidence: Some(900_000) };
        let outcome = match texts[0].as_str() {
            "spadni" => Err(AnalyzerError::Failed("the host is busy".to_owned())),
            "zapomeň" => Ok(Vec::new()),
            "přeháněj" => Ok(vec![verdict(2_000_000)]),
            _ => Ok(vec![verdict(500_000)]),
        };
        Box::pin(std::future::ready(outcome))
    }
}
