//! The addresses of one cluster with nodes, and the bridge that joins the nodes with this host.

use std::net::Ipv4Addr;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::command::output;
use crate::lifetime::Lifetime;

/// At most this many clusters with nodes run side by side.
const MOST: u8 = 32;

/// One cluster's share of the private address space. Nothing in it is ever routed off this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    index: u8,
}

impl Network {
    /// Takes a free share: making the bridge is what reserves it.
    pub(crate) async fn claim(life: &Lifetime) -> Result<Self> {
        for index in 0..MOST {
            let network = Self { index };
            if !network.is_free().await? {
                continue;
            }
            let bridge = network.bridge();
            if ip(&["link", "add", &bridge, "type", "bridge"]).await.is_err() {
                continue;
            }
            life.on_end("ip", &["link", "delete", &bridge])?;
            ip(&["address", "add", &format!("{}/24", network.host()), "dev", &bridge]).await?;
            ip(&["link", "set", &bridge, "up"]).await?;
            // What has no better route ends here, so that stray traffic to a pod or Service stays on the machine.
            for range in [network.pods(), network.services()] {
                life.on_end("ip", &["route", "delete", "unreachable", &range, "metric", "4000"])?;
                ip(&["route", "add", "unreachable", &range, "metric", "4000"]).await?;
            }
            return Ok(network);
        }
        bail!("no free network is left for a cluster: {MOST} run already; end one with `make down`")
    }

    async fn is_free(self) -> Result<bool> {
        for range in [format!("{}/24", self.host()), self.pods(), self.services()] {
            if !ip(&["-4", "route", "show", "root", &range]).await?.trim().is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Joins a node's network namespace, that of process `pid`, to the bridge.
    pub(crate) async fn join(self, node: u8, of: u8, pid: u32) -> Result<()> {
        let (link, pid) = (format!("{}n{node}", self.bridge()), pid.to_string());
        ip(&["link", "add", &link, "type", "veth", "peer", "name", "eth0", "netns", &pid]).await?;
        ip(&["link", "set", &link, "master", &self.bridge(), "up"]).await?;
        let address = format!("{}/24", self.node(node));
        for command in [vec!["address", "add", &address, "dev", "eth0"], vec!["link", "set", "eth0", "up"]] {
            ip_inside(&pid, &command).await?;
        }
        for other in (1..=of).filter(|other| *other != node) {
            let (pods, via) = (self.pods_of(other), self.node(other).to_string());
            ip_inside(&pid, &["route", "add", &pods, "via", &via]).await?;
        }
        ip_inside(&pid, &["route", "add", "unreachable", "default"]).await?;
        ip(&["route", "add", &self.pods_of(node), "via", &self.node(node).to_string()]).await?;
        if node == 1 {
            // This host reaches Services through the first node.
            ip(&["route", "add", &self.services(), "via", &self.node(node).to_string()]).await?;
        }
        Ok(())
    }

    pub(crate) fn bridge(self) -> String {
        format!("ccl{}", self.index)
    }

    /// This host's address on the bridge: API server, cluster DNS, and what runs beside the cluster.
    pub(crate) fn host(self) -> Ipv4Addr {
        Ipv4Addr::new(172, 30, self.index, 1)
    }

    pub(crate) fn node(self, number: u8) -> Ipv4Addr {
        Ipv4Addr::new(172, 30, self.index, 10 + number)
    }

    pub(crate) fn pods(self) -> String {
        format!("10.{}.0.0/16", 128 + self.index)
    }

    pub(crate) fn pods_of(self, node: u8) -> String {
        format!("10.{}.{node}.0/24", 128 + self.index)
    }

    pub(crate) fn services(self) -> String {
        format!("10.{}.0.0/16", 192 + self.index)
    }

    pub(crate) fn kubernetes_service(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 192 + self.index, 0, 1)
    }
}

/// Runs `ip` on this host's network.
pub(crate) async fn ip(args: &[&str]) -> Result<String> {
    output(Command::new("ip").args(args)).await
}

/// Runs `ip` on the network of this process.
pub(crate) async fn ip_inside(pid: &str, args: &[&str]) -> Result<()> {
    output(Command::new("nsenter").args(["--target", pid, "--net", "ip"]).args(args)).await.map(drop)
}
