//! What `NetworkPolicies` let pass, as cyclonus works it out from the policies alone. No network is involved: this shows
//! what a policy says, and not that a cluster's network keeps it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::command::output;
use crate::progress::step;
use crate::tools::cache_dir;

/// Built with the versions of its own `go.mod`, which are older than those of Kubernetes' programs.
const PACKAGE: &str = "github.com/mattfenwick/cyclonus/cmd/cyclonus";
const VERSION: &str = "v0.5.6";

/// Somebody on the network.
#[derive(Debug, Clone)]
pub enum Peer {
    /// A pod.
    Pod {
        /// Name of its namespace.
        namespace: String,
        /// Its labels.
        labels: BTreeMap<String, String>,
    },
    /// An address outside the cluster.
    Outside(&'static str),
}

impl Peer {
    /// A pod with these labels.
    pub fn pod(namespace: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self::Pod { namespace: namespace.into(), labels }
    }

    fn as_traffic(&self) -> Value {
        match self {
            Self::Pod { namespace, labels } => json!({
                "IP": "10.128.0.7",
                "Internal": {
                    "Namespace": namespace,
                    "NamespaceLabels": {"kubernetes.io/metadata.name": namespace},
                    "PodLabels": labels,
                },
            }),
            Self::Outside(address) => json!({ "IP": address }),
        }
    }
}

/// A TCP connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Who opens it.
    pub from: Peer,
    /// To whom.
    pub to: Peer,
    /// To which port.
    pub port: u16,
    /// The name of that port in the pod.
    pub port_name: &'static str,
}

/// Which of the connections the policies let pass, in their order.
pub async fn passes(policies: &[Value], connections: &[Connection]) -> Result<Vec<bool>> {
    let program = program().await?;
    let folder = tempfile::tempdir()?;
    let (rules, traffic) = (folder.path().join("policies.yaml"), folder.path().join("traffic.json"));
    // JSON is YAML.
    let list = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": policies});
    fs::write(&rules, list.to_string())?;
    let asked: Vec<Value> = connections
        .iter()
        .map(|connection| {
            json!({
                "Source": connection.from.as_traffic(), "Destination": connection.to.as_traffic(), "Protocol": "TCP",
                "ResolvedPort": connection.port, "ResolvedPortName": connection.port_name,
            })
        })
        .collect();
    fs::write(&traffic, json!(asked).to_string())?;
    let mut analyze = Command::new(program);
    analyze.args(["analyze", "--mode", "query-traffic", "--policy-path"]).arg(&rules);
    let said = output(analyze.arg("--traffic-path").arg(&traffic)).await?;
    let verdicts: Vec<bool> = said
        .lines()
        .filter(|line| line.to_uppercase().contains("IS ALLOWED?"))
        .map(|line| line.to_uppercase().contains("TRUE"))
        .collect();
    ensure!(
        verdicts.len() == connections.len(),
        "cyclonus answered {} of {}:\n{said}",
        verdicts.len(),
        connections.len()
    );
    Ok(verdicts)
}

/// Has the program there before the first test asks for it.
pub async fn ready() -> Result<()> {
    program().await.map(drop)
}

/// The program, built first if need be (a minute, once).
async fn program() -> Result<PathBuf> {
    let bin = cache_dir()?.join(format!("cyclonus-{VERSION}"));
    let program = bin.join("cyclonus");
    if program.is_file() {
        return Ok(program);
    }
    let lock = File::create(bin.with_extension("lock"))?;
    let held = lock.try_clone()?;
    tokio::task::spawn_blocking(move || flock(&held, FlockOperation::LockExclusive)).await??;
    if program.is_file() {
        return Ok(program);
    }
    let unfinished = bin.with_extension("new");
    step("building cyclonus, once on this machine", async {
        let nowhere = tempfile::tempdir()?;
        let built = Command::new("go")
            .current_dir(nowhere.path())
            .env("GOBIN", &unfinished)
            .env("CGO_ENABLED", "0")
            .args(["install", "-trimpath", &format!("{PACKAGE}@{VERSION}")])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("go could not be started: install Go 1.26 or newer and put it on PATH")?;
        ensure!(
            built.status.success(),
            "cyclonus did not build:\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Ok(())
    })
    .await?;
    fs::rename(&unfinished, &bin)?;
    Ok(program)
}
