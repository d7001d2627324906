//! `spec.resources`: CPU and memory.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString};
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// CPU and memory of the module's container, as in a container's `resources`.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// What the scheduler sets aside, such as `cpu: 100m` and `memory: 64Mi`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 8))]
    #[x_kube(validation = Rule::new("self.all(name, isQuantity(string(self[name])))")
        .message("write each of spec.resources.requests as a quantity, such as cpu: 100m and memory: 64Mi"))]
    pub requests: BTreeMap<String, Amount>,
    /// What the container must not exceed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 8))]
    #[x_kube(validation = Rule::new("self.all(name, isQuantity(string(self[name])))")
        .message("write each of spec.resources.limits as a quantity, such as cpu: '1' and memory: 256Mi"))]
    pub limits: BTreeMap<String, Amount>,
}

/// An amount of a resource; YAML lets users write it as a number or as a text.
#[derive(Deserialize, Serialize, Clone, Debug, PartialEq)]
#[serde(transparent)]
pub struct Amount(IntOrString);

impl From<&Amount> for Quantity {
    fn from(amount: &Amount) -> Self {
        match &amount.0 {
            IntOrString::Int(number) => Self(number.to_string()),
            IntOrString::String(text) => Self(text.clone()),
        }
    }
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A quantity, such as 100m or 64Mi.",
            "maxLength": 32,
            "x-kubernetes-int-or-string": true,
        })
    }
}
