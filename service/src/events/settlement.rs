//! What became of events that were offered, until it is written down: many at once, so that what comes while one part
//! is made safe becomes the next.

use crate::store::outgoing;
use crate::store::{Store, StoreError};
use jiff::Timestamp;

/// How many are written down in one transaction, so that other writes get in between.
const CHUNK: usize = 512;

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) fate: Fate,
}

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is safe.
    Published,
    /// It is tried again at this time.
    Postponed(Timestamp),
    /// It can never be published as it is, for this reason.
    Parked(String),
}

/// Takes what is to be written down next.
pub(super) fn next(all: &mut Vec<Settled>) -> Vec<Settled> {
    if all.len() <= CHUNK { std::mem::take(all) } else { all.drain(..CHUNK).collect() }
}

/// Writes down what became of these events; how many of them wait no more. An event whose mark is lost with the machine's
/// power goes out once more, under its id, as it would if the power had gone a moment earlier.
pub(super) async fn write(store: &Store, all: &[Settled], now: Timestamp) -> Result<u64, StoreError> {
    let all = all.to_vec();
    store
        .write_repeatable(move |tx| {
            Box::pin(async move {
                let published = all.iter().filter(|settled| settled.fate == Fate::Published);
                let published: Vec<String> = published.map(|settled| settled.id.clone()).collect();
                let mut gone = outgoing::mark_published(tx, &published, now).await?;
                for Settled { id, fate, .. } in &all {
                    match fate {
                        Fate::Published => {}
                        Fate::Postponed(until) => outgoing::postpone(tx, id, *until).await?,
                        Fate::Parked(reason) => gone += outgoing::park(tx, id, reason, now).await?,
                    }
                }
                Ok(gone)
            })
        })
        .await
}
