//! `spec.database`: where the module keeps its data.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SecretKeyRef;

/// Where the module keeps its data, by at most one of its fields.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!(has(self.embedded) && has(self.postgres))")
        .message("a module has one database: keep spec.database.embedded or spec.database.postgres and remove the other")
)]
pub struct Database {
    /// SQLite on a volume of the module's own; the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedded: Option<Embedded>,
    /// A PostgreSQL database that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgres: Option<Postgres>,
}

/// SQLite on a volume of the module's own.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[x_kube(
    validation = Rule::new("has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)")
        .message("a volume keeps its storage class: set spec.database.embedded.storageClassName back, or move the data to a new module"),
    validation = Rule::new("!isQuantity(self.size) || !isQuantity(oldSelf.size) || quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0")
        .message("a volume cannot shrink: set spec.database.embedded.size back to at least what it was")
)]
#[serde(rename_all = "camelCase")]
pub struct Embedded {
    /// Size of the volume, such as `1Gi`. It can grow where the storage class allows it.
    #[serde(default = "default_size")]
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(validation = Rule::new("isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))")
        .message("write spec.database.embedded.size as a quantity above zero, such as 1Gi"))]
    pub size: String,
    /// Storage class of the volume; the cluster's default without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub storage_class_name: Option<String>,
    /// What happens to the volume, the keys and the first password when the module is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

impl Default for Embedded {
    fn default() -> Self {
        Self { size: default_size(), storage_class_name: None, deletion_policy: DeletionPolicy::default() }
    }
}

/// What happens to what cannot be made again when the module is deleted.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It stays, and a new module of the same name takes it up again.
    #[default]
    Retain,
    /// It is deleted with the module.
    Delete,
}

/// A PostgreSQL database that exists.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Postgres {
    /// The entry with the address, such as `postgres://user:password@host:5432/database`.
    pub uri_secret_ref: SecretKeyRef,
    /// The entry with the authorities, as PEM, that vouch for the server's certificate. With it the connection is
    /// encrypted and verified, unless the address says otherwise by `sslmode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKeyRef>,
}

fn default_size() -> String {
    "1Gi".into()
}
