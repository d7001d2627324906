//! RabbitMQ as tests use it.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use testbed::RabbitMq;

use crate::leftovers::{folder_of_a_killed_owner, hold, nothing_is_left_of, processes_of};

/// A loopback address that nobody else is likely to use.
fn somewhere() -> Ipv4Addr {
    let [a, b] = rand::random();
    Ipv4Addr::new(127, 63, a, b.clamp(1, 254))
}

async fn channel(url: &str) -> lapin::Result<Channel> {
    Connection::connect(url, ConnectionProperties::default()).await?.create_channel().await
}

async fn declare(channel: &Channel, queue: &str) {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(queue.into(), options, FieldTable::default()).await.expect("the queue is declared");
}

async fn publish(channel: &Channel, queue: &str, body: &[u8]) {
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms are on");
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let confirmation = channel
        .basic_publish("".into(), queue.into(), options, body, persistent)
        .await
        .expect("it is sent")
        .await
        .expect("it is answered");
    assert!(matches!(confirmation, lapin::Confirmation::Ack(None)), "not taken: {confirmation:?}");
}

async fn get(channel: &Channel, queue: &str) -> Option<Vec<u8>> {
    let options = BasicGetOptions { no_ack: true };
    let message = channel.basic_get(queue.into(), options).await.expect("the queue is read");
    message.map(|message| message.delivery.data)
}

#[tokio::test]
async fn two_brokers_run_side_by_side_and_share_nothing() {
    let (one, other) = tokio::try_join!(RabbitMq::start(), RabbitMq::start()).expect("both start");
    declare(&channel(&one.url()).await.expect("connected"), "only-here").await;

    assert_eq!(
        one.ctl(&["list_queues", "--no-table-headers", "name"]).await.expect("answered").trim(),
        "only-here"
    );
    assert_eq!(other.ctl(&["list_queues", "--no-table-headers", "name"]).await.expect("answered").trim(), "");
    let users = one.ctl(&["list_users", "--no-table-headers"]).await.expect("answered");
    assert_eq!(users.trim(), format!("{}\t[administrator]", one.user()), "no guest");
    assert!(one.address().ip().is_loopback() && other.address().ip().is_loopback());

    let swapped = one.url().replace(one.password(), other.password());
    assert!(channel(&swapped).await.is_err(), "each has a password of its own");
}

#[tokio::test]
async fn virtual_hosts_are_apart() {
    let broker = RabbitMq::start().await.expect("it starts");
    let (one, other) = (broker.vhost().await.expect("made"), broker.vhost().await.expect("made"));
    let one = channel(&one).await.expect("connected");
    let other = channel(&other).await.expect("connected");
    declare(&one, "queue").await;
    declare(&other, "queue").await;
    publish(&one, "queue", b"for one").await;

    assert_eq!(get(&other, "queue").await, None);
    assert_eq!(get(&one, "queue").await.as_deref(), Some(&b"for one"[..]));
    one.queue_delete("queue".into(), QueueDeleteOptions::default()).await.expect("deleted");
}

#[tokio::test]
async fn confirmed_messages_outlive_a_stop_and_a_kill_at_the_same_address() {
    let broker = RabbitMq::start().await.expect("it starts");
    let url = broker.vhost().await.expect("made");
    let open = channel(&url).await.expect("connected");
    declare(&open, "queue").await;
    publish(&open, "queue", b"first").await;

    broker.stop().await.expect("it stops");
    assert!(channel(&url).await.is_err(), "a stopped broker takes no connections");
    broker.restart().await.expect("it starts again");
    let open = channel(&url).await.expect("connected again");
    publish(&open, "queue", b"second").await;

    broker.kill().await.expect("it is killed");
    assert!(channel(&url).await.is_err(), "a killed broker takes no connections");
    broker.restart().await.expect("it starts again");
    let open = channel(&url).await.expect("connected again");
    assert_eq!(get(&open, "queue").await.as_deref(), Some(&b"first"[..]));
    assert_eq!(get(&open, "queue").await.as_deref(), Some(&b"second"[..]));
    assert_eq!(get(&open, "queue").await, None);
}

#[tokio::test]
async fn a_broker_that_cannot_listen_says_so_with_its_log() {
    let address = somewhere();
    let taken = TcpListener::bind(SocketAddrV4::new(address, 5672)).expect("nobody is there");
    let error = RabbitMq::builder().bind(address).start().await.expect_err("the port is taken");
    drop(taken);
    let shown = format!("{error:#}");
    assert!(shown.starts_with("RabbitMQ did not start; its log ends with:\n"), "{shown}");
    assert!(shown.contains("eaddrinuse"), "{shown}");
    assert!(shown.contains("RabbitMQ ended with"), "it was not waited for in vain: {shown}");
}

#[tokio::test]
async fn a_broker_listens_where_it_is_told_and_a_service_gets_its_url() {
    let address = somewhere();
    let broker = RabbitMq::builder().bind(address).start().await.expect("it starts");
    assert_eq!(broker.address(), SocketAddrV4::new(address, 5672));
    channel(&broker.url()).await.expect("connected");
    assert_eq!(
        broker.url_at("rabbitmq.default.svc", 5673),
        format!("amqp://{}:{}@rabbitmq.default.svc:5673/%2f", broker.user(), broker.password())
    );
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_broker() {
    let broker = RabbitMq::start().await.expect("it starts");
    let dir = broker.dir().to_owned();
    let running = processes_of(&dir);
    assert!(running.iter().any(|process| process.contains("beam")), "found {running:#?}");
    assert!(running.iter().any(|process| process.contains("epmd")), "found {running:#?}");

    drop(broker);
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
async fn nothing_is_left_of_a_broker_whose_owner_is_killed() {
    let dir = folder_of_a_killed_owner("rabbitmq::an_owner_to_kill").await.expect("it held a broker");
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
#[ignore = "the other side of nothing_is_left_of_a_broker_whose_owner_is_killed"]
async fn an_owner_to_kill() {
    hold(RabbitMq::start(), |broker| broker.dir().to_owned()).await;
}
