//! What requests take while the broker is away or takes nothing, beside the same requests with a broker that works.

use super::{AWAY, OURS, SOON, token};
use crate::accounts::ADMIN;
use crate::report::table;
use crate::server::{Given, Server};
use crate::statistics::{Spread, quantile};
use anyhow::{Result, ensure};
use futures::future::try_join_all;
use serde_json::json;
use std::time::Instant;
use testbed::lifetime::Lifetime;
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;
use testbed::wait::eventually;

const ROUNDS: usize = 7;
/// Who changes calls side by side.
const CALLERS: usize = 8;
/// How many calls each of them starts in a round.
const CALLS: usize = 150;

/// A server whose broker is in some state.
struct Side {
    name: &'static str,
    server: Server,
    token: String,
    /// Of each round, in milliseconds.
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Side {
    /// Starts calls, each of which adds an event, and notes how long the requests took.
    async fn round(&mut self) -> Result<()> {
        let times = try_join_all((0..CALLERS).map(|_| self.start_calls())).await?.concat();
        self.p50.push(quantile(&times, 0.5));
        self.p99.push(quantile(&times, 0.99));
        Ok(())
    }

    async fn start_calls(&self) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let call = self.server.make_call(&self.token).await?;
            let began = Instant::now();
            self.server.post(&format!("{call}/start"), &json!({}), Some(&self.token)).await?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    }
}

/// In turns: with a broker, with none, and with one whose memory is used up.
pub(super) async fn requests(broker: &RabbitMq, venv: &Venv, hash: &str) -> Result<String> {
    let life = Lifetime::begin("bench-outage")?;
    let full = RabbitMq::start().await?;
    full.use_up_memory().await?;
    let mut sides = Vec::new();
    for (folder, name, url) in [
        ("there", "works", broker.url()),
        ("away", "is away", AWAY.to_owned()),
        ("full", "takes nothing, its memory being used up", full.url()),
    ] {
        let given = Given { calls: 0, pending: 0, broker: Some(url) };
        let server = Server::start_with(&life, folder, OURS, venv, hash, given).await?;
        let token = token(&server.login(ADMIN).await?)?;
        sides.push(Side { name, server, token, p50: Vec::new(), p99: Vec::new() });
    }
    for round in 0..=ROUNDS {
        for side in &mut sides {
            side.round().await?;
            if round == 0 {
                // The first warms up.
                side.p50.clear();
                side.p99.clear();
            }
        }
    }
    let (working, others) = sides.split_at(1);
    eventually(SOON, "all is delivered where the broker works", async || {
        let left = working[0].server.metric("cc_lite_events_backlog").await?;
        ensure!(left == 0, "{left} events wait");
        Ok(())
    })
    .await?;
    let expected = i64::try_from((ROUNDS + 1) * CALLERS * CALLS)?;
    for side in others {
        eventually(SOON, "the backlog is counted", async || {
            let waiting = side.server.metric("cc_lite_events_backlog").await?;
            ensure!(waiting == expected, "{waiting} of {expected} events wait where it {}", side.name);
            Ok(())
        })
        .await?;
    }
    let mut rows = vec![
        ["requests while the broker …", "p50, ms", "p50, ÷", "p99, ms", "p99, ÷"].map(str::to_owned).to_vec(),
    ];
    for side in &sides {
        rows.push(vec![
            side.name.to_owned(),
            Spread::of(&side.p50).to_string(),
            Spread::of_ratios(&side.p50, &sides[0].p50).to_string(),
            Spread::of(&side.p99).to_string(),
            Spread::of_ratios(&side.p99, &sides[0].p99).to_string(),
        ]);
    }
    Ok(table(&rows))
}
