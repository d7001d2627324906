//! Gives events their positions in the stream, and counts them for wallboards and for their campaigns.
//!
//! An event that gets its number while its transaction is still open may be seen after one with a higher number, and a
//! listener who went on from that one would miss it. So events get their positions once they are kept, by one process
//! at a time: whoever gives some holds the one row of `stream_state` until these are kept as well. A process that dies
//! meanwhile gives that row free, and another one goes on.

use crate::domain::statistics::{CallCounts, CampaignCounts, counted, counted_of_campaign};
use crate::outage::Outage;
use crate::store::campaign_statistics::Uncounted;
use crate::store::notifications::{Channel, notify};
use crate::store::stream::{self, Positioned};
use crate::store::{DatabaseKind, Store, StoreError, campaign_statistics, statistics};
use sqlx::AnyConnection;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many events get their positions at once.
const BATCH: i64 = 500;
/// How many times in one transaction: a subject's events get theirs one after the other.
const PASSES: usize = 8;
/// How often it is looked without being told of anything new.
const POLL: Duration = Duration::from_secs(1);

/// Gives events their positions.
#[derive(Debug)]
pub struct Sequencer {
    store: Store,
    wake: Arc<Notify>,
    given: Arc<[Arc<Notify>]>,
}

impl Sequencer {
    /// `wake` tells of new events in this process, and each of `given` is told of new positions.
    pub fn new(store: Store, wake: Arc<Notify>, given: impl Into<Arc<[Arc<Notify>]>>) -> Self {
        Self { store, wake, given: given.into() }
    }

    /// Works until told to stop, and then until no event is left without position or nothing works.
    pub async fn run(self, stop: CancellationToken) {
        let mut outage = Outage::default();
        loop {
            let outcome = self.round().await;
            outage.observe(
                &outcome,
                "events get no positions in the stream for now",
                "events get their positions in the stream again",
            );
            if matches!(outcome, Ok(true)) {
                continue;
            }
            if stop.is_cancelled() {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified(), if !outage.is_failing() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Whether there may be more to do.
    async fn round(&self) -> Result<bool, StoreError> {
        let mut reader = self.store.reader().await?;
        if !stream::has_new(&mut reader).await? && !campaign_statistics::has_uncounted(&mut reader).await? {
            return Ok(false);
        }
        drop(reader);
        let kind = self.store.kind();
        self.store.write::<_, StoreError, _>(move |tx| Box::pin(async move { give(tx, kind).await })).await?;
        self.given.iter().for_each(|listener| listener.notify_one());
        Ok(true)
    }
}

async fn give(tx: &mut AnyConnection, kind: DatabaseKind) -> Result<(), StoreError> {
    let mut counts: BTreeMap<(String, i64), CallCounts> = BTreeMap::new();
    for _ in 0..PASSES {
        let given = stream::give_positions(tx, BATCH).await?;
        if given.is_empty() {
            break;
        }
        for Positioned { organization_id, event_type, body } in given {
            if let Some((minute, more)) = counted(&event_type, &body) {
                *counts.entry((organization_id, minute)).or_default() += more;
            }
        }
    }
    for ((organization_id, minute), more) in counts {
        statistics::add(tx, &organization_id, minute, &more).await?;
    }
    count_for_campaigns(tx).await?;
    notify(tx, kind, Channel::Positions).await
}

/// In the order of campaigns, so that nobody waits for another in a circle.
async fn count_for_campaigns(tx: &mut AnyConnection) -> Result<(), StoreError> {
    let mut counts: BTreeMap<(String, String), CampaignCounts> = BTreeMap::new();
    for event in campaign_statistics::take_uncounted(tx).await? {
        let Uncounted { organization_id, campaign_id, event_type, body } = event;
        if let Some(more) = counted_of_campaign(&event_type, &body) {
            *counts.entry((organization_id, campaign_id)).or_default() += more;
        }
    }
    for ((organization_id, campaign_id), more) in counts {
        campaign_statistics::add(tx, &organization_id, &campaign_id, &more).await?;
    }
    Ok(())
}
