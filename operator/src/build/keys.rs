//! The Secret with the signing keys, laid out as the key directory.

use k8s_openapi::{ByteString, api::core::v1::Secret};

use crate::decide::{KeySource, Keys, Module};

use super::{labels, names};

/// None where the module has the user's keys and never had others.
pub(super) fn secret(module: &Module, keys: &Keys) -> Option<Secret> {
    if keys.source == (KeySource::Own { stored_as_well: false }) {
        return None;
    }
    let data =
        || keys.set.to_secret_data().into_iter().map(|(name, value)| (name, ByteString(value))).collect();
    Some(Secret {
        metadata: labels::retainable(module, &names(&module.name).keys),
        type_: Some("Opaque".into()),
        data: (keys.source == KeySource::New).then(data),
        ..Secret::default()
    })
}
