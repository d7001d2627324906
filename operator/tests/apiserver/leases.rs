//! Of several replicas one works, and never two.

use std::{process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use comms_operator::{
    clock,
    health::Health,
    lease::{Identity, Lease, Permit, Terms},
    standby,
};
use k8s_openapi::api::{apps::v1::Deployment, coordination::v1::Lease as LeaseObject};
use kube::Client;
use serde_json::json;
use testbed::wait::eventually;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::{
    fault::{Fault, Faults},
    program::{free_port, get, program},
    trial::{SOON, Trial},
};

/// A replica of the program, as a user of its own.
struct Replica {
    user: String,
    port: u16,
    child: Child,
    log: tempfile::NamedTempFile,
}

impl Replica {
    async fn start(trial: &Trial, name: &str) -> Result<Self> {
        let user = format!("{}-{name}", trial.namespace);
        for role in ["comms-operator", "comms-operator-lease"] {
            let binding = format!("{role}-{name}");
            let (role, user) = (format!("--role={role}"), format!("--user={user}"));
            trial
                .server
                .kubectl(&["create", "rolebinding", &binding, &role, &user, "--namespace", &trial.namespace])
                .await?;
        }
        let (port, log) = (free_port()?, tempfile::NamedTempFile::new()?);
        let child = program()
            .arg("run")
            .env("KUBECONFIG", trial.server.kubeconfig_for(&user, None)?)
            .env("HOSTNAME", name)
            .env("WATCH_NAMESPACE", &trial.namespace)
            .env("OPERATOR_NAMESPACE", &trial.namespace)
            .args(["--health-address=127.0.0.1", &format!("--health-port={port}"), "--log-format=text"])
            .stdout(Stdio::null())
            .stderr(log.reopen()?)
            .spawn()?;
        Ok(Self { user, port, child, log })
    }

    fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.log.path())?)
    }

    /// Waits until it is ready, and leads or does not.
    async fn until(&self, leads: bool) -> Result<()> {
        let what = format!("{} {}", self.user, if leads { "leads" } else { "stands by" });
        eventually(SOON, &what, async || {
            let (ready, metrics) = (get(self.port, "/readyz").await?, get(self.port, "/metrics").await?.1);
            let line = format!("comms_operator_leader {}", u8::from(leads));
            ensure!(metrics.lines().any(|told| told == line), "its metrics are {metrics}");
            ensure!(ready.0 == 200, "it is not ready: {ready:?}");
            Ok(())
        })
        .await
        .with_context(|| self.log().unwrap_or_default())
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.child.id().context("it has ended already")?.to_string();
        ensure!(Command::new("kill").args([signal, &pid]).status().await?.success(), "kill failed");
        Ok(())
    }

    /// What it has changed, leases apart.
    fn writes(&self, trial: &Trial) -> Result<usize> {
        let requests = trial.server.requests_of(&self.user)?;
        Ok(requests.iter().filter(|request| request.is_write() && !request.uri.contains("/leases")).count())
    }
}

async fn lease(trial: &Trial) -> Result<k8s_openapi::api::coordination::v1::LeaseSpec> {
    trial.get::<LeaseObject>("comms-operator").await?.spec.context("the Lease has no spec")
}

#[tokio::test]
async fn standbys_answer_and_take_over_at_once_when_the_leader_ends() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let mut first = Replica::start(&trial, "first").await?;
    first.until(true).await?;
    let second = Replica::start(&trial, "second").await?;
    second.until(false).await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    assert_eq!(second.writes(&trial)?, 0, "the standby writes nothing");

    let before = lease(&trial).await?;
    first.signal("-TERM").await?;
    let ended = tokio::time::timeout(SOON, first.child.wait()).await.context("it did not end")??;
    ensure!(ended.success(), "it ended with {ended}: {}", first.log()?);
    second.until(true).await?;
    let after = lease(&trial).await?;
    assert!(after.holder_identity.as_ref().is_some_and(|holder| holder.starts_with("second_")), "{after:?}");
    assert_eq!(after.lease_transitions, before.lease_transitions.map(|count| count + 1));
    // Had it not been given up, it would have been waited for.
    let (renewed, acquired) = (before.renew_time.context("no time")?, after.acquire_time.context("no time")?);
    let waited = acquired.0.duration_since(renewed.0);
    assert!(waited < k8s_openapi::jiff::SignedDuration::from_secs(15), "it was taken over after {waited:?}");

    trial.change("comms", json!({"port": 4000})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    assert!(second.writes(&trial)? > 0, "it works now");
    Ok(())
}

#[tokio::test]
async fn a_leader_that_was_paused_writes_nothing_when_it_wakes_up() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let first = Replica::start(&trial, "first").await?;
    first.until(true).await?;
    let second = Replica::start(&trial, "second").await?;
    second.until(false).await?;
    // Paused with work before it.
    first.signal("-STOP").await?;
    let before = first.writes(&trial)?;
    trial.create("comms", json!({})).await?;
    second.until(true).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let deployment: Deployment = trial.get("comms").await?;

    first.signal("-CONT").await?;
    first.until(false).await?;
    assert!(first.log()?.contains("this replica stands by again"), "{}", first.log()?);
    assert_eq!(first.writes(&trial)?, before, "{}", first.log()?);
    let generation = trial.get::<Deployment>("comms").await?.metadata.generation;
    assert_eq!(generation, deployment.metadata.generation);
    Ok(())
}

/// A replica in this process, whose Lease is reached by another client than its work.
struct Candidate {
    health: Arc<Health>,
    shutdown: CancellationToken,
}

impl Candidate {
    async fn start(trial: &Trial, name: &str, to_lease: Client) -> Result<Self> {
        let (health, shutdown, permit) =
            (Arc::new(Health::default()), CancellationToken::new(), Permit::none());
        let operator =
            trial.operator(trial.server.client_for(&trial.user(), None).await?, Arc::clone(&health))?;
        let terms = Terms {
            duration: Duration::from_secs(9),
            work: Duration::from_secs(6),
            renew: Duration::from_secs(1),
            retry: Duration::from_millis(200),
        };
        let lease = Lease::new(
            to_lease,
            (&trial.namespace, "comms-operator"),
            Identity::new(name, 7),
            terms,
            clock::system,
            permit,
        );
        let (own, until) = (Arc::clone(&health), shutdown.clone());
        tokio::spawn(async move { standby::run(&lease, || operator.clone(), &own, until).await });
        Ok(Self { health, shutdown })
    }

    fn leads(&self) -> Result<bool> {
        Ok(self
            .health
            .metrics
            .encode(comms_operator::clock::system())?
            .lines()
            .any(|line| line == "comms_operator_leader 1"))
    }

    async fn until_leading(&self, leads: bool) -> Result<()> {
        eventually(SOON, &format!("it leads: {leads}"), async || {
            ensure!(self.leads()? == leads, "it is otherwise");
            Ok(())
        })
        .await
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[tokio::test]
async fn a_leader_that_cannot_reach_its_lease_stops_before_another_begins_and_comes_back_as_a_standby()
-> Result<()> {
    let trial = Trial::without_operator().await?;
    let faults = Faults::none();
    let first = Candidate::start(&trial, "first", faults.client(trial.server, &trial.user()).await?).await?;
    first.until_leading(true).await?;
    let second =
        Candidate::start(&trial, "second", trial.server.client_for(&trial.user(), None).await?).await?;
    faults.change(|_| Fault::Hang);
    // Whenever the second leads, the first does not.
    eventually(SOON, "the second leads", async || {
        let (second, first) = (second.leads()?, first.leads()?);
        if second && first {
            return testbed::wait::give_up("both lead");
        }
        ensure!(second, "it does not");
        Ok(())
    })
    .await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;

    faults.change(|_| Fault::None);
    eventually(SOON, "the first stands by", async || {
        ensure!(first.health.is_ready() && !first.leads()?, "it does not");
        Ok(())
    })
    .await?;
    assert!(second.leads()?);
    second.shutdown.cancel();
    first.until_leading(true).await
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_costs_no_leadership() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let faults = Faults::none();
    let first = Candidate::start(&trial, "first", faults.client(trial.server, &trial.user()).await?).await?;
    first.until_leading(true).await?;
    let before = lease(&trial).await?;
    faults.change(|call| if call.is_write() { Fault::LoseAnswer } else { Fault::None });
    faults.loss().await;
    faults.change(|_| Fault::None);
    eventually(SOON, "it is renewed after that", async || {
        let now = lease(&trial).await?;
        ensure!(now.renew_time > before.renew_time, "it is {now:?}");
        assert_eq!(now.lease_transitions, before.lease_transitions);
        assert_eq!(now.acquire_time, before.acquire_time);
        Ok(())
    })
    .await?;
    assert!(first.leads()?);
    Ok(())
}
