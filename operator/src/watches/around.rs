//! Watches on kinds of other projects. Each begins once the cluster is seen to have the kind, and goes on by itself when the
//! definition goes away and comes back.

use std::fmt::Debug;

use futures::{Stream, StreamExt, stream, stream::BoxStream};
use k8s_openapi::NamespaceResourceScope;
use kube::{
    ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::CommsModule,
    cache::Slim,
    cluster::Cluster,
    kinds::{Kind, Presence, ReferenceGrant},
};

use super::{PAGE, Scope, Wakeup, Watched, kept, requests};

/// Our own objects of such a kind, kept in the cache.
pub(super) fn kept_if_there<K>(
    cluster: &Cluster,
    scope: &Scope,
    presence: &Presence,
    kind: Kind,
) -> BoxStream<'static, Wakeup>
where
    K: Slim<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned + Send + 'static,
{
    let (cluster, scope) = (cluster.clone(), scope.clone());
    let objects = stream::once(presence.until(kind)).flat_map(move |()| kept::<K>(&cluster, &scope));
    unbroken(objects, kind).map(Ok).boxed()
}

/// Modules that refer to what is in a namespace whose grants have changed. Where the operator looks after one namespace,
/// it hears of no other's: such a module is looked at again now and then.
pub(super) fn grants(
    cluster: &Cluster,
    scope: &Scope,
    presence: &Presence,
    modules: Store<Watched>,
) -> BoxStream<'static, Wakeup> {
    if *scope != Scope::Cluster {
        return stream::pending().boxed();
    }
    let api = scope.api::<PartialObjectMeta<ReferenceGrant>>(&cluster.client);
    let grants = stream::once(presence.until(Kind::ReferenceGrant)).flat_map(move |()| {
        let all = watcher::Config::default().page_size(PAGE);
        watcher(api.clone(), all).default_backoff().touched_objects()
    });
    unbroken(grants, Kind::ReferenceGrant)
        .flat_map(move |grant| requests(referring(&modules, &grant)))
        .boxed()
}

/// Modules that refer to what is in the namespace of a grant.
fn referring(modules: &Store<Watched>, grant: &PartialObjectMeta<ReferenceGrant>) -> Vec<ObjectRef<Watched>> {
    let namespace = grant.namespace();
    let refers = |module: &CommsModule| {
        let cluster = module.spec.broker_cluster().and_then(|cluster| cluster.namespace.as_deref());
        cluster.is_some() && cluster == namespace.as_deref()
    };
    let modules =
        modules.state().into_iter().filter(|module| module.module().is_ok_and(|module| refers(&module)));
    modules.map(|module| ObjectRef::from_obj(module.as_ref())).collect()
}

/// What a watch says, without what it fails of: a definition may go, and none of our own kinds is in want then.
fn unbroken<T: Send>(
    told: impl Stream<Item = Result<T, watcher::Error>> + Send,
    kind: Kind,
) -> impl Stream<Item = T> + Send {
    told.filter_map(move |told| {
        let failed = |error: &watcher::Error| {
            tracing::warn!(?kind, "a watch broke off and is started again: {error}");
        };
        std::future::ready(told.inspect_err(failed).ok())
    })
}
