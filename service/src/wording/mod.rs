//! What the service tells people, in the language they ask for.
//!
//! Code says a [`Sentence`]: a key and what fills it. The words are in the catalogues beside this file, one for each
//! language, in Fluent (<https://projectfluent.org>), which knows plural forms. A test holds the catalogues against each
//! other and against every `say!` in the sources.

mod catalogue;
mod language;
#[cfg(test)]
mod tests;
mod unreadable;

pub use language::{Language, current, in_language};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Something to be said, whatever the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    key: Cow<'static, str>,
    arguments: Vec<(Cow<'static, str>, Argument)>,
}

/// What fills a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    /// As it is: names that programs use, ids, what somebody sent.
    Text(Cow<'static, str>),
    /// A number, which may decide on the form of words beside it.
    Number(i64),
    /// Names that programs use, one of which is to be chosen.
    Choice(Vec<Cow<'static, str>>),
    /// A sentence in the same language.
    Sentence(Sentence),
}

/// What can be told to people.
pub trait Spoken {
    /// What is told: what is wrong, and what to do next.
    fn sentence(&self) -> Sentence;
}

impl Sentence {
    /// To be made by `say!`, so that tests find it.
    #[doc(hidden)]
    pub fn new(key: &'static str, arguments: Vec<(Cow<'static, str>, Argument)>) -> Self {
        Self { key: Cow::Borrowed(key), arguments }
    }

    /// In words.
    pub fn in_words(&self, language: Language) -> String {
        catalogue::words(language, &self.key, &self.arguments)
    }
}

/// In English: for logs and terminals.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(Language::English))
    }
}

impl From<&'static str> for Argument {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Vec<&'static str>> for Argument {
    fn from(names: Vec<&'static str>) -> Self {
        Self::Choice(names.into_iter().map(Cow::Borrowed).collect())
    }
}

impl From<Sentence> for Argument {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(sentence)
    }
}

/// A [`Sentence`]: `say!("call-stale", version = 3)`.
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::wording::Sentence::new(
            $key,
            vec![$((::std::borrow::Cow::Borrowed(stringify!($name)), $crate::wording::Argument::from($value))),*],
        )
    };
}

/// Shows what is [`Spoken`] in English, for logs and terminals.
macro_rules! shown_in_english {
    ($($spoken:ty),+ $(,)?) => {$(
        impl ::std::fmt::Display for $spoken {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&$crate::wording::Spoken::sentence(self), f)
            }
        }
    )+};
}

pub(crate) use unreadable::unreadable;
pub(crate) use {say, shown_in_english};
