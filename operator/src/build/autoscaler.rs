//! Who says how many pods there are, where the spec asks for an autoscaler.

use k8s_openapi::api::autoscaling::v2::{
    ContainerResourceMetricSource, CrossVersionObjectReference, HorizontalPodAutoscaler,
    HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
};

use crate::decide::{Module, Scaling};

use super::{labels, pod::CONTAINER};

pub(super) fn autoscaler(module: &Module) -> Option<HorizontalPodAutoscaler> {
    let Scaling::Automatic { min, max, target_cpu, .. } = module.scaling else { return None };
    let metric = MetricSpec {
        type_: "ContainerResource".into(),
        // Of the module's container alone: one that a user put beside it may request no CPU, or use it for other things.
        container_resource: Some(ContainerResourceMetricSource {
            container: CONTAINER.into(),
            name: "cpu".into(),
            target: MetricTarget {
                type_: "Utilization".into(),
                average_utilization: Some(target_cpu),
                ..MetricTarget::default()
            },
        }),
        ..MetricSpec::default()
    };
    Some(HorizontalPodAutoscaler {
        metadata: labels::owned(module, &module.name),
        spec: Some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".into()),
                kind: "Deployment".into(),
                name: module.name.clone(),
            },
            min_replicas: Some(min),
            max_replicas: max,
            metrics: Some(vec![metric]),
            behavior: None,
        }),
        ..HorizontalPodAutoscaler::default()
    })
}
