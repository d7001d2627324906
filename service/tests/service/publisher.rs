//! The connection to RabbitMQ: passwords that change, brokers that take nothing or say nothing, and its end.

use crate::events::{Inbox, outline, until_connected, until_delivered, until_state};
use crate::fixture::{Database, Plan, SOON, Service, on_each_database, rabbitmq};
use crate::program::Program;
use anyhow::ensure;
use cc_lite::events::amqp::AmqpPublisher;
use cc_lite::{BrokerConnection, EventMessage, EventPublisher, PublishError};
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use testbed::RabbitMq;
use testbed::wait::eventually;

/// How long the module may take to end: 5 seconds for events on their way and 2 for the connection, and some slack for
/// a busy machine.
const STOPPED: Duration = Duration::from_secs(9);

/// Writes a file as a mounted Secret changes: in one step.
fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, file).unwrap();
}

async fn until_told(service: &Service, what: &str) -> String {
    eventually(SOON * 2, &format!("`{what}` is told"), async || {
        let status = service.status().await;
        let error = status["events"]["last_error"].as_str().unwrap_or_default().to_owned();
        ensure!(error.contains(what), "{status}");
        Ok(error)
    })
    .await
    .unwrap()
}

async fn waiting(service: &Service) -> Value {
    service.status().await["events"]["backlog"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_queue_takes_is_told_apart_however_many_messages_are_under_way() {
    let url = rabbitmq().await.vhost().await.unwrap();
    let inbox = Inbox::for_events(&url, "comms.call.started").await;
    let settings = Plan::platform(Database::Sqlite).await.events(&url).settings();
    let publisher = AmqpPublisher::start(&settings.events);
    eventually(SOON, "it is connected", async || {
        ensure!(publisher.connection() == BrokerConnection::Connected, "{:?}", publisher.connection());
        Ok(())
    })
    .await
    .unwrap();
    let message = |number: usize| EventMessage {
        id: format!("m{number}"),
        event_type: if number.is_multiple_of(3) { "call.started" } else { "call.ended" }.to_owned(),
        timestamp: jiff::Timestamp::UNIX_EPOCH,
        body: "{}".to_owned(),
    };
    let messages: Vec<EventMessage> = (0..6_000).map(message).collect();
    let outcomes: Vec<(&EventMessage, Result<(), PublishError>)> = stream::iter(&messages)
        .map(async |message| (message, publisher.publish(message).await))
        .buffer_unordered(200)
        .collect()
        .await;
    let mut safe: Vec<String> = Vec::new();
    for (message, outcome) in outcomes {
        match (message.event_type.as_str(), &outcome) {
            ("call.started", Ok(())) => safe.push(message.id.clone()),
            ("call.ended", Err(PublishError::Unroutable(_))) => {}
            _ => panic!("{message:?}: {outcome:?}"),
        }
    }
    let taken = inbox.take_all().await.unwrap();
    let mut taken: Vec<String> =
        taken.iter().map(|message| message.properties.message_id().as_ref().unwrap().to_string()).collect();
    taken.sort_unstable();
    safe.sort_unstable();
    assert_eq!(taken, safe, "what the queue has, and what is told to be safe");
    publisher.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password_is_taken_from_its_file_without_a_restart() {
    let broker = rabbitmq().await;
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let user = format!("rotating-{:08x}", rand::random::<u32>());
    let vhost = url.rsplit('/').next().unwrap();
    broker.ctl(&["add_user", &user, "first-hush"]).await.unwrap();
    broker.ctl(&["set_permissions", "--vhost", vhost, &user, ".*", ".*", ".*"]).await.unwrap();
    let address = |password: &str| {
        url.replace(&format!("{}:{}", broker.user(), broker.password()), &format!("{user}:{password}"))
    };
    let mut plan = Plan::platform(Database::Sqlite).await.events(&url);
    let file = plan.folder().join("rabbitmq-url");
    replace(&file, &format!("{}\n", address("first-hush")));
    plan.arguments.rabbitmq_url = None;
    plan.arguments.rabbitmq_url_file = Some(file.display().to_string());
    let service = plan.start().await;
    let member = service.member("u1", "o1");
    let before = member.whole_call().await;
    let events = inbox.bodies(2).await;
    assert_eq!(outline(&events), [("call.started", before.as_str()), ("call.ended", &before)]);

    broker.ctl(&["change_password", &user, "second-hush"]).await.unwrap();
    broker.ctl(&["close_all_user_connections", &user, "rotated"]).await.unwrap();
    let meanwhile = member.whole_call().await;
    let told = until_told(&service, "ACCESS_REFUSED").await;
    assert!(told.starts_with("the broker refuses the login (") && told.contains("RABBITMQ_URL"), "{told}");
    assert!(!told.contains("hush") && !told.contains(&user), "{told}");
    // While the file is being changed by somebody careless, that is what is told.
    std::fs::remove_file(&file).unwrap();
    let told = until_told(&service, "RABBITMQ_URL_FILE names").await;
    assert!(told.contains("which cannot be read") && !told.contains("hush"), "{told}");

    replace(&file, &address("second-hush"));
    let events = inbox.bodies(2).await;
    assert_eq!(outline(&events), [("call.started", meanwhile.as_str()), ("call.ended", &meanwhile)]);
    until_delivered(&service).await;
    let status = service.status().await;
    assert_eq!(
        (&status["events"]["state"], &status["events"]["last_error"]),
        (&json!("connected"), &Value::Null)
    );
    let shown = broker.ctl(&["list_connections", "user", "timeout"]).await.unwrap();
    let own = shown.lines().find(|line| line.starts_with(&user)).unwrap();
    assert_eq!(own.split_whitespace().last(), Some("20"), "seconds between signs of life: {own}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_takes_nothing_is_told_of_once_and_costs_nothing_but_time() {
    let broker = RabbitMq::start().await.unwrap();
    let url = broker.url();
    let inbox = Inbox::open(&url).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("ENABLE_EVENTS", "true"),
        ("RABBITMQ_URL", url.as_str()),
        ("CC_LITE_MODE", "platform"),
        ("CC_LITE_BASE_PATH", "/"),
    ];
    let mut program = Program::start(folder.path(), &settings).await;
    let client = reqwest::Client::new();
    let (api, management) = (program.port, program.management_port);
    let status = async || {
        let answer = client.get(format!("http://127.0.0.1:{management}/status")).send().await?;
        Ok::<Value, anyhow::Error>(answer.json().await?)
    };
    let post = async |path: &str, body: Value| {
        let request = client.post(format!("http://127.0.0.1:{api}{path}")).json(&body);
        let answer = request.header("x-user-id", "u1").header("x-org-id", "o1").send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json::<Value>().await.unwrap()
    };
    let whole_call = async || {
        let new = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
        let id = post("/calls", new).await["id"].as_str().unwrap().to_owned();
        post(&format!("/calls/{id}/start"), json!({})).await;
        post(&format!("/calls/{id}/end"), json!({})).await;
    };
    whole_call().await;
    inbox.take(2).await;

    broker.use_up_memory().await.unwrap();
    let began = Instant::now();
    for _ in 0..10 {
        whole_call().await;
    }
    assert!(began.elapsed() < Duration::from_secs(5), "answers waited for the broker");
    eventually(SOON, "the alarm is told", async || {
        let events = status().await?["events"].clone();
        let error = events["last_error"].as_str().unwrap_or_default();
        ensure!(events["state"] == "connecting" && error.contains("low on memory"), "{events}");
        assert!(
            error.starts_with("the broker takes no messages for now (")
                && error.ends_with("free its memory or disk")
        );
        ensure!(events["backlog"] == 20, "{events}");
        Ok(())
    })
    .await
    .unwrap();
    let ready = client.get(format!("http://127.0.0.1:{management}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    // The connection is kept for longer than a message may take, and not made again and again.
    let connections = async || broker.ctl(&["list_connections", "pid"]).await.unwrap();
    let (known, began) = (connections().await, Instant::now());
    while began.elapsed() < Duration::from_secs(7) {
        assert_eq!(connections().await, known, "the connections are those that there were");
    }
    broker.free_memory().await.unwrap();
    eventually(SOON, "all is delivered", async || {
        let events = status().await?["events"].clone();
        ensure!(events["state"] == "connected" && events["backlog"] == 0, "{events}");
        ensure!(events["last_error"].is_null(), "{events}");
        Ok(())
    })
    .await
    .unwrap();
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    let told: Vec<(&str, &str)> = program
        .log
        .iter()
        .filter(|line| {
            line["target"].as_str().unwrap_or_default().starts_with("cc_lite::events")
                || line["level"] == "WARN"
        })
        .map(|line| (line["level"].as_str().unwrap(), line["message"].as_str().unwrap()))
        .collect();
    let expected = [
        ("WARN", "events are not delivered; they are kept and delivered as soon as that works"),
        ("INFO", "events are delivered again"),
    ];
    // The first warning of platform mode is about who is let in.
    let of_events: Vec<_> = told.into_iter().filter(|(_, message)| message.starts_with("events")).collect();
    assert_eq!(of_events, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_confirmations_that_come_in_time_and_leaves_the_rest_for_the_next_start() {
    let broker = RabbitMq::start().await.unwrap();
    let databases = [Database::Sqlite, Database::Postgres];
    let plans = join_all(databases.map(async |database| {
        let url = broker.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        (Plan::platform(database).await.events(&url), inbox)
    }));
    let plans = plans.await;
    // The broker stands still while events are on their way, and goes on within the time that they are given.
    let services = join_all(plans.iter().map(async |(plan, _)| plan.start().await)).await;
    join_all(services.iter().map(until_connected)).await;
    broker.pause().unwrap();
    for service in &services {
        join_all((0..20).map(async |_| service.member("u1", "o1").whole_call().await)).await;
    }
    let began = Instant::now();
    let (_, ()) = tokio::join!(join_all(services.iter().map(|service| service.module.shutdown())), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        broker.resume().unwrap();
    });
    assert!(began.elapsed() < STOPPED, "it took {:?}", began.elapsed());
    drop(services);
    for (plan, inbox) in &plans {
        inbox.take(40).await;
        // What was confirmed is known to be: nothing comes twice.
        let service = plan.start().await;
        until_connected(&service).await;
        assert_eq!(waiting(&service).await, 0);
        service.module.shutdown().await;
    }

    // It stays as it is beyond that time.
    let services = join_all(plans.iter().map(async |(plan, _)| plan.start().await)).await;
    join_all(services.iter().map(until_connected)).await;
    broker.pause().unwrap();
    for service in &services {
        service.member("u1", "o1").whole_call().await;
    }
    let began = Instant::now();
    join_all(services.iter().map(|service| service.module.shutdown())).await;
    let took = began.elapsed();
    broker.resume().unwrap();
    assert!(took < STOPPED, "it took {took:?}");
    drop(services);
    for (plan, inbox) in &plans {
        let service = plan.start().await;
        until_delivered(&service).await;
        let ids: Vec<String> =
            inbox.at_least(2).await.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        let known: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(known.len(), 2, "events come again under the ids that they had: {ids:?}");
    }
}

on_each_database! {
    async fn a_broker_that_says_nothing_is_given_up_and_connected_to_again(database: Database) {
        let broker = RabbitMq::start().await.unwrap();
        let inbox = Inbox::open(&broker.url()).await;
        let service = Plan::platform(database).await.events(&broker.url()).start().await;
        until_connected(&service).await;
        broker.pause().unwrap();
        let call = service.member("u1", "o1").whole_call().await;
        let told = until_told(&service, "the broker").await;
        assert!(
            told == "the broker stopped answering" || told == "the broker spent more than 15s confirming a message"
                || told.starts_with("the broker did not answer within"),
            "{told}"
        );
        until_state(&service, "connecting").await;
        broker.resume().unwrap();
        until_delivered(&service).await;
        let events = inbox.at_least(2).await;
        let mut outline = outline(&events);
        outline.dedup();
        assert_eq!(outline, [("call.started", call.as_str()), ("call.ended", &call)]);
    }
}
