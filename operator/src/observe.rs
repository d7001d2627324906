//! Stage 1, with the client: what is there.
//!
//! Our own objects are read from the cache, and Secrets that are there, by name, from the API server. What the cache does
//! not know is taken not to be there, though it may be: somebody else's carries no label of ours, and any cache is behind
//! its time. Then what is written conflicts, for it carries what it was decided on, and all is read from the API server
//! alone. The [`Basis`] that comes with it tells afterwards, without a request, whether reading it all again would give the
//! same.

mod around;

use std::{collections::BTreeMap, fmt::Debug};

use futures::future::try_join_all;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, ReplicaSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    jiff::Timestamp,
};
use kube::{
    Api, Resource, ResourceExt,
    api::{ListParams, PartialObjectMeta},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::CommsModule,
    api_error::ApiError,
    build::{labels::is_managed, names, pod_selector},
    cache::{Basis, Known, Slim, version_of},
    cluster::Cluster,
    decide::KeySecrets,
    kinds::{HttpRoute, Kinds, Presence, ServiceMonitor},
    lean::Lean,
    pod_status::{PodReport, PodStatusClient},
    rotation::Pods,
    watches::{ModuleRef, module_ref},
};

/// What is there of one module.
#[derive(Debug)]
pub struct Observed {
    /// The resource.
    pub module: CommsModule,
    /// Objects that have the names of its children.
    pub children: Children,
    /// The Secrets that its spec refers to, by name, as far as they exist.
    pub secrets: BTreeMap<String, Secret>,
    /// The Secret of the `RabbitmqCluster` that its spec refers to.
    pub cluster_secret: ClusterSecret,
    /// Which kinds of other projects the cluster has.
    pub kinds: Kinds,
    /// Pods of its Deployment.
    pub pods: Vec<Pod>,
    /// What those that run say of themselves.
    pub reports: Vec<PodReport>,
    /// What those that serve say of their keys; they are asked where that matters.
    pub serving: Pods,
    /// What was read of the children with keys so far.
    pub key_secrets: KeySecrets,
}

/// Objects that have the names of a module's children, whoever made them.
#[derive(Clone, Debug, Default)]
pub struct Children {
    /// `<name>`
    pub service_account: Option<ServiceAccount>,
    /// `<name>-keys`
    pub keys: Option<Secret>,
    /// `<name>-keyring`
    pub keyring: Option<Secret>,
    /// `<name>-admin`
    pub admin: Option<Secret>,
    /// `<name>-data`
    pub volume: Option<PersistentVolumeClaim>,
    /// `<name>`
    pub service: Option<Service>,
    /// `<name>`
    pub deployment: Option<Deployment>,
    /// `<name>`
    pub autoscaler: Option<HorizontalPodAutoscaler>,
    /// `<name>`
    pub disruption_budget: Option<PodDisruptionBudget>,
    /// `<name>-image-trial`
    pub image_trial: Option<Pod>,
    /// `<name>-broker`
    pub broker: Option<Secret>,
    /// `<name>-providers`
    pub providers: Option<Secret>,
    /// `<name>`
    pub network_policy: Option<NetworkPolicy>,
    /// `<name>-metrics`
    pub metrics: Option<Service>,
    /// `<name>`
    pub ingress: Option<Ingress>,
    /// `<name>`
    pub http_route: Option<HttpRoute>,
    /// `<name>`
    pub service_monitor: Option<ServiceMonitor>,
}

/// The Secret with the default user of the `RabbitmqCluster` that a spec refers to.
#[derive(Clone, Debug, Default)]
pub enum ClusterSecret {
    /// The spec refers to none.
    #[default]
    NotAsked,
    /// Its namespace is another one and grants nothing. Whether the Secret exists was not looked at.
    NotGranted,
    /// It is not there.
    Absent,
    /// It is there.
    Found(Box<Secret>),
}

/// What could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {name} could not be read: {source}")]
pub struct ObserveError {
    kind: String,
    name: String,
    /// What the API server answered.
    pub source: ApiError,
}

/// How far the cache is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As to what is there and what is not.
    Cache,
    /// Not at all: a write has just shown that it is behind its time, or that somebody else has a name.
    ApiServerOnly,
}

/// Reads the resource from the API server.
pub async fn module(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
) -> Result<Option<CommsModule>, ObserveError> {
    ask(cluster, namespace, name).await
}

/// Asks the API server for an object.
async fn ask<K>(cluster: &Cluster, namespace: &str, name: &str) -> Result<Option<K>, ObserveError>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
{
    let api: Api<Lean<K>> = Api::namespaced(cluster.client.clone(), namespace);
    let found = api.get_opt(name).await;
    found.map(|found| found.map(|Lean(object)| object)).map_err(|error| ObserveError {
        kind: K::kind(&()).into_owned(),
        name: name.into(),
        source: error.into(),
    })
}

/// Reads what belongs to a module and asks its running pods.
pub async fn observe(
    cluster: &Cluster,
    pods: &PodStatusClient,
    presence: &Presence,
    module: CommsModule,
    trust: Trust,
) -> Result<(Observed, Basis), ObserveError> {
    let name = module.name_any();
    let reader = Reader::new(cluster, &module, trust);
    let names = names(&name);
    let referenced = module.spec.referenced_secrets().into_iter();
    let referenced = referenced.map(|secret| reader.secret(&reader.namespace, secret));
    let (
        service_account,
        keys,
        keyring,
        admin,
        volume,
        service,
        deployment,
        autoscaler,
        disruption_budget,
        image_trial,
        referenced,
    ) = tokio::try_join!(
        reader.get(&names.base),
        reader.keys(&names.keys),
        reader.keys(&names.keyring),
        reader.own_secret(&names.admin),
        reader.get(&names.volume),
        reader.get(&names.base),
        reader.get::<Deployment>(&names.base),
        reader.get(&names.base),
        reader.get(&names.base),
        reader.get(&names.image_trial),
        try_join_all(referenced),
    )?;
    let kinds = reader.kinds(presence, &module.spec).await?;
    let around = Box::pin(reader.around(&names, kinds)).await?;
    let cluster_secret = reader.cluster_secret(presence, &module.spec).await?;
    let owned = reader.pods_of(deployment.as_ref(), &name).await?;
    let reports = pods.ask(&owned).await;
    let basis = reader.basis;
    let observed = Observed {
        children: Children {
            service_account,
            keys,
            keyring,
            admin,
            volume,
            service,
            deployment,
            autoscaler,
            disruption_budget,
            image_trial,
            ..around
        },
        cluster_secret,
        kinds,
        secrets: referenced.into_iter().flatten().map(|secret| (secret.name_any(), secret)).collect(),
        pods: owned,
        reports,
        serving: Pods::NotAsked,
        key_secrets: KeySecrets::default(),
        module,
    };
    Ok((observed, basis))
}

/// Asks the running pods of a module of which nothing else has changed.
pub async fn reports(
    cluster: &Cluster,
    pods: &PodStatusClient,
    module: &CommsModule,
) -> Result<Vec<PodReport>, ObserveError> {
    let name = module.name_any();
    let reader = Reader::new(cluster, module, Trust::Cache);
    let deployment: Option<Deployment> = reader.get(&names(&name).base).await?;
    Ok(pods.ask(&reader.pods_of(deployment.as_ref(), &name).await?).await)
}

/// Asks the serving pods of a module for their keys. `list_anew` has the API server itself asked which there are.
pub async fn serving(
    cluster: &Cluster,
    client: &PodStatusClient,
    module: &CommsModule,
    list_anew: bool,
    now: Timestamp,
) -> Result<Pods, ObserveError> {
    let name = module.name_any();
    let trust = if list_anew { Trust::ApiServerOnly } else { Trust::Cache };
    let reader = Reader::new(cluster, module, trust);
    // Without it nothing says whose pods there are.
    let Some(deployment) = reader.get::<Deployment>(&names(&name).base).await? else {
        return Ok(Pods::Unknown);
    };
    let owned = reader.pods_of(Some(&deployment), &name).await?;
    Ok(Pods::Asked { pods: client.keys(&owned, now).await, listed_anew: list_anew })
}

/// Reads for one module and notes what it has read: whatever a decision rests on has to come through here.
struct Reader<'a> {
    cluster: &'a Cluster,
    namespace: String,
    module: ModuleRef,
    /// Nothing was ever told about the module, so that nothing was made for it.
    is_new: bool,
    trust: Trust,
    basis: Basis,
}

impl<'a> Reader<'a> {
    fn new(cluster: &'a Cluster, module: &CommsModule, trust: Trust) -> Self {
        let namespace = module.namespace().unwrap_or_default();
        let (module, is_new) = (module_ref(module), module.status.is_none());
        Self { cluster, module, is_new, namespace, trust, basis: Basis::default() }
    }

    /// Reads a child that is no Secret.
    async fn get<K>(&self, name: &str) -> Result<Option<K>, ObserveError>
    where
        K: Slim<Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
    {
        let kind = K::kind(&());
        match (self.trust, self.cluster.cache.get(&self.namespace, name)) {
            (Trust::Cache, Known::Object(object, stamp)) => {
                self.basis.kept(kind, &self.namespace, name, Some(stamp));
                Ok(Some(object))
            }
            (Trust::Cache, Known::Absent) => {
                self.basis.kept(kind, &self.namespace, name, None);
                Ok(None)
            }
            (_, known) => {
                let mut found: Option<K> = ask(self.cluster, &self.namespace, name).await?;
                match (&found, known) {
                    (None, Known::Absent) => self.basis.kept(kind, &self.namespace, name, None),
                    _ => self.basis.unwatched(kind, &self.namespace, name),
                }
                // No watch would tell that another one has changed.
                if let Some(found) = found.as_mut().filter(|found| is_managed(found.meta())) {
                    self.cluster.cache.put(found);
                }
                Ok(found)
            }
        }
    }

    /// Reads a Secret of ours, where one is there.
    async fn own_secret(&self, name: &str) -> Result<Option<Secret>, ObserveError> {
        if self.trust == Trust::Cache
            && let Some(version) = self.cluster.cache.versions.absent(&self.namespace, name, &self.module)
        {
            self.basis.version(Secret::kind(&()), &self.namespace, name, version);
            return Ok(None);
        }
        self.secret(&self.namespace, name).await
    }

    /// Reads a Secret with keys. Of a module that is not new it is asked for whatever is known: each of the two may be lost
    /// or restored without the other, or without its label, and another first key would have valid tokens refused.
    async fn keys(&self, name: &str) -> Result<Option<Secret>, ObserveError> {
        if self.is_new { self.own_secret(name).await } else { self.secret(&self.namespace, name).await }
    }

    /// Reads a Secret. Its contents are not kept, but its version is watched.
    async fn secret(&self, namespace: &str, name: &str) -> Result<Option<Secret>, ObserveError> {
        let (kind, versions) = (Secret::kind(&()), &self.cluster.cache.versions);
        // Before it is read, so that no change in between is missed.
        let before = versions.about_to_read(namespace, name, &self.module);
        let found: Option<Secret> = ask(self.cluster, namespace, name).await?;
        let version = found.as_ref().map_or(before, |secret| version_of(&secret.metadata));
        versions.was_read(namespace, name, version);
        if versions.covers(namespace) {
            self.basis.version(kind, namespace, name, version);
        } else {
            self.basis.unwatched(kind, namespace, name);
        }
        Ok(found)
    }

    /// The objects that carry the labels of a module's pods.
    async fn labelled<K>(&self, module: &str) -> Result<Vec<K>, ObserveError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        let kind = K::kind(&());
        if self.trust == Trust::Cache
            && let Some((objects, version)) = self.cluster.cache.of_module(&self.namespace, module)
        {
            self.basis.of_module(kind, &self.namespace, module, version);
            return Ok(objects);
        }
        let api: Api<Lean<K>> = Api::namespaced(self.cluster.client.clone(), &self.namespace);
        let list = api.list(&ListParams::default().labels(&pod_selector(module))).await;
        let list = list.map_err(|error| ObserveError {
            kind: format!("{kind}s of"),
            name: module.to_owned(),
            source: error.into(),
        })?;
        self.basis.unwatched(kind, &self.namespace, module);
        Ok(list.items.into_iter().map(|Lean(object)| object).collect())
    }

    /// The pods that belong to a Deployment by owner references: labels alone can be worn by anyone.
    async fn pods_of(&self, deployment: Option<&Deployment>, module: &str) -> Result<Vec<Pod>, ObserveError> {
        let (replica_sets, pods) = tokio::try_join!(
            self.labelled::<PartialObjectMeta<ReplicaSet>>(module),
            self.labelled::<Pod>(module),
        )?;
        let owned_by = |object: &kube::api::ObjectMeta, owner: Option<&str>| {
            let mut owners = object.owner_references.iter().flatten();
            owner.is_some_and(|owner| owners.any(|reference| reference.uid == owner))
        };
        let ours: Vec<_> = replica_sets
            .iter()
            .filter(|set| {
                owned_by(&set.metadata, deployment.and_then(|deployment| deployment.metadata.uid.as_deref()))
            })
            .collect();
        Ok(pods
            .into_iter()
            .filter(|pod| ours.iter().any(|set| owned_by(&pod.metadata, set.metadata.uid.as_deref())))
            .collect())
    }
}
