//! The volume: it grows, and never shrinks or changes its class.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use crate::{api::FIELD_MANAGER, observe::Children};

use super::{Database, Module, quantity::Amount};

/// The volume of the embedded database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its size, a quantity.
    pub size: String,
    /// Its storage class; the default one where there is none.
    pub storage_class: Option<String>,
}

/// The volume to have. One that is there keeps its class, and its size where that is larger: Kubernetes refuses both
/// changes, and a volume taken up again may come from a module with another spec.
pub(super) fn decide(module: &Module, children: &Children) -> Option<Volume> {
    let Database::Embedded { size, storage_class, .. } = &module.database else { return None };
    let Some(spec) = children.volume.as_ref().and_then(|volume| volume.spec.as_ref()) else {
        return Some(Volume { size: size.clone(), storage_class: storage_class.clone() });
    };
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let present = requests.and_then(|requests| requests.get("storage")).map(|quantity| quantity.0.as_str());
    let size = match present {
        Some(present) if Amount::parse(present) > Amount::parse(size) => present.to_owned(),
        _ => size.clone(),
    };
    // A class that admission filled in is not ours to apply, one that we applied must stay in what we apply.
    let ours = storage_class.is_some() || children.volume.as_ref().is_some_and(applied_with_class);
    Some(Volume { size, storage_class: spec.storage_class_name.clone().filter(|_| ours) })
}

/// Whether this operator has written the class.
fn applied_with_class(volume: &PersistentVolumeClaim) -> bool {
    volume
        .metadata
        .managed_fields
        .iter()
        .flatten()
        .filter(|entry| entry.manager.as_deref() == Some(FIELD_MANAGER))
        .filter_map(|entry| entry.fields_v1.as_ref())
        .any(|fields| fields.0.pointer("/f:spec/f:storageClassName").is_some())
}
