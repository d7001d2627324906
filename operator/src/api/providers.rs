//! `spec.providers`: telephony providers whose word counts.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::SecretKeyRef;

/// Telephony providers whose word counts.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct Providers {
    /// Twilio's accounts, whose status callbacks are taken in at `/providers/twilio/status`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub twilio: Vec<TwilioAccount>,
}

/// An account of Twilio's.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TwilioAccount {
    /// SID of the account, `AC` and 32 letters and digits.
    #[schemars(length(min = 34, max = 34))]
    #[x_kube(validation = Rule::new("self.matches('^AC[0-9A-Za-z]{32}$')")
        .message("write accountSid as Twilio's console shows it: AC and 32 letters and digits"))]
    pub account_sid: String,
    /// The entry with the account's auth token, by which Twilio signs.
    pub auth_token_secret_ref: SecretKeyRef,
    /// Organisation whose calls the account tells of; in Standalone mode `spec.auth.organizationId` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9._:@|+~-]+$')")
        .message("write organizationId with letters, digits and . _ : @ | + ~ - only"))]
    pub organization_id: Option<String>,
}
