//! `spec.keys`: where the signing keys come from, and when others take their place.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::{GoDuration, SecretRef};

/// The keys that tokens are signed with; Standalone mode only.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[x_kube(
    validation = Rule::new("!has(self.secretRef) || !has(self.rotateRequest)")
        .message("keys of your own change when you change their Secret: remove spec.keys.rotateRequest, or remove spec.keys.secretRef to have keys made and rotated")
)]
#[serde(rename_all = "camelCase")]
pub struct Keys {
    /// A Secret of your own with a key set: the entries `ed25519_private.pem`, `ed25519_public.pem` and `jwks.json`. The operator
    /// copies it, and another key in it takes over when all pods accept it. Without it the operator makes keys and rotates them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretRef>,
    /// When a new key takes the place of the one that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// Any text, such as a date: another one than before rotates the keys now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub rotate_request: Option<String>,
    /// Ids of keys to refuse from now on, whatever they signed. The key that signs is replaced at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 128)))]
    pub revoked_kids: Vec<String>,
}

/// When a new key takes the place of the one that signs.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[x_kube(
    validation = Rule::new("!self.propagationDelay.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || !self.verifierCacheTtl.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || duration(self.propagationDelay) >= duration(self.verifierCacheTtl)")
        .message("verifiers must know a key before it signs: make spec.keys.rotation.propagationDelay at least as long as spec.keys.rotation.verifierCacheTtl"),
    validation = Rule::new("!self.propagationDelay.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || !self.interval.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || duration(self.interval) >= duration(self.propagationDelay) + duration('5m')")
        .message("a rotation takes the propagationDelay and some minutes: make spec.keys.rotation.interval at least 5m longer than spec.keys.rotation.propagationDelay")
)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// How old a key becomes at most while it signs, such as `720h`. Up to a tenth is taken off, so that modules made together do
    /// not rotate together. Keys of your own become as old as you let them.
    #[serde(default = "default_interval")]
    pub interval: GoDuration,
    /// How long all pods accept a key before it signs: time for verifiers elsewhere to learn of it.
    #[serde(default = "default_window")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || duration(self) <= duration('24h')")
        .message("no verifier needs so long: set spec.keys.rotation.propagationDelay to 24h or less, such as 60s"))]
    pub propagation_delay: GoDuration,
    /// How long a key is accepted after it has signed for the last time, at least; `auth.refreshTokenTtl` and a minute unless said
    /// otherwise. It never goes before the last token that it signed has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<GoDuration>,
    /// How long verifiers elsewhere may go on with the keys that they have read; they are told half of it.
    #[serde(default = "default_window")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (duration(self) >= duration('2s') && duration(self) <= duration('24h'))")
        .message("verifiers go on with keys from 2s to 24h: set spec.keys.rotation.verifierCacheTtl to a duration between, such as 60s"))]
    pub verifier_cache_ttl: GoDuration,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            interval: default_interval(),
            propagation_delay: default_window(),
            retention: None,
            verifier_cache_ttl: default_window(),
        }
    }
}

fn default_interval() -> GoDuration {
    GoDuration::new("720h")
}

fn default_window() -> GoDuration {
    GoDuration::new("60s")
}
