//! The program itself: how it starts, refuses to, and ends.

use crate::fixture::SOON;
use anyhow::{Context, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use testbed::command::output;
use testbed::product;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A command in a folder of its own, with no setting but these.
pub(crate) fn command(folder: &Path, settings: &[(&str, &str)]) -> Command {
    command_after(&[], folder, settings)
}

/// The same, started by the command `before`, which becomes the program.
pub(crate) fn command_after(before: &[&str], folder: &Path, settings: &[(&str, &str)]) -> Command {
    let program = product::program("cc-lite").to_str().expect("its path is UTF-8");
    let words = [before, &[program]].concat();
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .current_dir(folder)
        .env_clear()
        // Built for measuring coverage, it writes where it is told to rather than into its folder.
        .envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)))
        .env("CC_LITE_PORT", "0")
        .env("CC_LITE_MANAGEMENT_PORT", "0")
        .env("ENABLE_EVENTS", "false")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Exit code and standard error of a program that ends by itself.
pub(crate) async fn ending(mut command: Command) -> (Option<i32>, String) {
    let output = timeout(SOON, command.output()).await.expect("the program ends").unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A program that serves.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Its log so far, to look at when something goes wrong.
    pub(crate) log: Vec<Value>,
    pub(crate) port: u64,
    pub(crate) management_port: u64,
}

impl Program {
    pub(crate) async fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = command(folder, settings).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut program = Self { child, lines, log: Vec::new(), port: 0, management_port: 0 };
        let greeting = program.line_with("serving the API").await;
        program.port = greeting["port"].as_u64().unwrap();
        program.management_port = greeting["management_port"].as_u64().unwrap();
        program
    }

    /// The next line of the log whose message begins like this.
    pub(crate) async fn line_with(&mut self, beginning: &str) -> Value {
        loop {
            let Some(line) = timeout(SOON, self.lines.next_line()).await.expect("a line in time").unwrap()
            else {
                let mut errors = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
                panic!("expected `{beginning}…`, got {:?} and {errors}", self.log);
            };
            let line: Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("expected JSON, got {line}"));
            self.log.push(line.clone());
            if line["message"].as_str().unwrap_or_default().starts_with(beginning) {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let process = id.and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        timeout(SOON, self.child.wait()).await.expect("the program ends").unwrap().code()
    }

    async fn health(&self) -> anyhow::Result<u16> {
        let url = format!("http://127.0.0.1:{}/health", self.port);
        Ok(Client::new().get(url).timeout(Duration::from_secs(5)).send().await?.status().as_u16())
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_bad_setting_stops_the_start_with_one_sentence() {
    let folder = folder();
    let cases = [
        (
            "CC_LITE_PORT",
            "x",
            "CC_LITE_PORT is `x`, which does not fit: give a port number from 1 to 65535, or 0 for a free one.",
        ),
        (
            "CC_LITE_ACCESS_TOKEN_TTL",
            "15 minutes",
            "CC_LITE_ACCESS_TOKEN_TTL is `15 minutes`, which does not fit: give a duration such as `15m`, from 1m to 24h.",
        ),
        (
            "RABBITMQ_URL",
            "amqp://user:hush@broker:port",
            "RABBITMQ_URL has a value that does not fit (not shown, since it may hold a secret): give `amqp://user:password@host:5672/%2f`, or `amqps://` for TLS.",
        ),
        (
            "DATABASE_URL",
            "mysql://user:hush@host/db",
            "DATABASE_URL has a value that does not fit (not shown, since it may hold a secret): give `sqlite://<file>` or `postgres://user:password@host/database`.",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://collector:4318",
            "OTEL_EXPORTER_OTLP_ENDPOINT is `https://collector:4318`, which does not fit: give the `http://` address of an OpenTelemetry collector, such as `http://127.0.0.1:4318`, without user name and query; where TLS or a password is needed, that of a collector nearby that sends on with them.",
        ),
        (
            "CC_LITE_ADMIN_PASSWORD_FILE",
            "/no/such",
            "CC_LITE_ADMIN_PASSWORD_FILE names `/no/such`, which cannot be read (No such file or directory (os error 2)): give a file that this process may read.",
        ),
    ];
    for (name, value, sentence) in cases {
        let outcome = ending(command(folder.path(), &[(name, value)])).await;
        assert_eq!(outcome, (Some(2), format!("{sentence}\n")), "{name}");
    }
    let mut flag = command(folder.path(), &[]);
    flag.arg("--no-such-flag");
    let expected = "`--no-such-flag` is not a setting of cc-lite: `cc-lite --help` lists them all.\n";
    assert_eq!(ending(flag).await, (Some(2), expected.to_owned()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a refused start leaves nothing behind");
}

#[tokio::test]
async fn help_and_version_are_told() {
    let folder = folder();
    for (flag, expected) in [("--help", "CC_LITE_PORT"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let mut asked = command(folder.path(), &[]);
        asked.arg(flag);
        let output = asked.output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains(expected), "{flag}: {text}");
    }
}

#[tokio::test]
async fn it_serves_says_where_the_password_is_and_ends_on_a_signal() {
    let folder = folder();
    let mut program = Program::start(folder.path(), &[]).await;
    let told = program.line_with("the administrator's account").await;
    assert_eq!(
        told["message"],
        "the administrator's account admin@localhost was made; its password is in .keys/admin_password: read it, then \
         delete the file"
    );
    assert_eq!(std::fs::read_to_string(folder.path().join(".keys/admin_password")).unwrap().trim().len(), 24);
    assert_eq!(program.health().await.unwrap(), 200);
    let live = format!("http://127.0.0.1:{}/livez", program.management_port);
    assert_eq!(Client::new().get(live).send().await.unwrap().status(), 200);

    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    assert_eq!(program.exit_code().await, Some(0));

    let mut again = Program::start(folder.path(), &[]).await;
    again.signal(rustix::process::Signal::INT);
    assert_eq!(again.exit_code().await, Some(0));
    assert!(again.log.iter().all(|line| !line["message"].as_str().unwrap().contains("administrator")));
}

#[tokio::test]
async fn a_second_one_on_the_same_database_or_port_refuses() {
    let (one, other) = (folder(), folder());
    let program = Program::start(one.path(), &[]).await;
    let same_database = ending(command(one.path(), &[])).await;
    assert_eq!(
        same_database,
        (
            Some(1),
            "The database `cc-lite.db` is in use by another process: stop that one, or give another DATABASE_URL.\n"
                .to_owned()
        )
    );
    let port = program.port.to_string();
    let (code, sentence) = ending(command(other.path(), &[("CC_LITE_PORT", &port)])).await;
    assert_eq!(code, Some(1));
    assert_eq!(
        sentence,
        format!(
            "Port {port} cannot be listened on (Address already in use (os error 98)): stop what uses it, or give \
             another CC_LITE_PORT.\n"
        )
    );
    assert_eq!(program.health().await.unwrap(), 200);
}

#[tokio::test]
async fn a_broker_that_stays_away_is_one_warning() {
    let folder = folder();
    let settings = [
        ("ENABLE_EVENTS", "true"),
        ("RABBITMQ_URL", "amqp://user:hush@127.0.0.1:1/%2f"),
        ("RUST_LOG", "info,cc_lite::events::amqp=debug"),
    ];
    let mut program = Program::start(folder.path(), &settings).await;
    for _ in 0..4 {
        program.line_with("no connection to the broker").await;
    }
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    let warnings: Vec<&Value> = program.log.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(warnings.len(), 1, "expected one warning, got {warnings:?}");
    assert_eq!(
        warnings[0]["message"],
        "events are not delivered; they are kept and delivered as soon as that works"
    );
    assert!(!format!("{:?}", program.log).contains("hush"), "{:?}", program.log);
}

#[tokio::test]
async fn loose_key_files_refuse_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mut program = Program::start(folder.path(), &[]).await;
    program.signal(rustix::process::Signal::TERM);
    program.exit_code().await;
    let key = folder.path().join(".keys/ed25519_private.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, sentence) = ending(command(folder.path(), &[])).await;
    assert_eq!(code, Some(1));
    assert!(sentence.starts_with("The signing keys cannot be used: "), "{sentence}");
    assert!(sentence.contains("ed25519_private.pem") && sentence.lines().count() == 1, "{sentence}");
}

#[tokio::test]
async fn keys_that_cannot_be_used_while_it_runs_are_one_warning() {
    let folder = folder();
    let settings = [("RUST_LOG", "info,cc_lite::identity::keys=debug")];
    let mut program = Program::start(folder.path(), &settings).await;
    let keys = folder.path().join(".keys");
    let private = std::fs::read(keys.join("ed25519_private.pem")).unwrap();
    let (aside, name) = (keys.join("aside"), keys.join("ed25519_private.pem"));
    std::fs::rename(&name, &aside).unwrap();
    let warning = program.line_with("the key directory is not taken up").await;
    assert!(warning["reason"].as_str().unwrap().contains("ed25519_private.pem is missing"), "{warning}");
    for _ in 0..3 {
        program.line_with("the key directory is still not taken up").await;
    }
    std::fs::rename(&aside, &name).unwrap();
    program.line_with("the key directory is in order again").await;
    assert_eq!(std::fs::read(&name).unwrap(), private, "keys are never made while it runs");
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    let warnings: Vec<&Value> = program.log.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(warnings, [&warning]);
}

#[tokio::test]
async fn nothing_that_proves_the_gateway_means_loopback_alone() {
    let folder = folder();
    let settings = [("CC_LITE_MODE", "platform"), ("CC_LITE_BASE_PATH", "/voice")];
    let mut program = Program::start(folder.path(), &settings).await;
    program.line_with("only this machine is answered").await;
    let listening = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let (hex, state) = (format!(":{:04X}", program.port), " 0A ");
    let own: Vec<&str> = listening
        .lines()
        .filter(|line| {
            line.contains(state) && line.split_whitespace().nth(1).is_some_and(|at| at.ends_with(&hex))
        })
        .collect();
    assert!(
        matches!(own[..], [line] if line.contains("0100007F:")),
        "expected the loopback address alone, got {own:?}"
    );
    let url = format!("http://127.0.0.1:{}", program.port);
    assert_eq!(reqwest::get(format!("{url}/voice/health")).await.unwrap().status(), 200);
    assert_eq!(reqwest::get(format!("{url}/health")).await.unwrap().status(), 404);
}

#[tokio::test]
async fn other_machines_are_answered_only_where_the_gateway_is_known() {
    for (what, settings, answered) in [
        ("nothing proves it", vec![], false),
        ("it has a secret", vec![("CC_LITE_GATEWAY_SECRET", "0123456789abcdef")], true),
        ("everyone is trusted", vec![("CC_LITE_GATEWAY_TRUST_EVERYONE", "true")], true),
    ] {
        let folder = folder();
        let settings = [vec![("CC_LITE_MODE", "platform")], settings].concat();
        let program = Program::start(folder.path(), &settings).await;
        for (address, port) in outside_addresses().await.into_iter().flat_map(|address| {
            [program.port, program.management_port].map(|port| (address, u16::try_from(port).unwrap()))
        }) {
            let connected = TcpStream::connect((address, port)).await;
            match connected {
                Ok(_) => assert!(answered, "{what}: {address}:{port} was to be refused"),
                Err(error) => {
                    assert!(!answered, "{what}: {address}:{port} was to be answered: {error}");
                    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{what}: {error}");
                }
            }
        }
    }
}

/// The addresses by which other machines reach this one.
async fn outside_addresses() -> Vec<IpAddr> {
    let shown =
        output(Command::new("ip").args(["-oneline", "address", "show", "scope", "global"])).await.unwrap();
    let addresses: Vec<IpAddr> = shown
        .lines()
        // A local cluster's bridge may go at any moment.
        .filter(|line| !line.contains("inet6") && !line.contains(" ccl"))
        .filter_map(|line| line.split_whitespace().nth(3)?.split('/').next()?.parse().ok())
        .collect();
    assert!(
        !addresses.is_empty(),
        "this machine has no address but loopback ones: give it one. Seen: {shown}"
    );
    addresses
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let folder = folder();
    let mut program =
        Program::start(folder.path(), &[("CC_LITE_ADMIN_PASSWORD", "correct horse battery")]).await;
    let url = format!("http://127.0.0.1:{}/auth/login", program.port);
    let body = json!({"email": "admin@localhost", "password": "correct horse battery"});
    let login = tokio::spawn(Client::new().post(url).json(&body).send());
    let metrics = format!("http://127.0.0.1:{}/metrics", program.management_port);
    eventually(SOON, "the login has been taken or answered", async || {
        let connections = established(program.port)?;
        let text = reqwest::get(&metrics).await?.text().await?;
        ensure!(connections > 0 || text.contains("/auth/login"), "nothing yet");
        Ok(())
    })
    .await
    .unwrap();
    program.signal(rustix::process::Signal::TERM);
    assert_eq!(login.await.unwrap().unwrap().status(), 200);
    assert_eq!(program.exit_code().await, Some(0));
}

#[tokio::test]
async fn logs_hold_no_password_token_or_telephone_number() {
    let folder = folder();
    let settings = [("CC_LITE_ADMIN_PASSWORD", "correct horse battery"), ("RUST_LOG", "trace")];
    let mut program = Program::start(folder.path(), &settings).await;
    let url = format!("http://127.0.0.1:{}", program.port);
    let asking = tokio::spawn(async move {
        let post = async |path: &str, token: &str, body: Value| {
            let request = Client::new().post(format!("{url}{path}")).bearer_auth(token).json(&body);
            request.send().await.unwrap().json::<Value>().await.unwrap()
        };
        let login = async |password: &str| {
            post("/auth/login", "none", json!({"email": "admin@localhost", "password": password})).await
        };
        login("wrong horse battery").await;
        let tokens = login("correct horse battery").await;
        let [access, refresh] =
            ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
        post("/auth/refresh", "none", json!({"refresh_token": refresh})).await;
        let call = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
        assert!(post("/calls", &access, call).await["id"].is_string());
        post("/calls", &access, json!({"direction": "inbound", "from": "420123456789", "to": "x"})).await;
        [access, refresh]
    });
    for _ in 0..5 {
        program.line_with("answered").await;
    }
    let tokens = asking.await.unwrap();
    program.signal(rustix::process::Signal::TERM);
    program.line_with("stopped").await;
    let log = format!("{:?}", program.log);
    let signatures = tokens.iter().map(|token| token.rsplit('.').next().unwrap());
    for secret in signatures.chain(["horse", "123456789", "987654321"]) {
        assert!(!log.contains(secret), "expected no {secret} in {log}");
    }
}

/// How many connections to this port of ours are open.
fn established(port: u64) -> anyhow::Result<usize> {
    let hex = format!(":{port:04X}");
    let mut count = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).context("the kernel's table of connections")?;
        count += text
            .lines()
            .filter(|line| {
                let mut columns = line.split_whitespace();
                columns.nth(1).is_some_and(|local| local.ends_with(&hex)) && columns.nth(1) == Some("01")
            })
            .count();
    }
    Ok(count)
}
