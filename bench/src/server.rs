//! The servers that are measured, each a process of its own on loopback.

use crate::accounts::{self, ADMIN, PASSWORD};
use crate::calls;
use crate::proc;
use anyhow::{Context, Result, ensure};
use cc_lite::settings::DatabaseSettings;
use cc_lite::store::{Store, StoreError};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use testbed::lifetime::{Lifetime, Process};
use testbed::venv::Venv;
use testbed::wait::{eventually, give_up};

const READY_WITHIN: Duration = Duration::from_secs(30);
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
const FASTAPI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/fastapi");

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ours, which logs this much.
    CcLite { log: &'static str },
    /// The peer, with this many processes.
    FastApi { workers: u32 },
}

impl Kind {
    pub(crate) fn name(self) -> String {
        match self {
            Self::CcLite { log } => format!("cc-lite, log {log}"),
            Self::FastApi { workers: 1 } => "FastAPI, 1 worker".to_owned(),
            Self::FastApi { workers } => format!("FastAPI, {workers} workers"),
        }
    }
}

/// What is in a server's database before it starts, and where its broker is.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Calls that have ended.
    pub(crate) calls: i64,
    /// Events that wait to be published; of ours alone.
    pub(crate) pending: i64,
    /// Where events go; of ours alone. They are off without one.
    pub(crate) broker: Option<String>,
}

/// A running server with the known accounts in it. It ends with `life`, which it was started in.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    management: String,
    process: Process,
    client: Client,
}

impl Server {
    /// Starts one in a folder of its own below `life`'s. Events are off on both sides.
    /// There are so many `calls` in it.
    pub(crate) async fn start(
        life: &Lifetime,
        name: &str,
        kind: Kind,
        venv: &Venv,
        hash: &str,
        calls: i64,
    ) -> Result<Self> {
        Self::start_with(life, name, kind, venv, hash, Given { calls, ..Given::default() }).await
    }

    /// The same with what is `given`.
    pub(crate) async fn start_with(
        life: &Lifetime,
        name: &str,
        kind: Kind,
        venv: &Venv,
        hash: &str,
        given: Given,
    ) -> Result<Self> {
        let (port, management) = (free_port()?, free_port()?);
        let folder = life.dir().join(name).join("data");
        std::fs::create_dir_all(&folder)?;
        let mut command = match kind {
            Kind::CcLite { log } => cc_lite_command(&folder, port, log, hash, &given).await?,
            Kind::FastApi { workers } => {
                fastapi_command(&folder, port, workers, venv, hash, given.calls).await?
            }
        };
        command.env("CC_LITE_MANAGEMENT_PORT", management.to_string());
        command.env("CC_LITE_ADMIN_EMAIL", ADMIN).env("CC_LITE_ADMIN_PASSWORD", PASSWORD);
        let process = life.spawn(name, &mut command, 5)?;
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let server =
            Self { kind, url: url(port), management: url(management), process, client: Client::new() };
        eventually(READY_WITHIN, "the server answers", async || {
            if server.process.exited().is_some() {
                return give_up(format!("{} ended: {}", kind.name(), server.process.log_tail(20)));
            }
            server.client.get(format!("{}/health", server.url)).send().await?.error_for_status()?;
            Ok(())
        })
        .await?;
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The tokens of a login.
    pub(crate) async fn login(&self, email: &str) -> Result<Value> {
        self.post("/auth/login", &json!({"email": email, "password": PASSWORD}), None).await
    }

    /// The path of a call that the bearer of this token makes.
    pub(crate) async fn make_call(&self, token: &str) -> Result<String> {
        let body = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
        let call = self.post("/calls", &body, Some(token)).await?;
        Ok(format!("/calls/{}", call["id"].as_str().context("a call has an id")?))
    }

    /// What this is answered with.
    pub(crate) async fn post(&self, path: &str, body: &Value, token: Option<&str>) -> Result<Value> {
        let mut request = self.client.post(format!("{}{path}", self.url)).timeout(ANSWERED_WITHIN).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// The value of one of our metrics that has no labels.
    pub(crate) async fn metric(&self, name: &str) -> Result<i64> {
        let text = self.client.get(format!("{}/metrics", self.management)).send().await?.text().await?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.with_context(|| format!("there is no metric {name}"))
    }

    /// See [`proc::settled`].
    pub(crate) async fn settled(&self) -> Result<()> {
        proc::settled(self.pid()).await
    }
}

async fn cc_lite_command(folder: &Path, port: u16, log: &str, hash: &str, given: &Given) -> Result<Command> {
    let program = program()?;
    let file = folder.join("cc-lite.db");
    let store = Store::open(&DatabaseSettings::Sqlite { file: file.clone() }).await?;
    let (hash, calls, pending) = (hash.to_owned(), given.calls, given.pending);
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                accounts::add(tx, &hash).await?;
                calls::add(tx, calls).await?;
                Ok(calls::add_events(tx, pending).await?)
            })
        })
        .await?;
    store.close().await;
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("CC_LITE_PORT", port.to_string())
        .env("DATABASE_URL", format!("sqlite://{}", file.display()))
        .env("ENABLE_EVENTS", given.broker.is_some().to_string())
        .env("RUST_LOG", log);
    if let Some(broker) = &given.broker {
        command.env("RABBITMQ_URL", broker);
    }
    Ok(command)
}

async fn fastapi_command(
    folder: &Path,
    port: u16,
    workers: u32,
    venv: &Venv,
    hash: &str,
    calls: i64,
) -> Result<Command> {
    // Made beforehand, for workers that start at once would each make keys and tables of their own.
    keyset::directory::load_or_generate(&folder.join("keys"), &mut rand::rng())?;
    let file = folder.join("peer.db");
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&format!("sqlite://{}?mode=rwc", file.display())).await?;
    accounts::add_to_peer(&mut connection, hash).await?;
    calls::add_to_peer(&mut connection, calls).await?;
    connection.close().await?;
    let mut command = Command::new("bash");
    command
        .arg(Path::new(FASTAPI).join("serve.sh"))
        .args([port.to_string(), workers.to_string()])
        .env("PEER_VENV", venv.dir())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CC_LITE_KEYS_DIR", folder.join("keys"))
        .env("DATABASE_PATH", file)
        // Nothing listens there, so that it goes on without events.
        .env("RABBITMQ_URL", "amqp://127.0.0.1:1");
    Ok(command)
}

/// cc-lite, built together with this program.
fn program() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("cc-lite");
    ensure!(path.is_file(), "{} is not there: run `make bench`, which builds it", path.display());
    Ok(path)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
