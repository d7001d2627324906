//! Settings that may be given by file, so that secrets need not stand in the environment.

use super::SettingError;
use secrecy::SecretString;
use std::path::Path;

/// The setting's value: as given in place, or the content of the given file without its last line break.
pub(super) fn in_place_or_file(
    name: &'static str,
    in_place: Option<&String>,
    file: Option<&String>,
) -> Result<Option<SecretString>, SettingError> {
    match (given(in_place), given(file)) {
        (Some(_), Some(_)) => Err(SettingError::GivenTwice { name }),
        (Some(value), None) => Ok(Some(SecretString::from(value))),
        (None, Some(path)) => content(name, Path::new(path)).map(Some),
        (None, None) => Ok(None),
    }
}

/// The content of the setting's file without its last line break.
pub(super) fn content(name: &'static str, file: &Path) -> Result<SecretString, SettingError> {
    let content = std::fs::read_to_string(file).map_err(|source| SettingError::Unreadable {
        name: format!("{name}_FILE"),
        path: file.to_owned(),
        source,
    })?;
    match content.trim_end_matches(['\r', '\n']) {
        "" => Err(SettingError::InvalidSecret { name, expected: "a file that is not empty" }),
        content => Ok(SecretString::from(content)),
    }
}

/// The value, unless it is empty: an empty variable counts as not set.
pub(super) fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}
