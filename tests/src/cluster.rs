//! A Kubernetes cluster with two nodes that run real containers.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use kube::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::access::Access;
use crate::audit_log::Request;
use crate::control_plane::{ControlPlane, Settings};
use crate::image::Image;
use crate::lifetime::{Lifetime, Process};
use crate::metrics_server;
use crate::network::Network;
use crate::node::{Node, load};
use crate::tools::Tools;
use crate::wait::eventually;

const NODES: u8 = 2;

/// A control plane on this host, two nodes in namespaces of their own, cluster DNS, volumes and metrics-server. All of it ends with
/// this value. Needs root.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    plane: ControlPlane,
    network: Network,
    life: Lifetime,
}

impl Cluster {
    /// Starts one and waits until its nodes are ready; several may run side by side.
    pub async fn start() -> Result<Self> {
        Box::pin(Self::start_in(Lifetime::begin("cluster")?)).await
    }

    /// The same in the folder `dir`, where [`Cluster::keep`] may leave it running.
    pub async fn start_at(dir: &Path) -> Result<Self> {
        Box::pin(Self::start_in(Lifetime::begin_at(dir)?)).await
    }

    async fn start_in(life: Lifetime) -> Result<Self> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "a cluster with nodes needs root, for namespaces, cgroups and network links: run it as root or with sudo"
        );
        let tools = Tools::ready().await?;
        let pause = Image::pause().await?;
        let network = Network::claim(&life).await?;
        let settings = Settings {
            address: network.host(),
            service_cidr: &network.services(),
            kubernetes_service: network.kubernetes_service(),
            pod_cidr: Some(&network.pods()),
        };
        let plane = ControlPlane::start(&life, &tools, &settings).await?;
        let nodes = try_join_all(
            (1..=NODES).map(|number| Node::start(&life, &tools, &plane, network, number, NODES)),
        )
        .await?;
        let this = Self { nodes, plane, network, life };
        this.load(&pause).await?;
        this.start_dns()?;
        let volumes: Vec<Value> = this.nodes.iter().flat_map(Node::volumes).collect();
        this.access().apply(include_str!("node/addons.yaml")).await?;
        metrics_server::start(&this.life, &this.plane, this.network.host()).await?;
        this.access()
            .apply(&json!({"apiVersion": "v1", "kind": "List", "items": volumes}).to_string())
            .await?;
        this.wait_for_nodes().await?;
        Ok(this)
    }

    /// Lets the cluster outlive this value; [`Lifetime::end_at`] ends it.
    pub fn keep(self) -> Result<()> {
        self.life.keep()
    }

    /// Makes `image` known to every node.
    pub async fn load(&self, image: &Image) -> Result<()> {
        try_join_all(self.nodes.iter().map(|node| load(self.access().tools(), node.dir(), image)))
            .await
            .map(drop)
    }

    /// Lets every node pull images of this registry, which speaks plain HTTP and has to be reached from
    /// [`host`](Self::host)'s network.
    pub fn pull_from(&self, registry: SocketAddrV4) -> Result<()> {
        self.nodes.iter().try_for_each(|node| node.pull_from(registry))
    }

    /// Ends node `number` (from 1) as a power cut would.
    pub async fn kill_node(&self, number: usize) -> Result<()> {
        self.node(number)?.kill().await
    }

    /// Has the kubelet of node `number` (from 1) do nothing until [`resume_kubelet`](Self::resume_kubelet); what runs there runs on.
    pub fn pause_kubelet(&self, number: usize) -> Result<()> {
        self.node(number)?.signal_kubelet(Signal::STOP)
    }

    /// Has it go on.
    pub fn resume_kubelet(&self, number: usize) -> Result<()> {
        self.node(number)?.signal_kubelet(Signal::CONT)
    }

    /// Has the API server do nothing until [`resume_api_server`](Self::resume_api_server): whoever asks it waits.
    pub fn pause_api_server(&self) -> Result<()> {
        self.plane.api_server.signal(Signal::STOP)
    }

    /// Has it go on.
    pub fn resume_api_server(&self) -> Result<()> {
        self.plane.api_server.signal(Signal::CONT)
    }

    fn node(&self, number: usize) -> Result<&Node> {
        let node = number.checked_sub(1).and_then(|index| self.nodes.get(index));
        node.with_context(|| format!("there is no node {number}"))
    }

    /// kubectl, helm and clients with all rights.
    pub fn access(&self) -> &Access {
        &self.plane.access
    }

    /// A kubeconfig for `user`, a member of `group`.
    pub fn kubeconfig_for(&self, user: &str, group: Option<&str>) -> Result<PathBuf> {
        self.plane.kubeconfig_for(&self.life, user, group)
    }

    /// A client with all rights, bound to the calling runtime.
    pub async fn client(&self) -> Result<Client> {
        self.access().client().await
    }

    /// This host's address as pods see it: what listens there can be given to them by [`Cluster::expose`].
    pub fn host(&self) -> Ipv4Addr {
        self.network.host()
    }

    /// The folder that goes with the cluster.
    pub fn dir(&self) -> &Path {
        self.life.dir()
    }

    /// Runs kubectl as the administrator and gives what it printed.
    pub async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.access().kubectl(args).await
    }

    /// What `user` has asked of the API server so far, oldest first.
    pub fn requests_of(&self, user: &str) -> Result<Vec<Request>> {
        self.plane.audit_log.requests_of(user)
    }

    fn start_dns(&self) -> Result<Process> {
        let kubeconfig = self.kubeconfig_for("system:coredns", None)?;
        let host = self.network.host();
        let corefile = self.dir().join("Corefile");
        let zones = "cluster.local in-addr.arpa";
        let config = format!(
            ".:53 {{\n  bind {host}\n  ready {host}:8181\n  errors\n  cache 5\n  kubernetes {zones} {{\n    kubeconfig {}\n    ttl \
             5\n  }}\n}}\n",
            kubeconfig.display()
        );
        fs::write(&corefile, config)?;
        self.life.spawn(
            "dns",
            Command::new(self.access().tools().program("dns")).arg("-conf").arg(&corefile),
            1,
        )
    }

    async fn wait_for_nodes(&self) -> Result<()> {
        let nodes: Vec<_> = self.nodes.iter().map(|node| format!("node/{}", node.name())).collect();
        eventually(Duration::from_secs(60), "both nodes are ready", async || {
            let mut args = vec!["wait", "--for=condition=Ready", "--timeout=1s"];
            args.extend(nodes.iter().map(String::as_str));
            self.kubectl(&args).await.map(drop)
        })
        .await
        .with_context(|| format!("see the logs in {}", self.dir().display()))
    }
}
