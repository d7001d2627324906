//! The wallboard: an app for browsers that is part of the program. Its sources are in `sdk/wallboard`; `make app` builds
//! them into `dist`, which is committed, so that Rust alone builds the service.

mod files;

use crate::identity::hex;
use axum::body::Bytes;
use files::FILES;
use sha2::{Digest, Sha256};

/// The page itself.
pub(crate) const PAGE: &str = "index.html";
/// What the page says of the mode that the service runs in, as it was built.
const STANDALONE: &str = "data-mode=\"standalone\"";
/// The same where a gateway says who is asking, so that there is nothing to log in to.
const PLATFORM: &str = "data-mode=\"platform\"";

/// A file as it was built.
struct File {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
    /// The same, compressed by gzip, where that makes it smaller.
    gzip: Option<&'static [u8]>,
}

/// A file as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    /// Its name, relative to the page's folder.
    pub(crate) name: &'static str,
    /// Its `Content-Type`.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: Bytes,
    /// The same, compressed by gzip.
    pub(crate) gzip: Option<&'static [u8]>,
    /// Names its content: the `ETag` without quotes.
    pub(crate) tag: String,
    /// Whether another content would have another name, so that it may be kept for ever.
    pub(crate) is_immutable: bool,
}

/// All files of the wallboard. In platform mode the page has no login.
pub(crate) fn assets(platform: bool) -> Vec<Asset> {
    FILES.iter().map(|file| asset(file, platform)).collect()
}

fn asset(file: &File, platform: bool) -> Asset {
    let (content, gzip) = if platform && file.name == PAGE {
        let adapted = String::from_utf8_lossy(file.content).replacen(STANDALONE, PLATFORM, 1);
        (Bytes::from(adapted), None)
    } else {
        (Bytes::from_static(file.content), file.gzip)
    };
    let tag = hex(&Sha256::digest(&content)[..8]);
    let is_immutable = file.name.starts_with("app-");
    Asset { name: file.name, media_type: file.media_type, content, gzip, tag, is_immutable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_which_mode_it_is_for() {
        for (platform, says) in [(false, STANDALONE), (true, PLATFORM)] {
            let assets = assets(platform);
            let page = assets.iter().find(|asset| asset.name == PAGE).unwrap();
            let text = String::from_utf8(page.content.to_vec()).unwrap();
            assert_eq!(text.matches("data-mode=").count(), 1, "{text}");
            assert!(text.contains(says), "expected {says} in {text}");
        }
    }

    #[test]
    fn the_page_names_files_that_are_there_and_nothing_from_elsewhere() {
        let assets = assets(false);
        let page = assets.iter().find(|asset| asset.name == PAGE).unwrap();
        let text = String::from_utf8(page.content.to_vec()).unwrap();
        let mut named = 0;
        for part in text.split('"').filter(|part| part.contains('.') && !part.contains([' ', '>'])) {
            assert!(
                assets.iter().any(|asset| asset.name == part),
                "the page names {part}, which is not there"
            );
            named += 1;
        }
        assert!(named >= 4, "expected script, style, manifest and icons in {text}");
    }
}
