//! Delivered events are kept for a while, then deleted.

use crate::clock::Clock;
use crate::store::{Store, StoreError, outbox};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often old events are looked for.
const INTERVAL: Duration = Duration::from_mins(1);
/// How many are deleted in one transaction, so that other writes get in between.
const CHUNK: u32 = 1000;

/// Deletes what is older than `retention`, now and again, until told to stop.
pub async fn run(store: Store, clock: Arc<dyn Clock>, retention: Duration, stop: CancellationToken) {
    loop {
        if let Err(error) = prune(&store, clock.now(), retention).await {
            tracing::warn!(%error, "old events could not be deleted; this is tried again in a minute");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// Deletes the events that were settled longer than `retention` ago; how many there were.
pub async fn prune(store: &Store, now: Timestamp, retention: Duration) -> Result<u64, StoreError> {
    let age = SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX);
    let Ok(before) = now.checked_sub(age) else { return Ok(0) };
    let mut all = 0;
    loop {
        let deleted = store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { outbox::prune(tx, before, CHUNK).await })
            })
            .await?;
        all += deleted;
        if deleted < u64::from(CHUNK) {
            return Ok(all);
        }
    }
}
