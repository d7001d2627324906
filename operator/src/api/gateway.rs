//! `spec.gateway`: how the module knows its gateway.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::{Peer, SecretKeyRef};

/// How the module knows that a request comes from the gateway: by a proof, by a rule of the network, or by both.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("has(self.proofSecretRef) || has(self.allowFrom) || (has(self.trustEveryone) && self.trustEveryone)")
        .message("Platform mode must know whom to trust: set spec.gateway.proofSecretRef to the Secret whose value your gateway sends as X-Gateway-Secret, spec.gateway.allowFrom to the pods of your gateway, or spec.gateway.trustEveryone to true where nothing but the gateway reaches the port"),
    validation = Rule::new("!(has(self.proofSecretRef) && has(self.trustEveryone) && self.trustEveryone)")
        .message("a gateway that proves itself and trust in everyone exclude each other: remove spec.gateway.proofSecretRef or spec.gateway.trustEveryone"),
    validation = Rule::new("!(has(self.allowFrom) && has(self.trustEveryone) && self.trustEveryone)")
        .message("a rule for the gateway and trust in everyone exclude each other: remove spec.gateway.allowFrom or spec.gateway.trustEveryone")
)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// The entry whose value the gateway sends as `X-Gateway-Secret` with every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof_secret_ref: Option<SecretKeyRef>,
    /// The pods or addresses that the gateway's requests come from; a `NetworkPolicy` lets nobody else reach the port.
    /// Without `proofSecretRef` it is all that keeps anybody from being anybody, so the cluster's network has to enforce
    /// `NetworkPolicies`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16))]
    pub allow_from: Vec<Peer>,
    /// Takes identity headers from whoever reaches the port. Only where nothing but the gateway can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_everyone: Option<bool>,
}
