//! Counts and rates for wallboards.

use crate::fixture::{Answer, Database, Plan, SOON, User, on_each_database};
use anyhow::ensure;
use cc_lite::clock::{Clock, SystemClock};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testbed::wait::eventually;

/// The counts, once as many calls have begun and ended in the last day as are expected.
async fn stats(user: &User<'_>, path: &str, expected: (i64, i64)) -> Value {
    eventually(SOON, "the calls are counted", async || {
        let stats = user.get(path).await.expect(200).json();
        let day = &stats["last_24_hours"];
        let seen = (day["started"].as_i64(), day["ended"].as_i64());
        ensure!(seen == (Some(expected.0), Some(expected.1)), "expected {expected:?}, got {seen:?}");
        Ok(stats)
    })
    .await
    .unwrap()
}

on_each_database! {
    async fn calls_are_counted_by_what_became_of_them(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let user = service.member("u1", "o1");
        service.member("u2", "o2").whole_call().await;
        let nothing = stats(&user, "/stats", (0, 0)).await;
        assert_eq!(nothing["last_hour"]["answered_rate"], Value::Null);
        assert_eq!(nothing["window"], Value::Null);
        assert_eq!(nothing["now"], json!({"queued": 0, "ringing": 0, "in_progress": 0, "longest_waiting_seconds": 0}));

        // Two hours ago: one that was answered at once and lasted 90 seconds.
        let call = user.call().await;
        user.act(&call, "start").await.expect(200);
        service.clock.advance(SignedDuration::from_secs(90));
        user.act(&call, "end").await.expect(200);
        service.clock.advance(SignedDuration::from_hours(2));
        // Now: one that was busy after 30 seconds, and three that go on.
        let busy = user.call().await;
        user.post(&format!("/calls/{busy}/start"), &json!({"status": "ringing"})).await.expect(200);
        user.call().await;
        service.clock.advance(SignedDuration::from_secs(30));
        user.post(&format!("/calls/{busy}/end"), &json!({"status": "busy"})).await.expect(200);
        let ringing = user.call().await;
        user.post(&format!("/calls/{ringing}/start"), &json!({"status": "ringing"})).await.expect(200);
        let talking = user.call().await;
        user.act(&talking, "start").await.expect(200);

        let at = user.get("/stats").await.expect(200).json()["at"].as_str().unwrap().to_owned();
        let seen = stats(&user, &format!("/stats?since={at}"), (4, 2)).await;
        assert_eq!(seen["now"], json!({"queued": 1, "ringing": 1, "in_progress": 1, "longest_waiting_seconds": 30}));
        let day = &seen["last_24_hours"];
        assert_eq!(day["answered"], 1, "{day}");
        assert_eq!((&day["answered_rate"], &day["average_duration_seconds"]), (&json!(0.5), &json!(60.0)), "{day}");
        assert_eq!(day["average_talk_seconds"], 90.0, "{day}");
        let hour = &seen["last_hour"];
        assert_eq!((&hour["ended"], &hour["answered_rate"]), (&json!(1), &json!(0.0)), "{hour}");
        assert_eq!(hour["ended_by_status"]["busy"], 1, "{hour}");
        // Whole minutes: with the call that was busy, or without it.
        assert_eq!(seen["window"]["since"].as_str().unwrap()[..16], at[..16]);
        assert!(seen["window"]["started"].as_i64().unwrap() >= 2, "{seen}");

        for bad in ["tomorrow", "2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
            user.get(&format!("/stats?since={bad}")).await.expect(422);
        }
    }

    async fn counts_outlive_restarts_and_are_the_same_in_each_replica(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let calls = (0..10).map(|_| async { service.member("u1", "o1").whole_call().await });
        futures::future::join_all(calls).await;
        service.module.shutdown().await;
        drop(service);
        let again = plan.start().await;
        let user = again.member("u1", "o1");
        let before = stats(&user, "/stats", (10, 10)).await["last_hour"].clone();
        assert_eq!((&before["started"], &before["answered"]), (&json!(10), &json!(10)), "{before}");
        user.whole_call().await;
        stats(&user, "/stats", (11, 11)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_time_zone_is_understood() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let user = service.member("u1", "o1");
    let since = SystemClock.now() - SignedDuration::from_hours(1);
    let local =
        since.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(2))).strftime("%Y-%m-%dT%H:%M:%S%:z");
    let path = format!("/stats?since={}", local.to_string().replace('+', "%2B"));
    let answer: Answer = user.get(&path).await.expect(200);
    assert!(answer.json()["window"]["since"].as_str().unwrap().ends_with('Z'), "{answer:?}");
}
