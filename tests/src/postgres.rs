//! PostgreSQL from Debian's package, as a value that ends with its scope.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::command;
use crate::lifetime::{Lifetime, Process};
use crate::pki::Authority;
use crate::wait::{eventually, give_up};

const VERSIONS: &str = "/usr/lib/postgresql";
const PORT: u16 = 5432;
const USER: &str = "cc_lite";
/// The database that every server has.
const MAINTENANCE: &str = "postgres";
const READY_WITHIN: Duration = Duration::from_mins(1);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// A PostgreSQL server of its own, with one superuser who has a password. It ends with this value.
#[derive(Debug)]
pub struct Postgres {
    process: Mutex<Option<Process>>,
    address: SocketAddrV4,
    password: String,
    programs: PathBuf,
    account: Option<Account>,
    authority: Option<Authority>,
    life: Lifetime,
}

/// How a [`Postgres`] is to be started.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    bind: Option<Ipv4Addr>,
    at: Option<PathBuf>,
    durable: bool,
    tls: bool,
}

/// An account of the machine that is not root, under which PostgreSQL agrees to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Account {
    user: u32,
    group: u32,
}

impl Builder {
    /// Listens on `address` instead of a loopback address of its own.
    #[must_use]
    pub fn bind(mut self, address: Ipv4Addr) -> Self {
        self.bind = Some(address);
        self
    }

    /// Has every commit reach the disk, as in production; by default it does not, which is faster and survives every
    /// end but the machine's own.
    #[must_use]
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// Lets in only who comes by TLS; [`Postgres::authority`] vouches for its certificate.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Keeps its data in `dir`, which is made, and removed at the end; see [`Postgres::keep`].
    #[must_use]
    pub fn at(mut self, dir: &Path) -> Self {
        self.at = Some(dir.to_owned());
        self
    }

    /// Starts the server and waits until it answers.
    pub async fn start(self) -> Result<Postgres> {
        let programs = newest_programs()?;
        let account = Account::needed()?;
        let life = match &self.at {
            Some(dir) => Lifetime::begin_at(dir)?,
            None => Lifetime::begin("postgres")?,
        };
        let address = SocketAddrV4::new(self.bind.unwrap_or(life.address()), PORT);
        let authority = self.tls.then(|| Authority::new(&life.dir().join("tls"))).transpose()?;
        let postgres = Postgres {
            process: Mutex::default(),
            address,
            password: format!("{:032x}", rand::random::<u128>()),
            programs,
            account,
            authority,
            life,
        };
        postgres.initialise(self.durable).await?;
        postgres.run().await?;
        Ok(postgres)
    }
}

impl Postgres {
    /// Starts a server on a loopback address of its own; several run side by side.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Says first how it is to be started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `postgres://user:password@address:port/postgres`: the maintenance database.
    pub fn url(&self) -> String {
        self.url_at(&self.address.ip().to_string(), self.port())
    }

    /// The same for who reaches it by another name or port, such as that of a Kubernetes Service.
    pub fn url_at(&self, host: &str, port: u16) -> String {
        format!("postgres://{USER}:{}@{host}:{port}/{MAINTENANCE}", self.password)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The port of [`address`](Self::address).
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The only user: a superuser.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// The user's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// PEM file of the authority that vouches for its certificate, where it speaks TLS.
    pub fn authority(&self) -> Option<PathBuf> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// The folder with its data and log.
    pub fn dir(&self) -> &Path {
        self.life.dir()
    }

    /// Makes an empty database that nobody else uses, and gives the URL to it.
    pub async fn database(&self) -> Result<String> {
        let database = format!("database_{:08x}", rand::random::<u32>());
        self.psql(MAINTENANCE, &format!("CREATE DATABASE {database}")).await?;
        Ok(self.url().replace(&format!("/{MAINTENANCE}"), &format!("/{database}")))
    }

    /// Runs one statement in `database` and gives what it answered: a line a row, columns separated by `|`.
    pub async fn psql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--host", &self.address.ip().to_string(), "--port", &self.port().to_string()])
            .args(["--username", USER, "--dbname", database, "--command", statement])
            .env("PGPASSWORD", &self.password)
            .env("PGCONNECT_TIMEOUT", "10");
        command::output(&mut psql.into()).await
    }

    /// Stops it orderly, ending its connections and keeping its data. A stopped server is left as it is.
    pub async fn stop(&self) -> Result<()> {
        self.end(Signal::INT).await
    }

    /// Ends it as a crash would, with SIGKILL.
    pub async fn kill(&self) -> Result<()> {
        let memory = self.shared_memory();
        self.end(Signal::KILL).await?;
        // Its workers notice by themselves, and only then may anybody start in their place.
        let Some(memory) = memory else { return Ok(()) };
        eventually(STOPPED_WITHIN, "the killed server's workers are gone", async || {
            let attached = attached_to(&memory)?;
            ensure!(attached == 0, "{attached} of them are left");
            Ok(())
        })
        .await?;
        command::output(tokio::process::Command::new("ipcrm").args(["-m", &memory])).await.map(drop)
    }

    /// Stops it, if it runs, and starts it again with the same address and data.
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.run().await
    }

    /// Lets it outlive this value; [`Lifetime::end_at`] with [`dir`](Self::dir) ends it.
    pub fn keep(self) -> Result<()> {
        self.life.keep()
    }

    fn data(&self) -> PathBuf {
        self.life.dir().join("data")
    }

    async fn initialise(&self, durable: bool) -> Result<()> {
        let data = self.data();
        fs::DirBuilder::new().mode(0o700).create(&data)?;
        let password_file = self.life.dir().join("password");
        let mut options = fs::OpenOptions::new();
        std::io::Write::write_all(
            &mut options.write(true).create_new(true).mode(0o600).open(&password_file)?,
            self.password.as_bytes(),
        )?;
        if let Some(Account { user, group }) = self.account {
            chown(&data, Some(user), Some(group))?;
            chown(&password_file, Some(user), Some(group))?;
        }
        let mut initdb = self.program("initdb");
        initdb
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password_file)
            .args(["--username", USER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--no-locale", "--no-sync"]);
        command::output(&mut initdb.into()).await?;
        fs::remove_file(&password_file)?;

        let on = if durable { "on" } else { "off" };
        let settings = format!(
            "listen_addresses = '{ip}'\n\
             port = {port}\n\
             unix_socket_directories = '{data}'\n\
             max_connections = 200\n\
             fsync = {on}\n\
             full_page_writes = {on}\n\
             # Its files go with the folder, those in /dev/shm would not.\n\
             dynamic_shared_memory_type = mmap\n",
            ip = self.address.ip(),
            port = self.address.port(),
            data = data.display(),
        );
        let file = data.join("postgresql.auto.conf");
        fs::write(file, settings + &self.show_certificate(&data)?)?;
        let way = if self.authority.is_some() { "hostssl" } else { "host" };
        let rules = format!("local all all scram-sha-256\n{way} all all all scram-sha-256\n");
        fs::write(data.join("pg_hba.conf"), rules)?;
        Ok(())
    }

    /// Puts its certificate where the server may read it, and gives the settings that name it.
    fn show_certificate(&self, data: &Path) -> Result<String> {
        let Some(authority) = &self.authority else { return Ok(String::new()) };
        let identity = authority.server("postgres", &["localhost"], &[IpAddr::V4(*self.address.ip())])?;
        for (from, name) in [(&identity.cert, "server.crt"), (&identity.key, "server.key")] {
            let to = data.join(name);
            fs::rename(from, &to)?;
            if let Some(Account { user, group }) = self.account {
                chown(&to, Some(user), Some(group))?;
            }
        }
        Ok("ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n".to_owned())
    }

    async fn run(&self) -> Result<()> {
        let mut server = self.program("postgres");
        server.arg("-D").arg(self.data());
        let process = self.life.spawn("postgres", &mut server, 5)?;
        self.note_orderly_end()?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process.clone());
        eventually(READY_WITHIN, "PostgreSQL answers", async || {
            if let Some(status) = process.exited() {
                return give_up(format!("PostgreSQL ended with {status}"));
            }
            self.psql(MAINTENANCE, "SELECT 1").await
        })
        .await
        .map(drop)
        .with_context(|| format!("PostgreSQL did not start; its log ends with:\n{}", process.log_tail(30)))
    }

    /// Notes, after the server's start and so to be done before it is killed, that it is to be told to end: killed, it
    /// would leave its shared memory behind.
    fn note_orderly_end(&self) -> Result<()> {
        let data = self.data();
        let mut pg_ctl = self.program("pg_ctl");
        pg_ctl.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(&data);
        let words = std::iter::once(pg_ctl.get_program()).chain(pg_ctl.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let args: Vec<&str> = words[1..].iter().map(AsRef::as_ref).collect();
        self.life.on_end(&words[0], &args)
    }

    async fn end(&self, signal: Signal) -> Result<()> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(process) = process {
            process.end(signal, STOPPED_WITHIN).await.with_context(|| {
                format!("PostgreSQL did not stop; its log ends with:\n{}", process.log_tail(30))
            })?;
        }
        Ok(())
    }

    /// One of PostgreSQL's programs, under an account that it agrees to.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.account {
            None => Command::new(program),
            Some(Account { user, group }) => {
                let mut command = Command::new("setpriv");
                command
                    .args([
                        format!("--reuid={user}"),
                        format!("--regid={group}"),
                        "--clear-groups".to_owned(),
                    ])
                    .arg(program);
                command
            }
        };
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        command
    }

    /// The System V segment by which a server guards its data (line 7 of `postmaster.pid`: key and id).
    fn shared_memory(&self) -> Option<String> {
        let pid_file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        Some(pid_file.lines().nth(6)?.split_whitespace().nth(1)?.to_owned())
    }
}

impl Account {
    /// PostgreSQL refuses root; everybody else may run it under his own account.
    fn needed() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let account = ["postgres", "nobody"].into_iter().find_map(|name| Self::find(&accounts, name));
        account.map(Some).context("there is no account postgres or nobody: reinstall the package postgresql")
    }

    /// `name` in a passwd(5) file.
    fn find(accounts: &str, name: &str) -> Option<Self> {
        let mut fields =
            accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':');
        Some(Self { user: fields.nth(1)?.parse().ok()?, group: fields.next()?.parse().ok()? })
    }
}

fn newest_programs() -> Result<PathBuf> {
    fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|version| {
            let version = version.ok()?;
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("postgres").exists())
        .max()
        .map(|(_, programs)| programs)
        .context("PostgreSQL is not installed: `apt-get install --no-install-recommends postgresql`")
}

/// How many processes use a System V segment; none when it is gone.
fn attached_to(id: &str) -> Result<u32> {
    let segments = fs::read_to_string("/proc/sysvipc/shm")?;
    let mut rows = segments.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    match rows.find(|row| row.get(1) == Some(&id)) {
        Some(row) => row.get(6).context("no nattch")?.parse().context("nattch is no number"),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0::/root:/bin/sh\npostgresql:x:7:8::/:/bin/sh\npostgres:x:100:104::/:/bin/sh\n";
        assert_eq!(Account::find(accounts, "postgres"), Some(Account { user: 100, group: 104 }));
        assert_eq!(Account::find(accounts, "nobody"), None);
    }
}
