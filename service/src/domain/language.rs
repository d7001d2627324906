//! Languages by their tags.

/// Whether the text has the form of a language tag (RFC 5646 section 2.1).
pub fn is_language_tag(text: &str) -> bool {
    text.len() <= 35
        && text.split('-').enumerate().all(|(position, subtag)| {
            let letters = subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
            let alphanumeric = subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if position == 0 {
                (2..=8).contains(&subtag.len()) && letters
            } else {
                (1..=8).contains(&subtag.len()) && alphanumeric
            }
        })
}
