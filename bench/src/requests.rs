//! Requests over HTTP: cc-lite and the peer under the same load, in turns.

use crate::accounts::{self, ADMIN};
use crate::calls::SOME;
use crate::proc::{self, Memory};
use crate::report::table;
use crate::server::{Kind, Server};
use crate::statistics::{Spread, figure, quantile};
use crate::wrk::{Load, Requests, load};
use anyhow::{Context, Result};
use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Instant;
use testbed::lifetime::Lifetime;
use testbed::progress::{note, step};
use testbed::venv::Venv;

/// How often each measurement is repeated.
const RUNS: usize = 5;
const CONNECTIONS: u32 = 16;
/// Of calls that are made: so many wait together for the disk.
const CREATING_CONNECTIONS: u32 = 64;
const NEW_CALL: &str =
    r#"{"direction":"inbound","from":"+420601123456","to":"+420222333444","agent_id":"a1"}"#;
/// Of refreshes, each a chain of its own.
const CHAINS: u32 = 4;
const SECONDS: u32 = 3;
/// A login takes a quarter of a second of a core: so many of them, not so many seconds, for what is cut off at the end
/// of a time would count.
const LOGINS: usize = 24;
const LOGINS_AT_ONCE: usize = 4;

const OURS: Kind = Kind::CcLite { log: "warn" };
const PEER: Kind = Kind::FastApi { workers: 1 };
const PEERS: Kind = Kind::FastApi { workers: 2 };
const KINDS: [Kind; 4] = [OURS, Kind::CcLite { log: "info" }, PEER, PEERS];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Route {
    Me,
    Call,
    List,
    Create,
    Refresh,
    Login,
}

impl Route {
    const ALL: [Self; 6] = [Self::Me, Self::Call, Self::List, Self::Create, Self::Refresh, Self::Login];

    fn name(self) -> &'static str {
        match self {
            Self::Me => "`GET /auth/me`",
            Self::Call => "`GET /calls/{id}`",
            Self::List => "`GET /calls`",
            Self::Create => "`POST /calls`",
            Self::Refresh => "`POST /auth/refresh`",
            Self::Login => "`POST /auth/login`",
        }
    }

    /// Hashing takes so long that what is logged beside it does not matter.
    fn concerns(self, kind: Kind) -> bool {
        self != Self::Login || kind != KINDS[1]
    }
}

/// One run.
#[derive(Debug, Clone, Copy)]
struct Sample {
    load: Load,
    /// Processor time of the server, in milliseconds a request.
    cpu: f64,
}

/// A server, what is needed to ask it, and what it has shown.
struct Subject {
    server: Server,
    token: String,
    call: String,
    logins: usize,
    samples: HashMap<Route, Vec<Sample>>,
    at_rest: Memory,
}

/// Measures everything; about five minutes.
pub(crate) async fn measure(venv: &Venv) -> Result<String> {
    let life = Lifetime::begin("bench")?;
    let hash = accounts::hash().await?;
    let mut subjects = Vec::new();
    for kind in KINDS {
        let started = Subject::start(&life, kind, venv, &hash);
        subjects.push(step(&format!("starting {}", kind.name()), started).await?);
    }
    for route in Route::ALL {
        for run in 0..RUNS {
            for subject in subjects.iter_mut().filter(|subject| route.concerns(subject.server.kind)) {
                if run == 0 && route != Route::Login {
                    subject.run(&life, route, 1).await?;
                }
                let sample = match route {
                    Route::Login => subject.run_logins().await?,
                    _ => subject.run(&life, route, SECONDS).await?,
                };
                let what =
                    format!("{}, run {} of {RUNS}, {}", route.name(), run + 1, subject.server.kind.name());
                note(&format!("{what}: {} requests/s", figure(sample.load.per_second)));
                subject.samples.entry(route).or_default().push(sample);
            }
        }
    }
    let figures = Figures { subjects: &subjects };
    Ok(format!("{}\n{}\n{}", figures.ratios(), figures.absolute(), figures.memory()?))
}

impl Subject {
    async fn start(life: &Lifetime, kind: Kind, venv: &Venv, hash: &str) -> Result<Self> {
        let name = kind.name().replace([' ', ','], "-");
        let server = Server::start(life, &name, kind, venv, hash, SOME).await?;
        let token = text(&server.login(ADMIN).await?, "access_token")?;
        let call = server.make_call(&token).await?;
        server.settled().await?;
        let at_rest = proc::memory(server.pid())?;
        Ok(Self { server, token, call, logins: 0, samples: HashMap::new(), at_rest })
    }

    async fn run(&mut self, life: &Lifetime, route: Route, seconds: u32) -> Result<Sample> {
        let tokens = life.dir().join("refresh-tokens");
        let (path, requests, connections) = match route {
            Route::Refresh => {
                let emails: Vec<String> = (0..CHAINS).map(|_| self.next_account()).collect();
                let answers = try_join_all(emails.iter().map(|email| self.server.login(email))).await?;
                let lines: Vec<String> =
                    answers.iter().map(|answer| text(answer, "refresh_token")).collect::<Result<_>>()?;
                std::fs::write(&tokens, lines.join("\n"))?;
                ("/auth/refresh", Requests::Refreshes { tokens: &tokens }, CHAINS)
            }
            Route::Call => (self.call.as_str(), Requests::Get { token: &self.token }, CONNECTIONS),
            Route::List => ("/calls?limit=20", Requests::Get { token: &self.token }, CONNECTIONS),
            Route::Create => {
                ("/calls", Requests::Post { token: &self.token, body: NEW_CALL }, CREATING_CONNECTIONS)
            }
            _ => ("/auth/me", Requests::Get { token: &self.token }, CONNECTIONS),
        };
        self.server.settled().await?;
        let before = proc::cpu_seconds(self.server.pid())?;
        let load = load(life, &format!("{}{path}", self.server.url), requests, connections, seconds).await?;
        let cpu = proc::cpu_seconds(self.server.pid())? - before;
        Ok(Sample { load, cpu: cpu * 1e3 / load.requests })
    }

    #[expect(clippy::cast_precision_loss, reason = "a few dozens of logins")]
    async fn run_logins(&mut self) -> Result<Sample> {
        let emails: Vec<String> = (0..LOGINS).map(|_| self.next_account()).collect();
        self.server.settled().await?;
        let before = proc::cpu_seconds(self.server.pid())?;
        let begun = Instant::now();
        let login = async |email: String| {
            let begun = Instant::now();
            self.server.login(&email).await?;
            anyhow::Ok(begun.elapsed().as_secs_f64() * 1e3)
        };
        let latencies: Vec<f64> =
            stream::iter(emails).map(login).buffer_unordered(LOGINS_AT_ONCE).try_collect().await?;
        let took = begun.elapsed().as_secs_f64();
        let cpu = proc::cpu_seconds(self.server.pid())? - before;
        let requests = LOGINS as f64;
        let load = Load {
            requests,
            per_second: requests / took,
            p50: quantile(&latencies, 0.5),
            p99: quantile(&latencies, 0.99),
        };
        Ok(Sample { load, cpu: cpu * 1e3 / requests })
    }

    /// The address of an account that has not been used for as long as possible.
    fn next_account(&mut self) -> String {
        self.logins += 1;
        accounts::known(self.logins)
    }
}

fn text(answer: &Value, name: &str) -> Result<String> {
    Ok(answer[name].as_str().with_context(|| format!("the answer has no `{name}`"))?.to_owned())
}

struct Figures<'a> {
    subjects: &'a [Subject],
}

impl Figures<'_> {
    fn values(&self, kind: Kind, route: Route, value: impl Fn(&Sample) -> f64) -> Vec<f64> {
        let samples = self.subjects.iter().filter(|subject| subject.server.kind == kind);
        samples.flat_map(|subject| &subject.samples[&route]).map(value).collect()
    }

    fn ratios(&self) -> String {
        let head = [
            "cc-lite beside FastAPI",
            "requests/s, ÷ 1 worker's",
            "requests/s, ÷ 2 workers'",
            "CPU a request, 1 worker's ÷",
            "p99, 1 worker's ÷",
        ];
        let rows = Route::ALL.map(|route| {
            let ratio = |above: Kind, below: Kind, value: fn(&Sample) -> f64| {
                let (above, below) = (self.values(above, route, value), self.values(below, route, value));
                Spread::of_ratios(&above, &below).to_string()
            };
            vec![
                route.name().to_owned(),
                ratio(OURS, PEER, |sample| sample.load.per_second),
                ratio(OURS, PEERS, |sample| sample.load.per_second),
                ratio(PEER, OURS, |sample| sample.cpu),
                ratio(PEER, OURS, |sample| sample.load.p99),
            ]
        });
        table(&[vec![head.map(str::to_owned).to_vec()], rows.to_vec()].concat())
    }

    fn absolute(&self) -> String {
        let head = ["route", "server", "requests/s", "p50, ms", "p99, ms", "server's CPU, ms a request"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for route in Route::ALL {
            for kind in KINDS.into_iter().filter(|kind| route.concerns(*kind)) {
                let spread =
                    |value: fn(&Sample) -> f64| Spread::of(&self.values(kind, route, value)).to_string();
                rows.push(vec![
                    route.name().to_owned(),
                    kind.name(),
                    spread(|sample| sample.load.per_second),
                    spread(|sample| sample.load.p50),
                    spread(|sample| sample.load.p99),
                    spread(|sample| sample.cpu),
                ]);
            }
        }
        table(&rows)
    }

    fn memory(&self) -> Result<String> {
        let head = ["memory, MiB", "at rest", "after the load", "at most"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for subject in self.subjects {
            let now = proc::memory(subject.server.pid())?;
            rows.push(vec![
                subject.server.kind.name(),
                figure(subject.at_rest.resident),
                figure(now.resident),
                figure(now.peak),
            ]);
        }
        Ok(table(&rows))
    }
}
