//! The Secret with the address of a broker of RabbitMQ's cluster operator. Pods can mount no Secret of another namespace,
//! and the cluster's own has the address in parts.

use k8s_openapi::{ByteString, api::core::v1::Secret};

use crate::decide::{BrokerAddress, Module};

use super::{labels, names};

/// Entry with the address.
pub(super) const URI: &str = "uri";

pub(super) fn secret(module: &Module, address: &BrokerAddress) -> Secret {
    Secret {
        metadata: labels::owned(module, &names(&module.name).broker),
        type_: Some("Opaque".into()),
        data: Some([(URI.to_owned(), ByteString(address.uri.as_bytes().to_vec()))].into()),
        ..Secret::default()
    }
}
