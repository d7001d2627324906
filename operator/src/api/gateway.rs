//! `spec.gateway`: how the module knows its gateway.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::SecretKeyRef;

/// How the module knows that a request comes from the gateway, by exactly one of its fields.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("has(self.proofSecretRef) || (has(self.trustEveryone) && self.trustEveryone)")
        .message("Platform mode must know whom to trust: set spec.gateway.proofSecretRef to the Secret whose value your gateway sends as X-Gateway-Secret, or spec.gateway.trustEveryone to true where nothing but the gateway reaches the port"),
    validation = Rule::new("!(has(self.proofSecretRef) && has(self.trustEveryone) && self.trustEveryone)")
        .message("a gateway that proves itself and trust in everyone exclude each other: remove spec.gateway.proofSecretRef or spec.gateway.trustEveryone")
)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// The entry whose value the gateway sends as `X-Gateway-Secret` with every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof_secret_ref: Option<SecretKeyRef>,
    /// Takes identity headers from whoever reaches the port. Only where nothing but the gateway can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_everyone: Option<bool>,
}
