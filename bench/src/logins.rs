//! Whether the time that a refused login takes tells accounts that there are from those that there are not.

use crate::accounts::{self, WRONG_PASSWORD};
use crate::calls::SOME;
use crate::report::table;
use crate::server::{Kind, Server};
use crate::statistics::{Spread, figure, interval_of_difference, mann_whitney, median};
use anyhow::{Result, ensure};
use reqwest::Client;
use serde_json::json;
use std::time::Instant;
use testbed::lifetime::Lifetime;
use testbed::progress::step;
use testbed::venv::Venv;

/// Tries at each server: half with an account, half without.
const OURS: (Kind, usize) = (Kind::CcLite { log: "warn" }, 240);
const PEER: (Kind, usize) = (Kind::FastApi { workers: 1 }, 40);

/// Measures both; about a minute and a half.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let life = Lifetime::begin("bench")?;
    let hash = accounts::hash().await?;
    let head = [
        "refused logins",
        "tries",
        "account known, ms",
        "account unknown, ms",
        "difference of the medians, ms (95 %)",
        "p",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (kind, tries) in [OURS, PEER] {
        let server =
            Server::start(&life, &kind.name().replace([' ', ','], "-"), kind, venv, &hash, SOME).await?;
        server.settled().await?;
        let what = format!("{tries} logins at {}", kind.name());
        let (known, unknown) = step(&what, attempts(&server, tries)).await?;
        let (low, high) = interval_of_difference(&known, &unknown);
        rows.push(vec![
            kind.name(),
            tries.to_string(),
            Spread::of(&known).to_string(),
            Spread::of(&unknown).to_string(),
            format!("{} ({} to {})", figure(median(&known) - median(&unknown)), figure(low), figure(high)),
            probability(mann_whitney(&known, &unknown)),
        ]);
    }
    Ok(table(&rows))
}

fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// Milliseconds of the tries with an account and of those without, one after the other, in pairs whose order chance
/// decides.
async fn attempts(server: &Server, tries: usize) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for pair in 0..tries / 2 {
        let first: bool = rand::random();
        for is_known in [first, !first] {
            let number = 2 * pair + usize::from(is_known);
            let email = if is_known { accounts::known(pair) } else { accounts::unknown(pair) };
            let took = attempt(server, &email, number).await?;
            if is_known { known.push(took) } else { unknown.push(took) }
        }
    }
    Ok((known, unknown))
}

async fn attempt(server: &Server, email: &str, number: usize) -> Result<f64> {
    let client = Client::builder().local_address(accounts::source(number)).build()?;
    let body = json!({"email": email, "password": WRONG_PASSWORD});
    let request = client.post(format!("{}/auth/login", server.url)).json(&body);
    let begun = Instant::now();
    let response = request.send().await?;
    let status = response.status().as_u16();
    response.bytes().await?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    ensure!(
        status == 401,
        "expected a refusal (401), got {status}: see accounts.rs for the limits of logins"
    );
    Ok(took)
}
