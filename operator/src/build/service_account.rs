//! What the pods run as: an account without rights and without a token.

use k8s_openapi::api::core::v1::ServiceAccount;

use crate::decide::Module;

use super::labels;

pub(super) fn service_account(module: &Module) -> ServiceAccount {
    ServiceAccount {
        metadata: labels::owned(module, &module.name),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}
