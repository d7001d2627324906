//! The Secret with what the service has to know of telephony providers: it takes all accounts from one file.

use k8s_openapi::{ByteString, api::core::v1::Secret};

use crate::decide::{Module, TwilioAccounts};

use super::{labels, names};

/// Entry with Twilio's accounts.
pub(super) const TWILIO: &str = "twilio";

pub(super) fn secret(module: &Module, accounts: &TwilioAccounts) -> Secret {
    Secret {
        metadata: labels::owned(module, &names(&module.name).providers),
        type_: Some("Opaque".into()),
        data: Some([(TWILIO.to_owned(), ByteString(accounts.0.as_bytes().to_vec()))].into()),
        ..Secret::default()
    }
}
