//! A module as it is watched: packed, since all there are are kept, and read when it is its turn. It may be malformed.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Resource, ResourceExt};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use crate::{
    api::CommsModule,
    lean::split,
    packed::{Model, Packed},
};

/// All modules are packed against the first one.
static MODEL: Model = Model::new();

/// A module as it is watched.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Which object it is, in which version.
    metadata: ObjectMeta,
    packed: Packed,
}

/// An object that is stored as a module and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub error: String,
}

impl Watched {
    /// The module, or what is wrong with it.
    pub fn module(&self) -> Result<CommsModule, Malformed> {
        let json = MODEL.unpack(&self.packed);
        serde_json::from_str(&json).map_err(|error| {
            let error = wrong_field(&json).unwrap_or_else(|| error.to_string());
            Malformed { namespace: self.namespace().unwrap_or_default(), name: self.name_any(), error }
        })
    }
}

/// Which field is wrong, and what is wrong with it. Where in the text means nothing to somebody who does not see it.
fn wrong_field(json: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(json).ok()?;
    let error = serde_path_to_error::deserialize::<_, CommsModule>(value).err()?;
    Some(format!("{}: {}", error.path(), error.inner()))
}

impl<'de> Deserialize<'de> for Watched {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata {
            name: Option<String>,
            namespace: Option<String>,
            uid: Option<String>,
            resource_version: Option<String>,
            generation: Option<i64>,
        }
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let (text, _) = split(text.get());
        let Object { metadata } = serde_json::from_str(&text).map_err(D::Error::custom)?;
        let Metadata { name, namespace, uid, resource_version, generation } = metadata;
        let metadata =
            ObjectMeta { name, namespace, uid, resource_version, generation, ..ObjectMeta::default() };
        Ok(Self { metadata, packed: MODEL.pack(&text) })
    }
}

impl Resource for Watched {
    type DynamicType = ();
    type Scope = <CommsModule as Resource>::Scope;

    fn kind((): &()) -> Cow<'_, str> {
        CommsModule::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        CommsModule::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        CommsModule::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        CommsModule::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn watched(spec: &Value) -> Watched {
        serde_json::from_value(json!({
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "spec": spec,
            "metadata": {
                "namespace": "tel", "name": "comms", "uid": "u", "resourceVersion": "7", "generation": 2,
                "managedFields": [{"manager": "kubectl"}],
            },
        }))
        .expect("an object")
    }

    #[test]
    fn a_module_is_read_as_it_is_stored_but_for_who_owns_which_field() {
        let watched = watched(&json!({"port": 4000}));
        let module = watched.module().expect("a module");
        assert_eq!((module.spec.port, module.metadata.managed_fields.as_ref()), (4000, None));
        assert_eq!(module.metadata, *watched.meta());
    }

    #[test]
    fn of_a_malformed_one_it_is_known_which_it_is_and_what_is_wrong() {
        let invalid = watched(&json!({"port": "four"})).module().expect_err("it is malformed");
        assert_eq!((invalid.namespace.as_str(), invalid.name.as_str()), ("tel", "comms"));
        assert_eq!(invalid.error, "spec.port: invalid type: string \"four\", expected u16");
    }
}
