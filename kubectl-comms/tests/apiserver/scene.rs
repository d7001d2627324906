//! An API server with an operator that all tests share, and a namespace that each has of its own.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use testbed::{
    ApiServer,
    lifetime::Lifetime,
    product::{self, repository},
    wait::eventually,
};
use tokio::{process::Command, sync::OnceCell};

/// Longest time that anything here may take.
pub(crate) const SOON: Duration = Duration::from_secs(60);

static SHARED: OnceCell<Shared> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

struct Shared {
    server: ApiServer,
    /// Of the operator that looks after all namespaces. Nothing drops a static value: its guard sees the program end.
    _life: Lifetime,
}

async fn shared() -> Result<&'static Shared> {
    SHARED
        .get_or_try_init(async || {
            let server = ApiServer::start().await?;
            let definition = repository().join("crds/commsmodules.yaml").display().to_string();
            server.kubectl(&["apply", "--server-side", "--filename", &definition]).await?;
            let known = ["wait", "--for=condition=Established", "crd/commsmodules.comms.kraliki.com"];
            server.kubectl(&known).await?;
            let program = product::program("comms-operator");
            let mut operator = std::process::Command::new(program);
            operator
                .args(["run", "--health-address=127.0.0.1", "--health-port=0"])
                .env("KUBECONFIG", server.kubeconfig());
            let life = Lifetime::begin("plugin")?;
            life.spawn("comms-operator", &mut operator, 2)?;
            Ok(Shared { server, _life: life })
        })
        .await
}

/// The plugin's program.
pub(crate) fn plugin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kubectl-comms"))
}

/// What a program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// Runs the plugin with a kubeconfig.
pub(crate) async fn run(kubeconfig: &Path, arguments: &[&str]) -> Result<Answer> {
    Ok(command(kubeconfig, arguments).output().await?.into())
}

pub(crate) fn command(kubeconfig: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(plugin());
    command.args(arguments).env("KUBECONFIG", kubeconfig).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A namespace in a cluster with an operator.
pub(crate) struct Scene {
    pub(crate) server: &'static ApiServer,
    pub(crate) namespace: String,
}

impl Scene {
    pub(crate) async fn begin() -> Result<Self> {
        let server = &shared().await?.server;
        let namespace = format!("scene-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        server.access().namespace(&namespace).await?;
        Ok(Self { server, namespace })
    }

    /// Applies a module.
    pub(crate) async fn apply(&self, name: &str, spec: Value) -> Result<()> {
        let manifest = json!({
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
            "metadata": {"name": name, "namespace": self.namespace}, "spec": spec,
        });
        self.server.access().apply(&manifest.to_string()).await.map(drop)
    }

    /// Waits until the operator gives a condition of a module a reason.
    pub(crate) async fn until(&self, name: &str, condition: &str, reason: &str) -> Result<()> {
        let path = format!("jsonpath={{.status.conditions[?(@.type==\"{condition}\")].reason}}");
        eventually(SOON, &format!("{condition} of {name} has the reason {reason}"), async || {
            let module = format!("commsmodule/{name}");
            let get = ["get", &module, "--namespace", &self.namespace, "--output", &path];
            let seen = self.server.kubectl(&get).await?;
            ensure!(seen == reason, "it has {seen}");
            Ok(())
        })
        .await
    }

    /// Runs the plugin in this namespace with all rights.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<Answer> {
        run(self.server.kubeconfig(), &[&["--namespace", &self.namespace], arguments].concat()).await
    }

    /// Runs it, and what it prints, which has to be all.
    pub(crate) async fn shows(&self, arguments: &[&str]) -> Result<String> {
        let answer = self.run(arguments).await?;
        ensure!(answer.code == Some(0) && answer.err.is_empty(), "{arguments:?} was answered by {answer:?}");
        Ok(answer.out)
    }

    /// A kubeconfig of somebody who has a role in this namespace, or none.
    pub(crate) async fn somebody(&self, role: Option<&str>) -> Result<PathBuf> {
        let user = format!("{}-{}", role.unwrap_or("nobody"), self.namespace);
        if let Some(role) = role {
            let (role_flag, user_flag) = (format!("--clusterrole={role}"), format!("--user={user}"));
            let bind =
                ["create", "rolebinding", &user, &role_flag, &user_flag, "--namespace", &self.namespace];
            self.server.kubectl(&bind).await?;
        }
        self.server.kubeconfig_for(&user, None)
    }
}
