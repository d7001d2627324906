//! Whether a live object already is as desired.
//!
//! Two things together say so: an annotation with a hash of what was applied last, which tells what the operator no
//! longer wants, and a comparison of every desired value with the live one, which tells what was changed by hand.

use kube::Resource;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{decide::quantity::Amount, fingerprint::hex};

/// On applied objects: the hash of what was applied.
pub(super) const APPLIED_HASH: &str = "comms.kraliki.com/applied-hash";

/// Writes the hash of an object into it.
pub(super) fn seal<K: Resource + Serialize>(desired: &mut K) {
    let hash = hex(Sha256::new_with_prefix(json(desired).to_string()));
    desired.meta_mut().annotations.get_or_insert_default().insert(APPLIED_HASH.into(), hash);
}

/// Whether the live object holds all of a sealed one, and nothing of an earlier one.
pub(super) fn is_applied<K: Resource<DynamicType = ()> + Serialize>(desired: &K, live: &K) -> bool {
    let (live, desired) = (json(live), json(desired));
    let whole = match K::kind(&()).as_ref() {
        // What somebody adds to a rule of the network lets somebody in, or leaves a pod unguarded.
        "NetworkPolicy" => is_same(&live["spec"], &desired["spec"]),
        // Their lists are atomic: what is in them is all ours.
        "Ingress" | "HTTPRoute" | "ServiceMonitor" => has_no_more(&live["spec"], &desired["spec"]),
        _ => true,
    };
    whole && contains(&live, &desired, Amounts::No)
}

/// Whether two values are the same but for what is empty.
fn is_same(live: &Value, desired: &Value) -> bool {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => {
            let absent = Value::Null;
            live.keys()
                .chain(desired.keys())
                .all(|key| is_same(live.get(key).unwrap_or(&absent), desired.get(key).unwrap_or(&absent)))
        }
        (Value::Array(live), Value::Array(desired)) => {
            live.len() == desired.len()
                && live.iter().zip(desired).all(|(live, desired)| is_same(live, desired))
        }
        (live, desired) => live == desired || (is_empty(live) && is_empty(desired)),
    }
}

/// Whether no list of the desired value is longer in the live one.
fn has_no_more(live: &Value, desired: &Value) -> bool {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => {
            desired.iter().all(|(key, desired)| live.get(key).is_none_or(|live| has_no_more(live, desired)))
        }
        (Value::Array(live), Value::Array(desired)) => {
            live.len() <= desired.len()
                && live.iter().zip(desired).all(|(live, desired)| has_no_more(live, desired))
        }
        _ => true,
    }
}

fn json<K: Serialize>(object: &K) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

/// Whether texts are quantities, which the API server stores in canonical form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Amounts {
    Yes,
    No,
}

/// Whether every desired value is in the live object. Elements of lists are found by their content, for server-side
/// apply merges lists by key and others may have added theirs.
fn contains(live: &Value, desired: &Value, amounts: Amounts) -> bool {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => desired.iter().all(|(key, desired)| {
            let amounts = if matches!(key.as_str(), "requests" | "limits") { Amounts::Yes } else { amounts };
            live.get(key).map_or_else(|| is_empty(desired), |live| contains(live, desired, amounts))
        }),
        (Value::Array(live), Value::Array(desired)) => desired.iter().all(|desired| match desired {
            Value::Object(_) => live.iter().any(|live| contains(live, desired, amounts)),
            scalar => live.contains(scalar),
        }),
        (Value::String(live), Value::String(desired)) if amounts == Amounts::Yes => {
            Amount::parse(live) == Amount::parse(desired)
        }
        (live, desired) => live == desired,
    }
}

/// The API server leaves out empty maps, lists and texts.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
    use serde_json::{Value, json};

    fn contains(live: &Value, desired: &Value) -> bool {
        super::contains(live, desired, super::Amounts::No)
    }

    #[test]
    fn what_the_server_filled_in_makes_no_difference() {
        let desired =
            json!({"spec": {"ports": [{"name": "http", "port": 80}], "selector": {"a": "b"}, "empty": {}}});
        let live = json!({
            "spec": {
                "ports": [{"name": "other", "port": 81}, {"name": "http", "port": 80, "nodePort": 3}],
                "selector": {"a": "b"},
                "type": "ClusterIP",
            },
            "status": {},
        });
        assert!(contains(&live, &desired));
    }

    #[test]
    fn a_value_changed_by_hand_makes_one() {
        let desired = json!({"spec": {"ports": [{"name": "http", "port": 80}], "flag": true}});
        for live in [
            json!({"spec": {"ports": [{"name": "http", "port": 81}], "flag": true}}),
            json!({"spec": {"ports": [], "flag": true}}),
            json!({"spec": {"ports": [{"name": "http", "port": 80}], "flag": false}}),
            json!({"spec": {"ports": [{"name": "http", "port": 80}]}}),
        ] {
            assert!(!contains(&live, &desired), "{live}");
        }
    }

    #[test]
    fn a_rule_of_the_network_is_compared_as_a_whole() {
        let policy = |from: Value, selector: Value| {
            serde_json::from_value::<NetworkPolicy>(json!({"metadata": {"name": "comms"}, "spec": {
                "podSelector": selector, "ingress": [{"from": from, "ports": [{"port": "http", "protocol": "TCP"}]}],
                "policyTypes": ["Ingress"],
            }}))
            .expect("a policy")
        };
        let gateway = || json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]);
        let ours = || json!({"matchLabels": {"app": "comms"}});
        let desired = policy(gateway(), ours());
        assert!(super::is_applied(&desired, &policy(gateway(), ours())));
        let more = json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}, {"podSelector": {}}]);
        assert!(!super::is_applied(&desired, &policy(more, ours())), "somebody was let in");
        let fewer_pods = json!({"matchLabels": {"app": "comms", "more": "labels"}});
        assert!(!super::is_applied(&desired, &policy(gateway(), fewer_pods)), "pods are left unguarded");
    }

    #[test]
    fn a_way_in_that_somebody_added_makes_a_difference() {
        let ingress = |hosts: &[&str]| {
            let rules: Vec<_> = hosts.iter().map(|host| json!({"host": host})).collect();
            serde_json::from_value::<Ingress>(
                json!({"metadata": {"name": "comms"}, "spec": {"rules": rules}}),
            )
            .expect("an Ingress")
        };
        assert!(super::is_applied(&ingress(&["a"]), &ingress(&["a"])));
        assert!(!super::is_applied(&ingress(&["a"]), &ingress(&["a", "b"])));
        assert!(!super::is_applied(&ingress(&["a"]), &ingress(&["b"])));
    }

    #[test]
    fn quantities_are_compared_by_amount() {
        let limit = |cpu: &str| json!({"resources": {"limits": {"cpu": cpu}}});
        assert!(contains(&limit("1"), &limit("1000m")));
        assert!(!contains(&limit("2"), &limit("1000m")));
        assert!(!contains(&json!({"value": "1"}), &json!({"value": "1000m"})), "other texts are texts");
    }
}
