//! The database itself: opening, excluding, failing.

use crate::fixture::{Database, Plan, SOON, on_each_database};
use cc_lite::store::users::{self, User};
use cc_lite::store::{OpenError, Store, StoreError};
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
