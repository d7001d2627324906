//! The Deployment.

use k8s_openapi::{
    api::{
        apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
        core::v1::PodTemplateSpec,
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};

use crate::decide::{Database, Plan};

use super::{labels, pod, selector};

/// On pods: see `decide::config_hash`.
const CONFIG_HASH: &str = "comms.kraliki.com/config-hash";
/// Old `ReplicaSets` kept for `kubectl rollout undo`.
const REVISIONS: i32 = 3;
/// When a rollout that does not get on is called stuck, in seconds.
const PROGRESS_DEADLINE: i32 = 300;

pub(super) fn deployment(plan: &Plan) -> Deployment {
    let module = &plan.module;
    Deployment {
        metadata: ObjectMeta {
            labels: Some(labels::versioned(module)),
            ..labels::owned(module, &module.name)
        },
        spec: Some(DeploymentSpec {
            replicas: Some(1),
            revision_history_limit: Some(REVISIONS),
            progress_deadline_seconds: Some(PROGRESS_DEADLINE),
            selector: LabelSelector {
                match_labels: Some(selector(&module.name)),
                ..LabelSelector::default()
            },
            strategy: Some(strategy(&module.database)),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels::versioned(module)),
                    annotations: Some([(CONFIG_HASH.to_owned(), plan.config_hash.clone())].into()),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod::spec(module)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn strategy(database: &Database) -> DeploymentStrategy {
    match database {
        // Two pods must never have the embedded database open.
        Database::Embedded { .. } => {
            DeploymentStrategy { type_: Some("Recreate".into()), rolling_update: None }
        }
        Database::Postgres(_) => DeploymentStrategy {
            type_: Some("RollingUpdate".into()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: Some(IntOrString::Int(1)),
                max_unavailable: Some(IntOrString::Int(0)),
            }),
        },
    }
}
