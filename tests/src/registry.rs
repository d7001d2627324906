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
/// Whom a [guarded](Registry::guarded) registry lets in, and by which password.
pub const LOGIN: (&str, &str) = ("puller", "only-for-tests");
/// The password as bcrypt has it.
const HASH: &str = "$2y$04$Fmi7dqMet3M7EF8x9PN8P.8n5gqdKiQ/LpLOha9FHn93kZVyJk38S";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A registry that speaks plain HTTP. It ends with this value.
#[derive(Debug)]
pub struct Registry {
    guarded: bool,
    process: Process,
    address: SocketAddrV4,
    life: Lifetime,
}

impl Registry {
    /// Starts an empty one at port 5000 of `host`, such as [`Cluster::host`](crate::Cluster::host). Anybody who reaches it may
    /// push to it and pull from it.
    pub async fn start(host: Ipv4Addr) -> Result<Self> {
        Self::start_as(host, false).await
    }

    /// The same for those alone who show [`LOGIN`].
    pub async fn guarded(host: Ipv4Addr) -> Result<Self> {
        Self::start_as(host, true).await
    }

    async fn start_as(host: Ipv4Addr, guarded: bool) -> Result<Self> {
        let life = Lifetime::begin("registry")?;
        let address = SocketAddrV4::new(host, PORT);
        let config = life.dir().join("config.yaml");
        // JSON is YAML.
        let mut settings = serde_json::json!({
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": true}},
            "storage": {"filesystem": {"rootdirectory": life.dir().join("images")}},
            "http": {"addr": address},
        });
        if guarded {
            let users = life.dir().join("htpasswd");
            fs::write(&users, format!("{}:{HASH}\n", LOGIN.0))?;
            settings["auth"] = serde_json::json!({"htpasswd": {"realm": "tests", "path": users}});
        }
        fs::write(&config, settings.to_string())?;
        let process = life
            .spawn("registry", Command::new("docker-registry").arg("serve").arg(&config), 1)
            .context("install the package docker-registry (`make prerequisites`)")?;
        let this = Self { guarded, process, address, life };
        this.wait_until_ready().await?;
        Ok(this)
    }

    /// Where it listens; what an image's name begins with.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// What buildah is to be told to push to it.
    pub(crate) fn push_flags(&self) -> Vec<String> {
        let mut flags = vec!["--tls-verify=false".to_owned()];
        if self.guarded {
            flags.push(format!("--creds={}:{}", LOGIN.0, LOGIN.1));
        }
        flags
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
        let mut request = client.get(format!("http://{}{path}", self.address));
        if self.guarded {
            request = request.basic_auth(LOGIN.0, Some(LOGIN.1));
        }
        Ok(request.send().await?.error_for_status()?)
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
