//! What nobody can use any more of sessions, refresh tokens and login limits is deleted.

use crate::store::{Store, StoreError, known_addresses, login_limits, sessions};
use jiff::{SignedDuration, Timestamp};

/// How many rows are deleted in one transaction, so that other writes get in between.
const CHUNK: u32 = 1000;
/// How long after its end a session is kept: clocks of processes may be apart.
const GRACE: SignedDuration = SignedDuration::from_mins(1);

/// Deletes what is of no use at the time `now`.
pub async fn prune(store: &Store, now: Timestamp, refresh_life: SignedDuration) -> Result<(), StoreError> {
    let over = now.saturating_sub(GRACE).unwrap_or(now);
    let expired = over.saturating_sub(refresh_life).unwrap_or(Timestamp::MIN);
    let chunks = store.in_chunks(move |tx| {
        Box::pin(async move {
            let sessions = sessions::prune(tx, over, CHUNK).await?;
            let tokens = sessions::prune_used_tokens(tx, expired, CHUNK).await?;
            login_limits::prune(tx, now).await?;
            known_addresses::prune(tx, now).await?;
            Ok(sessions + tokens)
        })
    });
    chunks.await.map(drop)
}
