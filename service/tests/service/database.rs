//! The database itself: opening, excluding, failing.

use crate::fixture::{Database, Plan, SOON, on_each_database};
use anyhow::ensure;
use cc_lite::store::users::{self, User};
use cc_lite::store::{OpenError, Store, StoreError};
use serde_json::json;
use sqlx::Row;
use testbed::Postgres;
use testbed::wait::eventually;

on_each_database! {
    async fn of_work_that_fails_nothing_is_kept(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        let (role, at) = (cc_lite::identity::Role::Agent, jiff::Timestamp::UNIX_EPOCH);
        let user = User::new("u1".to_owned(), "o1", "eva@example.com", role, "none".to_owned(), at);
        let add = async |fails: bool| {
            let user = user.clone();
            let work = store.write::<(), StoreError, _>(move |tx| {
                Box::pin(async move {
                    assert!(users::insert(tx, &user).await?);
                    if fails { Err(StoreError::Content("nothing")) } else { Ok(()) }
                })
            });
            let outcome = work.await;
            let kept = users::by_id(&mut store.reader().await.unwrap(), "u1").await.unwrap();
            (outcome.is_ok(), kept.map(|user| user.email))
        };
        assert_eq!(add(true).await, (false, None));
        assert_eq!(add(false).await, (true, Some("eva@example.com".to_owned())));
    }
}

on_each_database! {
    async fn a_pod_of_the_previous_release_goes_on_working_beside_this_one(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let ours = service.member("u", "ours");
        let new = ours.call().await;
        let store = Store::open_beside(&plan.database()).await.unwrap();
        let statements = include_str!("../previous/statements.sql").split(";\n").map(str::trim);
        for statement in statements.filter(|statement| !statement.is_empty()) {
            store
                .write::<_, StoreError, _>(move |tx| {
                    Box::pin(async move {
                        let done = sqlx::query(statement).execute(tx).await?;
                        assert_eq!(done.rows_affected(), 1, "{statement}");
                        Ok(())
                    })
                })
                .await
                .unwrap();
        }
        // What it wrote is read here, and what is written here has the columns that it reads.
        let old = ours.get("/calls/c-old").await.expect(200).json();
        assert_eq!((&old["status"], &old["outcome"], &old["contact_id"]), (&json!("completed"), &json!("sold"), &json!(null)));
        let listed = ours.get("/calls?provider=twilio").await.expect(200).json();
        assert_eq!(listed["items"][0]["id"], "c-old");
        let row = sqlx::query("SELECT status, version, event_sequence, metadata FROM calls WHERE id = $1 AND organization_id = 'ours'")
            .bind(&new)
            .fetch_one(&mut *store.reader().await.unwrap())
            .await
            .unwrap();
        assert_eq!((row.get::<String, _>(0).as_str(), row.get::<i64, _>(1)), ("queued", 1));
        // Its events come to listeners here.
        eventually(SOON, "its events get their positions", async || {
            let sql = "SELECT COUNT(*) FROM outbox WHERE subject = 'c-old' AND position IS NOT NULL";
            let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *store.reader().await?).await?;
            ensure!(count == 2, "expected 2, got {count}");
            Ok(())
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_database_has_one_process_alone() {
    let plan = Plan::platform(Database::Sqlite).await;
    let service = plan.start().await;
    let refused = Store::open(&plan.database()).await.unwrap_err();
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
    service.module.shutdown().await;
    drop(service);
    Store::open(&plan.database()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_migrate_once() {
    let plan = Plan::platform(Database::Postgres).await;
    let opened = futures::future::join_all((0..6).map(|_| {
        let database = plan.database();
        async move { Store::open(&database).await }
    }))
    .await;
    for store in opened {
        store.unwrap().check().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_one_sentence_without_the_password() {
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.database_url = Some("postgres://voice:hush@127.0.0.1:1/voice".to_owned());
    let sentence = Store::open(&plan.database()).await.unwrap_err().to_string();
    assert!(sentence.starts_with("The database cannot be used (") && sentence.ends_with('.'), "{sentence}");
    assert!(!sentence.contains("hush") && !sentence.contains('\n'), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_told_and_its_return_is_noticed() {
    let server = Postgres::start().await.unwrap();
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.database_url = Some(server.database().await.unwrap());
    let service = plan.start().await;
    let member = service.member("u1", "o1");
    let call = member.call().await;
    server.stop().await.unwrap();

    let path = format!("/calls/{call}");
    let refused = member.get(&path).await.expect(503);
    assert_eq!((refused.problem().as_str(), refused.header("retry-after")), ("busy", "1"));
    service.manage("/readyz").await.expect(503);
    service.manage("/livez").await.expect(200);
    let status = service.status().await;
    assert_eq!((&status["database"]["state"], &status["events"]["backlog"]), (&"error".into(), &().into()));
    assert!(status["database"]["error"].is_string(), "{status}");

    server.restart().await.unwrap();
    eventually(SOON, "the service is ready again", async || {
        let status = service.manage("/readyz").await.status;
        anyhow::ensure!(status == 200, "/readyz answers {status}");
        Ok(())
    })
    .await
    .unwrap();
    member.get(&path).await.expect(200);
}
