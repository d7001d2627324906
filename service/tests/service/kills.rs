//! The program itself, its broker, its network and its disk, ended or taken away at every point of an event's way: what was
//! published contains all that was committed, under the same ids, and of each call in order.

mod broker;
mod disk;
mod network;
mod points;
mod soak;
mod way;

use crate::backlog::fill;
use crate::events::Inbox;
use crate::fixture::{Answer, Database, Plan};
use crate::program::command_after;
use anyhow::{Context, ensure};
use cc_lite::store::Store;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use testbed::RabbitMq;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// How many calls are made, with two events each.
const CALLS: usize = 30;
/// How many events the broker may have without the program knowing, which are those that can come twice.
const UNDER_WAY: usize = 400;
/// How long anything that is waited for may take: a broker starts anew in the meantime, and attempts to connect to it are up
/// to ten seconds apart.
const IN_TIME: Duration = Duration::from_secs(90);

/// The program, to be killed.
struct Victim {
    child: Child,
    client: Client,
    api: String,
    management: String,
    _log: AbortOnDropHandle<()>,
}

impl Victim {
    /// Starts it, and waits until it is connected.
    async fn start(plan: &Plan, broker: &str) -> Self {
        let victim = Self::spawn(&[], "127.0.0.1", plan, broker).await;
        victim.until("it is connected", |status| status["events"]["state"] == "connected").await;
        victim
    }

    /// Starts it by the command `before`, which puts it where it has this address; its broker may be away.
    async fn spawn(before: &[&str], address: &str, plan: &Plan, broker: &str) -> Self {
        let database = plan.arguments.database_url.as_deref().unwrap();
        let settings = [
            ("CC_LITE_MODE", "platform"),
            ("CC_LITE_GATEWAY_TRUST_EVERYONE", "true"),
            ("CC_LITE_BASE_PATH", "/"),
            ("DATABASE_URL", database),
            ("ENABLE_EVENTS", "true"),
            ("RABBITMQ_URL", broker),
        ];
        let mut child = command_after(before, plan.folder(), &settings).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = loop {
            let line = timeout(IN_TIME, lines.next_line()).await.expect("a line in time").unwrap();
            let line: Value = serde_json::from_str(&line.expect("the program runs")).unwrap();
            if line["port"].is_number() {
                break line;
            }
        };
        // Whoever does not read its log stops it.
        let log = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let url = |name: &str| format!("http://{address}:{}", greeting[name]);
        Self {
            child,
            client: Client::new(),
            api: url("port"),
            management: url("management_port"),
            _log: AbortOnDropHandle::new(log),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.api));
        let request = request.header("x-user-id", "u1").header("x-org-id", "o1");
        Answer::of(body.into_iter().fold(request, RequestBuilder::json)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(Method::POST, path, Some(body)).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.json()
    }

    /// Makes calls, whose events are committed when this returns.
    async fn calls(&self) {
        for _ in 0..CALLS {
            let call = self.post("/calls", &new_call()).await;
            let path = format!("/calls/{}", call["id"].as_str().unwrap());
            self.post(&format!("{path}/start"), &json!({})).await;
            self.post(&format!("{path}/end"), &json!({})).await;
        }
    }

    async fn manage(&self, path: &str) -> anyhow::Result<String> {
        Ok(self.client.get(format!("{}{path}", self.management)).send().await?.text().await?)
    }

    async fn status(&self) -> Value {
        serde_json::from_str(&self.manage("/status").await.unwrap()).unwrap()
    }

    async fn until(&self, what: &str, fits: impl Fn(&Value) -> bool) {
        eventually(IN_TIME, what, async || {
            let status = self.manage("/status").await?;
            ensure!(fits(&serde_json::from_str(&status)?), "{status}");
            Ok(())
        })
        .await
        .unwrap();
    }

    async fn until_delivered(&self) {
        self.until("all is delivered", |status| status["events"]["backlog"] == 0).await;
    }

    /// Waits until the broker has confirmed so many events.
    async fn until_confirmed(&self, count: usize) {
        eventually(IN_TIME, "the broker has confirmed", async || {
            let text = self.manage("/metrics").await?;
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
        timeout(IN_TIME, self.child.wait()).await.expect("it ends").unwrap();
    }
}

/// A module on a database of its own in which so many events wait.
async fn plan_with_waiting(database: Database, count: usize) -> Plan {
    let plan = Plan::platform(database).await;
    let store = Store::open(&plan.database()).await.unwrap();
    fill(&store, count).await;
    store.close().await;
    plan
}

/// Waits until all is delivered to this broker, and sees that what came is what was committed; how many events came again.
async fn complete(victim: &Victim, plan: &Plan, broker: &RabbitMq) -> usize {
    victim.until_delivered().await;
    let mut came = Came::default();
    came.take(&Inbox::open(&broker.url()).await).await;
    came.assert_is(&committed(plan).await)
}

fn new_call() -> Value {
    json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"})
}

/// The ids that are committed, in each call's order.
async fn committed(plan: &Plan) -> HashMap<String, Vec<String>> {
    let store = Store::open_beside(&plan.database()).await.unwrap();
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

    /// Sees that it is what was committed, and says how many events came again.
    #[track_caller]
    fn assert_is(&self, committed: &HashMap<String, Vec<String>>) -> usize {
        let differing: Vec<_> = committed
            .iter()
            .filter(|(call, ids)| self.by_call.get(*call) != Some(*ids))
            .map(|(call, ids)| format!("{call}: committed {ids:?}, came {:?}", self.by_call.get(call)))
            .take(5)
            .collect();
        assert!(differing.is_empty(), "of {} calls, among others: {differing:#?}", committed.len());
        assert_eq!(self.by_call.len(), committed.len(), "calls that came, and calls that are committed");
        println!("{} events came, {} of them again", self.count, self.repeated);
        self.repeated
    }
}
