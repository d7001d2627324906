//! Stage 3, pure: the objects. One file per child; nothing here can fail.

pub mod admin;
mod autoscaler;
mod broker;
mod deployment;
mod disruption_budget;
mod environment;
mod http_route;
pub mod image_trial;
mod ingress;
pub(crate) mod keys;
pub mod labels;
mod metrics;
mod mounts;
pub(crate) mod network_policy;
mod pod;
mod providers;
mod service;
mod service_account;
mod service_monitor;
#[cfg(test)]
mod tests;
mod volume;

use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{Container, PersistentVolumeClaim, Secret, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
};

pub use labels::{pod_selector, selector};
pub(crate) use {
    environment::TOKEN_LIVES,
    mounts::{KEYS as KEYS_PATH, KEYS_VOLUME},
    pod::{CONTAINER, pod_template},
};

use crate::{
    decide::Plan,
    kinds::{HttpRoute, ServiceMonitor},
};

/// The names of a module's children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Deployment, Service, `ServiceAccount`, `HorizontalPodAutoscaler`, `PodDisruptionBudget`, `NetworkPolicy`, `Ingress`,
    /// `HTTPRoute` and `ServiceMonitor`.
    pub base: String,
    /// Secret with the keys that pods read.
    pub keys: String,
    /// Secret with what the operator remembers of the keys.
    pub keyring: String,
    /// Secret with the first administrator.
    pub admin: String,
    /// `PersistentVolumeClaim` of the embedded database.
    pub volume: String,
    /// Pod in which another image is tried.
    pub image_trial: String,
    /// Secret with the address of a broker of RabbitMQ's cluster operator.
    pub broker: String,
    /// Secret with what the service has to know of telephony providers.
    pub providers: String,
    /// Service of the management port, for the `ServiceMonitor`.
    pub metrics: String,
}

/// The names of the children of the module `name`.
pub fn names(name: &str) -> Names {
    Names {
        base: name.to_owned(),
        keys: format!("{name}-keys"),
        keyring: format!("{name}-keyring"),
        admin: format!("{name}-admin"),
        volume: format!("{name}-data"),
        image_trial: format!("{name}-image-trial"),
        broker: format!("{name}-broker"),
        providers: format!("{name}-providers"),
        metrics: format!("{name}-metrics"),
    }
}

/// The module's container in its Deployment.
pub fn container_of(deployment: &Deployment) -> Option<&Container> {
    let pod = deployment.spec.as_ref()?.template.spec.as_ref()?;
    pod.containers.iter().find(|container| container.name == CONTAINER)
}

/// The children as they should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// What the pods run as.
    pub service_account: ServiceAccount,
    /// Keys for the pods, without data.
    pub keys: Option<Secret>,
    /// What the operator remembers of the keys, without data.
    pub keyring: Option<Secret>,
    /// The first administrator, with data only where it is new.
    pub admin: Option<Secret>,
    /// The embedded database's volume.
    pub volume: Option<PersistentVolumeClaim>,
    /// The stable address.
    pub service: Service,
    /// The pods.
    pub deployment: Deployment,
    /// Who says how many pods there are.
    pub autoscaler: Option<HorizontalPodAutoscaler>,
    /// How many pods may be taken away at once.
    pub disruption_budget: Option<PodDisruptionBudget>,
    /// The broker's address, where it comes from a cluster of RabbitMQ's operator.
    pub broker: Option<Secret>,
    /// Telephony providers.
    pub providers: Option<Secret>,
    /// Who may reach the pods.
    pub network_policy: Option<NetworkPolicy>,
    /// The address of the management port.
    pub metrics: Option<Service>,
    /// The way in from outside.
    pub ingress: Option<Ingress>,
    /// The way in from outside, by the Gateway API.
    pub http_route: Option<HttpRoute>,
    /// What tells Prometheus where metrics are.
    pub service_monitor: Option<ServiceMonitor>,
}

/// Builds the children.
pub fn build(plan: &Plan) -> Desired {
    let names = names(&plan.module.name);
    let key_secret = |name: &str| plan.keys.as_ref().map(|_| keys::secret(&plan.module, name));
    Desired {
        service_account: service_account::service_account(&plan.module),
        keys: key_secret(&names.keys),
        keyring: key_secret(&names.keyring),
        admin: plan.admin.as_ref().map(|admin| admin::secret(&plan.module, admin)),
        volume: plan.volume.as_ref().map(|volume| volume::claim(&plan.module, volume)),
        service: service::service(&plan.module),
        deployment: deployment::deployment(plan),
        autoscaler: autoscaler::autoscaler(&plan.module),
        disruption_budget: disruption_budget::disruption_budget(plan),
        broker: plan.broker.as_ref().map(|address| broker::secret(&plan.module, address)),
        providers: plan.twilio.as_ref().map(|accounts| providers::secret(&plan.module, accounts)),
        network_policy: network_policy::network_policy(plan),
        metrics: metrics::service(&plan.module),
        ingress: ingress::ingress(&plan.module),
        http_route: http_route::http_route(&plan.module).filter(|_| plan.kinds.http_route),
        service_monitor: service_monitor::service_monitor(&plan.module)
            .filter(|_| plan.kinds.service_monitor),
    }
}
