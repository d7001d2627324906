//! The address of the management port, by which a `ServiceMonitor` finds the pods.

use k8s_openapi::{
    api::core::v1::{Service, ServicePort, ServiceSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{api::MANAGEMENT_PORT, decide::Module};

use super::{labels, names, pod::MANAGEMENT_PORT_NAME, selector};

/// What tells this Service from the one of the API.
pub(super) const COMPONENT: (&str, &str) = ("app.kubernetes.io/component", "metrics");

/// The Service; none where nobody watches.
pub(super) fn service(module: &Module) -> Option<Service> {
    if !module.network.monitoring.service_monitor {
        return None;
    }
    let mut metadata = labels::owned(module, &names(&module.name).metrics);
    metadata.labels.get_or_insert_default().insert(COMPONENT.0.into(), COMPONENT.1.into());
    Some(Service {
        metadata,
        spec: Some(ServiceSpec {
            // Each pod is asked for itself, also while it is not ready: that is when one wants to know why.
            cluster_ip: Some("None".into()),
            publish_not_ready_addresses: Some(true),
            selector: Some(selector(&module.name)),
            ports: Some(vec![ServicePort {
                name: Some(MANAGEMENT_PORT_NAME.into()),
                port: i32::from(MANAGEMENT_PORT),
                target_port: Some(IntOrString::String(MANAGEMENT_PORT_NAME.into())),
                protocol: Some("TCP".into()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    })
}
