//! Delivered events, and the counts made of them, are kept for a while, then deleted.

use crate::domain::statistics::minute_of;
use crate::store::{Store, StoreError, outbox, statistics};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How many are deleted in one transaction, so that other writes get in between.
const CHUNK: u32 = 1000;
/// How far back wallboards may look.
pub const COUNTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Deletes the events that were settled longer than `retention` ago; how many there were.
pub async fn prune(store: &Store, now: Timestamp, retention: Duration) -> Result<u64, StoreError> {
    let age = SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX);
    let Ok(before) = now.checked_sub(age) else { return Ok(0) };
    store.in_chunks(move |tx| Box::pin(async move { outbox::prune(tx, before, CHUNK).await })).await
}

/// Deletes counts that are older than anybody may look back.
pub async fn prune_counts(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let Ok(before) = now.checked_sub(COUNTS_KEPT) else { return Ok(()) };
    store.write(move |tx| Box::pin(async move { statistics::prune(tx, minute_of(before)).await })).await
}
