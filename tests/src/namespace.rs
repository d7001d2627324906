//! A network of its own, joined with this host by links that can be cut: what runs in it is on another machine, as far as
//! packets go.

use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::lifetime::{Lifetime, Process};
use crate::network::{ip, ip_inside};
use crate::wait::eventually;

const MADE_WITHIN: Duration = Duration::from_secs(10);

/// A network namespace. It ends with this value, and what runs in it is ended by whoever started it.
#[derive(Debug)]
pub struct Namespace {
    /// Runs in it, so that it is there.
    holder: Process,
    life: Lifetime,
}

impl Namespace {
    /// Makes one with nothing but its own loopback.
    pub async fn start() -> Result<Self> {
        let life = Lifetime::begin("namespace")?;
        let mut holder = Command::new("unshare");
        holder.args(["--net", "--", "sleep", "infinity"]);
        let holder = life.spawn("holder", &mut holder, 0)?;
        let theirs = format!("/proc/{}/ns/net", holder.pid());
        eventually(MADE_WITHIN, "the network namespace is made", async || {
            let (own, theirs) = (std::fs::read_link("/proc/self/ns/net")?, std::fs::read_link(&theirs)?);
            ensure!(own != theirs, "the holder is still on this machine's network");
            Ok(())
        })
        .await?;
        let namespace = Self { holder, life };
        ip_inside(&namespace.pid(), &["link", "set", "lo", "up"]).await?;
        Ok(namespace)
    }

    /// The command before another one, by which that one runs in it.
    pub fn enter(&self) -> [String; 2] {
        ["nsenter".to_owned(), format!("--net=/proc/{}/ns/net", self.holder.pid())]
    }

    fn pid(&self) -> String {
        self.holder.pid().to_string()
    }

    /// Joins it with this host.
    pub async fn link(&self) -> Result<Link> {
        // 198.18.0.0/15 is for tests of networks (RFC 2544), so that no real host is there.
        let [high, middle, low] = rand::random::<[u8; 3]>();
        let address = |last: u8| Ipv4Addr::new(198, 18 + high % 2, middle, (low & 0xfc) | last);
        let link =
            Link { name: format!("ccv{high:02x}{middle:02x}{low:02x}"), here: address(1), there: address(2) };
        let (name, inner, pid) = (&link.name, format!("{}i", link.name), self.pid());
        self.life.on_end("ip", &["link", "delete", name])?;
        let peer = ["link", "add", name, "type", "veth", "peer", "name", &inner, "netns", &pid];
        ip(&peer).await?;
        ip(&["address", "add", &format!("{}/30", link.here), "dev", name]).await?;
        ip(&["link", "set", name, "up"]).await?;
        ip_inside(&pid, &["address", "add", &format!("{}/30", link.there), "dev", &inner]).await?;
        ip_inside(&pid, &["link", "set", &inner, "up"]).await?;
        Ok(link)
    }
}

/// A link between a [`Namespace`] and this host.
#[derive(Debug)]
pub struct Link {
    name: String,
    here: Ipv4Addr,
    there: Ipv4Addr,
}

impl Link {
    /// This host's address on it.
    pub fn here(&self) -> Ipv4Addr {
        self.here
    }

    /// The namespace's address on it.
    pub fn there(&self) -> Ipv4Addr {
        self.there
    }

    /// Cuts it: packets vanish, and nobody is told.
    pub async fn cut(&self) -> Result<()> {
        ip(&["link", "set", &self.name, "down"]).await.map(drop)
    }

    /// Mends it after [`cut`](Self::cut).
    pub async fn mend(&self) -> Result<()> {
        ip(&["link", "set", &self.name, "up"]).await.map(drop)
    }
}
