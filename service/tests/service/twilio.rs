//! Twilio's status callbacks, in the sequences that its documentation describes.

use crate::fixture::{Answer, Plan, SOON, Service, User, on_each_database};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use std::fmt::Write;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PUBLIC: &str = "https://voice.example.com/api/communications";

/// A service that takes callbacks of one account, for the organisation `north`.
async fn service(database: crate::fixture::Database) -> Service {
    let mut plan = Plan::platform(database).await;
    plan.arguments.twilio_accounts = Some(format!("{SID}:{TOKEN}:north"));
    plan.arguments.public_url = Some(PUBLIC.to_owned());
    plan.start().await
}

/// Sends a callback as Twilio would.
async fn callback(service: &Service, query: &str, parameters: &[(&str, &str)]) -> Answer {
    let mut all = vec![
        ("AccountSid", SID),
        ("ApiVersion", "2010-04-01"),
        ("From", "+420601123456"),
        ("To", "+420222333444"),
        ("Direction", "outbound-api"),
        ("CallbackSource", "call-progress-events"),
    ];
    all.retain(|(name, _)| !parameters.iter().any(|(other, _)| other == name));
    all.extend(parameters);
    all.sort_unstable();
    let text =
        all.iter().fold(format!("{PUBLIC}/providers/twilio/status{query}"), |mut text, (name, value)| {
            let _ = write!(text, "{name}{value}");
            text
        });
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&all).finish();
    let request = service
        .request(Method::POST, &format!("/providers/twilio/status{query}"))
        .header("x-twilio-signature", signature)
        .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
        .body(body);
    Answer::of(request).await
}

/// The call with this id at Twilio, found by making it known again.
async fn call_of(north: &User<'_>, sid: &str) -> Value {
    let body = json!({
        "direction": "outbound", "from": "+420601123456", "to": "+420222333444", "provider": "twilio",
        "provider_call_id": sid,
    });
    let known = north.post("/calls", &body).await.expect(409);
    let detail = known.json()["detail"].as_str().unwrap().to_owned();
    let id = detail.rsplit("the call ").next().unwrap().trim_end_matches('.').to_owned();
    north.get(&format!("/calls/{id}")).await.expect(200).json()
}

/// Statuses in the order that they arrive in, and what the call is in the end: status, answered, talk seconds.
type Sequence = (&'static str, &'static [(&'static str, &'static str)], (&'static str, bool, i64));

const SEQUENCES: [Sequence; 9] = [
    (
        "answered",
        &[("initiated", ""), ("ringing", ""), ("in-progress", ""), ("completed", "42")],
        ("completed", true, 42),
    ),
    ("busy", &[("initiated", ""), ("ringing", ""), ("busy", "0")], ("busy", false, 0)),
    ("no answer", &[("initiated", ""), ("ringing", ""), ("no-answer", "0")], ("no_answer", false, 0)),
    ("canceled", &[("initiated", ""), ("ringing", ""), ("canceled", "0")], ("canceled", false, 0)),
    ("failed at once", &[("initiated", ""), ("failed", "0")], ("failed", false, 0)),
    (
        "end before answer",
        &[("initiated", ""), ("ringing", ""), ("completed", "42"), ("in-progress", "")],
        ("completed", true, 42),
    ),
    ("end alone", &[("completed", "42")], ("completed", true, 42)),
    (
        "everything twice",
        &[
            ("initiated", ""),
            ("initiated", ""),
            ("ringing", ""),
            ("ringing", ""),
            ("in-progress", ""),
            ("in-progress", ""),
            ("completed", "42"),
            ("completed", "42"),
        ],
        ("completed", true, 42),
    ),
    (
        "backwards",
        &[("completed", "42"), ("in-progress", ""), ("ringing", ""), ("initiated", "")],
        ("completed", true, 42),
    ),
];

on_each_database! {
    async fn each_sequence_of_a_real_call_ends_as_the_call_did(database: Database) {
        let service = service(database).await;
        let north = service.member("u", "north");
        for (place, (name, steps, (status, answered, talk))) in SEQUENCES.iter().enumerate() {
            let sid = format!("CA{place:032}");
            for (number, (step, duration)) in steps.iter().enumerate() {
                let number = number.to_string();
                service.clock.advance(jiff::SignedDuration::from_secs(if *step == "completed" { 42 } else { 1 }));
                let mut parameters = vec![("CallSid", sid.as_str()), ("CallStatus", step), ("SequenceNumber", &number)];
                if !duration.is_empty() {
                    parameters.push(("CallDuration", duration));
                }
                callback(&service, "", &parameters).await.expect(204);
            }
            let call = call_of(&north, &sid).await;
            assert_eq!(call["status"], *status, "{name}: {call}");
            assert_eq!(call["answered_at"].is_string(), *answered, "{name}: {call}");
            assert_eq!(call["talk_seconds"], *talk, "{name}: {call}");
            assert!(call["started_at"].is_string() && call["ended_at"].is_string(), "{name}: {call}");
        }
    }

    async fn a_callback_may_name_the_call_that_was_dialled(database: Database) {
        let service = service(database).await;
        let north = service.member("u", "north");
        let body = json!({
            "direction": "outbound", "from": "+420601123456", "to": "+420222333444", "agent_id": "ada",
        });
        let made = north.post("/calls", &body).await.expect(201).json();
        let id = made["id"].as_str().unwrap();
        let query = format!("?call_id={id}");
        callback(&service, &query, &[("CallSid", "CA1"), ("CallStatus", "ringing")]).await.expect(204);
        // Once it is known, the callback need not name it.
        let recording = "https://api.twilio.example/RE1";
        let end = [("CallSid", "CA1"), ("CallStatus", "busy"), ("SipResponseCode", "486"), ("RecordingUrl", recording)];
        callback(&service, "", &end).await.expect(204);
        let call = north.get(&format!("/calls/{id}")).await.expect(200).json();
        let seen = [&call["status"], &call["provider_call_id"], &call["agent_id"], &call["end_reason"], &call["recording"]["url"]];
        assert_eq!(seen, [&json!("busy"), &json!("CA1"), &json!("ada"), &json!("sip_486"), &json!(recording)]);
        // Another call of Twilio's does not take it over.
        callback(&service, &query, &[("CallSid", "CA2"), ("CallStatus", "ringing")]).await.expect(204);
        let other = call_of(&north, "CA2").await;
        assert_ne!(other["id"], call["id"]);
        // Nor does another organisation's account.
        let foreign = service.member("u", "south").post("/calls", &body).await.expect(201).json();
        let query = format!("?call_id={}", foreign["id"].as_str().unwrap());
        callback(&service, &query, &[("CallSid", "CA3"), ("CallStatus", "ringing")]).await.expect(204);
        let path = format!("/calls/{}", foreign["id"].as_str().unwrap());
        assert_eq!(service.member("u", "south").get(&path).await.expect(200).json()["status"], "queued");
    }

    async fn reports_of_one_call_at_the_same_time_make_one_call(database: Database) {
        let service = service(database).await;
        let reports = (0..12).map(|place| {
            let status = ["initiated", "ringing", "in-progress", "completed"][place % 4];
            let service = &service;
            async move { callback(service, "", &[("CallSid", "CA1"), ("CallStatus", status)]).await.expect(204) }
        });
        futures::future::join_all(reports).await;
        let call = call_of(&service.member("u", "north"), "CA1").await;
        assert_eq!(call["status"], "completed", "{call}");
    }

    async fn without_twilios_signature_nothing_is_taken_in(database: Database) {
        let service = service(database).await;
        let path = "/providers/twilio/status";
        let body = format!("AccountSid={SID}&CallSid=CA1&CallStatus=ringing&Direction=inbound&From=a&To=b");
        for signature in [None, Some("c2lnbmF0dXJl"), Some("!")] {
            let mut request = service
                .request(Method::POST, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.clone());
            if let Some(signature) = signature {
                request = request.header("x-twilio-signature", signature);
            }
            assert_eq!(Answer::of(request).await.expect(403).problem(), "signature-refused");
        }
        let json = service.request(Method::POST, path).json(&json!({}));
        assert_eq!(Answer::of(json).await.expect(415).problem(), "unsupported-media-type");
        let unfit = callback(&service, "", &[("CallSid", "CA1"), ("CallStatus", "dreaming")]).await.expect(422);
        assert!(unfit.text.contains("CallStatus"), "{unfit:?}");
    }

    async fn a_call_without_news_is_ended_by_the_watchdog(database: Database) {
        let mut plan = Plan::standalone(database).await;
        plan.arguments.stale_call_timeout = Some("1m".to_owned());
        let service = plan.start().await;
        let admin = service.admin().await;
        let call = admin.call().await;
        service.clock.advance(jiff::SignedDuration::from_secs(90));
        testbed::wait::eventually(SOON, "the stale call is ended", async || {
            let call = admin.get(&format!("/calls/{call}")).await.expect(200).json();
            anyhow::ensure!(call["status"] == "failed" && call["end_reason"] == "stale", "{call}");
            Ok(())
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_account_is_set_there_is_nothing_to_call_back() {
    let service = Plan::platform(crate::fixture::Database::Sqlite).await.start().await;
    let answer = callback(&service, "", &[("CallSid", "CA1"), ("CallStatus", "ringing")]).await.expect(404);
    assert_eq!(answer.problem(), "not-found");
}
