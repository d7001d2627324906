//! nginx from Debian's package, as a value that ends with its scope.

use std::fs;
use std::net::SocketAddrV4;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpStream;

use crate::lifetime::{Lifetime, Process};
use crate::wait::{eventually, give_up};

const PORT: u16 = 8080;
const READY_WITHIN: Duration = Duration::from_secs(20);
/// Folders that nginx would else make, and give to its workers, among those of the machine's own.
const SCRATCH: [&str; 5] = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/// An nginx with the configuration that it is given. It ends with this value.
#[derive(Debug)]
pub struct Nginx {
    process: Process,
    address: SocketAddrV4,
    life: Lifetime,
}

impl Nginx {
    /// Starts nginx with a copy of the file `config`, unchanged, and with `beside` it these files, by their names and
    /// contents. `listen.conf` is added, which the configuration includes in its server and which has it listen on a
    /// loopback address of its own; and `conf.d/own.conf`, which keeps its files in its own folder.
    pub async fn start(config: &Path, beside: &[(&str, &str)]) -> Result<Self> {
        let life = Lifetime::begin("nginx")?;
        let dir = life.dir();
        let address = SocketAddrV4::new(life.address(), PORT);
        fs::create_dir(dir.join("conf.d"))?;
        fs::copy(config, dir.join("nginx.conf")).with_context(|| format!("{}", config.display()))?;
        fs::write(dir.join("listen.conf"), format!("listen {address};\n"))?;
        let scratch = SCRATCH.map(|name| format!("{name}_temp_path {}/{name};\n", dir.display())).concat();
        fs::write(
            dir.join("conf.d/own.conf"),
            format!("access_log {}/access.log;\n{scratch}", dir.display()),
        )?;
        for (name, content) in beside {
            fs::write(dir.join(name), content)?;
        }

        let mut command = Command::new("nginx");
        command
            // Its processes give up their environment, so that their folder is what tells them.
            .current_dir(dir)
            .arg("-p")
            .arg(dir)
            .arg("-c")
            .arg(dir.join("nginx.conf"))
            .args(["-e", "stderr", "-g"])
            .arg(format!("daemon off; pid {}/nginx.pid;", dir.display()));
        let process = life
            .spawn("nginx", &mut command, 5)
            .context("install the package nginx (`make prerequisites`)")?;
        let this = Self { process, address, life };
        this.wait_until_ready().await?;
        Ok(this)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The folder that goes with it.
    pub fn dir(&self) -> &Path {
        self.life.dir()
    }

    async fn wait_until_ready(&self) -> Result<()> {
        eventually(READY_WITHIN, "nginx listens", async || {
            if let Some(status) = self.process.exited() {
                return give_up(format!("nginx ended with {status}"));
            }
            TcpStream::connect(self.address).await.map(drop).context("nobody listens")
        })
        .await
        .with_context(|| format!("nginx did not start; its log ends with:\n{}", self.process.log_tail(30)))
    }
}
