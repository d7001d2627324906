//! A namespace with an operator of its own on the real API server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use comms_operator::{
    api::CommsModule, clock, controller::Operator, decide::Release, health::Health,
    pod_status::PodStatusClient, watches::Scope,
};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        core::v1::{Pod, Secret},
    },
    apimachinery::pkg::apis::meta::v1::Condition,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testbed::{ApiServer, Request, product::repository, upstream, wait::eventually};
use tokio::{sync::OnceCell, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Longest time that anything here may take; the garbage collector learns of new kinds every 30 seconds.
pub(crate) const SOON: Duration = Duration::from_secs(90);
/// Image of modules whose resource names none.
pub(crate) const IMAGE: &str = "cc-lite:test";

static SERVER: OnceCell<ApiServer> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The API server that tests share, with the definition of `CommsModule`. It ends with the test program.
pub(crate) async fn server() -> Result<&'static ApiServer> {
    SERVER
        .get_or_try_init(async || {
            let server = ApiServer::start().await?;
            for definitions in [upstream::gateway_api().await?, upstream::prometheus_operator().await?] {
                server.access().apply(&definitions).await?;
            }
            define(&server, &comms_operator::crd::yaml()?).await?;
            Ok(server)
        })
        .await
}

/// Applies a definition and waits until the API server knows it.
pub(crate) async fn define(server: &ApiServer, definition: &str) -> Result<()> {
    server.access().apply(definition).await?;
    let crd = "crd/commsmodules.comms.kraliki.com";
    eventually(SOON, "CommsModules are known", async || {
        server.kubectl(&["wait", "--for=condition=Established", crd, "--timeout=5s"]).await?;
        server.kubectl(&["get", "commsmodules", "--all-namespaces"]).await.map(drop)
    })
    .await
}

/// A namespace under the restricted profile, with the rights that the chart gives an operator for one namespace.
pub(crate) struct Trial {
    pub(crate) server: &'static ApiServer,
    pub(crate) client: Client,
    pub(crate) namespace: String,
    scope: Scope,
    running: Option<Running>,
}

struct Running {
    health: Arc<Health>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Trial {
    /// A namespace in which an operator runs.
    pub(crate) async fn begin() -> Result<Self> {
        let mut trial = Self::without_operator().await?;
        trial.start_operator().await?;
        Ok(trial)
    }

    /// A namespace in which none runs yet.
    pub(crate) async fn without_operator() -> Result<Self> {
        let namespace = format!("trial-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self::on(server().await?, Scope::Namespace(namespace.clone()), namespace).await
    }

    /// A namespace on an API server of its own, which lacks the kinds of other projects at first, with an operator that
    /// looks after all namespaces.
    pub(crate) async fn cluster_wide() -> Result<Self> {
        // It ends with the test program, as the shared one does.
        let server: &'static ApiServer = Box::leak(Box::new(ApiServer::start().await?));
        define(server, &comms_operator::crd::yaml()?).await?;
        let mut trial = Self::on(server, Scope::Cluster, "trial".into()).await?;
        trial.start_operator().await?;
        Ok(trial)
    }

    async fn on(server: &'static ApiServer, scope: Scope, namespace: String) -> Result<Self> {
        server.access().namespace(&namespace).await?;
        let watched = match &scope {
            Scope::Cluster => "",
            Scope::Namespace(namespace) => namespace,
        };
        let chart = repository().join("charts/comms-operator").display().to_string();
        let rights = server
            .access()
            .helm(&[
                "template",
                "comms-operator",
                &chart,
                "--namespace",
                &namespace,
                "--set",
                &format!("crds.install=false,watchNamespace={watched}"),
                "--show-only=templates/serviceaccount.yaml",
                "--show-only=templates/rbac.yaml",
                "--show-only=templates/leases.yaml",
            ])
            .await?;
        server.access().apply(&rights).await?;
        Ok(Self { server, client: server.client().await?, namespace, scope, running: None })
    }

    /// The operator's user.
    pub(crate) fn user(&self) -> String {
        format!("system:serviceaccount:{}:comms-operator", self.namespace)
    }

    /// Starts an operator with the chart's rights for this namespace and waits until it is ready.
    pub(crate) async fn start_operator(&mut self) -> Result<()> {
        self.start_operator_with(self.server.client_for(&self.user(), None).await?).await
    }

    /// The same, with another client.
    pub(crate) async fn start_operator_with(&mut self, client: Client) -> Result<()> {
        let health = Arc::new(Health::default());
        let operator = self.operator(client, Arc::clone(&health))?;
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(operator.run(shutdown.clone()));
        let ready = Arc::clone(&health);
        self.running = Some(Running { health, shutdown, task });
        eventually(SOON, "the operator is ready", async || {
            ensure!(ready.is_ready(), "/readyz says no");
            Ok(())
        })
        .await
    }

    /// An operator for this namespace.
    pub(crate) fn operator(&self, client: Client, health: Arc<Health>) -> Result<Operator> {
        Ok(Operator {
            client,
            scope: self.scope.clone(),
            release: Release {
                image: IMAGE.into(),
                allow_unrestricted_pods: false,
                namespace: Some(self.namespace.clone()),
            },
            clock: clock::system,
            health,
            pods: PodStatusClient::new()?,
        })
    }

    /// Ends the operator as a power cut would.
    pub(crate) async fn kill_operator(&mut self) -> Result<()> {
        let Running { task, .. } = self.running.take().context("no operator runs")?;
        task.abort();
        ensure!(task.await.is_err_and(|error| error.is_cancelled()), "the operator had ended by itself");
        Ok(())
    }

    /// Ends the operator in an orderly way.
    pub(crate) async fn stop_operator(&mut self) -> Result<()> {
        let Running { shutdown, task, .. } = self.running.take().context("no operator runs")?;
        shutdown.cancel();
        tokio::time::timeout(SOON, task).await.context("the operator did not stop")??;
        Ok(())
    }

    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Creates a module.
    pub(crate) async fn create(&self, name: &str, spec: Value) -> Result<CommsModule> {
        Ok(self.api().create(&PostParams::default(), &module(name, spec)?).await?)
    }

    /// Changes a module's spec by a merge patch.
    pub(crate) async fn change(&self, name: &str, spec: Value) -> Result<CommsModule> {
        Ok(self.api().patch(name, &PatchParams::default(), &Patch::Merge(json!({ "spec": spec }))).await?)
    }

    pub(crate) async fn delete<K>(&self, name: &str) -> Result<()>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        self.api::<K>().delete(name, &DeleteParams::default()).await?;
        Ok(())
    }

    pub(crate) async fn get<K>(&self, name: &str) -> Result<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        Ok(self.api::<K>().get(name).await?)
    }

    /// Has somebody else make an object, as it is.
    pub(crate) async fn by_a_user<K>(&self, object: Value) -> Result<()>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        let name = object["metadata"]["name"].as_str().context("the object has no name")?.to_owned();
        self.api::<K>().patch(&name, &PatchParams::apply("a-user"), &Patch::Apply(object)).await?;
        Ok(())
    }

    /// Creates or replaces a Secret of one entry.
    pub(crate) async fn secret(&self, name: &str, key: &str, value: &str) -> Result<()> {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {key: value},
        });
        let forced = PatchParams::apply("a-user").force();
        self.api::<Secret>().patch(name, &forced, &Patch::Apply(secret)).await?;
        Ok(())
    }

    /// Waits until a condition of a module, of its present generation, has a state and a reason, and gives its message.
    pub(crate) async fn until(&self, name: &str, type_: &str, status: &str, reason: &str) -> Result<String> {
        eventually(SOON, &format!("{type_} of {name} is {status}/{reason}"), async || {
            let module: CommsModule = self.get(name).await?;
            let condition = condition(&module, type_)?;
            ensure!(
                condition.observed_generation == module.metadata.generation,
                "it is of a former generation: {condition:?}"
            );
            ensure!(
                (condition.status.as_str(), condition.reason.as_str()) == (status, reason),
                "it is {}/{}: {}",
                condition.status,
                condition.reason,
                condition.message
            );
            Ok(condition.message.clone())
        })
        .await
    }

    /// Waits until an object exists and satisfies what `check` asks.
    pub(crate) async fn until_object<K, T>(
        &self,
        name: &str,
        what: &str,
        check: impl Fn(&K) -> Result<T>,
    ) -> Result<T>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        eventually(SOON, &format!("{} {name} {what}", K::kind(&())), async || {
            check(&self.get::<K>(name).await?)
        })
        .await
    }

    /// Waits until the Deployment has the spec again that it had.
    pub(crate) async fn until_it_has_its_spec_again(&self, original: &Deployment) -> Result<()> {
        let name = original.name_any();
        self.until_object::<Deployment, _>(&name, "has its first spec again", |deployment| {
            ensure!(
                serde_json::to_value(&deployment.spec)? == serde_json::to_value(&original.spec)?,
                "it is {:?}",
                deployment.spec
            );
            Ok(())
        })
        .await
    }

    /// Waits until an object is gone.
    pub(crate) async fn until_gone<K>(&self, name: &str) -> Result<()>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        eventually(SOON, &format!("{} {name} is gone", K::kind(&())), async || {
            match self.api::<K>().get_opt(name).await? {
                None => Ok(()),
                Some(_) => bail!("it is there"),
            }
        })
        .await
    }

    /// What the operator has asked for so far, watches and leases apart, as verb and path.
    pub(crate) fn requests(&self) -> Result<Vec<String>> {
        let requests = self.server.requests_of(&self.user())?;
        let counts = |request: &&Request| request.verb != "watch" && !request.uri.contains("/leases");
        Ok(requests.iter().filter(counts).map(told).collect())
    }

    /// What the operator has changed so far, as verb and path.
    pub(crate) fn writes(&self) -> Result<Vec<String>> {
        let requests = self.server.requests_of(&self.user())?;
        Ok(requests.iter().filter(|request| request.is_write()).map(told).collect())
    }

    /// Waits until nothing is left to do: several reconciles in a row, each brought about by touching the module, without
    /// a write. Gives all writes up to then.
    pub(crate) async fn settle(&self, name: &str) -> Result<Vec<String>> {
        eventually(SOON, "the cluster's own controllers have made the pods", async || {
            let Some(deployment) = self.api::<Deployment>().get_opt(name).await? else { return Ok(()) };
            let spec = deployment.spec.unwrap_or_default();
            let status = deployment.status.unwrap_or_default();
            ensure!(status.observed_generation >= deployment.metadata.generation, "it is not seen yet");
            // Where pods go before others come, those of the Deployment as it was are counted until they are gone.
            let recreates = spec.strategy.and_then(|strategy| strategy.type_).as_deref() == Some("Recreate");
            let pods = if recreates { status.updated_replicas } else { status.replicas };
            ensure!(pods.unwrap_or(0) >= spec.replicas.unwrap_or(1), "seen: {status:?}");
            Ok(())
        })
        .await?;
        eventually(SOON, "the operator writes no more", async || {
            let before = self.writes()?;
            for _ in 0..2 {
                self.reconcile_once_more(name).await?;
            }
            let after = self.writes()?;
            ensure!(before == after, "it wrote {:?}", &after[before.len()..]);
            Ok(after)
        })
        .await
    }

    /// Touches a module and waits until it was reconciled after that.
    pub(crate) async fn reconcile_once_more(&self, name: &str) -> Result<()> {
        let before = self.reconciles()?;
        let touch = json!({"metadata": {"annotations": {"touched": before.to_string()}}});
        self.api::<CommsModule>().patch(name, &PatchParams::default(), &Patch::Merge(touch)).await?;
        eventually(SOON, "the touched module is reconciled", async || {
            let now = self.reconciles()?;
            ensure!(now > before, "{now} reconciles, as before");
            Ok(())
        })
        .await
    }

    fn reconciles(&self) -> Result<u64> {
        let health = &self.running.as_ref().context("no operator runs")?.health;
        let text = health.metrics.encode(comms_operator::clock::system())?;
        let counts = text.lines().filter(|line| line.starts_with("comms_operator_reconciles_total"));
        counts.map(|line| Ok(line.rsplit(' ').next().unwrap_or_default().parse::<u64>()?)).sum()
    }

    /// The pod that the Deployment's newest `ReplicaSet` has made.
    pub(crate) async fn newest_pod(&self, module: &str) -> Result<Pod> {
        let deployment: Deployment = self.get(module).await?;
        let wanted =
            deployment.spec.context("no spec")?.template.metadata.context("no metadata")?.annotations;
        eventually(SOON, &format!("a pod of {module} exists"), async || {
            let pods = self.api::<Pod>().list(&ListParams::default()).await?;
            let newest = pods.items.into_iter().find(|pod| {
                let of_template =
                    |(key, value): (&String, &String)| pod.annotations().get(key) == Some(value);
                pod.metadata.deletion_timestamp.is_none() && wanted.iter().flatten().all(of_template)
            });
            newest.context("there is none with the template's annotations")
        })
        .await
    }

    /// Writes a pod's status, as a kubelet would.
    pub(crate) async fn as_kubelet(&self, pod: &str, status: Value) -> Result<()> {
        let patch = Patch::Merge(json!({ "status": status }));
        self.api::<Pod>().patch_status(pod, &PatchParams::default(), &patch).await?;
        Ok(())
    }
}

/// A module as a user writes it.
pub(crate) fn module(name: &str, spec: Value) -> Result<CommsModule> {
    let resource = json!({
        "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "metadata": {"name": name}, "spec": spec,
    });
    Ok(serde_json::from_value(resource)?)
}

/// A condition of a module's status.
pub(crate) fn condition<'a>(module: &'a CommsModule, type_: &str) -> Result<&'a Condition> {
    let conditions = &module.status.as_ref().context("there is no status")?.conditions;
    conditions
        .iter()
        .find(|condition| condition.type_ == type_)
        .with_context(|| format!("no condition {type_}"))
}

/// A request as verb and path below the namespace.
fn told(request: &Request) -> String {
    let path = request.uri.split('?').next().unwrap_or_default();
    let path = path
        .split_once("/namespaces/")
        .and_then(|(_, path)| path.split_once('/'))
        .map_or(path, |(_, path)| path);
    format!("{} {path}", request.verb)
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.shutdown.cancel();
        }
    }
}
