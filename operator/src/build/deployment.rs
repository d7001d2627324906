//! The Deployment.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};

use crate::decide::{Database, KEPT, OVERRULED, Plan, Replicas};

use super::{labels, selector};

/// Old `ReplicaSets` kept for `kubectl rollout undo`.
const REVISIONS: i32 = 3;
/// When a rollout that does not get on is called stuck, in seconds.
const PROGRESS_DEADLINE: i32 = 300;

pub(super) fn deployment(plan: &Plan) -> Deployment {
    let module = &plan.module;
    let (replicas, annotations) = replicas(plan.replicas);
    Deployment {
        metadata: ObjectMeta {
            labels: Some(labels::versioned(module)),
            annotations,
            ..labels::owned(module, &module.name)
        },
        spec: Some(DeploymentSpec {
            replicas,
            revision_history_limit: Some(REVISIONS),
            progress_deadline_seconds: Some(PROGRESS_DEADLINE),
            selector: LabelSelector {
                match_labels: Some(selector(&module.name)),
                ..LabelSelector::default()
            },
            strategy: Some(strategy(&module.database)),
            template: plan.template.clone(),
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

/// The number of pods, where the operator says it, and what has to be remembered of it.
fn replicas(replicas: Replicas) -> (Option<i32>, Option<BTreeMap<String, String>>) {
    let annotation = |name: &str, number: i32| (name.to_owned(), number.to_string());
    match replicas {
        Replicas::Fixed(number) => (Some(number), None),
        Replicas::Kept { number, overruled } => {
            (Some(number), Some([annotation(OVERRULED, overruled), annotation(KEPT, number)].into()))
        }
        Replicas::Automatic { overruled, .. } => (None, Some([annotation(OVERRULED, overruled)].into())),
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
