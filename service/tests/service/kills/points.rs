//! The program killed at each point of an event's way, and a database that is locked meanwhile.

use super::way::Way;
use super::{CALLS, Came, Victim, committed};
use crate::events::Inbox;
use crate::fixture::{Database, Plan, SOON, on_each_database, rabbitmq};
use anyhow::ensure;
use sqlx::{AnyConnection, Connection, Executor};
use testbed::wait::eventually;

/// Starts it again and sees that all that is committed has come, in order; how many events came again.
async fn survived(plan: &Plan, url: &str, inbox: &Inbox, mut came: Came) -> usize {
    let committed = committed(plan).await;
    assert_eq!(committed.len(), CALLS);
    let again = Victim::start(plan, url).await;
    again.until_delivered().await;
    came.take(inbox).await;
    came.assert_is(&committed)
}

/// Takes what comes until so many events have.
async fn until_come(came: &mut Came, inbox: &Inbox, count: usize) {
    eventually(SOON, "events come", async || {
        came.take(inbox).await;
        ensure!(came.count >= count, "{} of {count}", came.count);
        Ok(())
    })
    .await
    .unwrap();
}

/// The program on a database of its own, with its way to a broker and a queue that takes all.
struct Scene {
    url: String,
    inbox: Inbox,
    plan: Plan,
    way: Way,
    victim: Victim,
}

impl Scene {
    async fn set(database: Database) -> Self {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let (plan, way) = (Plan::platform(database).await, Way::to(rabbitmq().await, &url).await);
        let victim = Victim::start(&plan, &way.url).await;
        Self { url, inbox, plan, way, victim }
    }
}

on_each_database! {
    async fn killed_between_commit_and_publishing_it_publishes_all_of_it_later(database: Database) {
        let Scene { url, inbox, plan, way, victim } = Scene::set(database).await;
        way.there.send_replace(false);
        victim.calls().await;
        victim.kill().await;
        let mut came = Came::default();
        came.take(&inbox).await;
        assert_eq!(came.count, 0, "nothing was published");
        // What was on its way never gets there.
        drop(way);
        assert_eq!(survived(&plan, &url, &inbox, came).await, 0);
    }

    async fn killed_between_publishing_and_confirmation_it_publishes_again_under_the_same_ids(database: Database) {
        let Scene { url, inbox, plan, way, victim } = Scene::set(database).await;
        way.back.send_replace(false);
        victim.calls().await;
        let mut came = Came::default();
        // Of each call one event at most is under way without confirmation.
        until_come(&mut came, &inbox, CALLS).await;
        victim.kill().await;
        came.take(&inbox).await;
        assert_eq!((came.count, came.by_call.len()), (CALLS, CALLS));
        assert_eq!(survived(&plan, &url, &inbox, came).await, CALLS);
    }

    async fn killed_between_confirmation_and_mark_it_publishes_again_under_the_same_ids(database: Database) {
        let Scene { url, inbox, plan, way, victim } = Scene::set(database).await;
        way.there.send_replace(false);
        victim.calls().await;
        eventually(SOON, "all events have their positions", async || {
            let store = cc_lite::store::Store::open_beside(&plan.database()).await?;
            let sql = "SELECT COUNT(*) FROM outbox WHERE position IS NULL";
            let left: i64 = sqlx::query_scalar(sql).fetch_one(&mut *store.reader().await?).await?;
            ensure!(left == 0, "{left} have none");
            Ok(())
        })
        .await
        .unwrap();
        let lock = lock(&plan).await;
        way.there.send_replace(true);
        victim.until_confirmed(CALLS).await;
        victim.kill().await;
        drop(lock);
        let mut came = Came::default();
        until_come(&mut came, &inbox, CALLS).await;
        assert_eq!((came.count, came.by_call.len()), (CALLS, CALLS), "no call goes on without its mark");
        assert_eq!(survived(&plan, &url, &inbox, came).await, CALLS);
    }

    async fn while_the_database_is_locked_nothing_is_lost_and_it_goes_on_by_itself(database: Database) {
        let Scene { inbox, plan, way, victim, .. } = Scene::set(database).await;
        way.there.send_replace(false);
        victim.calls().await;
        let lock = lock(&plan).await;
        way.there.send_replace(true);
        victim.until_confirmed(1).await;
        // PostgreSQL waits for the lock; SQLite gives up, and it is said what is wrong.
        if matches!(database, Database::Sqlite) {
            victim.until("it says that marking fails", |status| status["events"]["last_error"].is_string()).await;
        }
        drop(lock);
        victim.until_delivered().await;
        let mut came = Came::default();
        came.take(&inbox).await;
        assert_eq!(came.assert_is(&committed(&plan).await), 0);
    }
}

/// Keeps everybody else from writing to the outbox for as long as it is held.
async fn lock(plan: &Plan) -> AnyConnection {
    let url = plan.arguments.database_url.as_deref().unwrap();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let sql = if url.starts_with("sqlite") {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN; LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE"
    };
    // SQLite's own writers may be at it.
    eventually(SOON, "the outbox is locked", async || Ok(connection.execute(sql).await.map(drop)?))
        .await
        .unwrap();
    connection
}
