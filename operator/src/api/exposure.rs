//! `spec.exposure`: the way in from outside the cluster.

use std::collections::BTreeMap;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// The way in from outside the cluster, by exactly one of its fields.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!(has(self.ingress) && has(self.httpRoute))")
        .message("a module is exposed in one way: keep spec.exposure.ingress or spec.exposure.httpRoute and remove the other"),
    validation = Rule::new("has(self.ingress) || has(self.httpRoute)")
        .message("spec.exposure says nothing: set spec.exposure.ingress or spec.exposure.httpRoute, or remove spec.exposure")
)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// An `Ingress` of the module's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<IngressExposure>,
    /// An `HTTPRoute` of the module's own, where the cluster has the Gateway API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_route: Option<RouteExposure>,
}

/// An `Ingress`.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct IngressExposure {
    /// Class of the `Ingress`; the cluster's default without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')")
        .message("write spec.exposure.ingress.className as the name of an IngressClass: lower-case letters, digits, '-' and '.'"))]
    pub class_name: Option<String>,
    /// Name that the module is called by, such as `voice.example.com`.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$') && !isIP(self)")
        .message("write spec.exposure.ingress.host as one name, such as voice.example.com, without scheme, port, path or wildcard"))]
    pub host: String,
    /// Secret of type `kubernetes.io/tls` in this namespace with the certificate of `host`. Without it the module is
    /// exposed by plain HTTP, unless the class does otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')")
        .message("write the name of a Secret in this namespace: lower-case letters, digits, '-' and '.'"))]
    pub tls_secret_name: Option<String>,
    /// Annotations of the `Ingress`, such as `cert-manager.io/cluster-issuer`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = Rule::new("self.all(name, !name.startsWith('comms.kraliki.com/'))")
        .message("annotations of comms.kraliki.com/ are the operator's: remove them from spec.exposure.ingress.annotations"))]
    pub annotations: BTreeMap<String, String>,
}

/// An `HTTPRoute`.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RouteExposure {
    /// The Gateways that the route wants to be attached to.
    #[schemars(length(min = 1, max = 8))]
    pub parent_refs: Vec<ParentRef>,
    /// Names that the module is called by, such as `voice.example.com`. Without them, those of the Gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 253)))]
    #[x_kube(validation = Rule::new("self.all(host, host.matches('^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$') && !isIP(host))")
        .message("write each of spec.exposure.httpRoute.hostnames as a name, such as voice.example.com, without scheme, port or path"))]
    pub hostnames: Vec<String>,
}

/// What an `HTTPRoute` wants to be attached to.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ParentRef {
    /// Name of the Gateway.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Its namespace; the module's without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
    /// One of its listeners; all without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub section_name: Option<String>,
    /// Those of its listeners that have this port.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535), extend("format" = "int32"))]
    pub port: Option<u16>,
    /// API group of the parent; `gateway.networking.k8s.io` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub group: Option<String>,
    /// Kind of the parent; `Gateway` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub kind: Option<String>,
}
