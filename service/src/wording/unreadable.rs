//! serde's reasons for which something cannot be read, so that they can be said in any language.

use super::{Sentence, say};
use crate::domain::calling_window::NoTimeOfDay;
use crate::domain::metadata::MetadataFlaw;

/// The reason that serde gives, which has a form for each of a few kinds.
pub(crate) fn unreadable(reason: &str) -> Sentence {
    // Where in the text it stands is of no use beside its name.
    let reason = reason.rsplit_once(" at line ").map_or(reason, |(reason, _)| reason);
    known_form(reason).unwrap_or_else(|| say!("unreadable-other", reason = reason.to_owned()))
}

fn known_form(reason: &str) -> Option<Sentence> {
    let quoted = |rest: &str| rest.strip_prefix('`')?.split_once('`').map(|(name, _)| name.to_owned());
    if let Some(rest) = reason.strip_prefix("missing field ") {
        return Some(say!("unreadable-missing", field = quoted(rest)?));
    }
    if let Some(rest) = reason.strip_prefix("duplicate field ") {
        return Some(say!("unreadable-twice", field = quoted(rest)?));
    }
    if let Some(rest) = reason.strip_prefix("unknown field ") {
        let field = quoted(rest)?;
        return Some(match known(rest) {
            Some(known) => say!("unreadable-unknown", field = field, known = known),
            None => say!("unreadable-unknown-alone", field = field),
        });
    }
    if let Some(rest) = reason.strip_prefix("unknown variant ") {
        return Some(say!("unreadable-variant", value = quoted(rest)?, known = known(rest)?));
    }
    // What our own types refuse by themselves.
    if let Some(flaw) = MetadataFlaw::told(reason) {
        return Some(flaw.sentence());
    }
    if reason == NoTimeOfDay.to_string() {
        return Some(say!("give-time-of-day"));
    }
    let rest = reason.strip_prefix("invalid type: ").or_else(|| reason.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.split_once(", expected ")?;
    Some(say!("unreadable-type", found = kind(found), expected = kind(expected)))
}

/// What is between backticks after "expected".
fn known(rest: &str) -> Option<String> {
    let (_, expected) = rest.split_once(", expected ")?;
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    Some(names.join(", "))
}

/// A kind of value in serde's words; as it stands where they are others.
fn kind(words: &str) -> Sentence {
    let value = || words.split_once('`').map_or("", |(_, rest)| rest.trim_end_matches('`')).to_owned();
    if words.starts_with("integer `") || words.starts_with("floating point `") {
        return say!("kind-number", value = value());
    }
    if words.starts_with("boolean `") {
        return say!("kind-boolean", value = value());
    }
    if words.starts_with("string \"") {
        // What somebody sent may be long, and is known to them.
        return say!("kind-text");
    }
    match words {
        "null" | "unit" => say!("kind-null"),
        "a string" | "string" => say!("kind-text"),
        "a boolean" | "bool" => say!("kind-truth"),
        "map" | "a map" => say!("kind-object"),
        "sequence" | "a sequence" => say!("kind-list"),
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" | "usize" => say!("kind-whole-number"),
        "f64" | "f32" => say!("kind-any-number"),
        _ if words.starts_with("struct ") => say!("kind-object"),
        other => say!("kind-other", words = other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read matters not")]
    struct Sample {
        name: String,
        size: Option<i64>,
        way: Option<Way>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        Up,
        Down,
    }

    #[test]
    fn each_reason_of_serde_is_said_in_both_languages() {
        for (text, english, czech) in [
            ("{}", "`name` is missing: give it.", "Chybí `name`: uveďte ho."),
            (
                r#"{"nam":""}"#,
                "There is no field `nam` here: leave it out, or give one of name, size, way.",
                "Pole `nam` zde není: vynechte ho, nebo uveďte některé z name, size, way.",
            ),
            (
                r#"{"name":"","name":""}"#,
                "`name` is given twice: give it once.",
                "`name` je uvedeno dvakrát: uveďte ho jednou.",
            ),
            (
                r#"{"name":5}"#,
                "It is the number 5, where a text is expected.",
                "Je zde číslo 5, čeká se text.",
            ),
            (
                r#"{"name":"","size":"x"}"#,
                "It is a text, where a whole number is expected.",
                "Je zde text, čeká se celé číslo.",
            ),
            (r#"{"name":null}"#, "It is null, where a text is expected.", "Je zde null, čeká se text."),
            (
                r#"{"name":"","size":[]}"#,
                "It is a list, where a whole number is expected.",
                "Je zde seznam, čeká se celé číslo.",
            ),
            (
                r#"{"name":"","way":"left"}"#,
                "`left` is not one of what can be given: up, down.",
                "`left` nepatří k tomu, co lze uvést: up, down.",
            ),
        ] {
            let reason = serde_json::from_str::<Sample>(text).unwrap_err().to_string();
            let sentence = unreadable(&reason);
            assert_eq!(sentence.to_string(), english, "{reason}");
            assert_eq!(sentence.in_words(Language::Czech), czech, "{reason}");
        }
        let own = unreadable(&format!("{NoTimeOfDay} at line 1 column 5"));
        assert_eq!(own.in_words(Language::Czech), "čas dne ve tvaru HH:MM, od 00:00 do 24:00");
        let other = unreadable("something new at line 1 column 5");
        assert_eq!(other.to_string(), "It does not fit: something new.");
    }
}
