//! `spec.imagePullPolicy` and `spec.imagePullSecrets`.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the node pulls the image.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImagePullPolicy {
    /// At every start of a pod.
    Always,
    /// When the node has no such image.
    IfNotPresent,
    /// Never: the image has to be on the node.
    Never,
}

impl ImagePullPolicy {
    /// The policy's name in a container's spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}

/// A Secret of type `kubernetes.io/dockerconfigjson` in this namespace.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
pub struct PullSecret {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}
