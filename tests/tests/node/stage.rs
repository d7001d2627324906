//! The cluster that all tests share, and the namespace that each has of its own.

use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::access::Access;
use testbed::module::{Account, Module};
use testbed::product::Product;
use testbed::wait::{eventually, give_up};
use testbed::{Cluster, Postgres, RabbitMq, upstream};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

/// How long a module may take to become Ready on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A test's name and what it does.
pub(crate) type Test = (&'static str, Body);
pub(crate) type Body = for<'a> fn(&'a Room<'a>) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Names each function of a test module as a test.
#[macro_export]
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn tests() -> Vec<$crate::stage::Test> {
            vec![$((concat!(module_path!(), "::", stringify!($name)), |room| Box::pin($name(room)))),+]
        }
    };
}

/// Holds the stage, which is built when the first test needs it.
pub(crate) struct Theatre {
    runtime: Runtime,
    stage: OnceCell<Stage>,
}

impl Default for Theatre {
    fn default() -> Self {
        Self { runtime: Runtime::new().expect("a runtime"), stage: OnceCell::new() }
    }
}

impl Theatre {
    /// Runs one test in a namespace of its own.
    pub(crate) fn play(&self, name: &str, body: Body) -> Result<()> {
        self.runtime
            .block_on(async { self.stage.get_or_try_init(Stage::start).await?.play(name, body).await })
    }
}

/// A cluster with the operator in it, and a broker beside it.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    pub(crate) product: Product,
    pub(crate) broker: RabbitMq,
    postgres: OnceCell<Postgres>,
}

impl Stage {
    pub(crate) async fn start() -> Result<Self> {
        let product = Product::build().await?;
        let cluster = Cluster::start().await?;
        let broker = RabbitMq::builder().bind(cluster.host()).tls().start().await?;
        for image in [&product.service, &product.operator] {
            cluster.load(image).await?;
        }
        product.install(cluster.access()).await?;
        Ok(Self { cluster, product, broker, postgres: OnceCell::new() })
    }

    /// Runs one test in a namespace of its own.
    pub(crate) async fn play(&self, name: &str, body: Body) -> Result<()> {
        let room = self.room(name).await?;
        let outcome = body(&room).await;
        if outcome.is_err() {
            eprintln!("{}", room.seen().await);
        }
        room.close().await?;
        outcome
    }

    /// A PostgreSQL server that lets in only who comes by TLS, started for the first test that asks for it.
    pub(crate) async fn postgres(&self) -> Result<&Postgres> {
        let start = async || Postgres::builder().bind(self.cluster.host()).tls().start().await;
        self.postgres.get_or_try_init(start).await
    }

    async fn room(&self, test: &str) -> Result<Room<'_>> {
        let words = test.rsplit("::").next().unwrap_or(test).replace('_', "-");
        let namespace = words.get(..60).unwrap_or(&words).trim_end_matches('-').to_owned();
        self.cluster.access().namespace(&namespace).await?;
        Ok(Room { stage: self, namespace })
    }
}

/// A namespace, and what tests do in it.
pub(crate) struct Room<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) namespace: String,
}

impl Room<'_> {
    pub(crate) fn access(&self) -> &Access {
        self.stage.cluster.access()
    }

    /// Runs kubectl in this namespace.
    pub(crate) async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.access().kubectl(&[&["--namespace", &self.namespace], args].concat()).await
    }

    /// One object as JSON.
    pub(crate) async fn get(&self, what: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.kubectl(&["get", what, "--output", "json"]).await?)?)
    }

    /// Applies a module with this spec.
    pub(crate) async fn apply(&self, name: &str, spec: &Value) -> Result<()> {
        let manifest = json!({
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
            "metadata": {"name": name, "namespace": self.namespace}, "spec": spec,
        });
        self.access().apply(&manifest.to_string()).await.map(drop)
    }

    /// Makes the kinds of the Gateway API and of the Prometheus operator known to the cluster.
    pub(crate) async fn kinds_of_other_projects(&self) -> Result<()> {
        for definitions in [upstream::gateway_api().await?, upstream::prometheus_operator().await?] {
            self.access().apply(&definitions).await?;
        }
        Ok(())
    }

    /// Makes a Secret of one key.
    pub(crate) async fn secret(&self, name: &str, key: &str, value: &str) -> Result<()> {
        let manifest = json!({
            "apiVersion": "v1", "kind": "Secret", "stringData": {key: value},
            "metadata": {"name": name, "namespace": self.namespace},
        });
        self.access().apply(&manifest.to_string()).await.map(drop)
    }

    /// Makes the broker known as the Service `rabbitmq` and its URL as the Secret `rabbitmq`.
    pub(crate) async fn broker(&self) -> Result<()> {
        let broker = &self.stage.broker;
        self.access().expose(&self.namespace, "rabbitmq", 5672, broker.address()).await?;
        self.secret("rabbitmq", "uri", &broker.url_at("rabbitmq", 5672)).await
    }

    /// Makes a database known as the Service `postgres` and its URL as the Secret `database`, and gives the part of a spec
    /// that names it.
    pub(crate) async fn postgres(&self) -> Result<Value> {
        let postgres = self.stage.postgres().await?;
        let url = postgres.database().await?;
        self.access().expose(&self.namespace, "postgres", 5432, postgres.address()).await?;
        self.secret("database", "uri", &url.replace(&postgres.address().to_string(), "postgres:5432"))
            .await?;
        Ok(json!({"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}}))
    }

    /// Waits until the module's latest generation is Ready.
    pub(crate) async fn ready(&self, name: &str) -> Result<Value> {
        self.condition(name, "Ready", "True", None).await
    }

    /// Waits for a condition of the module's latest generation; with `reason`, for that reason too.
    pub(crate) async fn condition(
        &self,
        name: &str,
        kind: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Result<Value> {
        let what = format!("{name} is {kind}={status} {}", reason.unwrap_or_default());
        eventually(PATIENCE, &what, async || {
            let object = self.get(&format!("commsmodule/{name}")).await?;
            let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let found = conditions.iter().find(|condition| condition["type"] == kind).cloned();
            let found = found.with_context(|| format!("no such condition among {conditions:?}"))?;
            anyhow::ensure!(
                found["observedGeneration"] == object["metadata"]["generation"]
                    && found["status"] == status
                    && reason.is_none_or(|reason| found["reason"] == reason),
                "seen: {found}"
            );
            Ok(object)
        })
        .await
    }

    /// The module's HTTP side, once it answers.
    pub(crate) async fn module(&self, name: &str) -> Result<Module> {
        let service = Module::behind_service(&self.access().client().await?, &self.namespace, name).await?;
        let object = self.get(&format!("commsmodule/{name}")).await?;
        let url = object["status"]["url"].as_str().context("status.url")?;
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let module = Module::at(format!("{}/{path}", service.base()).trim_end_matches('/'))?;
        eventually(Duration::from_secs(30), "the module answers", async || {
            let health = module.call(reqwest::Method::GET, "/health", None, None).await?;
            anyhow::ensure!(health.status.is_success(), "seen: {health:?}");
            Ok(())
        })
        .await?;
        Ok(module)
    }

    /// An administrator's token.
    pub(crate) async fn login(&self, name: &str, module: &Module) -> Result<String> {
        let account = Account::admin_of(&self.access().client().await?, &self.namespace, name).await?;
        module.login(&account).await
    }

    /// The one pod of the module that is not on its way out.
    pub(crate) async fn pod(&self, name: &str) -> Result<Value> {
        let selector = format!("app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance={name}");
        let pods = self.kubectl(&["get", "pods", "--selector", &selector, "--output", "json"]).await?;
        let pods: Value = serde_json::from_str(&pods)?;
        let live: Vec<_> = pods["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .collect();
        match live.as_slice() {
            [pod] => Ok((*pod).clone()),
            other => give_up(format!("one pod was expected, and {} are there", other.len())),
        }
    }

    /// What a person would look at after a failure.
    async fn seen(&self) -> String {
        let mut all = String::new();
        for args in [
            &["get", "all,comms,pvc,secrets", "--output", "wide"][..],
            &["get", "comms", "--output", "yaml"],
            &["describe", "pods"],
            &["get", "events", "--sort-by", ".lastTimestamp"],
        ] {
            let shown = self.kubectl(args).await.unwrap_or_else(|error| format!("{error:#}"));
            let _ = write!(all, "\n$ kubectl {}\n{shown}", args.join(" "));
        }
        let operator = self.access().kubectl(&[
            "logs",
            "--namespace",
            "comms-system",
            "deployment/comms-operator",
            "--tail=40",
        ]);
        all.push_str(&operator.await.unwrap_or_default());
        all
    }

    async fn close(self) -> Result<()> {
        self.access().kubectl(&["delete", "namespace", &self.namespace, "--wait=false"]).await.map(drop)
    }
}
