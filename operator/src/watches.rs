//! What wakes the reconciler up, and fills the cache. Of Secrets only metadata is watched, so that no content is ever held;
//! of everything else only what carries our label.

mod around;
mod watched;

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures::{Stream, StreamExt, TryStreamExt, stream, stream::BoxStream};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, ReplicaSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        controller::{ReconcileReason, ReconcileRequest},
        reflector::{self, ObjectRef, Store, store::Writer},
        watcher,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::CommsModule,
    api_error::ApiError,
    build::labels::{INSTANCE, RETAINED_FOR, managed_selector},
    cache::{Cache, Kept, Slim},
    cluster::Cluster,
    kinds::{HttpRoute, Kind, Presence, ServiceMonitor},
    lean::Lean,
};

pub use watched::{Malformed, Watched};

/// Names a module.
pub type ModuleRef = ObjectRef<Watched>;

/// Names this module.
pub fn module_ref(module: &CommsModule) -> ModuleRef {
    ObjectRef::new(&module.name_any()).within(&module.namespace().unwrap_or_default())
}

/// Where modules are looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In every namespace.
    Cluster,
    /// In one.
    Namespace(String),
}

impl Scope {
    /// Whether a namespace is looked after.
    pub fn covers(&self, namespace: &str) -> bool {
        match self {
            Self::Cluster => true,
            Self::Namespace(only) => only == namespace,
        }
    }

    fn api<K>(&self, client: &Client) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        match self {
            Self::Cluster => Api::all(client.clone()),
            Self::Namespace(namespace) => Api::namespaced(client.clone(), namespace),
        }
    }
}

/// What wakes a module up, or why nothing does.
pub type Wakeup = Result<ReconcileRequest<Watched>, watcher::Error>;

/// Kinds of which our own objects are kept. Each has its line in [`wakeups`], too.
const KEPT: [&str; 10] = [
    "ServiceAccount",
    "Service",
    "Deployment",
    "ReplicaSet",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PersistentVolumeClaim",
    "Pod",
    "NetworkPolicy",
    "Ingress",
];
/// The same of other projects: they are kept once the cluster has the kind.
const KEPT_IF_THERE: [&str; 2] = ["HTTPRoute", "ServiceMonitor"];
/// How many objects a list brings at once. A page is in memory whole, so it is a small one.
const PAGE: u32 = 100;
/// How long modules wait for the lists of the other kinds. One that cannot be listed must not hold up everything: what is
/// not known is asked for.
const LISTS: Duration = Duration::from_secs(10);

/// An empty cache for what [`wakeups`] tells.
pub fn cache(scope: &Scope) -> Cache {
    Cache::new(KEPT.into_iter().chain(KEPT_IF_THERE), scope.clone())
}

/// The modules, and a stream that fills the cache and names those to which something has happened: to themselves, to a
/// child, to a pod, or to a Secret that they read. Kinds that the cluster lacks are watched once `presence` has seen them.
pub fn wakeups(
    cluster: &Cluster,
    scope: &Scope,
    presence: &Presence,
) -> (Store<Watched>, BoxStream<'static, Wakeup>) {
    let (store, writer) = reflector::store();
    let children = stream::select_all([
        kept::<ServiceAccount>(cluster, scope),
        kept::<Service>(cluster, scope),
        kept::<Deployment>(cluster, scope),
        kept::<PartialObjectMeta<ReplicaSet>>(cluster, scope),
        kept::<HorizontalPodAutoscaler>(cluster, scope),
        kept::<PodDisruptionBudget>(cluster, scope),
        kept::<PersistentVolumeClaim>(cluster, scope),
        kept::<Pod>(cluster, scope),
        kept::<NetworkPolicy>(cluster, scope),
        kept::<Ingress>(cluster, scope),
        around::kept_if_there::<HttpRoute>(cluster, scope, presence, Kind::HttpRoute),
        around::kept_if_there::<ServiceMonitor>(cluster, scope, presence, Kind::ServiceMonitor),
        around::grants(cluster, scope, presence, store.clone()),
        secrets(cluster, scope),
    ]);
    // The modules come last, so that their first reconciles find the lists complete.
    let (cache, modules) = (Arc::clone(&cluster.cache), modules(cluster, scope, writer));
    let looked = presence.looked();
    let modules = async move {
        let _ = tokio::time::timeout(LISTS, listed(&cache, looked)).await;
        modules
    };
    let modules = stream::once(modules).flatten();
    (store, stream::select(children, modules).boxed())
}

/// Waits until everything but the modules is listed, that of other projects included as far as the cluster has the kinds.
async fn listed(cache: &Cache, looked: impl Future<Output = Vec<Kind>>) {
    let there = looked.await;
    let others = there.iter().map(|kind| kind.name()).filter(|kind| KEPT_IF_THERE.contains(kind));
    let kinds: Vec<_> = KEPT.into_iter().chain(others).collect();
    while !cache.is_listed(&kinds) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn modules(cluster: &Cluster, scope: &Scope, writer: Writer<Watched>) -> BoxStream<'static, Wakeup> {
    let watched = watcher(scope.api::<Watched>(&cluster.client), watcher::Config::default().page_size(PAGE));
    reflector::reflector(writer, watched.default_backoff())
        .touched_objects()
        .map_ok(|module| ReconcileRequest {
            obj_ref: ObjectRef::from_obj(&module),
            reason: ReconcileReason::ObjectUpdated,
        })
        .boxed()
}

/// Our own objects of a kind, kept in the cache.
fn kept<K>(cluster: &Cluster, scope: &Scope) -> BoxStream<'static, Wakeup>
where
    K: Slim<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned + Send + 'static,
{
    let ours = watcher::Config::default().labels(&managed_selector()).page_size(PAGE);
    let cache = Arc::clone(&cluster.cache);
    watcher(scope.api::<Kept<K>>(&cluster.client), ours)
        .default_backoff()
        .map_ok(move |event| requests(cache.hear::<K>(&event).iter().flat_map(modules_of).collect()))
        .try_flatten()
        .boxed()
}

/// The versions of Secrets that are ours or that modules read: of all others nothing is kept.
fn secrets(cluster: &Cluster, scope: &Scope) -> BoxStream<'static, Wakeup> {
    let cache = Arc::clone(&cluster.cache);
    let all = watcher::Config::default().page_size(PAGE);
    watcher(scope.api::<Lean<PartialObjectMeta<Secret>>>(&cluster.client), all)
        .default_backoff()
        .map_ok(move |event| requests(cache.versions.hear(&event)))
        .try_flatten()
        .boxed()
}

fn requests(modules: Vec<ModuleRef>) -> impl Stream<Item = Wakeup> {
    stream::iter(modules).map(|module| Ok(ReconcileRequest::from(module)))
}

/// The modules that an object of ours is of: by its owner, and by the labels that children carry, for a retained one has
/// no owner.
fn modules_of(meta: &ObjectMeta) -> Vec<ModuleRef> {
    let namespace = meta.namespace.as_deref().unwrap_or_default();
    let owners = meta.owner_references.iter().flatten().filter(|owner| owner.kind == CommsModule::kind(&()));
    let labels = meta.labels.iter().flatten();
    let labels = labels.filter(|(key, _)| [INSTANCE, RETAINED_FOR].contains(&key.as_str()));
    let mut names: Vec<&String> =
        owners.map(|owner| &owner.name).chain(labels.map(|(_, name)| name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| ObjectRef::new(name).within(namespace)).collect()
}

/// A broken watch in one sentence.
pub fn sentence(error: watcher::Error) -> String {
    let (doing, cause) = match error {
        watcher::Error::InitialListFailed(cause) => ("list", cause),
        watcher::Error::WatchStartFailed(cause) | watcher::Error::WatchFailed(cause) => ("watch", cause),
        other => return format!("a watch broke off and is started again: {other}"),
    };
    match cause {
        kube::Error::Api(status) if status.code == 404 => {
            "the cluster does not know CommsModules: apply the output of `comms-operator crd`, or install the chart with crds.install=true"
                .into()
        }
        cause => format!("the operator cannot {doing} what it looks after: {}", ApiError::from(cause)),
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn refused(message: &str, reason: &str, code: u16) -> watcher::Error {
        let status = Status::failure(message, reason).with_code(code);
        watcher::Error::InitialListFailed(kube::Error::Api(status.boxed()))
    }

    #[test]
    fn a_broken_watch_says_what_to_do() {
        assert_eq!(
            sentence(refused("page not found", "NotFound", 404)),
            "the cluster does not know CommsModules: apply the output of `comms-operator crd`, or install the chart \
             with crds.install=true"
        );
        assert_eq!(
            sentence(refused(
                "services is forbidden: User \"u\" cannot list resource \"services\"",
                "Forbidden",
                403
            )),
            "the operator cannot list what it looks after: services is forbidden: User \"u\" cannot list resource \
             \"services\"; grant the operator's ServiceAccount that verb, or install its chart with rbac.create=true"
        );
        assert_eq!(
            sentence(refused("", "InternalError", 500)),
            "the operator cannot list what it looks after: the API server answered 500 InternalError"
        );
        assert!(
            sentence(watcher::Error::NoResourceVersion).starts_with("a watch broke off and is started again")
        );
    }
}
