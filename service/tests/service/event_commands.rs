//! `cc-lite events tail` and `cc-lite events replay`, as programs.

use crate::delivery::HostPublisher;
use crate::events::{Inbox, outline, until_delivered};
use crate::fixture::{Database, Plan, SOON, on_each_database, rabbitmq};
use crate::program::{command, ending};
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::events::retention;
use cc_lite::store::Store;
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use testbed::RabbitMq;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

fn events(folder: &Path, broker: &str, arguments: &[&str]) -> Command {
    let mut asked = command(folder, &[("RABBITMQ_URL", broker)]);
    asked.arg("events").args(arguments);
    asked
}

/// A program that follows events.
struct Follower {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    errors: Lines<BufReader<ChildStderr>>,
}

impl Follower {
    async fn start(broker: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = events(folder.path(), broker, &[&["tail"], arguments].concat()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut follower = Self { child, lines, errors };
        follower.error_with("Following the events of exchange ocelot.events").await;
        follower
    }

    async fn line(&mut self) -> String {
        timeout(SOON, self.lines.next_line()).await.expect("a line in time").unwrap().expect("a line")
    }

    async fn error_with(&mut self, beginning: &str) -> String {
        loop {
            let line = timeout(SOON, self.errors.next_line()).await.expect("a line in time").unwrap();
            let line = line.unwrap_or_else(|| panic!("expected `{beginning}…`"));
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    async fn end(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let process = id.and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
        let status = timeout(SOON, self.child.wait()).await.expect("the program ends").unwrap();
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            rest.push(line);
        }
        (status.code(), rest)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_followed_as_they_come_and_taken_from_nobody() {
    let broker = rabbitmq().await;
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let mut all = Follower::start(&url, &[]).await;
    let mut json = Follower::start(&url, &["-o", "json", "--type", "call.*,campaign.completed"]).await;
    let mut ends = Follower::start(&url, &["--type", "*.ended"]).await;
    let service = Plan::platform(Database::Sqlite).await.events(&url).start().await;
    let call = service.member("u1", "o1").whole_call().await;

    let (first, second) = (all.line().await, all.line().await);
    assert!(
        first.contains(&format!(
            "  call.started        {call}  inbound +*********789 to +*********321, agent-7"
        )),
        "{first}"
    );
    assert!(
        second.ends_with(&format!("  call.ended          {call}  completed, completed, 0 s, talked 0 s")),
        "{second}"
    );
    let time = second.split(' ').next().unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{second}");
    assert_eq!(ends.line().await, second);
    let whole: Vec<Value> = [json.line().await, json.line().await]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(inbox.bodies(2).await, whole);

    for follower in [all, json, ends] {
        assert_eq!(follower.end().await, (Some(0), Vec::new()));
    }
    let queues =
        broker.ctl(&["list_queues", "--vhost", url.rsplit('/').next().unwrap(), "name"]).await.unwrap();
    let queues: Vec<&str> = queues.lines().filter(|line| line.starts_with("amq.gen")).collect();
    assert_eq!(queues, Vec::<&str>::new(), "its queues have gone with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_follow_events_is_told_why_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let away = ending(events(folder.path(), "amqp://user:hush@127.0.0.1:1", &["tail"])).await;
    let expected =
        "Events cannot be followed: the broker cannot be reached (Connection refused (os error 111)).\n";
    assert_eq!(away, (Some(1), expected.to_owned()));

    let broker = RabbitMq::start().await.unwrap();
    let nothing = ending(events(folder.path(), &broker.url(), &["tail"])).await;
    let expected = "Events cannot be followed: the broker has no exchange `ocelot.events`: the service makes it when it \
                    starts, or give another EVENTS_EXCHANGE.\n";
    assert_eq!(nothing, (Some(1), expected.to_owned()));
    let unknown = ending(events(folder.path(), &broker.url(), &["tail", "--type", "call.began"])).await;
    assert!(
        unknown.0 == Some(1) && unknown.1.starts_with("`call.began` fits no type of event: give any of "),
        "{unknown:?}"
    );
    let form = ending(events(folder.path(), &broker.url(), &["tail", "-o", "xml"])).await;
    assert_eq!(
        form,
        (Some(2), "--output <OUTPUT> does not take this value: `--help` shows those it takes.\n".to_owned())
    );

    Inbox::open(&broker.url()).await;
    let mut follower = Follower::start(&broker.url(), &[]).await;
    broker.stop().await.unwrap();
    let told = follower.error_with("Events cannot be followed: ").await;
    assert!(
        told.contains("CONNECTION_FORCED") || told.contains("the broker closed the connection"),
        "{told}"
    );
    let status = timeout(SOON, follower.child.wait()).await.expect("the program ends").unwrap();
    assert_eq!(status.code(), Some(1));
}

/// What the program told, when it ended well.
async fn told(mut command: Command) -> String {
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

fn replay(plan: &Plan, broker: &str, arguments: &[&str]) -> Command {
    let mut asked = events(plan.folder(), broker, &[&["replay"], arguments].concat());
    asked.env("DATABASE_URL", plan.arguments.database_url.as_ref().unwrap());
    asked
}

/// The ids of each call's events, in the order in which they came.
fn ids(events: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        let call = event["data"]["call_id"].as_str().unwrap().to_owned();
        ids.entry(call).or_default().push(event["id"].as_str().unwrap().to_owned());
    }
    ids
}

on_each_database! {
    async fn what_was_published_is_published_again_beside_the_running_service(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let plan = Plan::platform(database).await.events(&url);
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        // More than are looked at at once.
        let calls = futures::future::join_all((0..110).map(|_| member.whole_call())).await;
        let first = inbox.bodies(220).await;
        until_delivered(&service).await;

        let dry = told(replay(&plan, &url, &["--since", "1h", "--dry-run", "--type", "*.ended"])).await;
        assert!(dry.starts_with("Would publish 110 events of 110 calls and campaigns again, from 20"), "{dry}");
        assert!(dry.ends_with(": 110 call.ended.\n"), "{dry}");
        let again = told(replay(&plan, &url, &["--since", "1h"])).await;
        assert!(again.starts_with("Published 220 events of 110 calls and campaigns again, from 20"), "{again}");
        assert!(again.ends_with(": 110 call.ended, 110 call.started.\n"), "{again}");
        let second = inbox.bodies(220).await;
        assert_eq!(ids(&second), ids(&first), "the same events, each call's in order");

        let one = told(replay(&plan, &url, &["--since", "2020-01-01T00:00:00Z", "--call", &calls[7]])).await;
        assert!(one.starts_with("Published 2 events of 1 calls"), "{one}");
        let one = inbox.bodies(2).await;
        assert_eq!(outline(&one), [("call.started", calls[7].as_str()), ("call.ended", &calls[7])]);
        let none = told(replay(&plan, &url, &["--since", "2h", "--until", "1h"])).await;
        assert_eq!(none, "No event that is kept fits: nothing was published.\n");
        assert_eq!(service.status().await["events"]["backlog"], 0);
        assert_eq!(member.get(&format!("/calls/{}", calls[0])).await.expect(200).json()["status"], "completed");
    }

    async fn what_is_not_kept_any_more_is_not_asked_for_in_vain(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        // Its own publisher takes events, so that the history has some that were published.
        let publisher = Arc::new(HostPublisher::default());
        let plan = Plan::platform(database).await.publisher(publisher);
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        member.whole_call().await;
        until_delivered(&service).await;
        service.module.shutdown().await;
        drop(service);
        let store = Store::open(&plan.database()).await.unwrap();
        let later = SystemClock.now() + SignedDuration::from_hours(25);
        assert_eq!(retention::prune(&store, later, Duration::from_hours(24)).await.unwrap(), 2);
        store.close().await;

        let service = plan.start().await;
        let kept = service.member("u1", "o1").whole_call().await;
        until_delivered(&service).await;
        let (code, sentence) = ending(quiet(replay(&plan, &url, &["--since", "48h"]))).await;
        assert_eq!(code, Some(1), "{sentence}");
        assert!(sentence.starts_with("The history that is kept begins at 20"), "{sentence}");
        assert!(sentence.contains("give that or a later time with --since"), "{sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        let begin = sentence.split(' ').nth(7).unwrap().trim_end_matches(':');
        let again = told(replay(&plan, &url, &["--since", begin])).await;
        assert!(again.starts_with("Published 2 events of 1 calls"), "{again}");
        assert!(again.contains("The oldest event that is kept is of "), "{again}");
        assert_eq!(outline(&inbox.bodies(2).await), [("call.started", kept.as_str()), ("call.ended", &kept)]);
    }

    async fn a_replay_that_the_broker_does_not_take_stops_and_says_so(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let plan = Plan::platform(database).await.publisher(Arc::new(HostPublisher::default()));
        let service = plan.start().await;
        service.member("u1", "o1").whole_call().await;
        until_delivered(&service).await;
        let (code, sentence) = ending(quiet(replay(&plan, &url, &["--since", "1h"]))).await;
        assert_eq!(code, Some(1));
        assert_eq!(
            sentence,
            "Stopped after 0 events, since no queue takes the event: it came back: 312 NO_ROUTE. Run it again \
             when that is mended: whoever had some already tells them by their ids.\n"
        );
        let away = "amqp://user:hush@127.0.0.1:1";
        let (code, sentence) = ending(quiet(replay(&plan, away, &["--since", "1h"]))).await;
        assert_eq!(code, Some(1));
        assert!(sentence.starts_with("Stopped after 0 events, since the broker is not available: "), "{sentence}");
        assert!(!sentence.contains("hush"), "{sentence}");
        let (code, sentence) = ending(replay(&plan, away, &["--since", "1h", "--until", "2h"])).await;
        assert!(code == Some(1) && sentence.contains("is not before --until"), "{sentence}");
        let both = replay(&plan, away, &["--since", "1h", "--call", "a", "--campaign", "b"]);
        let (code, sentence) = ending(both).await;
        assert!(code == Some(2) && sentence.contains("exclude each other"), "{sentence}");
    }
}

/// Without logs, which share standard error with the sentence.
fn quiet(mut command: Command) -> Command {
    command.env("RUST_LOG", "warn");
    command
}
