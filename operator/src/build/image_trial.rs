//! The pod in which another image shows that it can be pulled and run.

use k8s_openapi::{
    api::core::v1::{Affinity, Pod, PodAffinity, PodAffinityTerm, PodTemplateSpec, WeightedPodAffinityTerm},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};

use crate::decide::Module;

use super::{labels, names, pod::CONTAINER, selector};

/// Told by its name, so that no Service or Deployment takes it for one of the module's pods.
const NAME: &str = "cc-lite-image-trial";

/// The pod: the module's own but for what it serves and keeps. It prints its version and ends.
pub fn image_trial(module: &Module, template: &PodTemplateSpec) -> Pod {
    let mut metadata = labels::owned(module, &names(&module.name).image_trial);
    metadata.labels.get_or_insert_default().insert("app.kubernetes.io/name".into(), NAME.into());
    let mut spec = template.spec.clone().unwrap_or_default();
    spec.restart_policy = Some("Never".into());
    // Where the user says where pods may run, that counts for this one, too.
    spec.affinity.get_or_insert_with(|| beside(module));
    spec.volumes = None;
    spec.init_containers = None;
    spec.containers.retain(|container| container.name == CONTAINER);
    for container in &mut spec.containers {
        container.args = Some(vec!["--version".into()]);
        container.env = None;
        container.env_from = None;
        container.lifecycle = None;
        container.ports = None;
        container.volume_mounts = None;
        container.volume_devices = None;
        container.startup_probe = None;
        container.liveness_probe = None;
        container.readiness_probe = None;
    }
    Pod { metadata, spec: Some(spec), ..Pod::default() }
}

/// On the node of the pod that serves, if possible: the image is there then when it takes over.
fn beside(module: &Module) -> Affinity {
    let term = PodAffinityTerm {
        label_selector: Some(LabelSelector {
            match_labels: Some(selector(&module.name)),
            ..LabelSelector::default()
        }),
        topology_key: "kubernetes.io/hostname".into(),
        ..PodAffinityTerm::default()
    };
    Affinity {
        pod_affinity: Some(PodAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![WeightedPodAffinityTerm {
                weight: 100,
                pod_affinity_term: term,
            }]),
            ..PodAffinity::default()
        }),
        ..Affinity::default()
    }
}
