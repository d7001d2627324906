//! What `NetworkPolicies` let pass, as cyclonus works it out from the policies alone. No network is involved: this shows
//! what a policy says, and not that a cluster's network keeps it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::command::output;
use crate::go_build::GoBuild;

/// A `go.mod` of its own, since its versions are older than those of Kubernetes' programs.
const SOURCES: [(&str, &str); 2] =
    [("go.mod", include_str!("../cyclonus/go.mod")), ("go.sum", include_str!("../cyclonus/go.sum"))];
const PACKAGE: &str = "github.com/mattfenwick/cyclonus/cmd/cyclonus";
const NAME: &str = "cyclonus";

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
    let build = GoBuild {
        name: "cyclonus",
        what: "what judges policies",
        sources: &SOURCES,
        programs: &[(PACKAGE, NAME)],
    };
    build.program().await
}
