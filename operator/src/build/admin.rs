//! The Secret with the first administrator's address and password.

use k8s_openapi::{ByteString, api::core::v1::Secret};

use crate::decide::{Admin, Module};

use super::{labels, names};

/// Entry with the address.
pub const EMAIL: &str = "email";
/// Entry with the password.
pub const PASSWORD: &str = "password";

pub(super) fn secret(module: &Module, admin: &Admin) -> Secret {
    let data = match admin {
        Admin::Present => None,
        Admin::New { email, password } => {
            let entry = |name: &str, value: &str| (name.to_owned(), ByteString(value.as_bytes().to_vec()));
            Some([entry(EMAIL, email), entry(PASSWORD, password)].into())
        }
    };
    Secret {
        metadata: labels::retainable(module, &names(&module.name).admin),
        type_: Some("Opaque".into()),
        data,
        ..Secret::default()
    }
}
