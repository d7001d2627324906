//! Checks of fields, all of a request at once.

use super::problem::{FieldError, Problem};
use crate::domain::language::is_language_tag;
use crate::domain::unfit::Unfit;
use crate::identity::{is_identifier, normal_email};
use crate::numbers::is_e164;
use crate::wording::{Sentence, say};
use std::borrow::Cow;
use url::Url;

/// What does not fit, so far.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The field does not fit.
    pub(crate) fn refuse(&mut self, pointer: impl Into<Cow<'static, str>>, detail: Sentence) {
        self.0.push(FieldError { pointer: pointer.into(), detail });
    }

    /// These fields do not fit.
    pub(crate) fn take(&mut self, unfit: Vec<Unfit>) {
        let errors =
            unfit.into_iter().map(|Unfit { pointer, detail }| FieldError { pointer: pointer.into(), detail });
        self.0.extend(errors);
    }

    /// A telephone number in E.164 form.
    pub(crate) fn number(&mut self, pointer: &'static str, value: &str) {
        if !is_e164(value) {
            self.refuse(pointer, say!("give-number"));
        }
    }

    /// An address of mail, in the form that it is kept in.
    pub(crate) fn email(&mut self, pointer: &'static str, value: &str) -> String {
        normal_email(value).unwrap_or_else(|| {
            self.refuse(pointer, say!("give-email"));
            String::new()
        })
    }

    /// What somebody is called: at most 100 characters without control characters; may be empty.
    pub(crate) fn name(&mut self, pointer: &'static str, value: &str) {
        if !value.is_empty() {
            self.optional_text(pointer, Some(value), 100);
        }
    }

    /// An id, where given.
    pub(crate) fn optional_identifier(&mut self, pointer: &'static str, value: Option<&str>) {
        if value.is_some_and(|value| !is_identifier(value)) {
            self.refuse(pointer, say!("give-identifier"));
        }
    }

    /// A text of 1 to `longest` characters without control characters, where given.
    pub(crate) fn optional_text(&mut self, pointer: &'static str, value: Option<&str>, longest: usize) {
        let fits = |value: &str| {
            (1..=longest).contains(&value.chars().count()) && !value.chars().any(char::is_control)
        };
        if value.is_some_and(|value| !fits(value)) {
            self.refuse(pointer, say!("give-text", most = longest));
        }
    }

    /// An https URL without credentials, of at most 2048 bytes, where given.
    pub(crate) fn optional_https_url(&mut self, pointer: &'static str, value: Option<&str>) {
        let fits = |value: &str| {
            value.len() <= 2048
                && Url::parse(value).is_ok_and(|url| {
                    url.scheme() == "https"
                        && url.has_host()
                        && url.username().is_empty()
                        && url.password().is_none()
                })
        };
        if value.is_some_and(|value| !fits(value)) {
            self.refuse(pointer, say!("give-https-url"));
        }
    }

    /// A language tag's form (RFC 5646 section 2.1), where given.
    pub(crate) fn optional_language(&mut self, pointer: &'static str, value: Option<&str>) {
        if value.is_some_and(|value| !is_language_tag(value)) {
            self.refuse(pointer, say!("give-language"));
        }
    }

    /// A problem that lists all that does not fit, if anything does not.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(check: impl FnOnce(&mut Fields)) -> bool {
        let mut fields = Fields::default();
        check(&mut fields);
        !fields.0.is_empty()
    }

    #[test]
    fn languages_have_the_form_of_a_tag() {
        for good in ["cs", "en-GB", "zh-Hant-TW"] {
            assert!(!refused(|fields| fields.optional_language("#/language", Some(good))), "{good}");
        }
        for bad in ["", "c", "cs_CZ", "en-", "1a", "čeština"] {
            assert!(refused(|fields| fields.optional_language("#/language", Some(bad))), "{bad}");
        }
    }

    #[test]
    fn urls_are_https_and_hold_no_credentials() {
        let refuses = |url: &str| refused(|fields| fields.optional_https_url("#/url", Some(url)));
        assert!(!refuses("https://a.example/r.mp3?x=1"));
        for bad in [
            "",
            "http://a.example/",
            "https://u:p@a.example/",
            "https://u@a.example/",
            "/r.mp3",
            "javascript:1",
        ] {
            assert!(refuses(bad), "{bad}");
        }
    }

    #[test]
    fn texts_are_short_and_printable() {
        assert!(!refused(|fields| fields.optional_text("#/outcome", Some("prodáno"), 7)));
        for bad in ["", "prodáno!", "a\0b", "a\nb"] {
            assert!(refused(|fields| fields.optional_text("#/outcome", Some(bad), 7)), "{bad:?}");
        }
        assert!(!refused(|fields| fields.optional_identifier("#/agent_id", None)));
        assert!(refused(|fields| fields.optional_identifier("#/agent_id", Some("a b"))));
    }
}
