//! The program itself: its commands, its endpoints, its end.

use std::{
    net::{SocketAddr, TcpListener},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use kube::config::Kubeconfig;
use testbed::wait::eventually;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
};

use crate::trial::{SOON, Trial};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comms-operator"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Status and body of a GET.
async fn get(port: u16, path: &str) -> Result<(u16, String)> {
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
    let (status, metrics) = get(port, "/metrics").await?;
    assert_eq!(status, 200);
    assert!(metrics.contains("comms_operator_reconciles_total{result=\"Applied\"}"), "{metrics}");

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
        .args(["--health-address=127.0.0.1", &format!("--health-port={port}")])
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
