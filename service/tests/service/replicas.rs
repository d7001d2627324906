//! Several replicas publish from one outbox: they share its calls, also when one comes, goes or dies.

use crate::backlog::fill;
use crate::fixture::{Database, Plan, SOON, Service};
use anyhow::ensure;
use cc_lite::store::Store;
use cc_lite::{EventMessage, EventPublisher, PublishError};
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use testbed::wait::eventually;

/// What all replicas have published.
#[derive(Default)]
struct Journal(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    /// Replica, call, sequence and id of each event, as they were taken.
    taken: Vec<(&'static str, String, i64, String)>,
    /// Which replica has an event of a call under way.
    under_way: HashMap<String, &'static str>,
}

impl Journal {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    /// How many events this replica has published.
    fn count(&self, name: &str) -> usize {
        self.pages().taken.iter().filter(|(by, ..)| *by == name).count()
    }

    async fn until_taken(&self, count: usize) {
        eventually(SOON, "all events are published", async || {
            let taken = self.pages().taken.len();
            ensure!(taken >= count, "{taken} of {count}");
            Ok(())
        })
        .await
        .unwrap();
    }

    /// Each event of these many was published once, those of a call in their order.
    #[track_caller]
    fn assert_complete(&self, count: usize) {
        let pages = self.pages();
        let ids: HashSet<&str> = pages.taken.iter().map(|(.., id)| id.as_str()).collect();
        assert_eq!((ids.len(), pages.taken.len()), (count, count), "different events, and all of them");
        let mut last = HashMap::new();
        for (by, call, sequence, _) in &pages.taken {
            let before = last.insert(call, *sequence).unwrap_or(0);
            assert_eq!(*sequence, before + 1, "of {call}, by {by}");
        }
    }
}

/// One replica's publisher.
struct Replica {
    name: &'static str,
    journal: Arc<Journal>,
    takes: Duration,
    /// Events come to it and nothing comes back.
    silent: AtomicBool,
}

impl Replica {
    fn new(name: &'static str, journal: &Arc<Journal>, takes: Duration) -> Arc<Self> {
        Arc::new(Self { name, journal: Arc::clone(journal), takes, silent: AtomicBool::new(false) })
    }

    async fn start(self: &Arc<Self>, plan: &mut Plan) -> Service {
        plan.publisher = Some(Arc::clone(self) as Arc<dyn EventPublisher>);
        plan.start().await
    }
}

/// A call has an event under way for as long as this is held.
struct UnderWay(Arc<Journal>, String);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.pages().under_way.remove(&self.1);
    }
}

impl EventPublisher for Replica {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(async move {
            let body: Value = serde_json::from_str(&event.body).unwrap();
            let call = body["data"]["call_id"].as_str().unwrap().to_owned();
            let other = self.journal.pages().under_way.insert(call.clone(), self.name);
            assert_eq!(other, None, "{} publishes an event of {call} beside another", self.name);
            let _under_way = UnderWay(Arc::clone(&self.journal), call.clone());
            if self.silent.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(self.takes).await;
            let sequence = body["data"]["sequence"].as_i64().unwrap();
            self.journal.pages().taken.push((self.name, call, sequence, event.id.clone()));
            Ok(())
        })
    }
}

/// Waits until so many processes have claimed all shards, each its fair share.
async fn until_shared(store: &Store, processes: usize) {
    let sql = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND database = \
               (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid";
    eventually(SOON, "the claims are shared", async || {
        let shares: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut *store.reader().await?).await?;
        let fair = i64::try_from(64_usize.div_ceil(processes))?;
        let (all, most) = (shares.iter().sum::<i64>(), shares.iter().copied().max());
        ensure!(shares.len() == processes && all == 64 && most <= Some(fair), "{shares:?}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_publish_side_by_side_each_the_events_of_its_calls() {
    let journal = Arc::new(Journal::default());
    let mut plan = Plan::platform(Database::Postgres).await;
    let store = Store::open(&plan.database()).await.unwrap();
    let one = Replica::new("one", &journal, Duration::from_millis(1)).start(&mut plan).await;
    until_shared(&store, 1).await;
    let other = Replica::new("other", &journal, Duration::from_millis(1)).start(&mut plan).await;
    let third = Replica::new("third", &journal, Duration::from_millis(1)).start(&mut plan).await;
    until_shared(&store, 3).await;
    fill(&store, 6000).await;
    journal.until_taken(6000).await;
    journal.assert_complete(6000);
    for name in ["one", "other", "third"] {
        let count = journal.count(name);
        assert!(count > 1000, "{name} published {count} of 6000");
    }
    drop((one, other, third));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_replica_dies_amid_its_events_the_other_one_publishes_them() {
    let journal = Arc::new(Journal::default());
    let mut plan = Plan::platform(Database::Postgres).await;
    let store = Store::open(&plan.database()).await.unwrap();
    let dying = Replica::new("dying", &journal, Duration::ZERO);
    dying.silent.store(true, Ordering::SeqCst);
    let doomed = dying.start(&mut plan).await;
    let heir = Replica::new("heir", &journal, Duration::ZERO).start(&mut plan).await;
    until_shared(&store, 2).await;
    fill(&store, 4000).await;
    eventually(SOON, "one has published its share and the other is in the midst of its own", async || {
        let pages = journal.pages();
        let stuck = pages.under_way.values().filter(|by| **by == "dying").count();
        ensure!(stuck == 200 && pages.taken.len() > 1000, "{stuck} under way, {} taken", pages.taken.len());
        Ok(())
    })
    .await
    .unwrap();

    // As when it is killed: nothing is ended in order.
    drop(doomed);
    journal.until_taken(4000).await;
    journal.assert_complete(4000);
    until_shared(&store, 1).await;
    drop(heir);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_comes_and_one_that_goes_change_neither_order_nor_number() {
    let journal = Arc::new(Journal::default());
    let mut plan = Plan::platform(Database::Postgres).await;
    let store = Store::open(&plan.database()).await.unwrap();
    fill(&store, 12_000).await;
    let takes = Duration::from_millis(20);
    let first = Replica::new("first", &journal, takes).start(&mut plan).await;
    journal.until_taken(500).await;
    let second = Replica::new("second", &journal, takes).start(&mut plan).await;
    eventually(SOON, "the second one publishes too", async || {
        let count = journal.count("second");
        ensure!(count > 500, "{count} events");
        Ok(())
    })
    .await
    .unwrap();
    first.module.shutdown().await;
    let by_first = journal.count("first");
    journal.until_taken(12_000).await;
    journal.assert_complete(12_000);
    assert_eq!(journal.count("first"), by_first, "it has stopped");
    drop((first, second));
}
