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
use serde_json::value::RawValue;

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

/// An object as a watch tells of it. Which one it is and in what version is known at once; the rest is read only when that
/// is news, for most of what a watch tells is the echo of the operator's own writes.
#[derive(Clone, Debug)]
pub struct Kept<K> {
    /// Namespace, name and version.
    pub(super) metadata: ObjectMeta,
    text: Box<RawValue>,
    kind: PhantomData<fn() -> K>,
}

/// What is read of an object that is news.
#[derive(Debug)]
pub(super) struct News {
    pub(super) metadata: ObjectMeta,
    pub(super) stamp: u64,
    pub(super) json: String,
}

impl<K: Slim + DeserializeOwned + Serialize> Kept<K> {
    /// Reads all of it, and makes it slim.
    pub(super) fn read(&self) -> serde_json::Result<News> {
        let Lean(mut object) = Lean::<K>::read(self.text.get())?;
        let (json, stamp) = pack(&mut object)?;
        Ok(News { metadata: std::mem::take(object.meta_mut()), stamp, json })
    }
}

impl<'de, K> Deserialize<'de> for Kept<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            metadata: Meta,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Meta {
            namespace: Option<String>,
            name: Option<String>,
            resource_version: Option<String>,
        }
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let Object { metadata } = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        let Meta { namespace, name, resource_version } = metadata;
        let metadata = ObjectMeta { namespace, name, resource_version, ..ObjectMeta::default() };
        Ok(Self { metadata, text, kind: PhantomData })
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
