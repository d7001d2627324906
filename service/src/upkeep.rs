//! Work that comes round again: looking after what is old, stale or left over.

use crate::audit::ReadLog;
use crate::calls::Calls;
use crate::campaigns::{CAMPAIGNS_INTERVAL, Campaigns};
use crate::clock::Clock;
use crate::data_retention::DataRetention;
use crate::erasure::Erasures;
use crate::events::retention;
use crate::http::rate_limit::Allowances;
use crate::store::{Store, StoreError, idempotency};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often it is written down who read what.
const SECOND: Duration = Duration::from_secs(1);
/// How often what is old is looked for.
pub const MINUTE: Duration = Duration::from_mins(1);
/// For how long a request may be repeated under its key.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How many keys are forgotten in one transaction, so that other writes get in between.
const KEYS_CHUNK: u32 = 1000;

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

/// What is done again and again, whatever the mode.
pub(crate) struct Chores {
    pub(crate) allowances: Option<Arc<Allowances>>,
    pub(crate) reads: ReadLog,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events_kept: Duration,
    pub(crate) calls: Calls,
    pub(crate) campaigns: Campaigns,
    pub(crate) stale_call_timeout: Duration,
    pub(crate) data_retention: DataRetention,
    pub(crate) erasures: Erasures,
}

impl Chores {
    /// Begins all of them; they end when told to `stop`.
    pub(crate) fn begin(self, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self {
            allowances,
            reads,
            store,
            clock,
            events_kept,
            calls,
            campaigns,
            stale_call_timeout,
            data_retention,
            erasures,
        } = self;
        tasks.spawn(repeat("writing down who read what", SECOND, stop.clone(), async move || {
            reads.write_down().await
        }));
        tasks.spawn(repeat("deleting what is old", MINUTE, stop.clone(), async move || {
            if let Some(allowances) = &allowances {
                allowances.forget();
            }
            let now = clock.now();
            prune_keys(&store, now).await?;
            retention::prune(&store, now, events_kept).await?;
            retention::prune_counts(&store, now).await
        }));
        let watch = (stale_call_timeout / 60).clamp(SECOND, MINUTE);
        tasks.spawn(repeat("ending calls without news", watch, stop.clone(), async move || {
            let ended = calls.give_up_stale(stale_call_timeout).await?;
            if ended > 0 {
                tracing::info!(ended, "calls without news were ended");
            }
            Ok(())
        }));
        tasks.spawn(repeat("looking after campaigns", CAMPAIGNS_INTERVAL, stop.clone(), async move || {
            campaigns.tend().await
        }));
        tasks.spawn(repeat("deleting what is older than wanted", MINUTE, stop.clone(), async move || {
            data_retention.enforce().await
        }));
        tasks.spawn(repeat("going on with erasures", MINUTE, stop.clone(), async move || {
            erasures.look_after().await
        }));
    }
}

/// Forgets keys of requests that nobody repeats any more.
async fn prune_keys(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let before = now.saturating_sub(KEYS_KEPT).unwrap_or(now);
    let chunks =
        store.in_chunks(move |tx| Box::pin(async move { idempotency::prune(tx, before, KEYS_CHUNK).await }));
    chunks.await.map(drop)
}
