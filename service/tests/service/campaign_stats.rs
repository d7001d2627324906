//! How a campaign goes, in numbers.

use crate::campaigns::{boss, new_campaign, running};
use crate::fixture::{Plan, SOON, User, on_each_database, plan_words};
use anyhow::ensure;
use cc_lite::store::{Store, StoreError, campaign_statistics, stream};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};
use testbed::wait::eventually;

/// The counts, once as many calls have begun and ended as are expected.
async fn stats(user: &User<'_>, path: &str, expected: (i64, i64)) -> Value {
    eventually(SOON, "the campaign's calls are counted", async || {
        let stats = user.get(&format!("{path}/stats")).await.expect(200).json();
        let seen = (stats["calls"]["started"].as_i64(), stats["calls"]["ended"].as_i64());
        ensure!(seen == (Some(expected.0), Some(expected.1)), "expected {expected:?}, got {stats}");
        Ok(stats)
    })
    .await
    .unwrap()
}

async fn add(user: &User<'_>, path: &str, number: &str) {
    user.post(&format!("{path}/contacts"), &json!({"number": number})).await.expect(201);
}

/// Takes the next contact; its id.
async fn take(user: &User<'_>, path: &str) -> String {
    let taken = user.post(&format!("{path}/contacts/next"), &json!({})).await.expect(200).json();
    taken["contact"]["id"].as_str().unwrap_or_else(|| panic!("expected a contact, got {taken}")).to_owned()
}

/// A call of the campaign, with this contact if there is one; its id.
async fn call(user: &User<'_>, path: &str, contact: Option<&str>) -> String {
    let campaign = path.rsplit('/').next().unwrap();
    let body = json!({"direction": "outbound", "from": "+420222333444", "to": "+420601123401",
        "campaign_id": campaign, "contact_id": contact});
    user.post("/calls", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

on_each_database! {
    async fn calls_contacts_and_attempts_are_counted_by_campaign(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = new_campaign(&boss, &json!({})).await;
        let other = running(&boss, &json!({}), &[]).await;
        let nothing = stats(&boss, &path, (0, 0)).await;
        let calls = &nothing["calls"];
        assert_eq!([&calls["answered_rate"], &calls["average_talk_seconds"], &calls["average_handle_seconds"]], [&Value::Null; 3]);
        assert_eq!(
            [&nothing["status"], &nothing["contacts"]["total"], &nothing["attempts"]["total"], &nothing["estimated_completion_at"]],
            [&json!("draft"), &json!(0), &json!(0), &Value::Null]
        );
        for number in 1..6 {
            add(&boss, &path, &format!("+42060112340{number}")).await;
        }
        boss.post(&format!("{path}/start"), &json!({})).await.expect(200);

        // One is talked with for a minute after ten seconds of ringing.
        let contact = take(&boss, &path).await;
        let talked = call(&boss, &path, Some(&contact)).await;
        boss.post(&format!("/calls/{talked}/start"), &json!({"status": "ringing"})).await.expect(200);
        service.clock.advance(SignedDuration::from_secs(10));
        boss.act(&talked, "answer").await.expect(200);
        service.clock.advance(SignedDuration::from_secs(60));
        boss.act(&talked, "end").await.expect(200);
        // One is busy, one does not answer, though nobody made a call known; one call goes on, and one waits.
        let contact = take(&boss, &path).await;
        let busy = call(&boss, &path, Some(&contact)).await;
        boss.post(&format!("/calls/{busy}/end"), &json!({"status": "busy"})).await.expect(200);
        let contact = take(&boss, &path).await;
        boss.post(&format!("{path}/contacts/{contact}/result"), &json!({"outcome": "no_answer"})).await.expect(200);
        let contact = take(&boss, &path).await;
        let talking = call(&boss, &path, Some(&contact)).await;
        boss.act(&talking, "start").await.expect(200);
        call(&boss, &path, None).await;
        // Calls of another campaign, of none, and of one that is not there.
        call(&boss, &other, None).await;
        boss.whole_call().await;
        let stray = call(&boss, "/campaigns/nowhere", None).await;
        boss.act(&stray, "end").await.expect(200);

        service.clock.advance(SignedDuration::from_secs(30));
        let seen = stats(&boss, &path, (3, 2)).await;
        assert_eq!(
            seen["calls"],
            json!({
                "by_status": {"queued": 1, "ringing": 0, "in_progress": 1, "completed": 1, "failed": 0, "no_answer": 0,
                    "busy": 1, "rejected": 0, "canceled": 0},
                "started": 3, "ended": 2, "answered": 1, "answered_rate": 0.5, "talk_seconds": 60,
                "average_talk_seconds": 60.0, "average_handle_seconds": 70.0,
            })
        );
        assert_eq!(seen["contacts"], json!({"total": 5, "pending": 3, "in_progress": 1, "reached": 1, "exhausted": 0, "skipped": 0}));
        assert_eq!((&seen["attempts"]["total"], &seen["attempts"]["open"]), (&json!(4), &json!(1)));
        let outcomes = &seen["attempts"]["by_outcome"];
        assert_eq!([&outcomes["reached"], &outcomes["busy"], &outcomes["no_answer"], &outcomes["failed"]], [1, 1, 1, 0].map(|n| json!(n)).each_ref());
        // One in 100 seconds: four are left.
        let (at, end) = (&seen["at"], &seen["estimated_completion_at"]);
        let time = |text: &Value| text.as_str().unwrap_or_else(|| panic!("expected a time: {seen}")).parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time(end).duration_since(time(at)).as_secs(), 400, "{seen}");
        // What somebody says takes the place of what the call said.
        boss.post(&format!("{path}/contacts/{contact}/result"), &json!({"outcome": "voicemail"})).await.expect(200);
        boss.act(&talking, "end").await.expect(200);
        let seen = stats(&boss, &path, (3, 3)).await;
        let outcomes = &seen["attempts"]["by_outcome"];
        assert_eq!([&seen["attempts"]["open"], &outcomes["voicemail"], &outcomes["reached"]], [0, 1, 1].map(|n| json!(n)).each_ref());
        assert_eq!(stats(&boss, &other, (0, 0)).await["calls"]["by_status"]["queued"], 1);
        service.member("u", "theirs").get(&format!("{path}/stats")).await.expect(404);
        boss.get("/campaigns/nowhere/stats").await.expect(404);
    }

    async fn a_migration_counts_what_events_would_have(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[]).await;
        for (number, end) in ["completed", "failed", "busy", "no_answer", "canceled", "rejected"].iter().enumerate() {
            let call = call(&boss, &path, None).await;
            if number < 2 {
                boss.act(&call, "start").await.expect(200);
                service.clock.advance(SignedDuration::from_millis(1900));
            }
            boss.post(&format!("/calls/{call}/end"), &json!({"status": end})).await.expect(200);
        }
        let going_on = call(&boss, &path, None).await;
        boss.act(&going_on, "start").await.expect(200);
        let before = stats(&boss, &path, (7, 6)).await;
        service.module.shutdown().await;
        drop(service);

        let store = Store::open_beside(&plan.database()).await.unwrap();
        let migration = include_str!("../../src/store/migrations/0013_api.sql");
        let begin = migration.find("UPDATE stream_state SET counted_position = last_position;").unwrap();
        let end = begin + migration[begin..].find("GROUP BY campaigns.id;").unwrap() + "GROUP BY campaigns.id;".len();
        let statements = &migration[begin..end];
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    // An event without position is left to be counted when it has one.
                    sqlx::raw_sql("UPDATE outbox SET position = NULL WHERE type = 'call.ended' AND body LIKE '%\"busy\"%'")
                        .execute(&mut *tx)
                        .await?;
                    sqlx::raw_sql("DELETE FROM campaign_calls").execute(&mut *tx).await?;
                    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *tx).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        let campaign = path.rsplit('/').next().unwrap();
        let counts = campaign_statistics::calls(&mut store.reader().await.unwrap(), campaign).await.unwrap();
        assert_eq!((counts.calls.started, counts.calls.ended(), counts.calls.busy), (7, 5, 0));
        store.close().await;
        let service = plan.start().await;
        let after = stats(&crate::campaigns::boss(&service), &path, (7, 6)).await;
        assert_eq!(after["calls"], before["calls"]);
    }

    async fn events_that_another_release_gave_positions_are_counted(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[]).await;
        let one = call(&boss, &path, None).await;
        boss.act(&one, "end").await.expect(200);
        stats(&boss, &path, (1, 1)).await;
        let two = call(&boss, &path, None).await;
        service.module.shutdown().await;
        drop(service);
        let store = Store::open_beside(&plan.database()).await.unwrap();
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    sqlx::query(
                        "INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, \
                         attempts, next_attempt_at) VALUES ('e1', $1, 1, 'ours', 'call.started', $2, 1, 'local', 0, 0)",
                    )
                    .bind(&two)
                    .bind(json!({"data": {"started_at": "2026-01-05T10:00:00Z"}}).to_string())
                    .execute(&mut *tx)
                    .await?;
                    // As a process does that knows nothing of campaigns' counts.
                    assert_eq!(stream::give_positions(tx, 500).await?.len(), 1);
                    Ok(())
                })
            })
            .await
            .unwrap();
        store.close().await;
        let service = plan.start().await;
        stats(&crate::campaigns::boss(&service), &path, (2, 1)).await;
    }

    async fn nothing_is_searched_for_the_counts(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        many_calls(&store).await;
        let mut reader = store.reader().await.unwrap();
        let (prefix, column) = plan_words(store.kind());
        for (sql, values, index) in [
            (campaign_statistics::UNDER_WAY_SQL, vec!["o1", "c7"], "calls_under_way_by_campaign"),
            (campaign_statistics::CALLS_SQL, vec!["c7"], "campaign_calls"),
            (campaign_statistics::ATTEMPTS_SQL, vec!["c7"], "campaign_attempts"),
        ] {
            let query = sqlx::query(AssertSqlSafe(format!("{prefix} {sql}")));
            let query = values.into_iter().fold(query, sqlx::query::Query::bind);
            let rows = query.fetch_all(&mut *reader).await.unwrap();
            let plan = rows.iter().map(|row| row.get::<String, _>(column)).collect::<Vec<_>>().join("\n");
            assert!(plan.contains(index) && plan.to_lowercase().contains("index"), "{sql}: {plan}");
            assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN "), "{sql}: {plan}");
        }
    }
}

/// Enough calls, campaigns and attempts that no planner would rather read them all.
async fn many_calls(store: &Store) {
    store
        .write::<_, StoreError, _>(|tx| {
            Box::pin(async move {
                for sql in [
                    "INSERT INTO campaigns (id, organization_id, status, version, event_sequence, name, from_number, \
                     time_zone, calling_windows, max_concurrency, retry, lease_seconds, metadata, pending, in_progress, \
                     reached, exhausted, skipped, created_at, updated_at) \
                     WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000) \
                     SELECT 'c' || n, 'o1', 'running', 1, 0, 'x', '+1', 'UTC', '[]', 1, '{}', 60, '{}', 0, 0, 0, 0, 0, \
                     n, n FROM n",
                    "INSERT INTO campaign_calls SELECT id, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM campaigns",
                    "INSERT INTO campaign_attempts SELECT id, 'busy', 1 FROM campaigns",
                    "INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, \
                     to_number, campaign_id, metadata, created_at, updated_at, ended_at) \
                     WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
                     SELECT 'i' || n, 'o1', 'queued', 1, 0, 'inbound', '+1', '+2', 'c' || (n % 90), '{}', n, n, \
                     CASE WHEN n % 10 > 0 THEN n END FROM n",
                    "ANALYZE",
                ] {
                    sqlx::raw_sql(sql).execute(&mut *tx).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}
