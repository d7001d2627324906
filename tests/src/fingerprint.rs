//! Short names for contents.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The first `digits` hexadecimal digits of the SHA-256 of all `parts`, each set apart by its length.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>, digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut name = hex(&hash.finalize());
    name.truncate(digits);
    name
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn what_is_moved_from_one_part_to_the_next_changes_the_name() {
        assert_ne!(fingerprint([&b"ab"[..], b"c"], 12), fingerprint([&b"a"[..], b"bc"], 12));
        assert_eq!(fingerprint([&b"ab"[..]], 12).len(), 12);
    }
}
