//! Delivered events are kept for a while, then deleted.

use crate::store::{Store, StoreError, outbox};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How many are deleted in one transaction, so that other writes get in between.
const CHUNK: u32 = 1000;

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
