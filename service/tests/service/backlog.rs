//! Many events that wait: they are found without looking at all of them, and drained side by side and in order.

use crate::events::Inbox;
use crate::fixture::{Plan, on_each_database, rabbitmq};
use anyhow::ensure;
use cc_lite::store::claims::Claimed;
use cc_lite::store::{DatabaseKind, Store, StoreError, outgoing};
use cc_lite::{EventMessage, EventPublisher, PublishError};
use futures::future::BoxFuture;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Row};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use testbed::wait::eventually;

/// How many events wait.
const WAITING: usize = 20_000;
/// How long they may take.
const DRAINED_WITHIN: Duration = Duration::from_mins(2);

/// Writes events of calls that wait, two a call, as a service writes them; a release before had no shards.
pub(crate) async fn fill(store: &Store, count: usize) {
    let sql = format!(
        "INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, attempts, \
         next_attempt_at, position) \
         WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {count} - 1), \
         event(n, id, subject) AS (SELECT n, \
             '0199b2a4-0000-7000-8000-' || substr(CAST(1000000000000 + n AS TEXT), 2), \
             '0199b2a4-1111-7000-8000-' || substr(CAST(1000000000000 + n / 2 AS TEXT), 2) FROM n) \
         SELECT id, subject, n % 2 + 1, 'o1', CASE n % 2 WHEN 0 THEN 'call.started' ELSE 'call.ended' END, \
         '{{\"id\":\"' || id || '\",\"type\":\"call.ended\",\"source\":\"communications\",\"organizationId\":\"o1\",' \
         || '\"timestamp\":\"2026-01-05T10:00:00Z\",\"userId\":\"0199b2a4-2222-7000-8000-000000000000\",' \
         || '\"data\":{{\"call_id\":\"' || subject || '\",\"status\":\"completed\",\"outcome\":\"completed\",' \
         || '\"answered\":true,\"duration\":180,\"talk_seconds\":170,\"started_at\":\"2026-01-05T10:00:00Z\",' \
         || '\"ended_at\":\"2026-01-05T10:03:00Z\",\"recording_url\":null,\"sequence\":' || (n % 2 + 1) \
         || ',\"resource_version\":3}},\"metadata\":{{\"version\":\"1.0.0\",\"module\":\"cc-lite\"}}}}', \
         1767607200000000 + n, 'pending', 0, 0, n + 1 FROM event"
    );
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
                let last = i64::try_from(count).unwrap();
                sqlx::query("UPDATE stream_state SET last_position = $1")
                    .bind(last)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("ANALYZE").execute(tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// Takes every event, and notes in which order and how many at once.
#[derive(Default)]
struct Recorder(Mutex<Record>);

#[derive(Default)]
struct Record {
    /// The last sequence that came of each call.
    last: HashMap<String, i64>,
    under_way: BTreeSet<String>,
    most_under_way: usize,
    count: usize,
}

impl EventPublisher for Recorder {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        let call = body["data"]["call_id"].as_str().unwrap().to_owned();
        let sequence = body["data"]["sequence"].as_i64().unwrap();
        {
            let mut record = self.0.lock().unwrap();
            assert!(record.under_way.insert(call.clone()), "two events of {call} at once");
            record.most_under_way = record.most_under_way.max(record.under_way.len());
            let before = record.last.insert(call.clone(), sequence).unwrap_or(0);
            assert_eq!(sequence, before + 1, "of {call}");
        }
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut record = self.0.lock().unwrap();
            record.under_way.remove(&call);
            record.count += 1;
            Ok(())
        })
    }
}

/// Starts the module on a backlog, and stops it when all of it has been delivered.
async fn drain(plan: &Plan) {
    let store = Store::open(&plan.database()).await.unwrap();
    fill(&store, WAITING).await;
    store.close().await;
    let began = Instant::now();
    let service = plan.start().await;
    eventually(DRAINED_WITHIN, "the backlog is drained", async || {
        let status = service.status().await;
        ensure!(status["events"]["backlog"] == 0, "{status}");
        Ok(())
    })
    .await
    .unwrap();
    let rate = f64::from(u32::try_from(WAITING).unwrap()) / began.elapsed().as_secs_f64();
    println!("drained {rate:.0} events a second");
}

on_each_database! {
    async fn a_backlog_is_drained_two_hundred_at_a_time_each_calls_events_in_order(database: Database) {
        let recorder = Arc::new(Recorder::default());
        let plan = Plan::platform(database).await.publisher(Arc::clone(&recorder) as Arc<dyn EventPublisher>);
        drain(&plan).await;
        let record = recorder.0.lock().unwrap();
        assert_eq!((record.count, record.most_under_way), (WAITING, 200));
    }

    async fn a_backlog_is_drained_to_the_broker(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let plan = Plan::platform(database).await.events(&url);
        drain(&plan).await;
        assert_eq!(inbox.take(WAITING).await.len(), WAITING);
    }

    async fn what_waits_is_found_without_looking_at_all_of_it(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        // What a database knows of itself may be from when nothing waited.
        let looked = store.write::<_, StoreError, _>(|tx| {
            Box::pin(async move { Ok(sqlx::query("ANALYZE").execute(tx).await.map(drop)?) })
        });
        looked.await.unwrap();
        store.close().await;
        let store = Store::open(&plan.database()).await.unwrap();
        fill(&store, WAITING).await;
        let mut reader = store.reader().await.unwrap();
        let (explain, column) = match store.kind() {
            DatabaseKind::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
            DatabaseKind::Postgres => ("EXPLAIN", "QUERY PLAN"),
        };
        let claims = match store.kind() {
            DatabaseKind::Sqlite => Claimed::All,
            DatabaseKind::Postgres => Claimed::Shards((0..32).collect()),
        };
        for sql in outgoing::statements(&claims) {
            let subject = "'0199b2a4-1111-7000-8000-000000000007'";
            // SQLite chooses before it is told the values.
            let filled = match (store.kind(), sql.as_str()) {
                (DatabaseKind::Sqlite, sql) => sql.to_owned(),
                (_, sql) if sql.contains("this.type = $1") => sql.replace("$1", "'call.started'"),
                (_, sql) => {
                    let first = if sql.contains("this.subject IN") { 1 } else { 2 };
                    let named = (first..=513).rev().map(|number| format!("${number}"));
                    named.fold(sql.to_owned(), |sql, name| sql.replace(&name, subject))
                }
            };
            let filled = filled.replace(&format!("LIMIT {subject}"), "LIMIT 500");
            let filled = if store.kind() == DatabaseKind::Postgres { filled.replace("$1", "10") } else { filled };
            let rows = sqlx::query(AssertSqlSafe(format!("{explain} {filled}"))).fetch_all(&mut *reader).await;
            let told: Vec<String> = rows.unwrap().iter().map(|row| row.get::<String, _>(column)).collect();
            let told = told.join("\n");
            for whole in ["Seq Scan", "SCAN this", "SCAN outbox", "SCAN before", "SCAN earlier"] {
                let by_index = told.contains("SCAN this USING INDEX outbox_to_publish");
                assert!(by_index || !told.contains(whole), "{filled}\n{told}");
            }
            if sql.starts_with("UPDATE") {
                let by_id = ["(id=?)", "outbox_pkey"].iter().any(|index| told.contains(index));
                assert!(by_id, "{filled}\n{told}");
            }
            if sql.contains("this.subject IN") {
                assert!(!told.contains("outbox_to_publish"), "{filled}\n{told}");
            }
            if sql.contains("ORDER BY this.position") {
                assert!(told.contains("outbox_to_publish"), "{filled}\n{told}");
                assert!(!told.contains("Sort") && !told.contains("TEMP B-TREE"), "{filled}\n{told}");
            }
        }
    }
}
