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
pub(super) fn is_applied<K: Resource + Serialize>(desired: &K, live: &K) -> bool {
    contains(&json(live), &json(desired), Amounts::No)
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
    fn quantities_are_compared_by_amount() {
        let limit = |cpu: &str| json!({"resources": {"limits": {"cpu": cpu}}});
        assert!(contains(&limit("1"), &limit("1000m")));
        assert!(!contains(&limit("2"), &limit("1000m")));
        assert!(!contains(&json!({"value": "1"}), &json!({"value": "1000m"})), "other texts are texts");
    }
}
