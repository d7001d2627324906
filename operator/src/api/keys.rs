//! `spec.keys`: where the signing keys come from.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::SecretRef;

/// The keys that tokens are signed with; Standalone mode only.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Keys {
    /// A Secret of your own with a key set: the entries `ed25519_private.pem`, `ed25519_public.pem` and `jwks.json`. Without it the
    /// operator makes a set and keeps it in `<name>-keys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretRef>,
}
