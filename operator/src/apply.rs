//! Stage 4, with the client: writes what differs and removes what is no longer asked for.
//!
//! Nothing is written where the live object already is as it should be, so that a reconcile of an unchanged module makes
//! no request that changes anything. Everything but made-once Secrets goes by server-side apply under one field manager.
//!
//! What was decided on may be behind its time. So each write carries what it would do harm without: an apply the object's
//! UID, a deletion and a change of a Secret UID or version besides, a Secret with a password is only ever created. It
//! conflicts then, and is decided anew.

mod deployment;
mod difference;
mod keys;
mod outstanding;

use std::{
    fmt::Debug,
    sync::atomic::{AtomicBool, Ordering},
};

use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        core::v1::{Pod, Secret},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions},
    core::Status,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::{
    api::{CommsModule, FIELD_MANAGER},
    api_error::ApiError,
    build::{Desired, labels::RETAINED_FOR},
    cluster::Cluster,
    decide::{Claim, Module, Plan, claim_of},
    observe::Children,
};

pub use keys::{bump, write_key_set, write_keyring};
pub use outstanding::outstanding;

/// What could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {name} could not be {verb}: {source}")]
pub struct ApplyError {
    kind: String,
    name: String,
    verb: &'static str,
    /// What the API server answered.
    pub source: ApiError,
}

/// What applying came to.
#[derive(Debug)]
pub struct Applied {
    /// The Deployment as it is then.
    pub deployment: Deployment,
    /// Whether anything was written: what was read before tells nothing of what is there now.
    pub wrote: bool,
}

/// Makes the children as desired.
pub async fn apply(
    cluster: &Cluster,
    plan: &Plan,
    desired: Desired,
    live: &Children,
) -> Result<Applied, ApplyError> {
    let writer = Writer::new(cluster, &plan.module);
    writer.apply(desired.service_account, live.service_account.as_ref()).await?;
    // Secrets and volume first: pods that miss one wait for the kubelet's next try.
    writer.make_once(desired.keyring, live.keyring.as_ref()).await?;
    writer.make_once(desired.keys, live.keys.as_ref()).await?;
    writer.make_once(desired.admin, live.admin.as_ref()).await?;
    writer.apply_or_prune(desired.broker, live.broker.as_ref()).await?;
    writer.apply_or_prune(desired.providers, live.providers.as_ref()).await?;
    let replaced = desired.volume.is_none();
    if let Some(volume) = desired.volume {
        writer.apply(volume, live.volume.as_ref()).await?;
    }
    // Before the pods: one that trusts its network must never run without the rule that makes it trustworthy.
    writer.apply_or_prune(desired.network_policy, live.network_policy.as_ref()).await?;
    writer.apply(desired.service, live.service.as_ref()).await?;
    // An autoscaler that has to go goes before its number is kept, and one that comes finds what it is for.
    if desired.autoscaler.is_none() {
        writer.prune(live.autoscaler.as_ref()).await?;
    }
    let deployment =
        Box::pin(writer.apply_deployment(desired.deployment, plan.replicas, live.deployment.as_ref()))
            .await?;
    if let Some(autoscaler) = desired.autoscaler {
        writer.apply(autoscaler, live.autoscaler.as_ref()).await?;
    }
    writer.apply_or_prune(desired.disruption_budget, live.disruption_budget.as_ref()).await?;
    writer.apply_or_prune(desired.metrics, live.metrics.as_ref()).await?;
    writer.apply_or_prune(desired.ingress, live.ingress.as_ref()).await?;
    writer.apply_or_prune(desired.http_route, live.http_route.as_ref()).await?;
    writer.apply_or_prune(desired.service_monitor, live.service_monitor.as_ref()).await?;
    // The embedded database is given up only once another serves.
    if replaced && serves(&deployment) {
        writer.prune(live.volume.as_ref()).await?;
    }
    writer.prune(live.image_trial.as_ref()).await?;
    Ok(Applied { deployment, wrote: writer.wrote.load(Ordering::Relaxed) })
}

/// Whether pods of the present template serve, and no others are left.
fn serves(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let count = |count: Option<i32>| count.unwrap_or(0);
    status.observed_generation >= deployment.metadata.generation
        && count(status.ready_replicas) > 0
        && count(status.updated_replicas) == count(status.replicas)
        && count(status.ready_replicas) == count(status.replicas)
}

/// Starts the trial of another image, after removing that of a former one, and says whether anything was written.
pub async fn try_image(
    cluster: &Cluster,
    module: &Module,
    desired: Pod,
    live: Option<&Pod>,
) -> Result<bool, ApplyError> {
    let writer = Writer::new(cluster, module);
    let image = |pod: &Pod| Some(pod.spec.as_ref()?.containers.first()?.image.clone());
    match live {
        Some(live) if image(live) != image(&desired) => writer.prune(Some(live)).await?,
        Some(_) => {}
        None => {
            writer.module_is_there().await?;
            let name = desired.name_any();
            tracing::info!(kind = "Pod", name, "creating");
            let params = PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() };
            writer.writing().create(&params, &desired).await.map_err(failed::<Pod>(&name, "created"))?;
        }
    }
    Ok(writer.wrote.load(Ordering::Relaxed))
}

struct Writer<'a> {
    cluster: &'a Cluster,
    module: &'a Module,
    /// The module was found to be there still.
    is_there: OnceCell<()>,
    /// Something was written.
    wrote: AtomicBool,
}

impl<'a> Writer<'a> {
    fn new(cluster: &'a Cluster, module: &'a Module) -> Self {
        Self { cluster, module, is_there: OnceCell::new(), wrote: AtomicBool::new(false) }
    }

    fn api<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>(&self) -> Api<K> {
        Api::namespaced(self.cluster.client.clone(), &self.module.namespace)
    }

    /// The same to write by, of which note is taken.
    fn writing<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>(&self) -> Api<K> {
        self.wrote.store(true, Ordering::Relaxed);
        self.api()
    }

    /// Asks, before anything is created, whether the module is still there: its children may vanish before the watch tells
    /// that it is gone itself, and would be made for nobody.
    async fn module_is_there(&self) -> Result<(), ApplyError> {
        let ask = async || {
            let name = &self.module.name;
            let api: Api<CommsModule> = self.api();
            let found = api.get_metadata_opt(name).await.map_err(failed::<CommsModule>(name, "read"))?;
            let is_there = |meta: &ObjectMeta| {
                meta.uid.as_ref() == Some(&self.module.owner.uid) && meta.deletion_timestamp.is_none()
            };
            match found {
                Some(found) if is_there(&found.metadata) => Ok(()),
                _ => Err(failed::<CommsModule>(name, "read")(outrun("it was deleted meanwhile"))),
            }
        };
        self.is_there.get_or_try_init(ask).await.copied()
    }

    /// Applies an object unless the live one already is as desired, and gives the outcome.
    async fn apply<K>(&self, desired: K, live: Option<&K>) -> Result<K, ApplyError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Serialize
            + DeserializeOwned
            + Debug,
    {
        self.apply_over(desired, live, None).await
    }

    /// The same, only over this version of the live object where one is given.
    async fn apply_over<K>(
        &self,
        mut desired: K,
        live: Option<&K>,
        version: Option<String>,
    ) -> Result<K, ApplyError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Serialize
            + DeserializeOwned
            + Debug,
    {
        difference::seal(&mut desired);
        if let Some(live) = live {
            // What is on its way out cannot be mended; it is made anew when it is gone.
            let leaving = live.meta().deletion_timestamp.is_some();
            if leaving || difference::is_applied(&desired, live) {
                return Ok(live.clone());
            }
        }
        let name = desired.name_any();
        match live {
            // It conflicts where the object has made room for another of its name.
            Some(live) => desired.meta_mut().uid = live.uid(),
            None => self.module_is_there().await?,
        }
        tracing::info!(kind = %K::kind(&()), name, "applying");
        desired.meta_mut().resource_version = version;
        let forced = PatchParams::apply(FIELD_MANAGER).force();
        let applied: K = self
            .writing()
            .patch(&name, &forced, &Patch::Apply(&desired))
            .await
            .map_err(successor_as_conflict)
            .map_err(failed::<K>(&name, "applied"))?;
        self.cluster.cache.put(&applied);
        Ok(applied)
    }

    /// Applies an object that is asked for, and deletes one that no longer is.
    async fn apply_or_prune<K>(&self, desired: Option<K>, live: Option<&K>) -> Result<(), ApplyError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Serialize
            + DeserializeOwned
            + Debug,
    {
        match desired {
            Some(desired) => self.apply(desired, live).await.map(drop),
            None => self.prune(live).await,
        }
    }

    /// Creates a Secret whose data is made once, or brings the metadata of one that exists into line. One without data is
    /// made elsewhere.
    async fn make_once(&self, desired: Option<Secret>, live: Option<&Secret>) -> Result<(), ApplyError> {
        let Some(desired) = desired else { return self.prune(live).await };
        let name = desired.name_any();
        let Some(live) = live else {
            if desired.data.is_none() {
                return Ok(());
            }
            self.module_is_there().await?;
            tracing::info!(kind = "Secret", name, "creating");
            let params = PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() };
            // A plain create: of two operators at once, one is refused and takes the other's.
            self.writing().create(&params, &desired).await.map_err(failed::<Secret>(&name, "created"))?;
            return Ok(());
        };
        if live.metadata.deletion_timestamp.is_some() || has_metadata(&live.metadata, &desired.metadata) {
            return Ok(());
        }
        tracing::info!(kind = "Secret", name, "updating the metadata of");
        let mut labels = json!(desired.metadata.labels);
        if let Some(labels) = labels.as_object_mut() {
            labels.entry(RETAINED_FOR).or_insert(serde_json::Value::Null);
        }
        let patch = json!({ "metadata": {
            "resourceVersion": live.metadata.resource_version,
            "labels": labels,
            "ownerReferences": desired.metadata.owner_references,
        }});
        let params = PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() };
        let api: Api<Secret> = self.writing();
        api.patch(&name, &params, &Patch::Merge(patch)).await.map_err(failed::<Secret>(&name, "updated"))?;
        Ok(())
    }

    /// Deletes what is this module's own and no longer asked for; what is retained or foreign stays.
    async fn prune<K>(&self, live: Option<&K>) -> Result<(), ApplyError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        let Some(live) = live else { return Ok(()) };
        let ours = claim_of(live.meta(), self.module) == Claim::Ours;
        if !ours || live.meta().deletion_timestamp.is_some() {
            return Ok(());
        }
        let name = live.name_any();
        tracing::info!(kind = %K::kind(&()), name, "deleting");
        let preconditions = Preconditions { uid: live.uid(), resource_version: live.resource_version() };
        let params = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::background() };
        let api: Api<K> = self.writing();
        let deleted = api.delete(&name, &params).await;
        self.cluster.cache.forget::<K>(&self.module.namespace, &name);
        match deleted {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            other => other.map(drop).map_err(failed::<K>(&name, "deleted")),
        }
    }
}

/// Whether the labels and owner references are as desired; further labels are somebody else's and stay.
fn has_metadata(live: &ObjectMeta, desired: &ObjectMeta) -> bool {
    let label =
        |meta: &ObjectMeta, key: &str| meta.labels.as_ref().and_then(|labels| labels.get(key)).cloned();
    let desired_labels = desired.labels.iter().flatten();
    desired_labels.into_iter().all(|(key, value)| label(live, key).as_ref() == Some(value))
        && label(live, RETAINED_FOR) == label(desired, RETAINED_FOR)
        && live.owner_references.clone().unwrap_or_default()
            == desired.owner_references.clone().unwrap_or_default()
}

/// Another object of the name is there now: an apply with the UID of the former one is answered as if that were invalid.
fn successor_as_conflict(error: kube::Error) -> kube::Error {
    let kube::Error::Api(status) = &error else { return error };
    let causes = status.details.iter().flat_map(|details| &details.causes);
    if status.code == 422 && causes.into_iter().any(|cause| cause.field == "metadata.uid") {
        return outrun("it has made room for another of its name");
    }
    error
}

/// As the API server would answer to a write that was decided on what is no longer so.
fn outrun(message: &str) -> kube::Error {
    kube::Error::Api(Status::failure(message, "Conflict").with_code(409).boxed())
}

fn failed<K: Resource<DynamicType = ()>>(
    name: &str,
    verb: &'static str,
) -> impl FnOnce(kube::Error) -> ApplyError {
    let (kind, name) = (K::kind(&()).into_owned(), name.to_owned());
    move |source| ApplyError { kind, name, verb, source: source.into() }
}
