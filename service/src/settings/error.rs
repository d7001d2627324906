//! What can be wrong with a setting, each as one sentence.

use std::path::PathBuf;

/// A setting that keeps the service from starting.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// The value does not fit.
    #[error("{name} is `{value}`, which does not fit: give {expected}.")]
    Invalid {
        /// The setting, by the name of its environment variable.
        name: &'static str,
        /// The value as given.
        value: String,
        /// What would fit.
        expected: &'static str,
    },
    /// The value does not fit and may hold a secret, so that it is not shown.
    #[error("{name} has a value that does not fit (not shown, since it may hold a secret): give {expected}.")]
    InvalidSecret {
        /// The setting, by the name of its environment variable.
        name: &'static str,
        /// What would fit.
        expected: &'static str,
    },
    /// A setting is given both in place and by file.
    #[error("{name} and {name}_FILE are both set: keep one of them.")]
    GivenTwice {
        /// The setting, by the name of its environment variable.
        name: &'static str,
    },
    /// The file that a setting names cannot be read.
    #[error(
        "{name} names `{path}`, which cannot be read ({source}): give a file that this process may read."
    )]
    Unreadable {
        /// The setting, by the name of its environment variable.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Two settings exclude each other.
    #[error("{0}")]
    Contradiction(&'static str),
}
