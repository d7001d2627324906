//! References to entries of Secrets.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// One entry of a Secret in the module's namespace.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretKeyRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')")
        .message("write the name of a Secret in this namespace: lower-case letters, digits, '-' and '.'"))]
    pub name: String,
    /// Key of the entry inside the Secret's `data`.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[-._a-zA-Z0-9]+$')")
        .message("write a key of the Secret's data: letters, digits, '-', '_' and '.'"))]
    pub key: String,
}

/// A Secret in the module's namespace.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')")
        .message("write the name of a Secret in this namespace: lower-case letters, digits, '-' and '.'"))]
    pub name: String,
}
