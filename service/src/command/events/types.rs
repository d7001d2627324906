//! Types of events by patterns, as a topic exchange reads them.

use super::EventsError;
use crate::domain::event::TYPES;

/// The types that one of the patterns fits; all without any pattern.
pub(super) fn chosen(patterns: &[String]) -> Result<Vec<&'static str>, EventsError> {
    for pattern in patterns {
        if !TYPES.iter().any(|name| fits(pattern, name)) {
            return Err(EventsError::UnknownType { pattern: pattern.clone(), known: TYPES.join(", ") });
        }
    }
    let is_chosen = |name: &&str| patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, name));
    Ok(TYPES.into_iter().filter(is_chosen).collect())
}

/// `*` stands for one word and `#` for any number of them.
fn fits(pattern: &str, name: &str) -> bool {
    let words = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    words_fit(&words(pattern), &words(name))
}

fn words_fit(pattern: &[String], name: &[String]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "#" => (0..=name.len()).any(|n| words_fit(rest, &name[n..])),
        (Some((first, rest)), Some((word, words))) => {
            (first == "*" || first == word) && words_fit(rest, words)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_topic_exchanges() {
        let chosen = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
            chosen(&patterns).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(&[]).unwrap(), TYPES);
        assert_eq!(chosen(&["#"]).unwrap(), TYPES);
        assert_eq!(chosen(&["*.*"]).unwrap(), TYPES);
        assert_eq!(chosen(&["call.*"]).unwrap(), ["call.started", "call.ended", "call.transcribed"]);
        assert_eq!(chosen(&["#.analyzed", "call.ended"]).unwrap(), ["call.ended", "sentiment.analyzed"]);
        for unknown in ["call", "*", "call.began", "", "Call.*"] {
            let told = chosen(&["call.*", unknown]).unwrap_err();
            assert!(
                told.starts_with(&format!("`{unknown}` fits no type of event: give any of call.started"))
            );
        }
    }
}
