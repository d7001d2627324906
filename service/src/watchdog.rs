//! Ends calls of which there has been no news for too long: whoever was to report their end does not any more.

use crate::calls::Calls;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The shortest and the longest time between two looks.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Looks now and again for calls without news for `timeout`, until told to stop.
pub async fn run(calls: Calls, timeout: Duration, stop: CancellationToken) {
    let interval = (timeout / 60).clamp(INTERVAL.0, INTERVAL.1);
    loop {
        match calls.give_up_stale(timeout).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "calls without news were ended"),
            Err(error) => {
                tracing::warn!(%error, "calls without news could not be looked for; this is tried again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}
