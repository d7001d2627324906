//! The broker killed, restarted, out of memory, or without what it needs; and a replica killed beside another one.

use super::way::Way;
use super::{CALLS, IN_TIME, UNDER_WAY, Victim, complete, plan_with_waiting};
use crate::events::{EXCHANGE, Inbox};
use crate::fixture::{Database, Plan, on_each_database};
use anyhow::Context;
use lapin::options::ExchangeDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use testbed::RabbitMq;
use testbed::wait::eventually;

/// How many events wait when the program starts: more than it publishes until a test has done what it does.
const WAITING: usize = 20_000;
/// How many of them have been confirmed when something happens.
const AMID: usize = 500;
/// How many events the program may know to be safe without having noted it: they can come twice too when it is killed.
const UNNOTED: usize = 1000;

/// A broker of its own with a queue that takes all, and a database in which many events wait.
struct Stage {
    broker: RabbitMq,
    plan: Plan,
}

impl Stage {
    async fn set(database: Database, waiting: usize) -> Self {
        let broker = RabbitMq::start().await.unwrap();
        Inbox::open(&broker.url()).await;
        Self { broker, plan: plan_with_waiting(database, waiting).await }
    }

    /// See [`complete`].
    async fn complete(&self, victim: &Victim) -> usize {
        complete(victim, &self.plan, &self.broker).await
    }
}

/// Events still wait, so that it did happen amid them.
async fn assert_amid(victim: &Victim) {
    let status = victim.status().await;
    assert!(status["events"]["backlog"].as_u64() > Some(0), "all were delivered already: {status}");
}

on_each_database! {
    async fn the_broker_killed_amid_a_batch_gets_all_of_it_when_it_is_back(database: Database) {
        let stage = Stage::set(database, WAITING).await;
        let way = Way::to(&stage.broker, &stage.broker.url()).await;
        let victim = Victim::start(&stage.plan, &way.url).await;
        victim.until_confirmed(AMID).await;
        // What is under way stays unconfirmed.
        way.back.send_replace(false);
        stage.broker.kill().await.unwrap();
        way.back.send_replace(true);
        assert_amid(&victim).await;
        victim.until("it says that it is away", |status| status["events"]["state"] != "connected").await;
        victim.calls().await;
        stage.broker.restart().await.unwrap();
        let repeated = stage.complete(&victim).await;
        assert!(repeated <= UNDER_WAY, "{repeated} events came again");
    }

    async fn the_broker_restarted_while_ten_thousand_events_wait_gets_them_all(database: Database) {
        let stage = Stage::set(database, 10_000).await;
        stage.broker.use_up_memory().await.unwrap();
        let victim = Victim::spawn(&[], "127.0.0.1", &stage.plan, &stage.broker.url()).await;
        victim.until("the broker takes nothing", |status| status["events"]["last_error"].is_string()).await;
        victim.until("ten thousand wait", |status| status["events"]["backlog"] == 10_000).await;
        stage.broker.restart().await.unwrap();
        let repeated = stage.complete(&victim).await;
        assert!(repeated <= UNDER_WAY, "{repeated} events came again");
    }

    async fn a_broker_without_memory_gets_all_when_it_has_some(database: Database) {
        let broker = RabbitMq::start().await.unwrap();
        Inbox::open(&broker.url()).await;
        let stage = Stage { broker, plan: Plan::platform(database).await };
        let victim = Victim::start(&stage.plan, &stage.broker.url()).await;
        stage.broker.use_up_memory().await.unwrap();
        victim.calls().await;
        victim.until("they wait", |status| status["events"]["backlog"] == 2 * CALLS).await;
        stage.broker.free_memory().await.unwrap();
        // What it had before it said so is sent again.
        let repeated = stage.complete(&victim).await;
        assert!(repeated <= UNDER_WAY, "{repeated} events came again");
    }

    async fn an_exchange_deleted_under_way_is_made_again_and_what_no_queue_took_is_not_lost(database: Database) {
        let stage = Stage::set(database, WAITING).await;
        let url = stage.broker.url();
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let victim = Victim::start(&stage.plan, &url).await;
        victim.until_confirmed(AMID).await;
        channel.exchange_delete(EXCHANGE.into(), ExchangeDeleteOptions::default()).await.unwrap();
        victim.until("it says what is wrong", |status| status["events"]["last_error"].is_string()).await;
        assert_amid(&victim).await;
        // Bound again by whoever consumes.
        eventually(IN_TIME, "the exchange is there again", async || {
            let exchanges = stage.broker.ctl(&["list_exchanges", "name"]).await?;
            exchanges.lines().find(|name| *name == EXCHANGE).map(drop).context(exchanges.clone())
        })
        .await
        .unwrap();
        let inbox = Inbox::open(&url).await;
        let repeated = stage.complete(&victim).await;
        assert!(repeated <= UNDER_WAY, "{repeated} events came again");
        drop(inbox);
    }

    async fn without_a_queue_bound_nothing_is_lost(database: Database) {
        let broker = RabbitMq::start().await.unwrap();
        let stage = Stage { broker, plan: Plan::platform(database).await };
        let victim = Victim::start(&stage.plan, &stage.broker.url()).await;
        victim.calls().await;
        victim.until("it says that no queue takes them", |status| {
            status["events"]["last_error"].as_str().unwrap_or_default().contains("NO_ROUTE")
        }).await;
        Inbox::open(&stage.broker.url()).await;
        assert_eq!(stage.complete(&victim).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_one_is_killed_amid_a_batch_and_the_other_publishes_the_rest() {
    let stage = Stage::set(Database::Postgres, WAITING).await;
    let way = Way::to(&stage.broker, &stage.broker.url()).await;
    let url = stage.broker.url();
    let (doomed, heir) = tokio::join!(Victim::start(&stage.plan, &way.url), Victim::start(&stage.plan, &url));
    tokio::join!(doomed.until_confirmed(AMID), heir.until_confirmed(AMID));
    way.back.send_replace(false);
    assert_amid(&doomed).await;
    doomed.kill().await;
    let repeated = stage.complete(&heir).await;
    assert!(repeated <= UNDER_WAY + UNNOTED, "{repeated} events came again");
}
