//! Clients that ask all the time and retry nothing: each request that fails counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Url;
use serde_json::{Value, json};
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Each of them asks this often.
const PACE: Duration = Duration::from_millis(50);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Load on a module until it is stopped.
pub(crate) struct Load {
    state: Arc<State>,
    clients: JoinSet<()>,
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    answered: AtomicU64,
    failures: Mutex<Vec<String>>,
}

impl Load {
    /// Begins to ask the module at `base`, whose bearer `token` may make calls: by connections that are kept, and by a
    /// new one for each request.
    pub(crate) async fn begin(base: &str, token: &str) -> Result<Self> {
        let url = Url::parse(base)?;
        let authority = format!(
            "{}:{}",
            url.host_str().context("a host")?,
            url.port_or_known_default().context("a port")?
        );
        let path = url.path().trim_end_matches('/').to_owned();
        let state = Arc::new(State::default());
        let mut clients = JoinSet::new();
        for number in 0..6 {
            let client = Client {
                authority: authority.clone(),
                path: path.clone(),
                token: token.to_owned(),
                keeps: number % 2 == 0,
                connection: None,
            };
            clients.spawn(client.ask_until_stopped(Arc::clone(&state)));
        }
        let load = Self { state, clients };
        load.goes_on().await?;
        Ok(load)
    }

    /// Waits until a hundred more requests were answered.
    pub(crate) async fn goes_on(&self) -> Result<()> {
        let before = self.state.answered.load(Ordering::Relaxed);
        eventually(Duration::from_secs(60), "a hundred more requests are answered", async || {
            let now = self.state.answered.load(Ordering::Relaxed);
            ensure!(now >= before + 100, "{} are", now - before);
            Ok(())
        })
        .await
    }

    /// Stops asking. Fails where a request failed.
    pub(crate) async fn end(mut self) -> Result<u64> {
        self.goes_on().await?;
        self.state.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended?;
        }
        let failures = self.state.failures.lock().expect("not poisoned");
        let answered = self.state.answered.load(Ordering::Relaxed);
        ensure!(
            failures.is_empty(),
            "{} of {} requests failed: {failures:#?}",
            failures.len(),
            answered + u64::try_from(failures.len())?
        );
        Ok(answered)
    }
}

/// One client, which speaks HTTP/1.1 by itself: libraries try again when a kept connection has just been closed.
struct Client {
    authority: String,
    path: String,
    token: String,
    keeps: bool,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    async fn ask_until_stopped(mut self, state: Arc<State>) {
        let mut pace = tokio::time::interval(PACE);
        while !state.stop.load(Ordering::Relaxed) {
            pace.tick().await;
            let made = timeout(PATIENCE, self.make_and_read_a_call()).await;
            match made.context("it took too long").flatten() {
                Ok(requests) => {
                    state.answered.fetch_add(requests, Ordering::Relaxed);
                }
                Err(error) => {
                    self.connection = None;
                    let kind = if self.keeps { "kept" } else { "new" };
                    let told = format!("by a {kind} connection: {error:#}");
                    state.failures.lock().expect("not poisoned").push(told);
                }
            }
        }
    }

    /// Two requests, the second of which needs what the first has written.
    async fn make_and_read_a_call(&mut self) -> Result<u64> {
        let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
        let made = self.ask("POST", "/calls", &call.to_string(), 201).await?;
        let id = made["id"].as_str().context("the call has no id")?.to_owned();
        let read = self.ask("GET", &format!("/calls/{id}"), "", 200).await?;
        ensure!(read["id"] == made["id"], "made {made} and read {read}");
        Ok(2)
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str, expected: u16) -> Result<Value> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(TcpStream::connect(&self.authority).await.context("connecting")?),
        };
        let connection_header = if self.keeps { "keep-alive" } else { "close" };
        let request = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: {connection_header}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.path,
            self.authority,
            self.token,
            body.len()
        );
        connection.get_mut().write_all(request.as_bytes()).await.context("sending")?;
        let (status, closes, body) = answer(&mut connection).await.context("receiving")?;
        ensure!(status == expected, "{method} {path} answered {status}: {}", String::from_utf8_lossy(&body));
        if self.keeps && !closes {
            self.connection = Some(connection);
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// Status, whether the connection closes, and body.
async fn answer(connection: &mut BufReader<TcpStream>) -> Result<(u16, bool, Vec<u8>)> {
    let mut line = String::new();
    ensure!(connection.read_line(&mut line).await? > 0, "the connection was closed before an answer");
    let status = line.split(' ').nth(1).context("no status")?.parse()?;
    let (mut length, mut closes) = (0, false);
    loop {
        line.clear();
        ensure!(connection.read_line(&mut line).await? > 0, "the connection was closed within an answer");
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "connection" => closes = value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    Ok((status, closes, body))
}
