//! The program itself: its commands, its endpoints, its end.

use std::{
    net::{SocketAddr, TcpListener},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use kube::config::Kubeconfig;
use testbed::{product, wait::eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
};

use crate::trial::{SOON, Trial};

pub(crate) fn program() -> Command {
    let mut command = Command::new(product::program("comms-operator"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Status and body of a GET.
pub(crate) async fn get(port: u16, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    Ok((head.split(' ').nth(1).context("no status")?.parse()?, body.to_owned()))
}

async fn terminate(child: &mut Child) -> Result<()> {
    let pid = child.id().context("it has ended already")?.to_string();
    ensure!(Command::new("kill").args(["-TERM", &pid]).status().await?.success(), "kill failed");
    Ok(())
}

#[tokio::test]
async fn crd_prints_the_committed_definition() -> Result<()> {
    let output = program().arg("crd").output().await?;
    ensure!(output.status.success(), "it failed: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout)?, comms_operator::crd::yaml()?);
    Ok(())
}

#[tokio::test]
async fn run_looks_after_modules_until_it_is_told_to_end() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let port = free_port()?;
    let mut child = program()
        .arg("run")
        .env("KUBECONFIG", trial.server.kubeconfig())
        .env("WATCH_NAMESPACE", &trial.namespace)
        .env("OPERATOR_NAMESPACE", &trial.namespace)
        .env("DEFAULT_IMAGE", "cc-lite:by-environment")
        .args(["--health-address=127.0.0.1", &format!("--health-port={port}"), "--log-format=text"])
        .spawn()?;
    eventually(SOON, "/readyz says yes", async || {
        let answer = get(port, "/readyz").await?;
        ensure!(answer == (200, "ok\n".to_owned()), "it says {answer:?}");
        Ok(())
    })
    .await?;
    assert_eq!(get(port, "/livez").await?, (200, "ok\n".to_owned()));
    trial.create("comms", serde_json::json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let module: comms_operator::api::CommsModule = trial.get("comms").await?;
    assert_eq!(module.status.and_then(|status| status.image).as_deref(), Some("cc-lite:by-environment"));
    let expected = [
        "comms_operator_reconciles_total{result=\"Applied\"}",
        "comms_operator_api_calls_total{verb=\"patch\",resource=\"deployments\",code=\"201\"} 1",
        "comms_operator_queue_depth 0",
        "comms_operator_leader 1",
    ];
    let metrics = eventually(SOON, "the metrics tell what was done", async || {
        let (status, metrics) = get(port, "/metrics").await?;
        let lacking: Vec<_> = expected.iter().filter(|line| !metrics.contains(**line)).collect();
        ensure!(status == 200 && lacking.is_empty(), "no {lacking:?} in {status} {metrics}");
        Ok(metrics)
    })
    .await?;
    assert!(!metrics.contains("comms-"), "an object's name is in {metrics}");

    terminate(&mut child).await?;
    let output = tokio::time::timeout(SOON, child.wait_with_output()).await.context("it did not end")??;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && log.contains("stopped"), "it ended with {}: {log}", output.status);
    Ok(())
}

#[tokio::test]
async fn without_an_api_server_it_is_alive_and_not_ready_and_says_so() -> Result<()> {
    let trial = Trial::without_operator().await?;
    // Nobody listens there, so nothing can be listed.
    let mut elsewhere = Kubeconfig::read_from(trial.server.kubeconfig())?;
    for cluster in elsewhere.clusters.iter_mut().filter_map(|cluster| cluster.cluster.as_mut()) {
        cluster.server = Some(format!("https://127.0.0.1:{}", free_port()?));
    }
    let kubeconfig = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&kubeconfig, &elsewhere)?;
    let port = free_port()?;
    let mut child = program()
        .arg("run")
        .env("KUBECONFIG", kubeconfig.path())
        .args(["--health-address=127.0.0.1", &format!("--health-port={port}"), "--leader-election=false"])
        .spawn()?;
    eventually(SOON, "/livez answers", async || {
        ensure!(get(port, "/livez").await?.0 == 200, "it does not");
        Ok(())
    })
    .await?;
    let (status, body) = get(port, "/readyz").await?;
    assert_eq!((status, body.as_str()), (503, "the CommsModules could not be listed yet: see the log\n"));
    terminate(&mut child).await?;
    let output = tokio::time::timeout(SOON, child.wait_with_output()).await.context("it did not end")??;
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("the operator cannot list what it looks after"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_start_that_cannot_succeed_ends_with_one_sentence() -> Result<()> {
    let output = program()
        .arg("run")
        .env("KUBECONFIG", "/nowhere/kubeconfig")
        .env_remove("KUBERNETES_SERVICE_HOST")
        .output()
        .await?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("no cluster to work on"), "{log}");

    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port();
    let kubeconfig = crate::trial::server().await?.kubeconfig();
    let output = program()
        .arg("run")
        .env("KUBECONFIG", kubeconfig)
        .args(["--health-address=127.0.0.1", &format!("--health-port={port}")])
        .output()
        .await?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("choose another --health-address or --health-port"), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_level_of_the_log_is_changed_without_a_restart() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let (port, level) = (free_port()?, tempfile::NamedTempFile::new()?);
    std::fs::write(level.path(), "warn\n")?;
    let log = tempfile::NamedTempFile::new()?;
    let child = program()
        .arg("run")
        .env("KUBECONFIG", trial.server.kubeconfig())
        .env("WATCH_NAMESPACE", &trial.namespace)
        .env("OPERATOR_NAMESPACE", &trial.namespace)
        .env("LOG_LEVEL_FILE", level.path())
        .args(["--health-address=127.0.0.1", &format!("--health-port={port}"), "--log-format=text"])
        .stderr(log.reopen()?)
        .spawn()?;
    eventually(SOON, "/readyz says yes", async || {
        ensure!(get(port, "/readyz").await?.0 == 200, "it does not");
        Ok(())
    })
    .await?;
    let said = || std::fs::read_to_string(log.path());
    assert_eq!(said()?, "", "at this level there is nothing to say");

    std::fs::write(level.path(), "info,nonsense=loud\n")?;
    hang_up(&child).await?;
    eventually(SOON, "the nonsense is refused", async || {
        ensure!(said()?.contains("the log's level stays: "), "it says {}", said()?);
        Ok(())
    })
    .await?;
    std::fs::write(level.path(), "info\n")?;
    hang_up(&child).await?;
    trial.create("comms", serde_json::json!({})).await?;
    eventually(SOON, "what it does is told", async || {
        ensure!(said()?.contains("applying"), "it says {}", said()?);
        Ok(())
    })
    .await
}

async fn hang_up(child: &Child) -> Result<()> {
    let pid = child.id().context("it has ended already")?.to_string();
    ensure!(Command::new("kill").args(["-HUP", &pid]).status().await?.success(), "kill failed");
    Ok(())
}
