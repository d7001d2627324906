//! The memory of a server whose database holds a large backlog.

use super::{AWAY, OURS, SOON, drain::drain};
use crate::proc;
use crate::report::table;
use crate::server::{Given, Server};
use crate::statistics::figure;
use anyhow::{Result, ensure};
use testbed::lifetime::Lifetime;
use testbed::progress::step;
use testbed::rabbitmq::RabbitMq;
use testbed::venv::Venv;
use testbed::wait::eventually;

const BACKLOG: i64 = 1_000_000;

/// Memory beside a backlog: while the broker is away, and while it drains.
pub(super) async fn backlog(broker: &RabbitMq, venv: &Venv, hash: &str) -> Result<String> {
    let mut rows = vec![["backlog", "memory, MiB", "at most, MiB"].map(str::to_owned).to_vec()];
    for (name, pending, url) in [
        ("none", 0, AWAY.to_owned()),
        ("1 000 000 events, broker away", BACKLOG, AWAY.to_owned()),
        ("1 000 000 events, the first 200 000 drained", BACKLOG, broker.url()),
    ] {
        let given = Given { calls: 0, pending, broker: Some(url) };
        let life = Lifetime::begin("bench-backlog")?;
        let server = Server::start_with(&life, "backlog", OURS, venv, hash, given);
        let server = step(&format!("starting with {pending} events"), server).await?;
        if name.ends_with("drained") {
            drain(&server, 200_000).await?;
        } else {
            eventually(SOON, "the backlog is known", async || {
                let known = server.metric("cc_lite_events_backlog").await?;
                ensure!(known == pending, "{known} of {pending}");
                Ok(())
            })
            .await?;
            server.settled().await?;
        }
        let memory = proc::memory(server.pid())?;
        rows.push(vec![name.to_owned(), figure(memory.resident), figure(memory.peak)]);
    }
    Ok(table(&rows))
}
