//! A `CommsModule` as it is stored, of whatever release: every field may be missing, and what is not known is left out.

use jiff::Timestamp;
use kube::{
    ResourceExt,
    core::{ApiResource, GroupVersionKind, Object},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A `CommsModule`.
pub type Module = Object<Value, Status>;

/// The kind, for the API server.
pub fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk("comms.kraliki.com", "v1alpha1", "CommsModule");
    ApiResource::from_gvk_with_plural(&kind, "commsmodules")
}

/// What the operator says of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    /// The generation that this speaks of.
    pub observed_generation: Option<i64>,
    /// Settings in force.
    pub effective: Option<Effective>,
    /// `Ready` and others.
    pub conditions: Vec<Condition>,
    /// Pods that exist.
    pub replicas: i32,
    /// Pods that serve.
    pub ready_replicas: i32,
    /// Label selector of the pods.
    pub selector: Option<String>,
    /// Where it is reached.
    pub url: Option<String>,
    /// What runs.
    pub image: Option<String>,
    /// Its keys.
    pub keys: Vec<Key>,
    /// When the key that signs changes next.
    pub next_rotation_time: Option<Timestamp>,
}

/// Settings in force.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Effective {
    /// Path of the API.
    pub base_path: Option<String>,
    /// `Embedded` or `PostgreSQL`.
    pub database: Option<String>,
    /// Of the embedded database's volume.
    pub volume_size: Option<String>,
    /// Where the first administrator's password is, as `name/key`.
    pub admin_password: Option<String>,
}

/// A condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// What it is about.
    #[serde(rename = "type")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
    /// Since when.
    pub last_transition_time: Option<Timestamp>,
}

/// A key of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// Where it is in its life.
    pub phase: String,
    /// When it came to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_at: Option<Timestamp>,
    /// How many pods have taken up what it is now, of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
}

/// An entry of a Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretEntry {
    /// Name of the Secret.
    pub name: String,
    /// Entry in it.
    pub key: String,
}

/// What is asked of a module.
pub trait ModuleExt {
    /// A field of the spec by its path, such as `/mode`.
    fn spec_text(&self, path: &str) -> Option<&str>;
    /// A condition.
    fn condition(&self, type_: &str) -> Option<&Condition>;
    /// Whether the status speaks of the newest spec.
    fn is_observed(&self) -> bool;
    /// Where the first administrator's password is.
    fn password_entry(&self) -> Option<SecretEntry>;
    /// Label selector of its pods.
    fn pod_selector(&self) -> String;
}

impl ModuleExt for Module {
    fn spec_text(&self, path: &str) -> Option<&str> {
        self.spec.pointer(path).and_then(Value::as_str)
    }

    fn condition(&self, type_: &str) -> Option<&Condition> {
        self.status.as_ref()?.conditions.iter().find(|condition| condition.type_ == type_)
    }

    fn is_observed(&self) -> bool {
        let observed = self.status.as_ref().and_then(|status| status.observed_generation);
        observed.is_some() && observed == self.metadata.generation
    }

    fn password_entry(&self) -> Option<SecretEntry> {
        let place = self.status.as_ref()?.effective.as_ref()?.admin_password.as_deref()?;
        let (name, key) = place.split_once('/')?;
        Some(SecretEntry { name: name.to_owned(), key: key.to_owned() })
    }

    fn pod_selector(&self) -> String {
        let told = self.status.as_ref().and_then(|status| status.selector.clone());
        told.unwrap_or_else(|| {
            format!("app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance={}", self.name_any())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_module_of_any_release_can_be_read() {
        let module: Module = serde_json::from_value(json!({
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
            "metadata": {"name": "comms", "generation": 3},
            "spec": {"mode": 7, "another": {"field": []}},
            "status": {
                "observedGeneration": 3, "later": true,
                "effective": {"adminPassword": "comms-admin/password", "database": "Embedded"},
                "keys": [{"kid": "a", "phase": "Staged", "acknowledged": "1/2"}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }))
        .expect("a module");
        assert!(module.is_observed());
        assert_eq!(module.spec_text("/mode"), None);
        assert_eq!(
            module.password_entry(),
            Some(SecretEntry { name: "comms-admin".into(), key: "password".into() })
        );
        assert_eq!(module.condition("Ready").map(|condition| condition.status.as_str()), Some("True"));
        assert_eq!(module.pod_selector(), "app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance=comms");
    }
}
