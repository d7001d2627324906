//! Stage 4, with the client: writes what differs and removes what is no longer asked for.
//!
//! Nothing is written where the live object already is as it should be, so that a reconcile of an unchanged module makes
//! no request that changes anything. Everything but made-once Secrets goes by server-side apply under one field manager.
//!
//! What was decided on may be behind its time. So each write carries what it would do harm without: an apply the object's
//! UID, or that nothing is there, a deletion and a change of a Secret UID or version besides, a Secret with a password is
//! only ever created. It conflicts then, and is decided anew.

mod deployment;
mod difference;
mod keys;
mod outstanding;

use std::{borrow::Cow, fmt::Debug};

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
    cache::{Basis, Noted, Told},
    cluster::Cluster,
    decide::{Claim, Module, Plan, claim_of},
    lean::Lean,
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

/// What the writes of one reconcile have in common.
pub struct Round<'a> {
    cluster: &'a Cluster,
    /// What the reconcile rests on: each write is noted in it, in the version that came of it.
    basis: &'a Basis,
    /// The module was found to be there still, or has only just come.
    is_there: OnceCell<()>,
}

impl<'a> Round<'a> {
    /// Nothing is written yet for this module.
    pub fn new(cluster: &'a Cluster, basis: &'a Basis, module: &CommsModule) -> Self {
        Self { cluster, basis, is_there: OnceCell::new_with(module.status.is_none().then_some(())) }
    }
}

/// Makes the children as desired, and gives the Deployment as it is then. What is made takes its place among `live`; what
/// was deleted keeps it.
pub async fn apply(
    round: &Round<'_>,
    plan: &Plan,
    desired: Desired,
    live: &mut Children,
) -> Result<Deployment, ApplyError> {
    let writer = Writer { round, module: &plan.module };
    writer.apply(desired.service_account, &mut live.service_account).await?;
    // Secrets and volume first: pods that miss one wait for the kubelet's next try.
    writer.make_once(desired.keyring, &mut live.keyring).await?;
    writer.make_once(desired.keys, &mut live.keys).await?;
    writer.make_once(desired.admin, &mut live.admin).await?;
    writer.apply_or_prune(desired.broker, &mut live.broker).await?;
    writer.apply_or_prune(desired.providers, &mut live.providers).await?;
    let replaced = desired.volume.is_none();
    if let Some(volume) = desired.volume {
        writer.apply(volume, &mut live.volume).await?;
    }
    // Before the pods: one that trusts its network must never run without the rule that makes it trustworthy.
    writer.apply_or_prune(desired.network_policy, &mut live.network_policy).await?;
    writer.apply(desired.service, &mut live.service).await?;
    // An autoscaler that has to go goes before its number is kept, and one that comes finds what it is for.
    if desired.autoscaler.is_none() {
        writer.prune(live.autoscaler.as_ref()).await?;
    }
    let deployment = writer.apply_deployment(desired.deployment, plan.replicas, live.deployment.as_ref());
    let deployment = Box::pin(deployment).await?;
    live.deployment = Some(deployment.clone());
    if let Some(autoscaler) = desired.autoscaler {
        writer.apply(autoscaler, &mut live.autoscaler).await?;
    }
    writer.apply_or_prune(desired.disruption_budget, &mut live.disruption_budget).await?;
    writer.apply_or_prune(desired.metrics, &mut live.metrics).await?;
    writer.apply_or_prune(desired.ingress, &mut live.ingress).await?;
    writer.apply_or_prune(desired.http_route, &mut live.http_route).await?;
    writer.apply_or_prune(desired.service_monitor, &mut live.service_monitor).await?;
    // The embedded database is given up only once another serves.
    if replaced && serves(&deployment) {
        writer.prune(live.volume.as_ref()).await?;
    }
    writer.prune(live.image_trial.as_ref()).await?;
    Ok(deployment)
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

/// Starts the trial of another image, after removing that of a former one.
pub async fn try_image(
    round: &Round<'_>,
    module: &Module,
    desired: Pod,
    live: Option<&Pod>,
) -> Result<(), ApplyError> {
    let writer = Writer { round, module };
    let image = |pod: &Pod| Some(pod.spec.as_ref()?.containers.first()?.image.clone());
    match live {
        Some(live) if image(live) != image(&desired) => writer.prune(Some(live)).await,
        Some(_) => Ok(()),
        None => writer.create(desired).await.map(drop),
    }
}

/// How `manager` applies: a field that somebody else has changed is its own again. A field that the API server does not
/// know it refuses anyway, with no need to read all once more for such.
pub fn applied_by(manager: &str) -> PatchParams {
    PatchParams::apply(manager).force().validation_ignore()
}

/// The version of no object: the API server counts from one, and has written something before anybody's object. An apply
/// with it makes what is not there, and conflicts with what is.
const NONE: &str = "1";

struct Writer<'a> {
    round: &'a Round<'a>,
    module: &'a Module,
}

impl Writer<'_> {
    fn api<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>(&self) -> Api<K> {
        Api::namespaced(self.round.cluster.client.clone(), &self.module.namespace)
    }

    /// Takes note of an object as it was written.
    fn wrote<K: Noted>(&self, mut object: K) -> K {
        let told = self.round.cluster.cache.put(&mut object);
        self.round.basis.written(K::kind(&()), &self.module.namespace, &object.name_any(), told);
        object
    }

    /// Takes note that something was written of which it is not known what will come of it.
    fn unsettle<K: Resource<DynamicType = ()>>(&self, name: &str) {
        self.round.basis.written(K::kind(&()), &self.module.namespace, name, Told::Nothing);
    }

    /// Asks, before anything is made anew, whether the module is still there: its children may vanish before the watch tells
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
        self.round.is_there.get_or_try_init(ask).await.copied()
    }

    /// Creates an object; of two operators at once, one is refused and takes the other's.
    async fn create<K>(&self, desired: K) -> Result<K, ApplyError>
    where
        K: Noted<Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
    {
        self.module_is_there().await?;
        let name = desired.name_any();
        tracing::info!(kind = %K::kind(&()), name, "creating");
        let params = PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() };
        let created = self.api().create(&params, &Lean(desired)).await;
        created.map(|Lean(created)| self.wrote(created)).map_err(failed::<K>(&name, "created"))
    }

    /// Applies an object unless the live one already is as desired, and puts the outcome in its place.
    async fn apply<K>(&self, desired: K, live: &mut Option<K>) -> Result<(), ApplyError>
    where
        K: Noted<Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
    {
        let applied = match self.apply_over(desired, live.as_ref(), None).await? {
            Cow::Owned(applied) => applied,
            Cow::Borrowed(_) => return Ok(()),
        };
        *live = Some(applied);
        Ok(())
    }

    /// The same, only over this version of the live object where one is given. Gives the outcome.
    async fn apply_over<'live, K>(
        &self,
        mut desired: K,
        live: Option<&'live K>,
        version: Option<String>,
    ) -> Result<Cow<'live, K>, ApplyError>
    where
        K: Noted<Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
    {
        difference::seal(&mut desired);
        if let Some(live) = live {
            // What is on its way out cannot be mended; it is made anew when it is gone.
            let leaving = live.meta().deletion_timestamp.is_some();
            if leaving || difference::is_applied(&desired, live) {
                return Ok(Cow::Borrowed(live));
            }
        }
        let name = desired.name_any();
        if let Some(live) = live {
            // It conflicts where the object has made room for another of its name.
            desired.meta_mut().uid = live.uid();
            desired.meta_mut().resource_version = version;
        } else {
            self.module_is_there().await?;
            desired.meta_mut().resource_version = Some(NONE.into());
        }
        tracing::info!(kind = %K::kind(&()), name, "applying");
        let forced = applied_by(FIELD_MANAGER);
        let applied = self.api().patch(&name, &forced, &Patch::Apply(&desired)).await;
        let Lean(applied) = applied.map_err(successor_as_conflict).map_err(failed::<K>(&name, "applied"))?;
        Ok(Cow::Owned(self.wrote(applied)))
    }

    /// Applies an object that is asked for, and deletes one that no longer is.
    async fn apply_or_prune<K>(&self, desired: Option<K>, live: &mut Option<K>) -> Result<(), ApplyError>
    where
        K: Noted<Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
    {
        match desired {
            Some(desired) => self.apply(desired, live).await,
            None => self.prune(live.as_ref()).await,
        }
    }

    /// Creates a Secret whose data is made once, or brings the metadata of one that exists into line. One without data is
    /// made elsewhere.
    async fn make_once(&self, desired: Option<Secret>, place: &mut Option<Secret>) -> Result<(), ApplyError> {
        let Some(desired) = desired else { return self.prune(place.as_ref()).await };
        let name = desired.name_any();
        let Some(live) = place else {
            if desired.data.is_some() {
                *place = Some(self.create(desired).await?);
            }
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
        let updated = self.api().patch(&name, &params, &Patch::Merge(patch)).await;
        let Lean(updated) = updated.map_err(failed::<Secret>(&name, "updated"))?;
        *place = Some(self.wrote(updated));
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
        let api: Api<K> = self.api();
        let deleted = api.delete(&name, &params).await;
        // What holds it back, and for how long, the watch tells.
        self.unsettle::<K>(&name);
        match deleted {
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            // What is not deleted is still known to be there.
            other => other.map(drop).map_err(failed::<K>(&name, "deleted"))?,
        }
        self.round.cluster.cache.forget::<K>(&self.module.namespace, &name);
        Ok(())
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
