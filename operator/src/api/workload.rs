//! `spec.autoscaling`, `spec.podDisruptionBudget` and `spec.podTemplate`: how many pods there are, and what they are like.

use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Lets Kubernetes choose the number of pods by the CPU that they use.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[x_kube(
    validation = Rule::new("self.minReplicas <= self.maxReplicas")
        .message("the autoscaler needs room: set spec.autoscaling.maxReplicas to at least spec.autoscaling.minReplicas")
)]
#[serde(rename_all = "camelCase")]
pub struct Autoscaling {
    /// Fewest pods.
    #[serde(default = "default_min_replicas")]
    #[schemars(range(min = 1, max = 1000), extend("format" = "int32"))]
    pub min_replicas: i32,
    /// Most pods.
    #[schemars(range(min = 1, max = 1000), extend("format" = "int32"))]
    pub max_replicas: i32,
    /// The CPU that pods should use on average, in percent of what they request.
    #[serde(rename = "targetCPUUtilizationPercentage", default = "default_target")]
    #[schemars(range(min = 1, max = 1000), extend("format" = "int32"))]
    pub target_cpu_utilization_percentage: i32,
}

/// How many pods may be taken away at once while nodes are maintained.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisruptionBudget {
    /// Whether a module of several pods gives up one at a time only.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
}

impl Default for DisruptionBudget {
    fn default() -> Self {
        Self { enabled: default_enabled() }
    }
}

/// Any part of a `PodTemplateSpec`. The operator merges it over the template that it builds.
#[derive(Deserialize, Serialize, Clone, Debug, Default, PartialEq)]
#[serde(transparent)]
pub struct PodTemplate(pub Map<String, Value>);

impl JsonSchema for PodTemplate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PodTemplate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The schema of a whole pod would be several times as large as all else; the operator checks it instead.
        json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
    }
}

fn default_min_replicas() -> i32 {
    1
}

fn default_target() -> i32 {
    80
}

fn default_enabled() -> bool {
    true
}
