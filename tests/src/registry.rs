//! A registry of container images from Debian's package, as a value that ends with its scope.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::lifetime::{Lifetime, Process};
use crate::wait::{eventually, give_up};

const PORT: u16 = 5000;
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A registry that anybody who reaches it may push to and pull from, by plain HTTP. It ends with this value.
#[derive(Debug)]
pub struct Registry {
    process: Process,
    address: SocketAddrV4,
    life: Lifetime,
}

impl Registry {
    /// Starts an empty one at port 5000 of `host`, such as [`Cluster::host`](crate::Cluster::host).
    pub async fn start(host: Ipv4Addr) -> Result<Self> {
        let life = Lifetime::begin("registry")?;
        let address = SocketAddrV4::new(host, PORT);
        let config = life.dir().join("config.yaml");
        // JSON is YAML.
        let settings = serde_json::json!({
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": true}},
            "storage": {"filesystem": {"rootdirectory": life.dir().join("images")}},
            "http": {"addr": address},
        });
        fs::write(&config, settings.to_string())?;
        let process = life
            .spawn("registry", Command::new("docker-registry").arg("serve").arg(&config), 1)
            .context("install the package docker-registry (`make prerequisites`)")?;
        let this = Self { process, address, life };
        this.wait_until_ready().await?;
        Ok(this)
    }

    /// Where it listens; what an image's name begins with.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The folder that goes with it.
    pub fn dir(&self) -> &Path {
        self.life.dir()
    }

    /// Writes a `registries.conf` (containers-registries.conf(5)) by which buildah speaks plain HTTP to this registry,
    /// and gives its path: a value for `CONTAINERS_REGISTRIES_CONF`.
    pub fn client_settings(&self) -> Result<PathBuf> {
        let path = self.dir().join("registries.conf");
        fs::write(&path, format!("[[registry]]\nlocation = \"{}\"\ninsecure = true\n", self.address))?;
        Ok(path)
    }

    /// The names of the repositories that have been pushed to, in alphabetical order.
    pub async fn repositories(&self) -> Result<Vec<String>> {
        let catalog: serde_json::Value = self.get("/v2/_catalog").await?.json().await?;
        Ok(serde_json::from_value(catalog["repositories"].clone())?)
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build()?;
        Ok(client.get(format!("http://{}{path}", self.address)).send().await?.error_for_status()?)
    }

    async fn wait_until_ready(&self) -> Result<()> {
        eventually(READY_WITHIN, "the registry answers", async || {
            if let Some(status) = self.process.exited() {
                return give_up(format!("it ended with {status}"));
            }
            self.get("/v2/").await.map(drop)
        })
        .await
        .with_context(|| {
            format!("the registry did not start; its log ends with:\n{}", self.process.log_tail(30))
        })
    }
}
