//! `spec.networkPolicy` and `spec.monitoring`, and the peers that rules of the network name.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::networking::v1::{IPBlock, NetworkPolicyPeer},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Whether a `NetworkPolicy` guards the pods.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicySettings {
    /// Lets only those reach the pods whom the spec names. Without it, the pods are as open as the namespace is.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
}

impl Default for NetworkPolicySettings {
    fn default() -> Self {
        Self { enabled: default_enabled() }
    }
}

/// Who watches the module.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!has(self.labels) || self.serviceMonitor")
        .message("spec.monitoring.labels are those of the ServiceMonitor: set spec.monitoring.serviceMonitor to true, or remove spec.monitoring.labels")
)]
#[serde(rename_all = "camelCase")]
pub struct Monitoring {
    /// Makes a `ServiceMonitor`, where the cluster knows that kind, by which the Prometheus operator finds the metrics.
    #[serde(default)]
    pub service_monitor: bool,
    /// Further labels of the `ServiceMonitor`, by which a Prometheus chooses it, such as `release: prometheus`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 16))]
    #[x_kube(validation = Rule::new("self.all(name, !name.startsWith('app.kubernetes.io/'))")
        .message("labels of app.kubernetes.io/ are the operator's: remove them from spec.monitoring.labels"))]
    pub labels: BTreeMap<String, String>,
    /// The pods or addresses that may read metrics on the management port, which nobody but the operator reaches
    /// otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16))]
    pub allow_from: Vec<Peer>,
}

/// Pods or addresses, as in a `NetworkPolicy`.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!has(self.ipBlock) || (!has(self.podSelector) && !has(self.namespaceSelector))")
        .message("a peer is pods or addresses: keep ipBlock, or podSelector and namespaceSelector, and write the other as an entry of its own"),
    validation = Rule::new("has(self.ipBlock) || has(self.podSelector) || has(self.namespaceSelector)")
        .message("a peer without a selector is nobody: set podSelector, namespaceSelector, both, or ipBlock")
)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Addresses outside the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_block: Option<IpBlock>,
    /// Namespaces by their labels; `{}` is all of them. Without `podSelector`, all of their pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Pods by their labels; `{}` is all of them. Without `namespaceSelector`, those of the module's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_selector: Option<LabelSelector>,
}

/// Addresses.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!isCIDR(self.cidr) || !has(self.except) || self.except.all(part, isCIDR(part) && cidr(self.cidr).containsCIDR(part))")
        .message("write each of except as a part of cidr, such as 10.1.0.0/16 of 10.0.0.0/8")
)]
pub struct IpBlock {
    /// A network, such as `10.0.0.0/8`.
    #[schemars(length(min = 1, max = 43))]
    #[x_kube(validation = Rule::new("isCIDR(self)")
        .message("write cidr as a network, such as 10.0.0.0/8 or 2001:db8::/32; one address is 192.0.2.7/32"))]
    pub cidr: String,
    /// Parts of it that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 43)))]
    pub except: Vec<String>,
}

impl From<&Peer> for NetworkPolicyPeer {
    fn from(peer: &Peer) -> Self {
        Self {
            ip_block: peer.ip_block.as_ref().map(|block| IPBlock {
                cidr: block.cidr.clone(),
                except: (!block.except.is_empty()).then(|| block.except.clone()),
            }),
            namespace_selector: peer.namespace_selector.clone(),
            pod_selector: peer.pod_selector.clone(),
        }
    }
}

fn default_enabled() -> bool {
    true
}
