//! The live stream: memory of the service without listeners and with many, and how long a change takes to the last of
//! them; and counts for wallboards where there are many calls.

use crate::accounts::{self, ADMIN};
use crate::calls::SOME;
use crate::proc;
use crate::report::table;
use crate::server::{Kind, Server};
use crate::statistics::{Spread, figure, quantile};
use crate::wrk::{Requests, load};
use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testbed::lifetime::Lifetime;
use testbed::progress::{note, step};
use testbed::venv::Venv;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::timeout;

const LISTENERS: usize = 1_000;
/// Of one user, as many as the service allows.
const OF_A_USER: usize = 20;
const CHANGES: usize = 50;
const SOON: Duration = Duration::from_secs(30);
const MANY_CALLS: i64 = 1_000_000;
const UNDER_WAY: usize = 200;
const RUNS: usize = 5;
const OURS: Kind = Kind::CcLite { log: "warn" };

/// Measures both; about three minutes.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let life = Lifetime::begin("bench-stream")?;
    let hash = accounts::hash().await?;
    let server = Server::start(&life, "stream", OURS, venv, &hash, SOME).await?;
    let streams = streams(&server).await?;
    let server = Server::start(&life, "stats", OURS, venv, &hash, MANY_CALLS);
    let server = step(&format!("starting with {MANY_CALLS} calls"), server).await?;
    Ok(format!("{streams}\n{}", stats(&life, &server).await?))
}

#[expect(clippy::cast_precision_loss, reason = "a thousand listeners")]
async fn streams(server: &Server) -> Result<String> {
    let admin = token(&server.login(ADMIN).await?)?;
    let mut tokens = Vec::new();
    for number in 0..LISTENERS / OF_A_USER {
        tokens.push(token(&server.login(&accounts::known(number)).await?)?);
    }
    server.settled().await?;
    let alone = proc::memory(server.pid())?;
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let mut listeners = JoinSet::new();
    let client = Client::new();
    for number in 0..LISTENERS {
        let request = client.get(format!("{}/stream", server.url)).bearer_auth(&tokens[number / OF_A_USER]);
        listeners.spawn(listen(request, sender.clone()));
    }
    all(&mut arrivals).await.context("all streams begin")?;
    server.settled().await?;
    let (at_rest, before) = (proc::memory(server.pid())?, proc::cpu_seconds(server.pid())?);
    let began = Instant::now();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = (proc::cpu_seconds(server.pid())? - before) / began.elapsed().as_secs_f64();
    note(&format!("{LISTENERS} listeners: {} MiB", figure(at_rest.resident)));
    let mut latencies = Vec::new();
    for _ in 0..CHANGES {
        let call = server.make_call(&admin).await?;
        let began = Instant::now();
        server.post(&format!("{call}/start"), &json!({}), Some(&admin)).await?;
        let last = all(&mut arrivals).await.context("all hear of the change")?;
        latencies.push(last.duration_since(began).as_secs_f64() * 1e3);
    }
    ensure!(listeners.try_join_next().is_none(), "a stream ended");
    let after = proc::memory(server.pid())?;
    let rows = [
        ["streams", "memory, MiB", "at most, MiB", "KiB a listener", "CPU at rest, % of a core"]
            .map(str::to_owned)
            .to_vec(),
        vec!["0".to_owned(), figure(alone.resident), figure(alone.peak), String::new(), String::new()],
        vec![
            LISTENERS.to_string(),
            figure(at_rest.resident),
            figure(after.peak),
            figure((at_rest.resident - alone.resident) * 1024.0 / LISTENERS as f64),
            figure(idle * 100.0),
        ],
    ];
    Ok(format!(
        "{}\nFrom the request to change a call to the last of {LISTENERS} listeners, {CHANGES} times: half of them within {} ms, 99 % within {} ms.\n",
        table(&rows),
        figure(quantile(&latencies, 0.5)),
        figure(quantile(&latencies, 0.99))
    ))
}

/// Tells when the stream has begun, and when each event arrives.
async fn listen(request: reqwest::RequestBuilder, heard: UnboundedSender<Instant>) -> Result<()> {
    let mut response = request.send().await?.error_for_status()?;
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        text.extend_from_slice(&chunk);
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let frame: Vec<u8> = text.drain(..end + 2).collect();
            if frame.starts_with(b"retry: ") || frame.windows(7).any(|part| part == b"event: ") {
                heard.send(Instant::now())?;
            }
        }
    }
    Ok(())
}

/// When the last of all listeners heard of the same.
async fn all(hears: &mut UnboundedReceiver<Instant>) -> Result<Instant> {
    let collected = async {
        let mut last = hears.recv().await?;
        for _ in 1..LISTENERS {
            last = last.max(hears.recv().await?);
        }
        Some(last)
    };
    timeout(SOON, collected).await?.context("a listener is gone")
}

async fn stats(life: &Lifetime, server: &Server) -> Result<String> {
    let token = token(&server.login(ADMIN).await?)?;
    for _ in 0..UNDER_WAY {
        server.make_call(&token).await?;
    }
    server.settled().await?;
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let requests = Requests::Get { token: &token };
        let sample = load(life, &format!("{}/stats", server.url), requests, 1, 2).await?;
        // The first run warms up.
        if run > 0 {
            p50.push(sample.p50);
            p99.push(sample.p99);
        }
    }
    Ok(format!(
        "`GET /stats` over one connection, with {MANY_CALLS} calls that ended, {UNDER_WAY} under way and counts of each minute \
         of 7 days: p50 {} ms, p99 {} ms.\n",
        Spread::of(&p50),
        Spread::of(&p99)
    ))
}

fn token(answer: &Value) -> Result<String> {
    Ok(answer["access_token"].as_str().context("a login gives a token")?.to_owned())
}
