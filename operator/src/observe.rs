//! Stage 1, with the client: what is there.
//!
//! Everything is read anew, so that no decision rests on a stale cache; watches only say when to look.

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
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ListParams, PartialObjectMeta},
    core::{DeserializeGuard, error_boundary::InvalidObject},
};
use serde::de::DeserializeOwned;

use crate::{
    api::CommsModule,
    api_error::ApiError,
    build::{names, pod_selector},
    kinds::{HttpRoute, Kinds, Presence, ServiceMonitor},
    pod_status::{PodReport, PodStatusClient},
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
}

/// Objects that have the names of a module's children, whoever made them.
#[derive(Clone, Debug, Default)]
pub struct Children {
    /// `<name>`
    pub service_account: Option<ServiceAccount>,
    /// `<name>-keys`
    pub keys: Option<Secret>,
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

/// A module as it is stored.
#[derive(Debug)]
pub enum Stored {
    /// It does not exist, or is about to: its children go by their owner references.
    Gone,
    /// It does not have the form of a `CommsModule`.
    Malformed(Box<InvalidObject>),
    /// It can be worked on.
    Module(Box<CommsModule>),
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

/// Reads the resource.
pub async fn stored(client: &Client, namespace: &str, name: &str) -> Result<Stored, ObserveError> {
    let api: Api<DeserializeGuard<CommsModule>> = Api::namespaced(client.clone(), namespace);
    let found = api.get_opt(name).await.map_err(|error| ObserveError {
        kind: "CommsModule".into(),
        name: name.into(),
        source: error.into(),
    })?;
    Ok(match found {
        None => Stored::Gone,
        Some(module) if module.meta().deletion_timestamp.is_some() => Stored::Gone,
        Some(DeserializeGuard(Ok(module))) => Stored::Module(Box::new(module)),
        Some(DeserializeGuard(Err(invalid))) => Stored::Malformed(Box::new(invalid)),
    })
}

/// Reads what belongs to a module and asks its running pods.
pub async fn observe(
    client: &Client,
    pods: &PodStatusClient,
    presence: &Presence,
    module: CommsModule,
) -> Result<Observed, ObserveError> {
    let name = module.name_any();
    let reader = Reader { client, namespace: module.namespace().unwrap_or_default() };
    let names = names(&name);
    let referenced = module.spec.referenced_secrets().into_iter().map(|secret| reader.get::<Secret>(secret));
    let (
        service_account,
        keys,
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
        reader.get(&names.keys),
        reader.get(&names.admin),
        reader.get(&names.volume),
        reader.get(&names.base),
        reader.get::<Deployment>(&names.base),
        reader.get(&names.base),
        reader.get(&names.base),
        reader.get(&names.image_trial),
        try_join_all(referenced),
    )?;
    let kinds = reader.kinds(presence, &module.spec).await?;
    let around = reader.around(&names, kinds).await?;
    let cluster_secret = reader.cluster_secret(presence, &module.spec).await?;
    let owned = match &deployment {
        Some(deployment) => reader.pods_of(deployment, &name).await?,
        None => Vec::new(),
    };
    let reports = pods.ask(&owned).await;
    Ok(Observed {
        children: Children {
            service_account,
            keys,
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
        module,
    })
}

struct Reader<'a> {
    client: &'a Client,
    namespace: String,
}

impl Reader<'_> {
    async fn get<K>(&self, name: &str) -> Result<Option<K>, ObserveError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        self.get_in(&self.namespace, name).await
    }

    async fn get_in<K>(&self, namespace: &str, name: &str) -> Result<Option<K>, ObserveError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), namespace);
        api.get_opt(name).await.map_err(|error| ObserveError {
            kind: K::kind(&()).into_owned(),
            name: name.into(),
            source: error.into(),
        })
    }

    /// The pods that belong to a Deployment by owner references: labels alone can be worn by anyone.
    async fn pods_of(&self, deployment: &Deployment, module: &str) -> Result<Vec<Pod>, ObserveError> {
        let failed = |kind: &str| {
            let (kind, name) = (kind.to_owned(), module.to_owned());
            move |error: kube::Error| ObserveError { kind, name, source: error.into() }
        };
        let wanted = ListParams::default().labels(&pod_selector(module));
        let replica_sets: Api<PartialObjectMeta<ReplicaSet>> =
            Api::namespaced(self.client.clone(), &self.namespace);
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &self.namespace);
        let (replica_sets, pods) = tokio::try_join!(
            async { replica_sets.list_metadata(&wanted).await.map_err(failed("ReplicaSets of")) },
            async { pods.list(&wanted).await.map_err(failed("Pods of")) },
        )?;
        let owned_by = |object: &kube::api::ObjectMeta, owner: Option<&str>| {
            let mut owners = object.owner_references.iter().flatten();
            owner.is_some_and(|owner| owners.any(|reference| reference.uid == owner))
        };
        let ours: Vec<_> = replica_sets
            .items
            .iter()
            .filter(|set| owned_by(&set.metadata, deployment.metadata.uid.as_deref()))
            .collect();
        Ok(pods
            .items
            .into_iter()
            .filter(|pod| ours.iter().any(|set| owned_by(&pod.metadata, set.metadata.uid.as_deref())))
            .collect())
    }
}
