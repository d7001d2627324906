//! How to talk to a Kubernetes cluster: kubectl, helm and a client, with one kubeconfig.

use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;
use tokio::process::Command;

use crate::command::{output, output_with_input};
use crate::tools::Tools;
use crate::wait::eventually;

/// Access with one kubeconfig, or with the user's current context.
#[derive(Debug, Clone)]
pub struct Access {
    tools: Tools,
    kubeconfig: Option<PathBuf>,
}

impl Access {
    /// Access with the kubeconfig at `path`.
    pub fn with_kubeconfig(tools: Tools, path: PathBuf) -> Self {
        Self { tools, kubeconfig: Some(path) }
    }

    /// Access by the current context of `KUBECONFIG` or `~/.kube/config`.
    pub fn current_context(tools: Tools) -> Self {
        Self { tools, kubeconfig: None }
    }

    /// The kubeconfig's file; `None` for the current context.
    pub fn kubeconfig(&self) -> Option<&Path> {
        self.kubeconfig.as_deref()
    }

    /// The programs used.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// A client, bound to the calling runtime.
    pub async fn client(&self) -> Result<Client> {
        let config = match &self.kubeconfig {
            Some(path) => {
                let options = KubeConfigOptions::default();
                kube::Config::from_custom_kubeconfig(Kubeconfig::read_from(path)?, &options).await?
            }
            None => kube::Config::infer().await.context("there is no current kubectl context")?,
        };
        Ok(Client::try_from(config)?)
    }

    /// Runs kubectl and gives what it printed.
    pub async fn kubectl(&self, args: &[&str]) -> Result<String> {
        output(self.command("kubectl").args(args)).await
    }

    /// Applies manifests, given as YAML or JSON.
    pub async fn apply(&self, manifests: &str) -> Result<String> {
        let mut command = self.command("kubectl");
        output_with_input(command.args(["apply", "--server-side", "--filename=-"]), manifests.as_bytes())
            .await
    }

    /// Runs helm, with folders of its own, and gives what it printed.
    pub async fn helm(&self, args: &[&str]) -> Result<String> {
        let folders = tempfile::tempdir()?;
        let mut command = self.command("helm");
        for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(folder, folders.path());
        }
        output(command.args(args)).await
    }

    /// Makes a namespace that enforces the restricted profile, and waits until pods can start in it.
    pub async fn namespace(&self, name: &str) -> Result<()> {
        let manifest = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        }});
        self.apply(&manifest.to_string()).await?;
        eventually(Duration::from_secs(20), "the namespace has its default ServiceAccount", async || {
            self.kubectl(&["get", "serviceaccount", "default", "--namespace", name]).await.map(drop)
        })
        .await
    }

    /// Gives pods a server outside the cluster, at `address`, under a Service's name.
    pub async fn expose(
        &self,
        namespace: &str,
        service: &str,
        port: u16,
        address: SocketAddrV4,
    ) -> Result<()> {
        let manifest = json!({"apiVersion": "v1", "kind": "List", "items": [
            {
                "apiVersion": "v1", "kind": "Service",
                "metadata": {"name": service, "namespace": namespace},
                "spec": {"ports": [{"name": "main", "port": port, "targetPort": address.port()}]},
            },
            {
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                "metadata": {
                    "name": service, "namespace": namespace, "labels": {"kubernetes.io/service-name": service},
                },
                "addressType": "IPv4",
                "endpoints": [{"addresses": [address.ip()], "conditions": {"ready": true}}],
                "ports": [{"name": "main", "port": address.port(), "protocol": "TCP"}],
            },
        ]});
        self.apply(&manifest.to_string()).await.map(drop)
    }

    /// A command of the tools that takes this kubeconfig.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.tools.program(program));
        if let Some(path) = &self.kubeconfig {
            command.env("KUBECONFIG", path);
        }
        command
    }
}
