//! The way in from outside, by an `Ingress`.

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};

use crate::decide::Module;

use super::{labels, pod::HTTP_PORT_NAME};

/// The `Ingress`; none where none is asked for.
pub(super) fn ingress(module: &Module) -> Option<Ingress> {
    let asked = module.network.exposure.as_ref()?.ingress.as_ref()?;
    let mut metadata = labels::owned(module, &module.name);
    metadata.annotations = (!asked.annotations.is_empty()).then(|| asked.annotations.clone());
    let backend = IngressBackend {
        service: Some(IngressServiceBackend {
            name: module.name.clone(),
            port: Some(ServiceBackendPort { name: Some(HTTP_PORT_NAME.into()), number: None }),
        }),
        resource: None,
    };
    let path = HTTPIngressPath { backend, path: Some(module.base_path.clone()), path_type: "Prefix".into() };
    let certificate = asked.tls_secret_name.as_ref().map(|secret| {
        vec![IngressTLS { hosts: Some(vec![asked.host.clone()]), secret_name: Some(secret.clone()) }]
    });
    Some(Ingress {
        metadata,
        spec: Some(IngressSpec {
            ingress_class_name: asked.class_name.clone(),
            rules: Some(vec![IngressRule {
                host: Some(asked.host.clone()),
                http: Some(HTTPIngressRuleValue { paths: vec![path] }),
            }]),
            tls: certificate,
            default_backend: None,
        }),
        status: None,
    })
}
