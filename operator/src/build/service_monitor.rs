//! What tells the Prometheus operator where metrics are.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;

use crate::{
    decide::Module,
    kinds::{Endpoint, NamespaceSelector, ServiceMonitor, ServiceMonitorSpec},
};

use super::{labels, metrics::COMPONENT, pod::MANAGEMENT_PORT_NAME, selector};

/// The monitor; none where nobody watches.
pub(super) fn service_monitor(module: &Module) -> Option<ServiceMonitor> {
    let monitoring = Some(&module.network.monitoring).filter(|monitoring| monitoring.service_monitor)?;
    let mut services: BTreeMap<_, _> = selector(&module.name);
    services.insert(COMPONENT.0.into(), COMPONENT.1.into());
    let mut metadata: ObjectMeta = labels::owned(module, &module.name);
    metadata.labels.get_or_insert_default().extend(monitoring.labels.clone());
    let spec = ServiceMonitorSpec {
        selector: LabelSelector { match_labels: Some(services), ..LabelSelector::default() },
        namespace_selector: NamespaceSelector { match_names: vec![module.namespace.clone()] },
        job_label: Some("app.kubernetes.io/name".into()),
        endpoints: vec![Endpoint { port: Some(MANAGEMENT_PORT_NAME.into()), path: Some("/metrics".into()) }],
    };
    Some(ServiceMonitor { metadata, spec })
}
