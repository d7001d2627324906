//! Settings that may be given by file, so that secrets need not stand in the environment.

use super::SettingError;
use secrecy::SecretString;
use std::path::PathBuf;

/// The setting's value: as given in place, or the content of the given file without its last line break.
pub(super) fn in_place_or_file(
    name: &'static str,
    in_place: Option<&String>,
    file: Option<&String>,
) -> Result<Option<SecretString>, SettingError> {
    match (given(in_place), given(file)) {
        (Some(_), Some(_)) => Err(SettingError::GivenTwice { name }),
        (Some(value), None) => Ok(Some(SecretString::from(value))),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            let content = std::fs::read_to_string(&path).map_err(|source| SettingError::Unreadable {
                name: format!("{name}_FILE"),
                path,
                source,
            })?;
            match content.trim_end_matches(['\r', '\n']) {
                "" => Err(SettingError::InvalidSecret { name, expected: "a file that is not empty" }),
                content => Ok(Some(SecretString::from(content))),
            }
        }
        (None, None) => Ok(None),
    }
}

/// The value, unless it is empty: an empty variable counts as not set.
pub(super) fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}
