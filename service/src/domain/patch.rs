//! Changes that tell a field that is left out from one that is null (RFC 7396).

use serde::{Deserialize, Deserializer};

/// Reads a field that is there, null included; to be used together with a default for one that is not.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(reader).map(Some)
}
