//! `ServiceMonitor` of the Prometheus operator (`monitoring.coreos.com/v1`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use serde::{Deserialize, Serialize};

/// Which Services' pods are asked for metrics.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "monitoring.coreos.com",
    version = "v1",
    kind = "ServiceMonitor",
    plural = "servicemonitors",
    namespaced,
    schema = "disabled",
    derive = "PartialEq"
)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitorSpec {
    /// Services by their labels.
    #[serde(default)]
    pub selector: LabelSelector,
    /// Where Services are looked for.
    #[serde(default)]
    pub namespace_selector: NamespaceSelector,
    /// Label of the Service that becomes the label `job`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_label: Option<String>,
    /// What is asked for.
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
}

/// Namespaces by name; the monitor's own where none is named.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_names: Vec<String>,
}

/// Metrics on a port of the Service.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Name of the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Path of the metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
