//! Lists of calls where there are few and where there are many: what grows with them, and what does not.

use crate::accounts::{self, ADMIN};
use crate::calls::SOME;
use crate::proc;
use crate::report::table;
use crate::server::{Kind, Server};
use crate::statistics::{Spread, figure};
use crate::wrk::{Load, Requests, load};
use anyhow::{Context, Result};
use testbed::lifetime::Lifetime;
use testbed::progress::{note, step};
use testbed::venv::Venv;

const MANY: i64 = 1_000_000;
const RUNS: usize = 5;
const SECONDS: u32 = 3;
const CONNECTIONS: u32 = 4;
const OURS: Kind = Kind::CcLite { log: "warn" };

/// What is asked for, by a name for it.
const LISTS: [(&str, &str); 6] = [
    ("the newest 20", "/calls?limit=20"),
    ("the newest 20 in a state", "/calls?limit=20&status=busy"),
    ("the newest 20 of a campaign", "/calls?limit=20&campaign_id=campaign-7"),
    ("the newest 20 of an agent", "/calls?limit=20&agent_id=agent-7"),
    ("the longest 20", "/calls?limit=20&sort=-duration"),
    ("the oldest 100", "/calls?limit=100&sort=created_at"),
];

/// Measures both sizes in turns; about four minutes.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let life = Lifetime::begin("bench-lists")?;
    let hash = accounts::hash().await?;
    let mut servers = Vec::new();
    for (count, name) in [(SOME, "few"), (MANY, "many")] {
        let started = Server::start(&life, name, OURS, venv, &hash, count);
        let server = step(&format!("starting with {count} calls"), started).await?;
        let answer = server.login(ADMIN).await?;
        let token = answer["access_token"].as_str().context("a login gives a token")?.to_owned();
        servers.push((server, token));
    }
    let mut rows = vec![
        ["list", "p99 of many ÷ of few", "p99, ms, of few", "p99, ms, of many", "requests/s, of many"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (name, path) in LISTS {
        let mut samples: [Vec<Load>; 2] = Default::default();
        for run in 0..=RUNS {
            for ((server, token), samples) in servers.iter().zip(&mut samples) {
                server.settled().await?;
                // The first run warms up.
                let seconds = if run == 0 { 1 } else { SECONDS };
                let requests = Requests::Get { token };
                let taken =
                    load(&life, &format!("{}{path}", server.url), requests, CONNECTIONS, seconds).await?;
                if run > 0 {
                    samples.push(taken);
                }
            }
        }
        let [few, many] =
            samples.map(|loads| loads.iter().map(|load| (load.p99, load.per_second)).collect::<Vec<_>>());
        let p99 = |loads: &[(f64, f64)]| loads.iter().map(|load| load.0).collect::<Vec<_>>();
        let rate = many.iter().map(|load| load.1).collect::<Vec<_>>();
        let ratio = Spread::of_ratios(&p99(&many), &p99(&few)).to_string();
        note(&format!("{name}: {ratio}"));
        rows.push(vec![
            name.to_owned(),
            ratio,
            Spread::of(&p99(&few)).to_string(),
            Spread::of(&p99(&many)).to_string(),
            Spread::of(&rate).to_string(),
        ]);
    }
    let memory = servers.iter().map(|(server, _)| proc::memory(server.pid())).collect::<Result<Vec<_>>>()?;
    Ok(format!(
        "{}\nMemory after it: {} MiB with few, {} MiB with many.\n",
        table(&rows),
        figure(memory[0].resident),
        figure(memory[1].resident)
    ))
}
