//! Stage 3, pure: the objects. One file per child; nothing here can fail.

pub mod admin;
mod autoscaler;
mod deployment;
mod disruption_budget;
mod environment;
pub mod image_trial;
mod keys;
pub mod labels;
mod mounts;
mod pod;
mod service;
mod service_account;
#[cfg(test)]
mod tests;
mod volume;

use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{Container, PersistentVolumeClaim, Secret, Service, ServiceAccount},
    policy::v1::PodDisruptionBudget,
};

pub use labels::{pod_selector, selector};
pub(crate) use {
    mounts::{KEYS as KEYS_PATH, KEYS_VOLUME},
    pod::{CONTAINER, pod_template},
};

use crate::decide::Plan;

/// The names of a module's children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Deployment, Service, `ServiceAccount`, `HorizontalPodAutoscaler` and `PodDisruptionBudget`.
    pub base: String,
    /// Secret with the keys.
    pub keys: String,
    /// Secret with the first administrator.
    pub admin: String,
    /// `PersistentVolumeClaim` of the embedded database.
    pub volume: String,
    /// Pod in which another image is tried.
    pub image_trial: String,
}

/// The names of the children of the module `name`.
pub fn names(name: &str) -> Names {
    Names {
        base: name.to_owned(),
        keys: format!("{name}-keys"),
        admin: format!("{name}-admin"),
        volume: format!("{name}-data"),
        image_trial: format!("{name}-image-trial"),
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
    /// Keys, with data only where they are new.
    pub keys: Option<Secret>,
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
}

/// Builds the children.
pub fn build(plan: &Plan) -> Desired {
    Desired {
        service_account: service_account::service_account(&plan.module),
        keys: plan.keys.as_ref().map(|keys| keys::secret(&plan.module, keys)),
        admin: plan.admin.as_ref().map(|admin| admin::secret(&plan.module, admin)),
        volume: plan.volume.as_ref().map(|volume| volume::claim(&plan.module, volume)),
        service: service::service(&plan.module),
        deployment: deployment::deployment(plan),
        autoscaler: autoscaler::autoscaler(&plan.module),
        disruption_budget: disruption_budget::disruption_budget(plan),
    }
}
