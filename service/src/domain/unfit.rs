//! Fields that do not fit, told so that people can mend them.

use crate::wording::Sentence;

/// A field that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// JSON Pointer (RFC 6901) as a URI fragment, such as `#/number`.
    pub pointer: &'static str,
    /// What would fit.
    pub detail: Sentence,
}

/// What does not fit, so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Unfit>);

impl Checks {
    /// The field has to be so; otherwise `detail` says what would fit.
    pub(super) fn need(&mut self, fits: bool, pointer: &'static str, detail: Sentence) {
        if !fits {
            self.0.push(Unfit { pointer, detail });
        }
    }

    /// Everything that does not fit.
    pub(super) fn done(self) -> Vec<Unfit> {
        self.0
    }
}

/// Whether it is 1 to `longest` characters, none of them a control character.
pub(super) fn is_short_text(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Whether it is something, and has no control characters but line breaks and tabs, and at most `longest` characters.
pub(super) fn is_long_text(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count())
        && !text.chars().any(|character| character.is_control() && !"\n\r\t".contains(character))
}
