//! The stable address of the module inside the cluster.

use k8s_openapi::{
    api::core::v1::{Service, ServicePort, ServiceSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::decide::Module;

use super::{labels, pod::HTTP_PORT_NAME, selector};

pub(super) fn service(module: &Module) -> Service {
    Service {
        metadata: labels::owned(module, &module.name),
        spec: Some(ServiceSpec {
            selector: Some(selector(&module.name)),
            ports: Some(vec![ServicePort {
                name: Some(HTTP_PORT_NAME.into()),
                port: i32::from(module.port),
                // By name, so that pods of the old and the new port both get their requests during a rollout.
                target_port: Some(IntOrString::String(HTTP_PORT_NAME.into())),
                protocol: Some("TCP".into()),
                app_protocol: Some("http".into()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
