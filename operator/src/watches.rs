//! What wakes the reconciler up. Only metadata is watched of everything but the modules themselves, so no Secret's
//! contents are ever held.

mod around;

use std::fmt::Debug;

use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::PartialObjectMeta,
    core::DeserializeGuard,
    runtime::{
        Controller,
        controller::Config,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;

use crate::{
    api::CommsModule,
    api_error::ApiError,
    build::labels::{MANAGED_BY, RETAINED_FOR},
    kinds::Presence,
};

/// A module as it is watched: it may be malformed.
pub type Watched = DeserializeGuard<CommsModule>;

/// Reconciles at the same time.
const CONCURRENCY: u16 = 10;

/// Where modules are looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In every namespace.
    Cluster,
    /// In one.
    Namespace(String),
}

impl Scope {
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

/// A controller that wakes up when a module, a child, a pod or a referenced Secret changes.
///
/// Kinds that the cluster lacks are watched once `presence` has seen them.
pub fn controller(client: &Client, scope: &Scope, presence: &Presence) -> Controller<Watched> {
    let everything = watcher::Config::default();
    let controller = Controller::new(scope.api::<Watched>(client), everything.clone())
        .with_config(Config::default().concurrency(CONCURRENCY));
    let modules = controller.store();
    let ours = watcher::Config::default().labels(&format!("app.kubernetes.io/managed-by={MANAGED_BY}"));
    let retained = watcher::Config::default().labels(RETAINED_FOR);
    controller
        .owns(metadata::<ServiceAccount>(client, scope), ours.clone())
        .owns(metadata::<Service>(client, scope), ours.clone())
        .owns(metadata::<Deployment>(client, scope), ours.clone())
        .owns(metadata::<HorizontalPodAutoscaler>(client, scope), ours.clone())
        .owns(metadata::<PodDisruptionBudget>(client, scope), ours.clone())
        .owns(metadata::<PersistentVolumeClaim>(client, scope), ours.clone())
        .owns(metadata::<NetworkPolicy>(client, scope), ours.clone())
        .owns(metadata::<Ingress>(client, scope), ours.clone())
        .reconcile_on(around::routes(client, scope, presence))
        .reconcile_on(around::monitors(client, scope, presence))
        .reconcile_on(around::grants(client, scope, presence, modules.clone()))
        .watches(metadata::<PersistentVolumeClaim>(client, scope), retained, |volume| retained_for(&volume))
        .watches(metadata::<Pod>(client, scope), ours, |pod| instance(&pod))
        .watches(metadata::<Secret>(client, scope), everything, move |secret| interested(&modules, &secret))
}

fn metadata<K>(client: &Client, scope: &Scope) -> Api<PartialObjectMeta<K>>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
{
    scope.api(client)
}

fn labelled<K: Resource>(object: &K, label: &str) -> Option<ObjectRef<Watched>> {
    let module = object.labels().get(label)?;
    Some(ObjectRef::new(module).within(&object.namespace()?))
}

fn retained_for(volume: &PartialObjectMeta<PersistentVolumeClaim>) -> Option<ObjectRef<Watched>> {
    labelled(volume, RETAINED_FOR)
}

fn instance(pod: &PartialObjectMeta<Pod>) -> Option<ObjectRef<Watched>> {
    labelled(pod, "app.kubernetes.io/instance")
}

/// The modules that refer to a Secret or have made it.
fn interested(modules: &Store<Watched>, secret: &PartialObjectMeta<Secret>) -> Vec<ObjectRef<Watched>> {
    let (name, namespace) = (secret.name_any(), secret.namespace());
    let is_interested = |module: &CommsModule| {
        let names = crate::build::names(&module.name_any());
        let own = [&names.keys, &names.admin, &names.broker, &names.providers];
        own.contains(&&name) || module.spec.referenced_secrets().contains(name.as_str())
    };
    // The Secret of a RabbitmqCluster may be in another namespace.
    let is_default_user = |module: &CommsModule| {
        let own = module.namespace().unwrap_or_default();
        module.spec.broker_cluster().is_some_and(|cluster| {
            Some(cluster.namespace_from(&own)) == namespace.as_deref() && cluster.secret() == name
        })
    };
    modules
        .state()
        .into_iter()
        .filter(|module| {
            module
                .0
                .as_ref()
                .is_ok_and(|one| (one.namespace() == namespace && is_interested(one)) || is_default_user(one))
        })
        .map(|module| ObjectRef::from_obj(module.as_ref()))
        .collect()
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
