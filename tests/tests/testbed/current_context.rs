//! `make up CLUSTER=current`: the product in a cluster that somebody else runs, with images from a registry.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testbed::{Cluster, RabbitMq, Registry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Long enough for two programs to be built where they are not yet.
const WITHIN: Duration = Duration::from_mins(15);

#[tokio::test]
async fn everything_is_pushed_installed_and_shown_at_work() {
    let cluster = Cluster::start().await.expect("it starts");
    let (registry, broker) =
        tokio::try_join!(Registry::start(cluster.host()), RabbitMq::builder().bind(cluster.host()).start())
            .expect("both start");
    cluster.pull_from(registry.address()).expect("the nodes are told");
    cluster.access().expose("default", "rabbitmq", 5672, broker.address()).await.expect("exposed");

    let repository = format!("{}/comms", registry.address());
    let command = Command::new(env!("CARGO_BIN_EXE_testbed"))
        .args(["up", "--cluster", "current", "--image-repository", &repository])
        .env("KUBECONFIG", cluster.access().kubeconfig().expect("a kubeconfig"))
        .env("CONTAINERS_REGISTRIES_CONF", registry.client_settings().expect("written"))
        .env("AMQP_URL", broker.url_at("rabbitmq.default.svc", 5672))
        .env("AMQP_URL_HERE", broker.url())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(WITHIN, command).await.expect("it ends").expect("it runs");
    let (shown, steps) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "it ended with {}:\n{steps}\n{shown}", output.status);

    let server = format!("https://{}:6443", cluster.host());
    let first: Vec<&str> = steps.lines().take(2).collect();
    assert_eq!(
        first,
        [
            format!("  using the context local ({server})").as_str(),
            "  it gets namespace comms-system, the CommsModule CRD, and module comms in namespace default",
        ],
        "before anything else"
    );
    assert!(!steps.contains("Enter"), "nobody is there to press it: {steps}");
    for part in [
        "NAME    MODE         READY",
        "comms   Standalone   True",
        r#""alg":"EdDSA""#,
        "  comms.call.started\n",
        "  comms.call.ended\n",
        "reach it        kubectl port-forward service/comms 3018",
        "end it          kubectl delete comms comms; helm uninstall comms-operator --namespace comms-system",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in:\n{shown}");
    }

    let pushed = registry.repositories().await.expect("answered");
    assert_eq!(pushed, ["comms/cc-lite", "comms/comms-operator"]);
    let images = cluster
        .kubectl(&[
            "get",
            "pods",
            "--all-namespaces",
            "--output=jsonpath={.items[*].spec.containers[*].image}",
        ])
        .await
        .expect("answered");
    assert_eq!(images.split(' ').count(), 2, "{images}");
    assert!(images.split(' ').all(|image| image.starts_with(&repository)), "{images}");
}

#[tokio::test]
async fn without_a_registry_nothing_is_touched() {
    let output = Command::new(env!("CARGO_BIN_EXE_testbed"))
        .args(["up", "--cluster", "current"])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("it runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "testbed: CLUSTER=current needs IMAGE_REPOSITORY, a registry path that the cluster pulls from and you may push to\n"
    );
}

#[tokio::test]
async fn at_a_terminal_nothing_happens_before_enter() {
    let typed = async |key: &[u8]| {
        let mut terminal = Terminal::of_an_unreachable_cluster().expect("it starts");
        terminal.until("Enter goes on").await.expect("it asks");
        assert!(!terminal.screen.contains("container images"), "it did not wait:\n{}", terminal.screen);
        terminal.keys.write_all(key).await.expect("typed");
        terminal
    };
    let interrupt = b"\x03";
    let mut interrupted = typed(interrupt).await;
    interrupted.until("testbed: interrupted").await.expect("it ends");
    assert!(!interrupted.screen.contains("container images"), "it went on:\n{}", interrupted.screen);
    interrupted.child.wait().await.expect("it ends");

    let mut confirmed = typed(b"\r").await;
    confirmed.until("container images").await.expect("it goes on");
    confirmed.keys.write_all(interrupt).await.expect("typed");
    // cargo is interrupted, too, and either may be the first to end.
    confirmed.until("testbed: ").await.expect("it ends");
    confirmed.child.wait().await.expect("it ends");
}

/// `testbed up --cluster current` at a terminal of its own, with a context whose server nobody is.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    output: ChildStdout,
    screen: String,
    _kubeconfig: tempfile::NamedTempFile,
}

impl Terminal {
    fn of_an_unreachable_cluster() -> Result<Self> {
        let mut kubeconfig = tempfile::NamedTempFile::new()?;
        let config = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "far", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": "far", "context": {"cluster": "far", "user": "me"}}],
            "current-context": "far",
        });
        kubeconfig.write_all(config.to_string().as_bytes())?;
        let testbed = env!("CARGO_BIN_EXE_testbed");
        let command = format!("{testbed} up --cluster current --image-repository 127.0.0.1:1/comms");
        let mut child = Command::new("script")
            .args(["--quiet", "--flush", "--return", "--command", &command, "/dev/null"])
            .env("KUBECONFIG", kubeconfig.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("script could not be started: install the package bsdutils")?;
        let keys = child.stdin.take().context("its input")?;
        let output = child.stdout.take().context("its output")?;
        Ok(Self { child, keys, output, screen: String::new(), _kubeconfig: kubeconfig })
    }

    /// Reads the screen until `text` is there.
    async fn until(&mut self, text: &str) -> Result<()> {
        let mut part = [0; 4096];
        while !self.screen.contains(text) {
            let count = timeout(Duration::from_mins(1), self.output.read(&mut part))
                .await
                .with_context(|| format!("{text:?} did not appear on:\n{}", self.screen))??;
            ensure!(count > 0, "it ended without {text:?}:\n{}", self.screen);
            self.screen.push_str(&String::from_utf8_lossy(&part[..count]));
        }
        Ok(())
    }
}
