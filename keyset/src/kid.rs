//! Key ids.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A key id (`kid`, RFC 7515 section 4.1.4): 1 to 128 printable ASCII characters, compared byte for byte.
///
/// Keys made here are named by their RFC 7638 thumbprint, see [`PublicKey::thumbprint`](crate::PublicKey::thumbprint).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kid(String);

/// Why a text cannot be a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KidError {
    /// No characters at all.
    #[error("the kid is empty: leave it out, so that the key's thumbprint names it, or give it a name")]
    Empty,
    /// More than [`Kid::MAX_LENGTH`] characters.
    #[error("the kid has {0} characters: shorten it to at most {max}", max = Kid::MAX_LENGTH)]
    TooLong(usize),
    /// A character that is not printable ASCII.
    #[error("the kid has a character other than printable ASCII at byte {0}: rename the key")]
    Unprintable(usize),
}

impl Kid {
    /// The longest key id accepted, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Kid {
    type Error = KidError;

    fn try_from(text: String) -> Result<Self, KidError> {
        if text.is_empty() {
            return Err(KidError::Empty);
        }
        if let Some(at) = text.bytes().position(|byte| !(b' '..=b'~').contains(&byte)) {
            return Err(KidError::Unprintable(at));
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(KidError::TooLong(text.len()));
        }
        Ok(Self(text))
    }
}

impl FromStr for Kid {
    type Err = KidError;

    fn from_str(text: &str) -> Result<Self, KidError> {
        text.to_owned().try_into()
    }
}

impl From<Kid> for String {
    fn from(kid: Kid) -> Self {
        kid.0
    }
}

impl Borrow<str> for Kid {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
