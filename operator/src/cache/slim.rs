//! Objects as they are kept: without what nobody looks at, and as JSON.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    marker::PhantomData,
};

use k8s_openapi::{
    api::{
        apps::v1::{Deployment, ReplicaSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{PersistentVolumeClaim, Pod, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Resource, api::PartialObjectMeta};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};

use crate::{
    build::labels::INSTANCE,
    kinds::{HttpRoute, ServiceMonitor},
    lean::Lean,
};

/// What can go before an object is kept. Nothing may go that a decision, a comparison or the status looks at.
pub trait Slim: Resource<DynamicType = ()> {
    /// Takes away what nobody looks at.
    fn slim(&mut self) {}
}

/// A slim object but its version as JSON, and a number that changes whenever something changes that is looked at.
pub(super) fn pack<K: Slim + Serialize>(object: &mut K) -> serde_json::Result<(String, u64)> {
    object.slim();
    let version = object.meta_mut().resource_version.take();
    let json = serde_json::to_string(object);
    object.meta_mut().resource_version = version;
    let json = json?;
    let mut hash = DefaultHasher::new();
    json.hash(&mut hash);
    Ok((json, hash.finish()))
}

impl Slim for Deployment {}
impl Slim for HorizontalPodAutoscaler {
    /// Its status changes all the time.
    fn slim(&mut self) {
        self.status = None;
    }
}
impl Slim for HttpRoute {}
impl Slim for Ingress {}
impl Slim for NetworkPolicy {}
impl Slim for PersistentVolumeClaim {}
impl Slim for PodDisruptionBudget {
    fn slim(&mut self) {
        self.status = None;
    }
}
impl Slim for Service {}
impl Slim for ServiceAccount {}
impl Slim for ServiceMonitor {}

impl Slim for Pod {
    fn slim(&mut self) {
        // Of the spec only images and settings are read.
        if let Some(spec) = &mut self.spec {
            let containers = std::mem::take(&mut spec.containers);
            *spec = k8s_openapi::api::core::v1::PodSpec {
                containers: containers
                    .into_iter()
                    .map(|container| k8s_openapi::api::core::v1::Container {
                        name: container.name,
                        image: container.image,
                        env: container.env,
                        ..k8s_openapi::api::core::v1::Container::default()
                    })
                    .collect(),
                ..k8s_openapi::api::core::v1::PodSpec::default()
            };
        }
    }
}

impl Slim for PartialObjectMeta<ReplicaSet> {
    /// Only whose it is matters.
    fn slim(&mut self) {
        let meta = std::mem::take(&mut self.metadata);
        self.metadata = ObjectMeta {
            name: meta.name,
            namespace: meta.namespace,
            uid: meta.uid,
            resource_version: meta.resource_version,
            owner_references: meta.owner_references,
            labels: meta.labels.map(|mut labels| {
                labels.retain(|key, _| key == INSTANCE);
                labels
            }),
            ..ObjectMeta::default()
        };
    }
}

/// An object of a watch, made slim as soon as it is read: a page of lists is never held in its typed form.
#[derive(Clone, Debug)]
pub struct Kept<K> {
    pub(super) metadata: ObjectMeta,
    pub(super) stamp: u64,
    pub(super) json: String,
    kind: PhantomData<fn() -> K>,
}

impl<'de, K: Slim + DeserializeOwned + Serialize> Deserialize<'de> for Kept<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Lean(mut object) = Lean::<K>::deserialize(deserializer)?;
        let (json, stamp) = pack(&mut object).map_err(D::Error::custom)?;
        Ok(Self { metadata: std::mem::take(object.meta_mut()), stamp, json, kind: PhantomData })
    }
}

impl<K: Resource<DynamicType = ()>> Resource for Kept<K> {
    type DynamicType = ();
    type Scope = K::Scope;

    fn kind((): &()) -> Cow<'_, str> {
        K::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        K::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        K::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        K::plural(&())
    }

    fn metadata_api() -> bool {
        K::metadata_api()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
