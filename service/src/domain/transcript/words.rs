//! Words as they are compared in searches: without case and diacritics, so that `zlutoucky` finds `Žluťoučký`.
//!
//! Both databases keep words that were folded here and nothing else, so a search finds the same in each of them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// How many characters of a word count.
const LONGEST_WORD: usize = 64;
/// Marks from this combining class on are left out: accents and vowel points, not what makes another letter.
const FIRST_ACCENT: u8 = 10;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The form that it is compared in.
    pub folded: String,
    /// Where it begins, in characters.
    pub start: usize,
    /// Where it ends, in characters; the first one after it.
    pub end: usize,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut open = false;
    for (position, character) in text.chars().enumerate() {
        let belongs = character.is_alphanumeric() || (open && is_combining_mark(character));
        if !belongs {
            open = false;
            continue;
        }
        if !open {
            found.push(Word { folded: String::new(), start: position, end: position });
        }
        open = true;
        if let Some(word) = found.last_mut() {
            word.end = position + 1;
            fold(character, &mut word.folded);
        }
    }
    for word in &mut found {
        if let Some((end, _)) = word.folded.char_indices().nth(LONGEST_WORD) {
            word.folded.truncate(end);
        }
    }
    found.retain(|word| !word.folded.is_empty());
    found
}

/// How many words a text has.
pub fn count(text: &str) -> i64 {
    i64::try_from(words(text).len()).unwrap_or(i64::MAX)
}

fn fold(character: char, into: &mut String) {
    for lower in character.to_lowercase() {
        for part in std::iter::once(lower).nfkd() {
            match part {
                // Letters with a stroke or joined ones, which have no decomposition.
                'ł' => into.push('l'),
                'đ' | 'ð' => into.push('d'),
                'ø' => into.push('o'),
                'ı' => into.push('i'),
                'ħ' => into.push('h'),
                'ς' => into.push('σ'),
                'ß' => into.push_str("ss"),
                'æ' => into.push_str("ae"),
                'œ' => into.push_str("oe"),
                other if canonical_combining_class(other) >= FIRST_ACCENT => {}
                other if other.is_alphanumeric() || is_combining_mark(other) => into.push(other),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn case_and_diacritics_do_not_count() {
        assert_eq!(folded("Příliš ŽLUŤOUČKÝ kůň"), ["prilis", "zlutoucky", "kun"]);
        // Composed and decomposed.
        assert_eq!(folded("z\u{30c}lut\u{30c}ouc\u{30c}ky\u{301}"), ["zlutoucky"]);
        assert_eq!(folded("Łódź Straße Ærø İstanbul"), ["lodz", "strasse", "aero", "istanbul"]);
        assert_eq!(folded("Ελλάς ΕΛΛΑΣ й"), ["ελλασ", "ελλασ", "и"]);
    }

    #[test]
    fn what_is_no_letter_or_digit_parts_words() {
        assert_eq!(
            folded("e-mail: don't (24,50 Kč)\u{2588}\u{2588}"),
            ["e", "mail", "don", "t", "24", "50", "kc"]
        );
        assert_eq!(folded(" -- \u{2588} "), Vec::<String>::new());
        assert_eq!(words("ano, žlutá").last(), Some(&Word { folded: "zluta".into(), start: 5, end: 10 }));
        assert_eq!(folded(&"a".repeat(100)), ["a".repeat(64)]);
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing_and_words_lie_where_they_say(text in "\\PC{0,60}") {
            let characters: Vec<char> = text.chars().collect();
            for word in words(&text) {
                prop_assert!(word.start < word.end && word.end <= characters.len());
                prop_assert!(!word.folded.contains(char::is_whitespace) && word.folded.chars().count() <= 64);
                let again = folded(&word.folded);
                prop_assert!(again.len() <= 1, "{:?} became {:?}", word.folded, again);
            }
        }
    }
}
