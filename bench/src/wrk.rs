//! Load by wrk, for a few seconds.

use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use testbed::command::output;
use testbed::lifetime::Lifetime;
use tokio::process::Command;

const SCRIPT: &str = include_str!("load.lua");

/// What is sent. See `load.lua`.
#[derive(Debug)]
pub(crate) enum Requests<'a> {
    Get { token: &'a str },
    Post { token: &'a str, body: &'a str },
    Refreshes { tokens: &'a Path },
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    /// Latencies in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Sends requests to `url` over `connections` for `seconds`. None may fail.
pub(crate) async fn load(
    life: &Lifetime,
    url: &str,
    requests: Requests<'_>,
    connections: u32,
    seconds: u32,
) -> Result<Load> {
    let script = life.dir().join("load.lua");
    std::fs::write(&script, SCRIPT)?;
    let mut command = Command::new("wrk");
    command
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--timeout", "20s", "--script"])
        .arg(&script);
    // A thread knows only its own answers, and a chain of refresh tokens needs each of them.
    let threads = if matches!(requests, Requests::Refreshes { .. }) { connections } else { 1 };
    command.args(["--threads", &threads.to_string(), url, "--"]);
    match requests {
        Requests::Get { token } => command.args(["get", token]),
        Requests::Post { token, body } => command.args(["post", token, body]),
        Requests::Refreshes { tokens } => command.arg("refresh").arg(tokens),
    };
    let text = output(&mut command).await?;
    figures(&text).with_context(|| format!("{url} under load"))
}

fn figures(text: &str) -> Result<Load> {
    let line = text.lines().find_map(|line| line.strip_prefix("figures ")).context("wrk told no figures")?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [requests, microseconds, p50, p99, _, failed] = numbers[..] else {
        bail!("wrk told other figures than asked for: {line}");
    };
    ensure!(failed == 0.0, "{failed} of {requests} requests failed:\n{text}");
    ensure!(requests > 0.0, "no request was answered:\n{text}");
    Ok(Load { requests, per_second: requests / microseconds * 1e6, p50: p50 / 1e3, p99: p99 / 1e3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_failures_refused() {
        let load = figures("Running 3s test\nfigures 3000 1500000 250 4000 9000 0\n").unwrap();
        assert_eq!((load.requests, load.per_second, load.p50, load.p99), (3000.0, 2000.0, 0.25, 4.0));
        assert!(figures("figures 3000 1500000 250 4000 9000 2\n").is_err());
        assert!(figures("Running 3s test\n").is_err());
    }
}
