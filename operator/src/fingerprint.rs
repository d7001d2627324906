//! SHA-256 as text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The finished hash in lower-case hex.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
