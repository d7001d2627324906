//! Another reader of JSON: it keeps every member of an object as it is written, those that are there twice too, and so
//! has no opinion on what nobody reads, such as a number beyond all ranges.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, fmt};

/// A JSON object's members by name, each with all of its values.
pub(crate) struct Members<'a>(BTreeMap<String, Vec<&'a RawValue>>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = BTreeMap::<String, Vec<&'de RawValue>>::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.entry(name).or_default().push(value);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

impl<'a> Members<'a> {
    /// The members of what was accepted.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let text = str::from_utf8(bytes).expect("accepted, but not UTF-8");
        serde_json::from_str(text).unwrap_or_else(|error| panic!("accepted, but {error}: {text}"))
    }

    /// The members' names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The only value of a member as it is written, if there is such a member.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        match self.0.get(name).map(Vec::as_slice) {
            None => None,
            Some([value]) => Some(value.get()),
            Some(several) => panic!("accepted, but `{name}` is there as {several:?}"),
        }
    }

    /// The only value of a member; `null` where there is no such member.
    pub(crate) fn value(&self, name: &str) -> Value {
        self.raw(name).map_or(Value::Null, |raw| serde_json::from_str(raw).expect("a value"))
    }
}
