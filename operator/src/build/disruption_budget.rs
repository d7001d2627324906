//! How many pods may be taken away at once while nodes are maintained.

use k8s_openapi::{
    api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use crate::decide::Plan;

use super::{labels, selector};

pub(super) fn disruption_budget(plan: &Plan) -> Option<PodDisruptionBudget> {
    let module = &plan.module;
    plan.replicas.need_disruption_budget(module).then(|| PodDisruptionBudget {
        metadata: labels::owned(module, &module.name),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(selector(&module.name)),
                ..LabelSelector::default()
            }),
            // A pod that does not serve anyway must not hold up the maintenance of its node.
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".into()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    })
}
