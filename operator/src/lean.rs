//! Objects as the API server tells them, but for who owns which field: that is larger than all the rest of an object, and
//! reading it costs more. All that the operator asks of it is whether it owns one of two fields itself.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry, ObjectMeta};
use kube::Resource;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error, IgnoredAny},
};
use serde_json::{json, value::RawValue};

use crate::api::FIELD_MANAGER;

/// What comes before the list. In a string there is a backslash before its second quotation mark.
const KEY: &str = "\"managedFields\":";
/// The fields that are asked for.
const ASKED_FOR: [&str; 2] = ["f:replicas", "f:storageClassName"];

/// An object whose `managedFields` hold the operator's own entries alone, and of those the fields that are asked for:
/// `spec.replicas` and `spec.storageClassName`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Lean<K>(pub(crate) K);

impl<'de, K: Resource + DeserializeOwned> Deserialize<'de> for Lean<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Self::read(text.get()).map_err(D::Error::custom)
    }
}

impl<K: Resource + DeserializeOwned> Lean<K> {
    /// Reads an object's JSON.
    pub(crate) fn read(text: &str) -> serde_json::Result<Self> {
        let (lean, ownership) = split(text);
        let mut object: K = serde_json::from_str(&lean)?;
        // Most have none of these fields.
        let asked_for = ownership.filter(|list| ASKED_FOR.iter().any(|field| list.contains(field)));
        object.meta_mut().managed_fields = asked_for.and_then(owned);
        Ok(Self(object))
    }
}

/// The text of an object without its `managedFields`, and these.
pub(crate) fn split(object: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(start) = object.find(KEY).map(|key| key + KEY.len()) else {
        return (Cow::Borrowed(object), None);
    };
    let Some(length) = length_of_list(&object.as_bytes()[start..]) else {
        return (Cow::Borrowed(object), None);
    };
    let (before, list, after) = (&object[..start], &object[start..start + length], &object[start + length..]);
    (Cow::Owned([before, "null", after].concat()), Some(list))
}

/// How long the list is that a text begins with, in bytes.
fn length_of_list(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 1 => return Some(at + 1),
            b']' | b'}' => depth -= 1,
            // It is no list.
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The operator's own entries of `managedFields`, with the fields that are asked for.
fn owned(entries: &str) -> Option<Vec<ManagedFieldsEntry>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry<'a> {
        #[serde(borrow)]
        manager: Option<Cow<'a, str>>,
        fields_v1: Option<Fields>,
    }
    #[derive(Deserialize)]
    struct Fields {
        #[serde(rename = "f:spec")]
        spec: Option<Spec>,
    }
    #[derive(Deserialize)]
    struct Spec {
        #[serde(rename = "f:replicas")]
        replicas: Option<IgnoredAny>,
        #[serde(rename = "f:storageClassName")]
        storage_class: Option<IgnoredAny>,
    }
    let entries: Vec<Entry<'_>> = serde_json::from_str(entries).ok()?;
    let own = entries.into_iter().filter(|entry| entry.manager.as_deref() == Some(FIELD_MANAGER));
    let left: Vec<_> = own
        .filter_map(|entry| {
            let Spec { replicas, storage_class } = entry.fields_v1?.spec?;
            let owned =
                ASKED_FOR.into_iter().zip([replicas, storage_class]).filter(|(_, owned)| owned.is_some());
            let owned: serde_json::Map<_, _> =
                owned.map(|(field, _)| (field.to_owned(), json!({}))).collect();
            (!owned.is_empty()).then(|| ManagedFieldsEntry {
                manager: Some(FIELD_MANAGER.into()),
                fields_v1: Some(FieldsV1(json!({ "f:spec": owned }))),
                ..ManagedFieldsEntry::default()
            })
        })
        .collect();
    (!left.is_empty()).then_some(left)
}

impl<K: Resource> Resource for Lean<K> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;

    fn kind(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dynamic)
    }

    fn group(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dynamic)
    }

    fn version(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dynamic)
    }

    fn plural(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dynamic)
    }

    fn metadata_api() -> bool {
        K::metadata_api()
    }

    fn meta(&self) -> &ObjectMeta {
        self.0.meta()
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        self.0.meta_mut()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::Value;

    use super::*;

    fn deployment(managed_fields: &Value) -> Value {
        json!({
            "metadata": {
                "annotations": {"a": "\"managedFields\":[1]}"},
                "managedFields": managed_fields,
                "name": "comms",
            },
            "spec": {"replicas": 2, "selector": {}, "template": {}},
        })
    }

    fn read(object: &Value) -> Deployment {
        let Lean(object) = serde_json::from_str(&object.to_string()).expect("a Deployment");
        object
    }

    #[test]
    fn an_object_is_read_whole_but_for_who_owns_which_field() {
        let name = r#"a "name" \\"]}"#;
        let others = json!([{"manager": name, "fieldsV1": {"f:spec": {"f:replicas": {}}}}, {"k:[{": "}]"}]);
        let mut whole: Deployment = serde_json::from_value(deployment(&others)).expect("a Deployment");
        whole.metadata.managed_fields = None;
        assert_eq!(read(&deployment(&others)), whole);
        assert_eq!(read(&deployment(&Value::Null)), whole);
        let mut without = deployment(&Value::Null);
        without["metadata"].as_object_mut().expect("an object").remove("managedFields");
        assert_eq!(read(&without), whole);
    }

    #[test]
    fn of_the_operators_own_entries_the_fields_that_are_asked_for_are_left() {
        let entries = json!([
            {"manager": "comms-operator", "operation": "Apply", "fieldsV1": {
                "f:metadata": {"f:labels": {}}, "f:spec": {"f:replicas": {}, "f:template": {"f:spec": {}}},
            }},
            {"manager": "comms-operator", "operation": "Update", "fieldsV1": {"f:status": {}}},
            {"manager": "somebody", "fieldsV1": {"f:spec": {"f:storageClassName": {}}}},
        ]);
        let left = read(&deployment(&entries)).metadata.managed_fields.expect("an entry");
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(
            left[0].fields_v1.as_ref().map(|fields| &fields.0),
            Some(&json!({"f:spec": {"f:replicas": {}}}))
        );
    }

    #[test]
    fn what_is_no_object_of_the_kind_is_refused() {
        for text in ["[]", "{}", r#"{"metadata": 3}"#, r#"{"metadata": {}, "spec": {"replicas": "two"}}"#] {
            let read = serde_json::from_str::<Lean<Deployment>>(text);
            assert_eq!(read.is_ok(), text == "{}", "{text}: {read:?}");
        }
    }
}
