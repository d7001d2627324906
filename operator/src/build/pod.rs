//! The pod: one container under the restricted Pod Security profile, with a read-only root.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        Capabilities, Container, ContainerPort, HTTPGetAction, LocalObjectReference, PodSecurityContext,
        PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SeccompProfile, SecurityContext,
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};

use crate::{
    api::{Amount, ImagePullPolicy, MANAGEMENT_PORT},
    decide::Module,
};

use super::{environment::environment, labels, mounts};

/// Name of the port that serves HTTP.
pub(super) const HTTP_PORT_NAME: &str = "http";
/// Name of the port that serves probes, metrics and status.
pub(super) const MANAGEMENT_PORT_NAME: &str = "management";
/// Name of the container.
pub(crate) const CONTAINER: &str = "cc-lite";
/// User and group of the process, and group of what is mounted.
const USER: i64 = 65532;
/// Time to finish what is under way, in seconds.
const GRACE: i64 = 30;
/// How long a pod that is to end goes on serving, in seconds: until no Service and no gateway leads to it any more. Only
/// where another pod serves meanwhile; the successor of a pod with the embedded database waits for its end.
pub(super) const DRAIN_DELAY: i64 = 10;
/// On pods: see `decide::config_hash`.
const CONFIG_HASH: &str = "comms.kraliki.com/config-hash";

/// The template of the pods, before the user's overrides.
pub(crate) fn pod_template(module: &Module, config_hash: &str) -> PodTemplateSpec {
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels::versioned(module)),
            annotations: Some([(CONFIG_HASH.to_owned(), config_hash.to_owned())].into()),
            ..ObjectMeta::default()
        }),
        spec: Some(spec(module)),
    }
}

fn spec(module: &Module) -> PodSpec {
    let (volumes, volume_mounts) =
        mounts::mounts(module).into_iter().map(|mount| (mount.volume, mount.mount)).unzip();
    let pull_secrets = module.pull_secrets.iter().map(|name| LocalObjectReference { name: name.clone() });
    PodSpec {
        service_account_name: Some(module.name.clone()),
        automount_service_account_token: Some(false),
        // Service variables of the namespace would mix with the settings.
        enable_service_links: Some(false),
        image_pull_secrets: (!module.pull_secrets.is_empty()).then(|| pull_secrets.collect()),
        security_context: Some(pod_security()),
        termination_grace_period_seconds: Some(
            GRACE + if module.database.is_shared() { DRAIN_DELAY } else { 0 },
        ),
        containers: vec![Container {
            name: CONTAINER.into(),
            image: Some(module.image.clone()),
            image_pull_policy: module.pull_policy.map(ImagePullPolicy::as_str).map(Into::into),
            env: Some(environment(module)),
            ports: Some(vec![port(HTTP_PORT_NAME, module.port), port(MANAGEMENT_PORT_NAME, MANAGEMENT_PORT)]),
            resources: Some(resources(module)),
            security_context: Some(container_security()),
            // A minute for migrations, then the other two take over.
            startup_probe: Some(probe("/livez", 1, 60)),
            liveness_probe: Some(probe("/livez", 10, 3)),
            readiness_probe: Some(probe("/readyz", 5, 2)),
            // The last lines of a start that failed become the pod's status, where the operator finds them.
            termination_message_policy: Some("FallbackToLogsOnError".into()),
            volume_mounts: Some(volume_mounts),
            ..Container::default()
        }],
        volumes: Some(volumes),
        ..PodSpec::default()
    }
}

fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        fs_group: Some(USER),
        fs_group_change_policy: Some("OnRootMismatch".into()),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".into(), localhost_profile: None }),
        ..PodSecurityContext::default()
    }
}

fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".into()]) }),
        ..SecurityContext::default()
    }
}

fn port(name: &str, number: u16) -> ContainerPort {
    ContainerPort {
        name: Some(name.into()),
        container_port: i32::from(number),
        protocol: Some("TCP".into()),
        ..ContainerPort::default()
    }
}

fn probe(path: &str, period_seconds: i32, failure_threshold: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.into()),
            port: IntOrString::String(MANAGEMENT_PORT_NAME.into()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        failure_threshold: Some(failure_threshold),
        timeout_seconds: Some(2),
        ..Probe::default()
    }
}

fn resources(module: &Module) -> ResourceRequirements {
    let amounts = |amounts: &BTreeMap<String, Amount>| -> Option<BTreeMap<String, Quantity>> {
        let amounts: BTreeMap<_, _> =
            amounts.iter().map(|(name, amount)| (name.clone(), Quantity::from(amount))).collect();
        (!amounts.is_empty()).then_some(amounts)
    };
    match &module.resources {
        Some(resources) => ResourceRequirements {
            requests: amounts(&resources.requests),
            limits: amounts(&resources.limits),
            claims: None,
        },
        None => ResourceRequirements {
            requests: Some(
                [("cpu".into(), Quantity("20m".into())), ("memory".into(), Quantity("32Mi".into()))].into(),
            ),
            ..ResourceRequirements::default()
        },
    }
}
