//! The Secrets with the signing keys: the one that pods mount, laid out as the key directory, and the operator's own.

use k8s_openapi::api::core::v1::Secret;

use crate::decide::Module;

use super::labels;

/// A Secret with keys, `<name>-keys` or `<name>-keyring`, without its data: only the key machine writes that.
pub(crate) fn secret(module: &Module, name: &str) -> Secret {
    Secret { metadata: labels::retainable(module, name), type_: Some("Opaque".into()), ..Secret::default() }
}
