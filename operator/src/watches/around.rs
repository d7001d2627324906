//! Watches on kinds of other projects. Each begins once the cluster is seen to have the kind, and goes on by itself when the
//! definition goes away and comes back.

use std::fmt::Debug;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::NamespaceResourceScope;
use kube::{
    Client, Resource, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;

use crate::{
    api::CommsModule,
    build::labels::MANAGED_BY,
    kinds::{HttpRoute, Kind, Presence, ReferenceGrant, ServiceMonitor},
};

use super::{Scope, Watched, metadata};

/// Modules whose `HTTPRoute` has changed.
pub(super) fn routes(
    client: &Client,
    scope: &Scope,
    presence: &Presence,
) -> impl Stream<Item = ObjectRef<Watched>> + Send + use<> {
    changed::<HttpRoute>(client, scope, presence, Kind::HttpRoute, &ours())
        .flat_map(|route| stream::iter(owner(&route)))
}

/// Modules whose `ServiceMonitor` has changed.
pub(super) fn monitors(
    client: &Client,
    scope: &Scope,
    presence: &Presence,
) -> impl Stream<Item = ObjectRef<Watched>> + Send + use<> {
    changed::<ServiceMonitor>(client, scope, presence, Kind::ServiceMonitor, &ours())
        .flat_map(|monitor| stream::iter(owner(&monitor)))
}

/// Modules that refer to what is in a namespace whose grants have changed. Where the operator looks after one namespace,
/// it hears of no other's: such a module is looked at again now and then.
pub(super) fn grants(
    client: &Client,
    scope: &Scope,
    presence: &Presence,
    modules: Store<Watched>,
) -> impl Stream<Item = ObjectRef<Watched>> + Send + use<> {
    let everything = watcher::Config::default();
    let grants = match scope {
        Scope::Cluster => {
            changed::<ReferenceGrant>(client, scope, presence, Kind::ReferenceGrant, &everything).boxed()
        }
        Scope::Namespace(_) => stream::pending().boxed(),
    };
    grants.flat_map(move |grant| {
        let namespace = grant.namespace();
        let refers = |module: &CommsModule| {
            let cluster = module.spec.broker_cluster().and_then(|cluster| cluster.namespace.as_deref());
            cluster.is_some() && cluster == namespace.as_deref()
        };
        let refer: Vec<_> = modules
            .state()
            .into_iter()
            .filter(|module| module.0.as_ref().is_ok_and(refers))
            .map(|module| ObjectRef::from_obj(module.as_ref()))
            .collect();
        stream::iter(refer)
    })
}

fn ours() -> watcher::Config {
    watcher::Config::default().labels(&format!("app.kubernetes.io/managed-by={MANAGED_BY}"))
}

/// Objects that are there, change or go.
fn changed<K>(
    client: &Client,
    scope: &Scope,
    presence: &Presence,
    kind: Kind,
    config: &watcher::Config,
) -> impl Stream<Item = PartialObjectMeta<K>> + Send + use<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + 'static,
{
    let (api, config) = (metadata::<K>(client, scope), config.clone());
    stream::once(presence.until(kind)).flat_map(move |()| {
        let objects = watcher(api.clone(), config.clone()).default_backoff().touched_objects();
        objects.filter_map(move |object| {
            let told = |error: &watcher::Error| {
                tracing::warn!(?kind, "a watch broke off and is started again: {error}");
            };
            std::future::ready(object.inspect_err(told).ok())
        })
    })
}

/// The module that an object belongs to.
fn owner<K>(object: &PartialObjectMeta<K>) -> Option<ObjectRef<Watched>> {
    let mut owners = object.metadata.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.kind == CommsModule::kind(&()))?;
    Some(ObjectRef::new(&owner.name).within(object.metadata.namespace.as_deref()?))
}
