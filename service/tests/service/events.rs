//! Events on RabbitMQ: their form, their order, and the broker being away.

use crate::fixture::{Database, Plan, SOON, Service, on_each_database, rabbitmq};
use anyhow::ensure;
use futures::future::join_all;
use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use testbed::RabbitMq;
use testbed::wait::eventually;

pub(crate) const EXCHANGE: &str = "ocelot.events";

/// A durable queue for all events, as another module would have it.
pub(crate) struct Inbox {
    channel: Channel,
    _connection: Connection,
}

impl Inbox {
    /// Opens the queue; makes it, and the exchange, when missing.
    pub(crate) async fn open(url: &str) -> Self {
        Self::for_events(url, "comms.#").await
    }

    /// The same for events with this routing key alone.
    pub(crate) async fn for_events(url: &str, key: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let exchange = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, exchange, FieldTable::default())
            .await
            .unwrap();
        let queue = QueueDeclareOptions { durable: true, ..Default::default() };
        channel.queue_declare("inbox".into(), queue, FieldTable::default()).await.unwrap();
        channel
            .queue_bind(
                "inbox".into(),
                EXCHANGE.into(),
                key.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
            .unwrap();
        Self { channel, _connection: connection }
    }

    /// What is there now.
    pub(crate) async fn take_all(&self) -> lapin::Result<Vec<BasicGetMessage>> {
        let mut messages = Vec::new();
        while let Some(message) = self.channel.basic_get("inbox".into(), BasicGetOptions::default()).await? {
            message.ack(BasicAckOptions::default()).await?;
            messages.push(message);
        }
        Ok(messages)
    }

    /// The next messages, as many as are asked for.
    pub(crate) async fn take(&self, count: usize) -> Vec<BasicGetMessage> {
        let mut messages = Vec::new();
        eventually(SOON, "all events have come", async || {
            messages.extend(self.take_all().await?);
            ensure!(messages.len() >= count, "{} of {count} events came", messages.len());
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(messages.len(), count, "more events than expected");
        messages
    }

    /// The bodies of all messages that are there, once there are as many as this.
    pub(crate) async fn at_least(&self, count: usize) -> Vec<Value> {
        let mut bodies = Vec::new();
        eventually(SOON, "enough events have come", async || {
            while let Some(message) =
                self.channel.basic_get("inbox".into(), BasicGetOptions::default()).await?
            {
                message.ack(BasicAckOptions::default()).await?;
                bodies.push(body(&message));
            }
            ensure!(bodies.len() >= count, "{} of {count} events came", bodies.len());
            Ok(())
        })
        .await
        .unwrap();
        bodies
    }

    /// The bodies of the next messages.
    pub(crate) async fn bodies(&self, count: usize) -> Vec<Value> {
        self.take(count).await.iter().map(body).collect()
    }
}

pub(crate) fn body(message: &BasicGetMessage) -> Value {
    serde_json::from_slice(&message.data).unwrap()
}

/// Type and call of each event.
pub(crate) fn outline(events: &[Value]) -> Vec<(&str, &str)> {
    events
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event["data"]["call_id"].as_str().unwrap()))
        .collect()
}

pub(crate) async fn until_connected(service: &Service) {
    until_state(service, "connected").await;
}

pub(crate) async fn until_state(service: &Service, state: &str) {
    eventually(SOON, &format!("events are {state}"), async || {
        let status = service.status().await;
        ensure!(status["events"]["state"] == state, "{status}");
        Ok(())
    })
    .await
    .unwrap();
}

pub(crate) async fn until_delivered(service: &Service) {
    eventually(SOON, "nothing waits to be published", async || {
        let status = service.status().await;
        ensure!(status["events"]["backlog"] == 0, "{status}");
        Ok(())
    })
    .await
    .unwrap();
}

on_each_database! {
    async fn a_calls_two_events_are_published_in_the_platforms_form(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let service = Plan::platform(database).await.events(&url).start().await;
        let member = service.member("user_123", "org_xyz");
        let call = member.whole_call().await;
        let messages = inbox.take(2).await;

        for (message, kind) in messages.iter().zip(["call.started", "call.ended"]) {
            let event = body(message);
            assert_eq!(message.routing_key.as_str(), format!("comms.{kind}"));
            assert_eq!(message.exchange.as_str(), EXCHANGE);
            let properties = &message.properties;
            let text = |value: &Option<lapin::types::ShortString>| value.as_ref().unwrap().to_string();
            assert_eq!(text(properties.message_id()), event["id"].as_str().unwrap());
            assert_eq!(text(properties.kind()), kind);
            assert_eq!(text(properties.content_type()), "application/json");
            assert_eq!(text(properties.app_id()), "cc-lite");
            assert_eq!(properties.delivery_mode(), &Some(2));
            let timestamp: jiff::Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
            assert_eq!(properties.timestamp(), &Some(timestamp.as_second().unsigned_abs()));
        }
        let (started, ended) = (body(&messages[0]), body(&messages[1]));
        let read = member.get(&format!("/calls/{call}")).await.json();
        assert_eq!(
            started,
            json!({
                "id": started["id"], "type": "call.started", "source": "communications",
                "timestamp": read["started_at"], "organizationId": "org_xyz", "userId": "user_123",
                "data": {
                    "call_id": call, "direction": "inbound", "from": "+420123456789", "to": "+420987654321",
                    "campaign_id": null, "agent_id": "agent-7", "started_at": read["started_at"],
                    "sequence": 1, "resource_version": 2,
                },
                "metadata": {"version": "1.0.0", "module": "cc-lite"},
            })
        );
        assert_eq!(
            ended,
            json!({
                "id": ended["id"], "type": "call.ended", "source": "communications",
                "timestamp": read["ended_at"], "organizationId": "org_xyz", "userId": "user_123",
                "data": {
                    "call_id": call, "status": "completed", "outcome": "completed", "answered": true, "duration": 0,
                    "talk_seconds": 0, "started_at": read["started_at"], "ended_at": read["ended_at"],
                    "recording_url": null, "sequence": 2, "resource_version": 3,
                },
                "metadata": {"version": "1.0.0", "module": "cc-lite"},
            })
        );
        assert_ne!(started["id"], ended["id"]);
    }

    async fn a_call_that_never_rang_has_both_events(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let service = Plan::platform(database).await.events(&url).start().await;
        let member = service.member("u1", "o1");
        let call = member.call().await;
        member.act(&call, "end").await.expect(200);
        let events = inbox.bodies(2).await;
        assert_eq!(outline(&events), [("call.started", call.as_str()), ("call.ended", &call)]);
        let sequences: Vec<&Value> = events.iter().map(|event| &event["data"]["sequence"]).collect();
        assert_eq!(sequences, [&json!(1), &json!(2)]);
        assert_eq!(events[1]["data"]["status"], "canceled");
    }

    async fn events_of_many_calls_all_come_each_calls_in_order(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let inbox = Inbox::open(&url).await;
        let service = Plan::platform(database).await.events(&url).start().await;
        let member = service.member("u1", "o1");
        let calls = join_all((0..60).map(|_| member.whole_call())).await;
        let events = inbox.bodies(120).await;
        let mut by_call: HashMap<&str, Vec<&str>> = HashMap::new();
        for (kind, call) in outline(&events) {
            by_call.entry(call).or_default().push(kind);
        }
        for call in &calls {
            assert_eq!(by_call[call.as_str()], ["call.started", "call.ended"], "of call {call}");
        }
        until_delivered(&service).await;
        let metrics = service.manage("/metrics").await.text;
        assert!(metrics.contains("cc_lite_events_published_total 120"), "{metrics}");
    }

    async fn an_event_that_no_queue_takes_is_kept_until_one_does(database: Database) {
        let url = rabbitmq().await.vhost().await.unwrap();
        let service = Plan::platform(database).await.events(&url).start().await;
        let call = service.member("u1", "o1").whole_call().await;
        eventually(SOON, "the event came back", async || {
            let status = service.status().await;
            ensure!(status["events"]["last_error"] == "call.started: it came back: 312 NO_ROUTE", "{status}");
            Ok(())
        })
        .await
        .unwrap();
        // Rows that are counted while a change ends count twice until they are counted again.
        eventually(SOON, "two events wait", async || {
            let events = service.status().await["events"].take();
            ensure!(events["state"] == "connected" && events["backlog"] == 2, "{events}");
            Ok(())
        })
        .await
        .unwrap();

        let inbox = Inbox::open(&url).await;
        service.clock.advance(jiff::SignedDuration::from_mins(10));
        let events = inbox.bodies(2).await;
        assert_eq!(outline(&events), [("call.started", call.as_str()), ("call.ended", &call)]);
        until_delivered(&service).await;
    }

    async fn without_events_nothing_is_published_nor_waits(database: Database) {
        let service = Plan::platform(database).await.start().await;
        service.member("u1", "o1").whole_call().await;
        let status = service.status().await;
        assert_eq!((&status["events"]["state"], &status["events"]["backlog"]), (&json!("disabled"), &json!(0)));
    }
}

/// One broker's life for both databases, since starting one takes its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_broker_away_calls_go_on_and_all_events_come_later() {
    let broker = RabbitMq::start().await.unwrap();
    let databases = [Database::Sqlite, Database::Postgres];
    let outages = join_all(databases.map(async |database| {
        let url = broker.vhost().await.unwrap();
        drop(Inbox::open(&url).await);
        Outage { plan: Plan::platform(database).await.events(&url), url, calls: Vec::new() }
    }));
    let mut outages = outages.await;
    broker.kill().await.unwrap();

    join_all(outages.iter_mut().map(Outage::end_with_events_that_wait)).await;
    let services = join_all(outages.iter_mut().map(Outage::go_on_without_the_broker)).await;
    broker.restart().await.unwrap();
    join_all(outages.iter_mut().map(Outage::see_all_events)).await;

    broker.restart().await.unwrap();
    for (outage, service) in outages.iter_mut().zip(&services) {
        outage.calls.push(service.member("u1", "o1").whole_call().await);
        outage.see_all_events().await;
        until_delivered(service).await;
        let status = service.status().await;
        assert_eq!(
            (&status["events"]["state"], &status["events"]["last_error"]),
            (&json!("connected"), &json!(null))
        );
    }
}

/// A service whose broker is away.
struct Outage {
    plan: Plan,
    url: String,
    /// Calls whose events have not come yet.
    calls: Vec<String>,
}

impl Outage {
    async fn end_with_events_that_wait(&mut self) {
        let service = self.plan.start().await;
        self.calls.push(service.member("u1", "o1").whole_call().await);
        service.module.shutdown().await;
    }

    async fn go_on_without_the_broker(&mut self) -> Service {
        let service = self.plan.start().await;
        let began = Instant::now();
        self.calls.push(service.member("u1", "o1").whole_call().await);
        assert!(began.elapsed() < Duration::from_secs(5), "answers waited for the broker");
        until_state(&service, "connecting").await;
        let status = service.status().await;
        assert_eq!(status["events"]["backlog"], 4, "{status}");
        assert!(status["events"]["oldest_age_seconds"].is_number(), "{status}");
        service.manage("/readyz").await.expect(200);
        service
    }

    async fn see_all_events(&mut self) {
        let calls = std::mem::take(&mut self.calls);
        let events = Inbox::open(&self.url).await.bodies(calls.len() * 2).await;
        let outline = outline(&events);
        for call in &calls {
            let kinds: Vec<&str> =
                outline.iter().filter(|(_, of)| of == call).map(|(kind, _)| *kind).collect();
            assert_eq!(kinds, ["call.started", "call.ended"], "of call {call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_one_outbox_and_publish_each_event_once() {
    let url = rabbitmq().await.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let plan = Plan::platform(Database::Postgres).await.events(&url);
    let (one, other) = (plan.start().await, plan.start().await);
    let (here, there) = (one.member("u1", "o1"), other.member("u2", "o1"));
    let calls = join_all((0..20).map(async |n| {
        let call = here.call().await;
        here.act(&call, "start").await.expect(200);
        let ender = if n % 2 == 0 { &here } else { &there };
        ender.act(&call, "end").await.expect(200);
        call
    }))
    .await;
    let events = inbox.bodies(40).await;
    assert_eq!(calls.len(), 20);

    // When the one that publishes ends, the other goes on.
    one.module.shutdown().await;
    drop(one);
    let late = other.member("u2", "o1").whole_call().await;
    let more = inbox.bodies(2).await;
    assert_eq!(outline(&more), [("call.started", late.as_str()), ("call.ended", &late)]);
    let ids: std::collections::HashSet<&str> =
        events.iter().chain(&more).map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 42, "each event has an id of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_may_not_be_declared_is_used_as_it_is() {
    let broker = rabbitmq().await;
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let vhost = url.rsplit('/').next().unwrap();
    broker.ctl(&["add_user", vhost, "hush"]).await.unwrap();
    broker.ctl(&["set_permissions", "--vhost", vhost, vhost, "^$", ".*", "^$"]).await.unwrap();
    let limited = url.replace(&format!("{}:{}", broker.user(), broker.password()), &format!("{vhost}:hush"));
    let service = Plan::platform(Database::Sqlite).await.events(&limited).start().await;
    service.member("u1", "o1").whole_call().await;
    inbox.take(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_login_is_told_without_the_password() {
    let broker = rabbitmq().await;
    let url = broker.url().replace(broker.password(), "hush");
    let service = Plan::platform(Database::Sqlite).await.events(&url).start().await;
    eventually(SOON, "the refusal is told", async || {
        let status = service.status().await;
        let error = status["events"]["last_error"].as_str().unwrap_or_default().to_owned();
        ensure!(error.contains("ACCESS_REFUSED"), "{status}");
        assert!(!error.contains("hush"), "{error}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_vanishes_is_made_again() {
    let broker = rabbitmq().await;
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let service = Plan::platform(Database::Sqlite).await.events(&url).start().await;
    let member = service.member("u1", "o1");
    until_connected(&service).await;
    inbox
        .channel
        .exchange_delete(EXCHANGE.into(), lapin::options::ExchangeDeleteOptions::default())
        .await
        .unwrap();
    let call = member.whole_call().await;
    eventually(SOON, "the exchange is there again", async || {
        let exchanges = broker.ctl(&["list_exchanges", "--vhost", url.rsplit('/').next().unwrap()]).await?;
        ensure!(exchanges.contains(EXCHANGE), "{exchanges}");
        Ok(())
    })
    .await
    .unwrap();
    let inbox = Inbox::open(&url).await;
    service.clock.advance(jiff::SignedDuration::from_mins(10));
    let events = inbox.bodies(2).await;
    assert_eq!(outline(&events), [("call.started", call.as_str()), ("call.ended", &call)]);
}
