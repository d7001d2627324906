//! Positions, where transactions end in another order than they began in.

use super::{Stream, of_whole};
use crate::fixture::{Database, Plan, SOON, on_each_database};
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::domain::call::{CallStatus, Direction};
use cc_lite::domain::event::{Actor, CallEnded, CallStarted, EventData};
use cc_lite::ids::RandomIds;
use cc_lite::store::outbox::{self, Delivery, SubjectState};
use futures::future::join_all;
use jiff::Timestamp;
use sqlx::{AnyConnection, Connection, Executor};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Both events of a call, in the open transaction.
async fn tell_whole(connection: &mut AnyConnection, call: &str, now: Timestamp) {
    let events = [
        EventData::CallStarted(CallStarted {
            call_id: call.into(),
            direction: Direction::Inbound,
            from: "+420123456789".into(),
            to: "+420987654321".into(),
            campaign_id: None,
            agent_id: None,
            started_at: now,
        }),
        EventData::CallEnded(CallEnded {
            call_id: call.into(),
            status: CallStatus::Canceled,
            outcome: "canceled".into(),
            answered: false,
            duration: 0,
            talk_seconds: 0,
            started_at: now,
            ended_at: now,
            recording_url: None,
        }),
    ];
    let actor = Actor { organization_id: "o1".into(), user_id: "u".into() };
    let state = SubjectState { event_sequence: 2, version: 1 };
    outbox::append(connection, &RandomIds, &actor, &events, state, Delivery::Local, now).await.unwrap();
}

async fn connection(plan: &Plan) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(plan.arguments.database_url.as_ref().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_ends_late_is_neither_missed_nor_repeated() {
    let plan = Plan::platform(Database::Postgres).await;
    let service = plan.start().await;
    let user = service.member("u1", "o1");
    let mut live = Stream::of(&user, "/stream", None).await;
    let origin = live.frame().await.unwrap();
    let (mut early, mut late) = (connection(&plan).await, connection(&plan).await);
    early.execute("BEGIN").await.unwrap();
    tell_whole(&mut early, "first", SystemClock.now()).await;
    late.execute("BEGIN").await.unwrap();
    tell_whole(&mut late, "second", SystemClock.now()).await;
    late.execute("COMMIT").await.unwrap();
    let started = live.event().await;
    let ended = live.event().await;
    assert_eq!([started.what(), ended.what()], of_whole("second"), "the other one is still open");
    let mut resumed = Stream::of(&user, "/stream", Some(ended.id())).await;
    early.execute("COMMIT").await.unwrap();

    for stream in [&mut live, &mut resumed] {
        assert_eq!(stream.events(2).await, of_whole("first"));
    }
    for (id, expected) in [
        (origin.id(), [of_whole("second"), of_whole("first")].concat()),
        (started.id(), [of_whole("second")[1..].to_vec(), of_whole("first").to_vec()].concat()),
        (ended.id(), of_whole("first").to_vec()),
    ] {
        let mut again = Stream::of(&user, "/stream", Some(id)).await;
        assert_eq!(again.events(expected.len()).await, expected, "from {id}");
    }
    live.expect_silence().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_apart_do_not_change_the_order_of_a_calls_events() {
    let plan = Plan::platform(Database::Postgres).await;
    let (now, behind) = (plan.start().await, plan.start_at(jiff::SignedDuration::from_secs(-30)).await);
    let (first, second) = (now.member("u1", "o1"), behind.member("u1", "o1"));
    let mut stream = Stream::of(&first, "/stream", None).await;
    for _ in 0..20 {
        let call = first.call().await;
        first.act(&call, "start").await.expect(200);
        second.act(&call, "end").await.expect(200);
        assert_eq!(stream.events(2).await, of_whole(&call));
    }
}

on_each_database! {
    async fn whoever_is_cut_off_again_and_again_hears_each_event_once_and_in_order(database: Database) {
        const CALLS: usize = 60;
        let plan = Plan::platform(database).await;
        let mut services = vec![plan.start().await];
        if matches!(database, Database::Postgres) {
            services.push(plan.start().await);
        }
        let mut id = Stream::origin(&services[0].member("u1", "o1")).await;
        let writers = join_all((0..CALLS).map(|number| {
            let user = services[number % services.len()].member("u1", "o1");
            async move { user.whole_call().await }
        }));
        let listener = async {
            let mut heard: Vec<(String, String)> = Vec::new();
            let mut turn = 0;
            while heard.len() < 2 * CALLS {
                let user = services[turn % services.len()].member("u1", "o1");
                let mut stream = Stream::of(&user, "/stream", Some(&id)).await;
                for _ in 0..(turn % 5 + 1).min(2 * CALLS - heard.len()) {
                    let event = stream.event().await;
                    event.id().clone_into(&mut id);
                    heard.push(event.what());
                }
                turn += 1;
            }
            heard
        };
        let (calls, heard) = timeout(3 * SOON, async { tokio::join!(writers, listener) }).await.expect("all was heard");
        let mut by_call: HashMap<&str, Vec<&str>> = HashMap::new();
        for (event, call) in &heard {
            by_call.entry(call).or_default().push(event);
        }
        assert_eq!(by_call.len(), CALLS);
        for call in &calls {
            assert_eq!(by_call[call.as_str()], ["call.started", "call.ended"], "{call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_replicas_hear_at_once_and_go_on_when_one_is_gone() {
    let plan = Plan::platform(Database::Postgres).await;
    let (first, second) = (plan.start().await, plan.start().await);
    let here = second.member("u1", "o1");
    let mut stream = Stream::of(&here, "/stream", None).await;
    stream.frame().await.unwrap();
    // The first one also begins to listen for what others tell.
    let mut times = Vec::new();
    for _ in 0..5 {
        let call = first.member("u1", "o1").call().await;
        let began = Instant::now();
        first.member("u1", "o1").act(&call, "start").await.expect(200);
        assert_eq!(stream.event().await.what().1, call);
        times.push(began.elapsed());
    }
    times.sort();
    assert!(times[2] < Duration::from_millis(500), "half of them took longer than {:?}", times[2]);
    first.module.shutdown().await;
    drop(first);
    let call = here.whole_call().await;
    assert_eq!(stream.events(2).await, of_whole(&call));
}
