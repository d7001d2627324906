//! Merging what a user writes over what the operator builds, after the manner of a strategic merge patch: maps by key,
//! lists of named things by what names them, other lists as a whole; `null` takes away.

use serde_json::{Map, Value};

/// How a list is merged.
#[derive(Clone, Copy)]
enum List {
    /// Elements with the same values of these fields are one, and are merged in turn.
    Merged(&'static [&'static str]),
    /// Elements with the same value of this field are one; the user's takes the place of the built one, for two sources
    /// of one thing would not do.
    Replaced(&'static str),
    /// The user's elements are added.
    Appended,
}

/// How the list in this field is merged; `None`: it is replaced as a whole.
fn list(field: &str) -> Option<List> {
    Some(match field {
        "containers" | "initContainers" => List::Merged(&["name"]),
        "ports" => List::Merged(&["containerPort", "protocol"]),
        "topologySpreadConstraints" => List::Merged(&["topologyKey", "whenUnsatisfiable"]),
        "env" | "volumes" | "imagePullSecrets" | "claims" | "resourceClaims" => List::Replaced("name"),
        "volumeMounts" => List::Replaced("mountPath"),
        "volumeDevices" => List::Replaced("devicePath"),
        "hostAliases" => List::Replaced("ip"),
        "tolerations" | "envFrom" => List::Appended,
        _ => return None,
    })
}

/// Merges `over` into `built`.
pub(super) fn merge(built: &mut Value, over: &Value) {
    match (built, over) {
        (Value::Object(built), Value::Object(over)) => merge_map(built, over),
        (built, over) => *built = normal(over, false),
    }
}

fn merge_map(built: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (field, over) in over {
        if over.is_null() {
            built.remove(field);
            continue;
        }
        let amounts = holds_amounts(field);
        match (built.get_mut(field), over, list(field)) {
            (Some(Value::Object(built)), Value::Object(over), _) if !amounts => merge_map(built, over),
            (Some(Value::Object(built)), Value::Object(over), _) => {
                for (name, amount) in over {
                    if amount.is_null() {
                        built.remove(name);
                    } else {
                        built.insert(name.clone(), normal(amount, true));
                    }
                }
            }
            (Some(Value::Array(built)), Value::Array(over), Some(list)) => merge_list(built, over, list),
            (None, Value::Array(over), Some(list)) => {
                let mut elements = Vec::new();
                merge_list(&mut elements, over, list);
                built.insert(field.clone(), Value::Array(elements));
            }
            (_, over, _) => {
                built.insert(field.clone(), normal(over, amounts));
            }
        }
    }
}

fn merge_list(built: &mut Vec<Value>, over: &[Value], list: List) {
    for element in over {
        let same = |present: &&mut Value| match list {
            List::Merged(keys) => keys.iter().all(|key| key_of(present, key) == key_of(element, key)),
            List::Replaced(key) => present[key] == element[key],
            List::Appended => **present == *element,
        };
        match (built.iter_mut().find(same), list) {
            (Some(present), List::Merged(_)) => merge(present, element),
            (Some(present), _) => *present = normal(element, false),
            (None, _) => {
                // So that lists within are merged with themselves: what is named twice is there once.
                let mut fresh = Value::Object(Map::new());
                merge(&mut fresh, element);
                built.push(fresh);
            }
        }
    }
}

/// The value that names an element; a port without a protocol is one of TCP.
fn key_of(element: &Value, key: &str) -> Value {
    match &element[key] {
        Value::Null if key == "protocol" => Value::String("TCP".into()),
        value => value.clone(),
    }
}

fn holds_amounts(field: &str) -> bool {
    matches!(field, "requests" | "limits" | "sizeLimit" | "overhead")
}

/// A value as the API has it: without `null`, and with amounts as texts.
fn normal(value: &Value, amount: bool) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(field, value)| (field.clone(), normal(value, amount || holds_amounts(field))))
                .collect(),
        ),
        Value::Array(elements) => elements.iter().map(|element| normal(element, amount)).collect(),
        Value::Number(number) if amount => Value::String(number.to_string()),
        value => value.clone(),
    }
}

/// The path of the first field that is in `written` and was not understood, such as `.spec.tolerances`.
pub(super) fn lost(written: &Value, understood: &Value) -> Option<String> {
    match (written, understood) {
        (Value::Object(written), Value::Object(understood)) => {
            written.iter().find_map(|(field, value)| match understood.get(field) {
                Some(understood) => lost(value, understood).map(|rest| format!(".{field}{rest}")),
                None => Some(format!(".{field}")),
            })
        }
        (Value::Array(written), Value::Array(understood)) => {
            written.iter().zip(understood).enumerate().find_map(|(index, (written, understood))| {
                lost(written, understood).map(|rest| format!("[{index}]{rest}"))
            })
        }
        _ => None,
    }
}
