//! The Secret with the signing keys, laid out as the key directory.

use k8s_openapi::{ByteString, api::core::v1::Secret};

use crate::decide::{Keys, Module};

use super::{labels, names};

pub(super) fn secret(module: &Module, keys: &Keys) -> Secret {
    let data =
        || keys.set.to_secret_data().into_iter().map(|(name, value)| (name, ByteString(value))).collect();
    Secret {
        metadata: labels::retainable(module, &names(&module.name).keys),
        type_: Some("Opaque".into()),
        data: keys.new.then(data),
        ..Secret::default()
    }
}
