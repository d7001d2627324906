//! RabbitMQ from Debian's package, as a value that ends with its scope.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use lapin::{Connection, ConnectionProperties};
use rustix::process::Signal;
use tokio::time::timeout;

use crate::command;
use crate::lifetime::{Lifetime, Process};
use crate::pki::Authority;
use crate::wait::{eventually, give_up};

const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";
/// Every version's applications, RabbitMQ's own among them.
const INSTALLED: &str = "/usr/lib/rabbitmq/lib";
/// A host name that only this broker and its command line know, see `ERL_INETRC`.
const NODE: &str = "rabbit@broker";
const AMQP_PORT: u16 = 5672;
const AMQPS_PORT: u16 = 5671;
/// The memory from which on it takes no messages, in bytes.
const MEMORY: &str = "1073741824";
const READY_WITHIN: Duration = Duration::from_mins(1);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// A RabbitMQ node of its own, with one administrator and without the usual guest. It ends with this value.
#[derive(Debug)]
pub struct RabbitMq {
    process: Mutex<Option<Process>>,
    address: SocketAddrV4,
    user: String,
    password: String,
    epmd_port: u16,
    distribution_port: u16,
    authority: Option<Authority>,
    life: Lifetime,
}

/// How a [`RabbitMq`] is to be started.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    bind: Option<Ipv4Addr>,
    at: Option<PathBuf>,
    tls: bool,
}

impl Builder {
    /// Listens for AMQP on `address` instead of a loopback address of its own. The rest stays on loopback.
    #[must_use]
    pub fn bind(mut self, address: Ipv4Addr) -> Self {
        self.bind = Some(address);
        self
    }

    /// Listens for AMQP over TLS too, see [`RabbitMq::tls_url`]; [`RabbitMq::authority`] vouches for its certificate.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Keeps its data in `dir`, which is made, and removed at the end; see [`RabbitMq::keep`].
    #[must_use]
    pub fn at(mut self, dir: &Path) -> Self {
        self.at = Some(dir.to_owned());
        self
    }

    /// Starts the broker and waits until it serves its user.
    pub async fn start(self) -> Result<RabbitMq> {
        ensure!(
            Path::new(PROGRAMS).join("rabbitmq-server").exists(),
            "RabbitMQ is not installed: `apt-get install --no-install-recommends rabbitmq-server`"
        );
        let life = match &self.at {
            Some(dir) => Lifetime::begin_at(dir)?,
            None => Lifetime::begin("rabbitmq")?,
        };
        let address = SocketAddrV4::new(self.bind.unwrap_or(life.address()), AMQP_PORT);
        let user = format!("user-{:08x}", rand::random::<u32>());
        let password = format!("{:032x}", rand::random::<u128>());
        let authority = self.tls.then(|| Authority::new(&life.dir().join("tls"))).transpose()?;
        let tls = authority.as_ref().map(|authority| tls_settings(authority, *address.ip())).transpose()?;
        lay_out(life.dir(), life.address(), address, &user, &password, &tls.unwrap_or_default())?;
        let epmd_port = start_epmd(&life).await?;
        let distribution_port = free_port()?;
        let broker = RabbitMq {
            process: Mutex::default(),
            address,
            user,
            password,
            epmd_port,
            distribution_port,
            authority,
            life,
        };
        broker.run().await?;
        Ok(broker)
    }
}

impl RabbitMq {
    /// Starts a broker on a loopback address of its own; several run side by side.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Says first how it is to be started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `amqp://user:password@address:port/%2f`: the default virtual host.
    pub fn url(&self) -> String {
        self.url_at(&self.address.ip().to_string(), self.port())
    }

    /// The same for who reaches it by another name or port, such as that of a Kubernetes Service.
    pub fn url_at(&self, host: &str, port: u16) -> String {
        format!("amqp://{}:{}@{host}:{port}/%2f", self.user, self.password)
    }

    /// The same over TLS, where [`Builder::tls`] was asked for.
    pub fn tls_url(&self) -> String {
        self.url_at(&self.address.ip().to_string(), AMQPS_PORT).replace("amqp://", "amqps://")
    }

    /// PEM file of the authority that vouches for its certificate, where it speaks TLS.
    pub fn authority(&self) -> Option<PathBuf> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// Where it listens for AMQP.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The port of [`address`](Self::address).
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The only user: an administrator.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The user's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The folder with its data and logs.
    pub fn dir(&self) -> &Path {
        self.life.dir()
    }

    /// Stops it orderly, keeping its data. A stopped broker is left as it is.
    pub async fn stop(&self) -> Result<()> {
        self.end(Signal::TERM).await
    }

    /// Ends it as a crash would, with SIGKILL.
    pub async fn kill(&self) -> Result<()> {
        self.end(Signal::KILL).await
    }

    /// Has it stand still, as a machine without processor time would: it neither answers nor closes anything.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Has it go on after [`pause`](Self::pause).
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Has it refuse all messages, as it does when its memory is used up, until [`free_memory`](Self::free_memory) or a
    /// restart.
    pub async fn use_up_memory(&self) -> Result<()> {
        self.ctl(&["set_vm_memory_high_watermark", "0.0000001"]).await.map(drop)
    }

    /// Has it take messages again after [`use_up_memory`](Self::use_up_memory).
    pub async fn free_memory(&self) -> Result<()> {
        self.ctl(&["set_vm_memory_high_watermark", "absolute", MEMORY]).await.map(drop)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).clone();
        process.map_or(Ok(()), |process| process.signal(signal))
    }

    /// Stops it, if it runs, and starts it again with the same address, users and data.
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.run().await
    }

    /// Runs `rabbitmqctl` against it, as in `ctl(&["list_queues"])`, and gives what it printed.
    pub async fn ctl(&self, args: &[&str]) -> Result<String> {
        let mut rabbitmqctl = self.program("rabbitmqctl");
        rabbitmqctl.arg("--quiet").args(args);
        command::output(&mut rabbitmqctl.into()).await
    }

    /// Makes a virtual host that nobody else uses, and gives the URL to it.
    pub async fn vhost(&self) -> Result<String> {
        let vhost = format!("vhost-{:08x}", rand::random::<u32>());
        self.ctl(&["add_vhost", &vhost]).await?;
        self.ctl(&["set_permissions", "--vhost", &vhost, &self.user, ".*", ".*", ".*"]).await?;
        Ok(self.url().replace("/%2f", &format!("/{vhost}")))
    }

    /// Lets it outlive this value; [`Lifetime::end_at`] with [`dir`](Self::dir) ends it.
    pub fn keep(self) -> Result<()> {
        self.life.keep()
    }

    async fn run(&self) -> Result<()> {
        let process = self.life.spawn("rabbitmq", &mut self.program("rabbitmq-server"), 0)?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process.clone());
        let url = self.url();
        eventually(READY_WITHIN, "RabbitMQ serves its user", async || {
            if let Some(status) = process.exited() {
                return give_up(format!("RabbitMQ ended with {status}"));
            }
            // A port that answers is not enough: users come last. And it may be somebody else's, who stays silent.
            let connect = Connection::connect(&url, ConnectionProperties::default());
            let connection = timeout(ANSWERED_WITHIN, connect).await.context("no answer")??;
            Ok(connection.close(200, "ready".into()).await?)
        })
        .await
        .with_context(|| format!("RabbitMQ did not start; its log ends with:\n{}", process.log_tail(30)))
    }

    async fn end(&self, signal: Signal) -> Result<()> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(process) = process {
            process.end(signal, STOPPED_WITHIN).await.with_context(|| {
                format!("RabbitMQ did not stop; its log ends with:\n{}", process.log_tail(30))
            })?;
        }
        Ok(())
    }

    /// One of RabbitMQ's scripts with this broker's settings and none of the machine's.
    fn program(&self, name: &str) -> Command {
        let dir = self.life.dir();
        let own = self.life.address();
        let erlang_address = own.to_string().replace('.', ",");
        let mut command = Command::new(Path::new(PROGRAMS).join(name));
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", dir.join("home"))
            .env("ERL_EPMD_ADDRESS", own.to_string())
            .env("ERL_EPMD_PORT", self.epmd_port.to_string())
            .env("ERL_INETRC", dir.join("inetrc"))
            .env("ERL_CRASH_DUMP_SECONDS", "0")
            .env("RABBITMQ_NODENAME", NODE)
            .env("RABBITMQ_DIST_PORT", self.distribution_port.to_string())
            // Where command lines listen; their default is ten ports for all brokers of the machine together.
            .env("RABBITMQ_CTL_DIST_PORT_MIN", "35672")
            .env("RABBITMQ_CTL_DIST_PORT_MAX", "36672")
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", dir.join("advanced.config"))
            .env("RABBITMQ_GENERATED_CONFIG_DIR", dir.join("generated"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("enabled_plugins"))
            .env("RABBITMQ_PLUGINS_DIR", dir.join("applications"))
            .env("RABBITMQ_FEATURE_FLAGS_FILE", dir.join("feature_flags"))
            .env("RABBITMQ_MNESIA_BASE", dir.join("data"))
            .env("RABBITMQ_PID_FILE", dir.join("pid"))
            .env("RABBITMQ_LOG_BASE", dir.join("log"))
            .env("RABBITMQ_LOGS", "-")
            // An idle broker leaves the processors to the others.
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +sbwtdcpu none +sbwtdio none")
            // The process started is then Erlang's own and not a shell that stands before it.
            .env("RABBITMQ_ALLOW_INPUT", "1")
            .env(
                "RABBITMQ_SERVER_START_ARGS",
                format!("-noinput -kernel inet_dist_use_interface {{{erlang_address}}}"),
            );
        command
    }
}

/// Erlang terms by which it speaks TLS with a certificate of `authority`.
fn tls_settings(authority: &Authority, address: Ipv4Addr) -> Result<String> {
    let identity = authority.server("rabbitmq", &["localhost"], &[IpAddr::V4(address)])?;
    let (ca, cert, key) = (authority.certificate(), identity.cert, identity.key);
    Ok(format!(
        r#"  {{ssl_listeners, [{{"{address}", {AMQPS_PORT}}}]}},
  {{ssl_options, [{{cacertfile, "{}"}}, {{certfile, "{}"}}, {{keyfile, "{}"}}, {{verify, verify_none}}]}},
"#,
        ca.display(),
        cert.display(),
        key.display()
    ))
}

/// Writes the settings that [`RabbitMq::program`] points to; `tls` is a part of them.
fn lay_out(
    dir: &Path,
    own: Ipv4Addr,
    amqp: SocketAddrV4,
    user: &str,
    password: &str,
    tls: &str,
) -> Result<()> {
    for folder in ["home", "log", "data", "applications"] {
        fs::DirBuilder::new().mode(0o700).create(dir.join(folder))?;
    }
    let cookie = dir.join("home/.erlang.cookie");
    write_private(&cookie, &format!("{:032X}", rand::random::<u128>()))?;
    fs::set_permissions(&cookie, fs::Permissions::from_mode(0o400))?;
    // The node's host name means the lifetime's address, whatever the machine calls itself.
    let erlang_address = own.to_string().replace('.', ",");
    fs::write(
        dir.join("inetrc"),
        format!("{{host, {{{erlang_address}}}, [\"broker\"]}}.\n{{lookup, [file]}}.\n"),
    )?;
    fs::write(dir.join("enabled_plugins"), "[].\n")?;
    let (ip, port) = (amqp.ip(), amqp.port());
    // Erlang terms: the other format costs a second of reading every plugin's schema.
    write_private(
        &dir.join("advanced.config"),
        &format!(
            r#"[{{rabbit, [
  {{tcp_listeners, [{{"{ip}", {port}}}]}},
{tls}  {{default_user, <<"{user}">>}},
  {{default_pass, <<"{password}">>}},
  {{loopback_users, []}},
  {{vm_memory_high_watermark, {{absolute, {MEMORY}}}}},
  {{disk_free_limit, 50000000}},
  {{log, [{{console, [{{enabled, true}}, {{level, info}}]}}, {{file, [{{file, false}}]}}]}}
]}}].
"#
        ),
    )?;
    link_applications(&dir.join("applications"))
}

/// Links the broker and what it needs, but no plugin: it reads the attributes of every module that it finds, and so
/// starts in half the time.
fn link_applications(into: &Path) -> Result<()> {
    let installed = fs::read_dir(INSTALLED)?
        .filter_map(Result::ok)
        .map(|version| version.path().join("plugins"))
        .filter(|plugins| plugins.is_dir())
        .max()
        .with_context(|| format!("{INSTALLED} holds no RabbitMQ: reinstall the package rabbitmq-server"))?;
    for application in fs::read_dir(installed)? {
        let application = application?;
        let name = application.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with("rabbitmq_") || name.starts_with("rabbitmq_prelaunch-") {
            symlink(application.path(), into.join(&*name))?;
        }
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// A port that is free on every address, which Erlang insists on even where it listens on one only. Below the range
/// that Linux gives to outgoing connections, so that it is still free in a moment.
fn free_port() -> Result<u16> {
    (0..100)
        .map(|_| 20_000 + rand::random::<u16>() % 10_000)
        .find(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok())
        .context("no free port was found between 20000 and 30000: see with `ss -ltn` who has them all")
}

/// Starts Erlang's port mapper, without which no node can be told to stop or asked for its queues.
async fn start_epmd(life: &Lifetime) -> Result<u16> {
    for _ in 0..10 {
        let port = free_port()?;
        let address = SocketAddrV4::new(life.address(), port);
        let mut epmd = Command::new("epmd");
        epmd.args(["-address", &life.address().to_string(), "-port", &port.to_string()]);
        let process = life.spawn("epmd", &mut epmd, 0)?;
        let listens = eventually(READY_WITHIN, "epmd listens", async || {
            if process.exited().is_some() {
                return Ok(false);
            }
            tokio::net::TcpStream::connect(address).await?;
            Ok(true)
        });
        if listens.await? {
            return Ok(port);
        }
    }
    bail!("epmd found no free port in ten attempts; its log ends with:\n{}", {
        let log = fs::read_to_string(life.dir().join("epmd.log")).unwrap_or_default();
        log.lines().rev().take(5).collect::<Vec<_>>().join("\n")
    })
}
