//! The list of calls: filters, orders, pages, and the indices that serve them.

use crate::fixture::{Plan, User, on_each_database, plan_words};
use cc_lite::domain::call::{CallStatus, Direction};
use cc_lite::store::call_list::{self, CallFilter, CallKey, CallOrder};
use cc_lite::store::listing::{Position, SortValue};
use cc_lite::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::Row;

/// A query, and which calls it names.
type Case<'a> = (&'a str, &'a dyn Fn(&Value) -> bool);

/// Ids of a list's calls, page by page.
async fn all(user: &User<'_>, query: &str, limit: usize) -> Vec<String> {
    user.ids_of(&format!("/calls?limit={limit}{query}"), limit).await
}

/// Calls of every kind: id and what is known of it.
async fn calls(service: &crate::fixture::Service, user: &User<'_>) -> Vec<Value> {
    let mut made = Vec::new();
    for number in 0..12_i64 {
        service.clock.advance(SignedDuration::from_secs(10));
        let body = json!({
            "direction": if number % 2 == 0 { "inbound" } else { "outbound" },
            "from": format!("+42060112345{}", number % 4), "to": "+420222333444",
            "agent_id": if number % 3 == 0 { "ada" } else { "eva" },
            "campaign_id": (number % 4 == 0).then_some("spring"), "language": (number % 5 == 0).then_some("cs"),
            "provider": (number % 6 == 0).then_some("twilio"),
            "provider_call_id": (number % 6 == 0).then(|| format!("CA{number}")),
        });
        let id = user.post("/calls", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        if number % 4 != 3 {
            user.act(&id, "start").await.expect(200);
        }
        if number % 4 < 2 {
            service.clock.advance(SignedDuration::from_secs(7 * number % 30));
            user.act(&id, "end").await.expect(200);
        }
        made.push(user.get(&format!("/calls/{id}")).await.expect(200).json());
    }
    made
}

on_each_database! {
    async fn each_filter_gives_what_it_names_newest_first(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ours = service.member("u", "ours");
        service.member("u", "theirs").call().await;
        let made = calls(&service, &ours).await;
        let cases: [Case<'_>; 11] = [
            ("", &|_| true),
            ("&status=completed", &|call| call["status"] == "completed"),
            ("&status=busy", &|_| false),
            ("&direction=inbound", &|call| call["direction"] == "inbound"),
            ("&campaign_id=spring", &|call| call["campaign_id"] == "spring"),
            ("&agent_id=ada", &|call| call["agent_id"] == "ada"),
            ("&provider=twilio", &|call| call["provider"] == "twilio"),
            ("&provider=twilio&provider_call_id=CA6", &|call| call["provider_call_id"] == "CA6"),
            ("&language=cs", &|call| call["language"] == "cs"),
            ("&from=%2B420601123451", &|call| call["from"] == "+420601123451"),
            ("&agent_id=eva&status=in_progress", &|call| call["agent_id"] == "eva" && call["status"] == "in_progress"),
        ];
        for (query, fits) in cases {
            let expected: Vec<&str> =
                made.iter().rev().filter(|call| fits(call)).map(|call| call["id"].as_str().unwrap()).collect();
            for limit in [1, 5, 100] {
                assert_eq!(all(&ours, query, limit).await, expected, "{query} by {limit}");
            }
        }
    }

    async fn each_order_is_kept_from_page_to_page(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ours = service.member("u", "ours");
        let made = calls(&service, &ours).await;
        for key in ["created_at", "started_at", "ended_at", "duration"] {
            let mut expected: Vec<&Value> = made.iter().filter(|call| !call[key].is_null()).collect();
            expected.sort_by_key(|call| (call[key].as_i64(), call[key].as_str().map(str::to_owned), call["id"].to_string()));
            let mut expected: Vec<&str> = expected.iter().map(|call| call["id"].as_str().unwrap()).collect();
            assert_eq!(all(&ours, &format!("&sort={key}"), 3).await, expected, "{key}");
            expected.reverse();
            assert_eq!(all(&ours, &format!("&sort=-{key}"), 3).await, expected, "-{key}");
        }
        let middle = made[6]["created_at"].as_str().unwrap();
        let since: Vec<&str> = made[6..].iter().rev().map(|call| call["id"].as_str().unwrap()).collect();
        assert_eq!(all(&ours, &format!("&since={middle}"), 2).await, since);
        let before: Vec<&str> = made[..6].iter().map(|call| call["id"].as_str().unwrap()).collect();
        assert_eq!(all(&ours, &format!("&sort=created_at&before={middle}"), 2).await, before);
    }

    async fn what_does_not_fit_is_named(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let ours = service.member("u", "ours");
        for _ in 0..3 {
            ours.call().await;
        }
        let page = ours.get("/calls?limit=2&status=queued").await.expect(200).json();
        let cursor = page["next_cursor"].as_str().unwrap();
        for (query, pointer) in [
            ("sort=colour".to_owned(), "#/sort"),
            ("sort=duration&since=2026-01-01T00:00:00Z".to_owned(), "#/sort"),
            ("limit=0".to_owned(), "#/limit"),
            ("limit=101".to_owned(), "#/limit"),
            ("cursor=x".to_owned(), "#/cursor"),
            (format!("cursor={cursor}"), "#/cursor"),
            (format!("cursor={cursor}&status=queued&sort=-created_at"), "#/cursor"),
        ] {
            let refused = ours.get(&format!("/calls?{query}")).await.expect(422);
            assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{query}");
        }
        ours.get("/calls?colour=red").await.expect(422);
        ours.get(&format!("/calls?status=queued&cursor={cursor}")).await.expect(200);
    }

    async fn each_filter_and_order_is_served_by_an_index(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        many_calls(&store).await;
        let mut reader = store.reader().await.unwrap();
        let text = |value: &str| Some(value.to_owned());
        let filters = [
            CallFilter::default(),
            CallFilter { status: Some(CallStatus::Busy), ..CallFilter::default() },
            CallFilter { direction: Some(Direction::Inbound), ..CallFilter::default() },
            CallFilter { campaign_id: text("c7"), ..CallFilter::default() },
            CallFilter { contact_id: text("p7"), ..CallFilter::default() },
            CallFilter { agent_id: text("a7"), ..CallFilter::default() },
            CallFilter { provider: text("v7"), ..CallFilter::default() },
            CallFilter { provider: text("v7"), provider_call_id: text("x7"), ..CallFilter::default() },
            CallFilter { language: text("l7"), ..CallFilter::default() },
            CallFilter { from: text("f7"), ..CallFilter::default() },
            CallFilter { to: text("t7"), ..CallFilter::default() },
        ];
        let mut cases: Vec<(CallFilter, CallOrder)> =
            filters.into_iter().map(|filter| (filter, CallOrder::default())).collect();
        for key in [CallKey::CreatedAt, CallKey::StartedAt, CallKey::EndedAt, CallKey::Duration] {
            let after = Some(Position { value: Some(SortValue::Number(5)), id: "x".to_owned() });
            cases.push((CallFilter::default(), CallOrder { key, ascending: true, after: after.clone() }));
            if key != CallKey::Duration {
                let since = Some(Timestamp::UNIX_EPOCH);
                cases.push((CallFilter { since, ..CallFilter::default() }, CallOrder { key, ascending: false, after }));
            }
        }
        for (filter, order) in cases {
            let (prefix, column) = plan_words(store.kind());
            let rows = call_list::explain(&mut reader, prefix, "o1", &filter, &order).await.unwrap();
            let plan = rows.iter().map(|row| row.get::<String, _>(column)).collect::<Vec<_>>().join("\n");
            assert!(plan.to_lowercase().contains("index"), "{filter:?} {order:?}: {plan}");
            // PostgreSQL rather sorts the few that an index names than to walk along another.
            let scans = ["Seq Scan", "SCAN calls", "TEMP B-TREE"];
            assert!(!scans.iter().any(|scan| plan.contains(scan)), "{filter:?} {order:?}: {plan}");
        }
    }
}

/// Enough calls, of several organisations, that no planner would rather read them all.
async fn many_calls(store: &Store) {
    store
        .write::<_, StoreError, _>(|tx| {
            Box::pin(async move {
                sqlx::raw_sql(
                    "INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, \
                     to_number, campaign_id, contact_id, agent_id, provider, provider_call_id, language, metadata, \
                     created_at, updated_at, started_at, ended_at) \
                     WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
                     SELECT 'i' || n, 'o' || (n % 5), 's' || (n % 9), 1, 0, 'd' || (n % 3), 'f' || (n % 900), \
                     't' || (n % 900), 'c' || (n % 90), 'p' || (n % 900), 'a' || (n % 90), 'v' || (n % 90), 'x' || n, \
                     'l' || (n % 90), '{}', n, n, n, n + (n % 100) FROM n",
                )
                .execute(&mut *tx)
                .await?;
                sqlx::raw_sql("ANALYZE").execute(&mut *tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}
