//! `ReferenceGrant` of the Gateway API (`gateway.networking.k8s.io/v1beta1`): who may refer to what is in a namespace.

use kube::CustomResource;
use serde::{Deserialize, Serialize};

/// Who may refer to what.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[kube(
    group = "gateway.networking.k8s.io",
    version = "v1beta1",
    kind = "ReferenceGrant",
    plural = "referencegrants",
    namespaced,
    schema = "disabled"
)]
pub struct ReferenceGrantSpec {
    /// Objects that may refer, each of them.
    #[serde(default)]
    pub from: Vec<Grantee>,
    /// Objects that may be referred to, each of them.
    #[serde(default)]
    pub to: Vec<Granted>,
}

/// Objects that may refer.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Grantee {
    /// Their API group.
    #[serde(default)]
    pub group: String,
    /// Their kind.
    #[serde(default)]
    pub kind: String,
    /// Their namespace.
    #[serde(default)]
    pub namespace: String,
}

/// Objects that may be referred to.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Their API group; empty for Kubernetes' core.
    #[serde(default)]
    pub group: String,
    /// Their kind.
    #[serde(default)]
    pub kind: String,
    /// The one object; all of the kind without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Whether one of the grants lets `CommsModules` of `namespace` refer to the Secret `name`.
pub fn grants_secret<'a>(
    grants: impl IntoIterator<Item = &'a ReferenceGrantSpec>,
    namespace: &str,
    name: &str,
) -> bool {
    let from = |grantee: &Grantee| {
        (grantee.group.as_str(), grantee.kind.as_str()) == ("comms.kraliki.com", "CommsModule")
            && grantee.namespace == namespace
    };
    let to = |granted: &Granted| {
        (granted.group.as_str(), granted.kind.as_str()) == ("", "Secret")
            && granted.name.as_deref().is_none_or(|one| one == name)
    };
    grants.into_iter().any(|grant| grant.from.iter().any(from) && grant.to.iter().any(to))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn granted(from: &Value, to: &Value) -> bool {
        let grant: ReferenceGrantSpec =
            serde_json::from_value(json!({"from": [from], "to": [to]})).expect("a grant");
        grants_secret([&grant], "tel", "broker-default-user")
    }

    #[test]
    fn a_grant_is_for_its_kind_its_namespace_and_its_secret_alone() {
        let module = json!({"group": "comms.kraliki.com", "kind": "CommsModule", "namespace": "tel"});
        let all = json!({"group": "", "kind": "Secret"});
        let one = json!({"group": "", "kind": "Secret", "name": "broker-default-user"});
        assert!(granted(&module, &all) && granted(&module, &one));
        for (from, to) in [
            (json!({"group": "comms.kraliki.com", "kind": "CommsModule", "namespace": "other"}), all.clone()),
            (json!({"group": "comms.kraliki.com", "kind": "Other", "namespace": "tel"}), all.clone()),
            (json!({"group": "other", "kind": "CommsModule", "namespace": "tel"}), all),
            (module.clone(), json!({"group": "", "kind": "Secret", "name": "other"})),
            (module.clone(), json!({"group": "", "kind": "Service"})),
            (module, json!({"group": "other", "kind": "Secret"})),
        ] {
            assert!(!granted(&from, &to), "{from} {to}");
        }
        assert!(!grants_secret([], "tel", "broker-default-user"));
    }
}
