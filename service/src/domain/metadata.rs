//! What callers want kept beside the fields that are known here: any JSON object that the databases and whoever reads it
//! later can hold. Pure.

use crate::wording::{Sentence, say};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The longest one, in bytes of JSON.
const MAX_BYTES: usize = 16 * 1024;
/// How many objects and lists may stand within one another, the whole counted.
const MAX_DEPTH: usize = 16;

/// Why something is not kept beside the known fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataFlaw {
    /// It has a NUL.
    Nul,
    /// There are too many objects and lists within one another.
    TooDeep,
    /// It is too long.
    TooLong,
}

impl MetadataFlaw {
    /// As it goes through serde, whose errors are texts.
    fn words(self) -> &'static str {
        match self {
            Self::Nul => "text with the character U+0000",
            Self::TooDeep => "too many objects and lists within one another",
            Self::TooLong => "too many bytes of JSON",
        }
    }

    /// The one that serde tells of.
    pub fn told(reason: &str) -> Option<Self> {
        [Self::Nul, Self::TooDeep, Self::TooLong].into_iter().find(|flaw| flaw.words() == reason)
    }

    /// What would fit.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Nul => say!("give-no-nul"),
            Self::TooDeep => say!("give-depth", most = MAX_DEPTH),
            Self::TooLong => say!("give-metadata-kib", most = MAX_BYTES / 1024),
        }
    }
}

/// Reads one from a request.
///
/// # Errors
///
/// It is no object, longer than 16 KiB, deeper than 16 levels, has a NUL or a key twice.
pub fn metadata<'de, D: Deserializer<'de>>(reader: D) -> Result<Map<String, Value>, D::Error> {
    let object = reader.deserialize_map(Object)?;
    // Writing an object that was read cannot fail.
    let length = serde_json::to_vec(&object).map_or(usize::MAX, |text| text.len());
    if length > MAX_BYTES {
        return Err(Error::custom(MetadataFlaw::TooLong.words()));
    }
    Ok(object)
}

/// Reads one from a request, or null for none.
///
/// # Errors
///
/// As [`metadata`].
pub fn optional_metadata<'de, D: Deserializer<'de>>(
    reader: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    struct Maybe;

    impl<'de> Visitor<'de> for Maybe {
        type Value = Option<Map<String, Value>>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object or null")
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
            metadata(reader).map(Some)
        }
    }

    reader.deserialize_option(Maybe)
}

/// Whether a text is without NUL, which PostgreSQL's JSON cannot hold, nor many a reader.
pub fn is_kept_text(text: &str) -> bool {
    !text.contains('\0')
}

/// An object at the top.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        object(entries, 1)
    }
}

/// Any value, so many levels deep.
struct Any(usize);

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if is_kept_text(value) { Ok(value.into()) } else { Err(E::custom(MetadataFlaw::Nul.words())) }
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let depth = deeper(self.0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Any(depth))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        object(entries, deeper(self.0)?).map(Value::Object)
    }
}

fn deeper<E: Error>(depth: usize) -> Result<usize, E> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(E::custom(MetadataFlaw::TooDeep.words())) }
}

fn object<'de, A: MapAccess<'de>>(mut entries: A, depth: usize) -> Result<Map<String, Value>, A::Error> {
    let mut object = Map::new();
    while let Some(key) = entries.next_key::<String>()? {
        // Told of the value, so that the path to it has the key.
        if object.contains_key(&key) {
            let twice = format!("duplicate field `{key}`");
            return entries.next_value_seed(Refused(&twice)).map(|()| object);
        }
        if !is_kept_text(&key) {
            return entries.next_value_seed(Refused(MetadataFlaw::Nul.words())).map(|()| object);
        }
        let value = entries.next_value_seed(Any(depth))?;
        object.insert(key, value);
    }
    Ok(object)
}

/// A value that is not read, for this reason.
struct Refused<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Refused<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(Error::custom(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Kept(#[serde(deserialize_with = "metadata")] Map<String, Value>);

    /// What is read, or the path to what is refused and why.
    fn read(text: &str) -> Result<Map<String, Value>, (String, String)> {
        let reader = &mut serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize::<_, Kept>(reader)
            .map(|kept| kept.0)
            .map_err(|error| (error.path().to_string(), error.inner().to_string()))
    }

    fn refused(text: &str, path: &str, reason: &str) {
        let (seen, told) = read(text).unwrap_err();
        assert!(seen == path && told.starts_with(reason), "{text}: {path} {reason}, got {seen} {told}");
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_wherever_it_is() {
        refused(r#"{"a":1,"b":2,"a":3}"#, "a", "duplicate field `a`");
        refused(r#"{"l":[{},{"x":{"k":1,"k":1}}]}"#, "l[1].x.k", "duplicate field `k`");
        // The same key in another notation.
        refused(r#"{"a":1,"\u0061":2}"#, "a", "duplicate field `a`");
        assert!(read(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#).is_ok());
    }

    #[test]
    fn a_nul_is_refused_in_keys_and_texts() {
        refused(r#"{"a":{"b":"x\u0000"}}"#, "a.b", MetadataFlaw::Nul.words());
        refused(r#"{"a":{"\u0000":1}}"#, "a.\0", MetadataFlaw::Nul.words());
        assert!(read(r#"{"a":"\\u0000 \u0001"}"#).is_ok());
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert!(read(&nested(16)).is_ok());
        let path = ["a"; 16].join(".");
        refused(&nested(17), &path, MetadataFlaw::TooDeep.words());
        refused(&nested(2000), &path, MetadataFlaw::TooDeep.words());
        let lists = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(read(&lists(15)).is_ok());
        assert!(read(&lists(16)).is_err());
        let long = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8));
        assert!(read(&long(MAX_BYTES)).is_ok());
        assert!(read(&long(MAX_BYTES + 1)).unwrap_err().1.starts_with(MetadataFlaw::TooLong.words()));
        for text in ["[]", "1", "null", "\"a\""] {
            assert!(read(text).unwrap_err().1.contains("expected an object"), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[^\0]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[^\0]{0,8}", inner, 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_fits_is_read_as_any_reader_would(value in any_json()) {
            let text = serde_json::json!({"kept": value}).to_string();
            prop_assume!(text.len() <= MAX_BYTES);
            prop_assert_eq!(read(&text).unwrap(), serde_json::from_str::<Map<String, Value>>(&text).unwrap());
        }
    }
}
