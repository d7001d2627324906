//! `status`: what the operator reports. It is never read as a source of what to do.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operator saw and did.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommsModuleStatus {
    /// The `metadata.generation` that this status speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Settings in force, derived ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<Effective>,
    /// `Ready`, `Progressing`, `KeysReady`, `EventsReady`, `DatabaseReady` and `Paused`; `Exposed` and `Monitored` where asked
    /// for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// Pods that exist.
    #[serde(default)]
    pub replicas: i32,
    /// Pods that serve.
    #[serde(default)]
    pub ready_replicas: i32,
    /// Label selector of the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Where the module is reached: from outside where it is exposed under a name, else inside the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Image that is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Beginning of the id of the key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_key: Option<String>,
    /// The keys of the module: the one that signs, the staged one, those that are still accepted, and the newest revoked ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["kid".into()]))]
    pub keys: Vec<KeyStatus>,
    /// When a key took over last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_rotation_time: Option<Time>,
    /// When the next key is made, if nothing asks for one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_rotation_time: Option<Time>,
    /// The newest `spec.keys.rotateRequest` that was carried out, or found when the keys were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_rotate_request: Option<String>,
}

/// Settings in force, derived ones included.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Effective {
    /// Path under which the module serves.
    pub base_path: String,
    /// `Embedded` or `PostgreSQL`.
    pub database: String,
    /// Size of the volume of the embedded database. It stays above the spec's where the volume was larger already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_size: Option<String>,
    /// Whether events go to a broker.
    pub publishing: bool,
    /// How many events may wait for the broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog_limit: Option<String>,
    /// How long an access token is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_ttl: Option<String>,
    /// How long a session can be refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_ttl: Option<String>,
    /// When keys are rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_rotation: Option<EffectiveRotation>,
    /// The Secret and entry that the first administrator's password is in, as `name/key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_password: Option<String>,
}

/// When keys are rotated.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveRotation {
    /// How old a key becomes while it signs.
    pub interval: String,
    /// How long all pods accept a key before it signs.
    pub propagation_delay: String,
    /// How long a key is accepted after it has signed for the last time, at least.
    pub retention: String,
    /// How long verifiers elsewhere may go on with the keys that they have read.
    pub verifier_cache_ttl: String,
}

/// A key of the module.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct KeyStatus {
    /// Id of the key: its RFC 7638 thumbprint.
    pub kid: String,
    /// Where it is in its life.
    pub phase: KeyPhase,
    /// When it came to be, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Time>,
    /// Since when it signs or signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Time>,
    /// When it was retired, which is when no pod signed with it any more, or revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Time>,
    /// When it will no longer be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_at: Option<Time>,
    /// While pods are waited for: how many of the serving ones have done what is waited for, as `2/3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
}

/// Where a key is in its life.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPhase {
    /// It is accepted and signs nothing yet.
    Staged,
    /// It signs.
    Active,
    /// It signed, and is still accepted.
    Retired,
    /// It is refused.
    Revoked,
}
