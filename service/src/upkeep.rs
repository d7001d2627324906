//! Work that comes round again: looking after what is old, stale or left over.

use crate::store::StoreError;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Does `work` now and then every `interval` until told to stop. When it fails, it is done again the next time; `what`
/// completes the sentence "… failed".
pub async fn repeat(
    what: &'static str,
    interval: Duration,
    stop: CancellationToken,
    mut work: impl AsyncFnMut() -> Result<(), StoreError>,
) {
    let mut failing = false;
    loop {
        match work().await {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(%error, "{what} failed; it is tried again");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}
