//! The program itself, killed at each point of an event's way: what was published contains all that was committed, under
//! the same ids, and of each call in order.

use crate::events::Inbox;
use crate::fixture::{Answer, Database, Plan, SOON, on_each_database, rabbitmq};
use crate::program::command;
use anyhow::{Context, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection, Executor};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// How many calls are made, with two events each.
const CALLS: usize = 30;

/// The way to the broker, on which either direction can be held back.
struct Way {
    url: String,
    /// What the service sends arrives.
    there: watch::Sender<bool>,
    /// What the broker answers arrives.
    back: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Way {
    async fn to(url: &str) -> Self {
        let broker = rabbitmq().await.address().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: SocketAddr = listener.local_addr().unwrap();
        let (there, back) = (watch::Sender::new(true), watch::Sender::new(true));
        let (open_there, open_back) = (there.subscribe(), back.subscribe());
        let target = broker.clone();
        let task = tokio::spawn(async move {
            while let Ok((service, _)) = listener.accept().await {
                let Ok(broker) = TcpStream::connect(&target).await else { continue };
                let ((from_service, to_service), (from_broker, to_broker)) =
                    (service.into_split(), broker.into_split());
                tokio::spawn(pass(from_service, to_broker, open_there.clone()));
                tokio::spawn(pass(from_broker, to_service, open_back.clone()));
            }
        });
        let url = url.replace(&broker, &here.to_string());
        Self { url, there, back, _task: AbortOnDropHandle::new(task) }
    }
}

/// Passes on what comes, as long as the way is open.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut open: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if open.wait_for(|open| *open).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// The program, to be killed.
struct Victim {
    child: Child,
    api: String,
    management: String,
    _log: AbortOnDropHandle<()>,
}

impl Victim {
    async fn start(plan: &Plan, broker: &str) -> Self {
        let database = plan.arguments.database_url.as_deref().unwrap();
        let settings = [
            ("CC_LITE_MODE", "platform"),
            ("CC_LITE_BASE_PATH", "/"),
            ("DATABASE_URL", database),
            ("ENABLE_EVENTS", "true"),
            ("RABBITMQ_URL", broker),
        ];
        let mut child = command(plan.folder(), &settings).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = loop {
            let line = timeout(SOON, lines.next_line()).await.expect("a line in time").unwrap();
            let line: Value = serde_json::from_str(&line.expect("the program runs")).unwrap();
            if line["port"].is_number() {
                break line;
            }
        };
        // Whoever does not read its log stops it.
        let log = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let address = |name: &str| format!("http://127.0.0.1:{}", greeting[name]);
        let victim = Self {
            child,
            api: address("port"),
            management: address("management_port"),
            _log: AbortOnDropHandle::new(log),
        };
        victim.until("it is connected", |status| status["events"]["state"] == "connected").await;
        victim
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = Client::new().request(Method::POST, format!("{}{path}", self.api)).json(body);
        let answer = Answer::of(request.header("x-user-id", "u1").header("x-org-id", "o1")).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.json()
    }

    /// Makes calls, whose events are committed when this returns.
    async fn calls(&self) {
        for _ in 0..CALLS {
            let body = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
            let call = self.post("/calls", &body).await;
            let path = format!("/calls/{}", call["id"].as_str().unwrap());
            self.post(&format!("{path}/start"), &json!({})).await;
            self.post(&format!("{path}/end"), &json!({})).await;
        }
    }

    async fn until(&self, what: &str, fits: impl Fn(&Value) -> bool) {
        eventually(SOON, what, async || {
            let status =
                Client::new().get(format!("{}/status", self.management)).send().await?.text().await?;
            ensure!(fits(&serde_json::from_str(&status)?), "{status}");
            Ok(())
        })
        .await
        .unwrap();
    }

    /// Waits until the broker has confirmed so many events.
    async fn until_confirmed(&self, count: usize) {
        eventually(SOON, "the broker has confirmed", async || {
            let text = Client::new().get(format!("{}/metrics", self.management)).send().await?.text().await?;
            let line = text.lines().find_map(|line| line.strip_prefix("cc_lite_events_published_total "));
            let confirmed: usize = line.context("no such metric")?.parse()?;
            ensure!(confirmed >= count, "{confirmed} of {count}");
            Ok(())
        })
        .await
        .unwrap();
    }

    /// Ends it as nothing that it could notice does.
    async fn kill(mut self) {
        self.child.start_kill().unwrap();
        timeout(SOON, self.child.wait()).await.expect("it ends").unwrap();
    }
}

/// The ids that are committed, in each call's order.
async fn committed(plan: &Plan) -> HashMap<String, Vec<String>> {
    let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
    let sql = "SELECT subject, id FROM outbox ORDER BY subject, sequence";
    let rows: Vec<(String, String)> =
        sqlx::query_as(sql).fetch_all(&mut *store.reader().await.unwrap()).await.unwrap();
    let mut by_call: HashMap<String, Vec<String>> = HashMap::new();
    for (call, id) in rows {
        by_call.entry(call).or_default().push(id);
    }
    by_call
}

/// What has come of each call, in the order in which it came first; and how many events came more than once.
#[derive(Default)]
struct Came {
    by_call: HashMap<String, Vec<String>>,
    count: usize,
    repeated: usize,
}

impl Came {
    async fn take(&mut self, inbox: &Inbox) {
        for message in inbox.take_all().await.unwrap() {
            let event: Value = serde_json::from_slice(&message.data).unwrap();
            let id = event["id"].as_str().unwrap().to_owned();
            assert_eq!(message.properties.message_id().as_ref().unwrap().to_string(), id);
            let of_call =
                self.by_call.entry(event["data"]["call_id"].as_str().unwrap().to_owned()).or_default();
            self.count += 1;
            if of_call.contains(&id) { self.repeated += 1 } else { of_call.push(id) }
        }
    }

    async fn until(&mut self, inbox: &Inbox, count: usize) {
        for _ in 0..400 {
            self.take(inbox).await;
            if self.count >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} events came", self.count);
    }
}

/// Starts it again and sees that all that is committed has come, in order; how many events came again.
async fn survived(plan: &Plan, url: &str, inbox: &Inbox, mut came: Came) -> usize {
    let committed = committed(plan).await;
    assert_eq!(committed.len(), CALLS);
    let again = Victim::start(plan, url).await;
    again.until("all is delivered", |status| status["events"]["backlog"] == 0).await;
    came.take(inbox).await;
    assert_eq!(came.by_call, committed, "what came, and what is committed");
    came.repeated
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
        let (plan, way) = (Plan::platform(database).await, Way::to(&url).await);
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
        came.until(&inbox, CALLS).await;
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
        came.until(&inbox, CALLS).await;
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
        victim.until("all is delivered", |status| status["events"]["backlog"] == 0).await;
        let mut came = Came::default();
        came.take(&inbox).await;
        assert_eq!((&came.by_call, came.repeated), (&committed(&plan).await, 0));
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
