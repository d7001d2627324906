//! One node: containerd, kube-proxy and kubelet in namespaces of their own.

mod cgroups;
mod config;

use std::fs;
use std::net::{IpAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::command::output;
use crate::control_plane::ControlPlane;
use crate::image::Image;
use crate::lifetime::{Lifetime, Process};
use crate::network::Network;
use crate::pki::write_kubeconfig;
use crate::tools::Tools;
use crate::wait::{eventually, give_up};

/// How many volumes each node offers.
const VOLUMES: u8 = 24;

/// A running node.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    dir: PathBuf,
    process: Process,
}

impl Node {
    /// Starts node `number` of `of`; it shows itself to the API server by and by.
    pub(crate) async fn start(
        life: &Lifetime,
        tools: &Tools,
        plane: &ControlPlane,
        network: Network,
        number: u8,
        of: u8,
    ) -> Result<Self> {
        let name = format!("node-{number}");
        let dir = life.dir().join(&name);
        for folder in ["cni", "certs.d", "kubelet", "volumes"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        for volume in 0..VOLUMES {
            fs::create_dir_all(dir.join(format!("volumes/{volume}")))?;
        }
        let address = network.node(number);
        let serving = plane.authority.server(&name, &[&name], &[IpAddr::V4(address)])?;
        let client = plane.authority.client(&format!("system:node:{name}"), Some("system:nodes"))?;
        write_kubeconfig(&dir.join("kubelet.kubeconfig"), &plane.endpoint, &plane.authority, &client)?;
        let client = plane.authority.client("system:kube-proxy", None)?;
        write_kubeconfig(&dir.join("kube-proxy.kubeconfig"), &plane.endpoint, &plane.authority, &client)?;

        let cgroup = format!("cc-lite-{}-{number}", network.bridge());
        cgroups::make(life, &cgroup)?;
        fs::write(dir.join("containerd.toml"), config::containerd(&dir))?;
        fs::write(dir.join("cni/10-pods.conflist"), config::cni(&dir, &network.pods_of(number)))?;
        fs::write(
            dir.join("kubelet.json"),
            config::kubelet(&dir, &cgroup, network.host(), &plane.authority.certificate(), &serving),
        )?;
        let init = dir.join("init.sh");
        fs::write(&init, include_str!("init.sh"))?;

        let mut command = Command::new("unshare");
        command
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "bash"])
            .arg(&init)
            .env("NODE", &dir)
            .env("NODE_NAME", &name)
            .env("NODE_IP", address.to_string())
            .env("PODS", network.pods())
            .env("TOOLS", tools.bin());
        let process = life.spawn(&name, &mut command, 1)?;
        let node = Self { name, dir, process };
        let init = node.init_process().await?;
        network.join(number, of, init).await?;
        Ok(node)
    }

    /// The id, on this host, of the node's process 1, once its namespaces are there.
    async fn init_process(&self) -> Result<u32> {
        eventually(Duration::from_secs(20), "the node's namespaces are ready", async || {
            if let Some(status) = self.process.exited() {
                return give_up(format!("it ended with {status}:\n{}", self.process.log_tail(10)));
            }
            anyhow::ensure!(self.dir.join("namespaces-ready").exists(), "they are not");
            let pid = self.process.pid();
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
            Ok(children.split_whitespace().next().context("it has no child yet")?.parse()?)
        })
        .await
        .with_context(|| format!("{} did not start", self.name))
    }

    /// Has the container runtime pull by plain HTTP what is named after this registry; it reads the file at each pull.
    pub(crate) fn pull_from(&self, registry: SocketAddrV4) -> Result<()> {
        let dir = self.dir.join(format!("certs.d/{registry}"));
        fs::create_dir_all(&dir)?;
        Ok(fs::write(dir.join("hosts.toml"), config::plain_registry(registry))?)
    }

    /// Ends the node as a power cut would.
    pub(crate) async fn kill(&self) -> Result<()> {
        self.process.end(Signal::KILL, Duration::from_secs(10)).await.map(drop)
    }

    /// Sends its kubelet a signal.
    pub(crate) fn signal_kubelet(&self, signal: Signal) -> Result<()> {
        let folder = format!("{}/kubelet", self.dir.display());
        let is_kubelet = |pid: &Pid| {
            let words = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
            let mut words = words.split(|byte| *byte == 0).skip_while(|word| *word != b"--root-dir");
            words.nth(1) == Some(folder.as_bytes())
        };
        let pids = fs::read_dir("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
        let pid =
            pids.into_iter().find(is_kubelet).with_context(|| format!("{} has no kubelet", self.name))?;
        Ok(kill_process(pid, signal)?)
    }

    /// The `PersistentVolume`s that the node offers, as manifests.
    pub(crate) fn volumes(&self) -> Vec<serde_json::Value> {
        (0..VOLUMES).map(|volume| config::volume(&self.name, volume, &self.volume_dir(volume))).collect()
    }

    fn volume_dir(&self, volume: u8) -> PathBuf {
        self.dir.join(format!("volumes/{volume}"))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Makes `image` known to the container runtime of the node whose folder is `dir`; one that it has is left alone.
pub(crate) async fn load(tools: &Tools, dir: &Path, image: &Image) -> Result<()> {
    let ctr = || {
        let mut command = tokio::process::Command::new(tools.program("ctr"));
        command.arg("--address").arg(dir.join("containerd.sock")).args(["--namespace", "k8s.io", "images"]);
        command
    };
    let known = eventually(Duration::from_secs(30), "the node's containerd answers", async || {
        output(ctr().args(["list", "--quiet"])).await
    })
    .await
    .with_context(|| format!("see {}", dir.join("containerd.log").display()))?;
    if known.lines().any(|name| name == image.reference) {
        return Ok(());
    }
    output(ctr().arg("import").arg(&image.archive))
        .await
        .map(drop)
        .with_context(|| format!("{} could not be loaded", image.reference))
}
