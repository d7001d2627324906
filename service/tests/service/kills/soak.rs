//! Whatever dies, at random, again and again.

use super::way::Way;
use super::{IN_TIME, Victim, committed, complete, new_call};
use crate::events::Inbox;
use crate::fixture::{Plan, on_each_database};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testbed::RabbitMq;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How many blows there are; `SOAK_BLOWS` says otherwise.
const COUNT: u64 = 6;
/// Of the generator that chooses; `SOAK_SEED` says otherwise.
const SEED: u64 = 20_260_105;

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Blow {
    ProgramKilled,
    BrokerKilled,
    BrokerRestarted,
    BrokerStandsStill,
    NothingArrives,
    NothingComesBack,
}

const BLOWS: [Blow; 8] = [
    // More often than the others: what it loses, nobody else has.
    Blow::ProgramKilled,
    Blow::ProgramKilled,
    Blow::ProgramKilled,
    Blow::BrokerKilled,
    Blow::BrokerRestarted,
    Blow::BrokerStandsStill,
    Blow::NothingArrives,
    Blow::NothingComesBack,
];

/// Somebody who makes calls without rest, and notes what was acknowledged.
async fn make_calls(api: watch::Receiver<String>, end: CancellationToken) -> Vec<(String, usize)> {
    let client = Client::new();
    let mut acknowledged = Vec::new();
    while !end.is_cancelled() {
        let base = api.borrow().clone();
        let post = async |path: String, body: Value| {
            let request = client.post(format!("{base}{path}")).timeout(Duration::from_secs(5)).json(&body);
            let answer = request.header("x-user-id", "u1").header("x-org-id", "o1").send().await.ok()?;
            answer.error_for_status().ok()?.json::<Value>().await.ok()
        };
        let Some(call) = post("/calls".to_owned(), new_call()).await else {
            // It is being started again.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let id = call["id"].as_str().unwrap().to_owned();
        let mut events = 0;
        for action in ["start", "end"] {
            if post(format!("/calls/{id}/{action}"), json!({})).await.is_none() {
                break;
            }
            events += 1;
        }
        acknowledged.push((id, events));
    }
    acknowledged
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

on_each_database! {
    async fn random_kills_lose_nothing_and_change_no_order(database: Database) {
        let (seed, count) = (setting("SOAK_SEED", SEED), setting("SOAK_BLOWS", COUNT));
        println!("SOAK_SEED={seed} SOAK_BLOWS={count}");
        let mut random = StdRng::seed_from_u64(seed);
        let broker = RabbitMq::start().await.unwrap();
        Inbox::open(&broker.url()).await;
        let way = Way::to(&broker, &broker.url()).await;
        let plan = Plan::platform(database).await;
        let mut victim = Victim::start(&plan, &way.url).await;
        let api = watch::Sender::new(victim.api.clone());
        let end = CancellationToken::new();
        let callers: Vec<_> =
            (0..4).map(|_| tokio::spawn(make_calls(api.subscribe(), end.clone()))).collect();

        let began = Instant::now();
        for _ in 0..count {
            let pause = Duration::from_millis(random.random_range(50..1500));
            tokio::time::sleep(pause).await;
            let blow = *BLOWS.choose(&mut random).unwrap();
            println!("{:.1?}: {blow:?}", began.elapsed());
            let lasts = Duration::from_millis(random.random_range(10..2000));
            match blow {
                Blow::ProgramKilled => {
                    victim.kill().await;
                    victim = Victim::spawn(&[], "127.0.0.1", &plan, &way.url).await;
                    api.send_replace(victim.api.clone());
                }
                Blow::BrokerKilled => {
                    broker.kill().await.unwrap();
                    broker.restart().await.unwrap();
                }
                Blow::BrokerRestarted => broker.restart().await.unwrap(),
                Blow::BrokerStandsStill => {
                    broker.pause().unwrap();
                    tokio::time::sleep(lasts).await;
                    broker.resume().unwrap();
                }
                Blow::NothingArrives | Blow::NothingComesBack => {
                    let gate = if matches!(blow, Blow::NothingArrives) { &way.there } else { &way.back };
                    gate.send_replace(false);
                    tokio::time::sleep(lasts).await;
                    gate.send_replace(true);
                }
            }
        }
        end.cancel();
        let mut acknowledged = Vec::new();
        for caller in callers {
            acknowledged.extend(tokio::time::timeout(IN_TIME, caller).await.expect("it ends").unwrap());
        }
        complete(&victim, &plan, &broker).await;

        let committed = committed(&plan).await;
        for (call, events) in &acknowledged {
            let kept = committed.get(call).map_or(0, Vec::len);
            assert!(kept >= *events, "of {call} {events} events were acknowledged, and {kept} are kept");
        }
    }
}
