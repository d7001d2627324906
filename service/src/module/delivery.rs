//! How the parts that deliver events are put together.

use crate::clock::Clock;
use crate::events::backlog::Backlog;
use crate::events::dispatcher::{DeliveryCounters, DeliveryReport, Dispatcher};
use crate::events::publisher::EventPublisher;
use crate::events::sequencer::Sequencer;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Who is told of new events, each at another point of their way.
#[derive(Default)]
pub(super) struct ToldOfEvents {
    /// That they are written, and have no positions yet.
    pub(super) unplaced: Arc<Notify>,
    /// That they have got theirs, for listeners.
    pub(super) placed: Arc<Notify>,
    /// The same, for the broker.
    pub(super) to_publish: Arc<Notify>,
}

/// Begins what brings events from the outbox to listeners' reach and to the publisher; none where they stay here.
pub(super) async fn deliver(
    store: &Store,
    publisher: Option<&Arc<dyn EventPublisher>>,
    clock: &Arc<dyn Clock>,
    told: &ToldOfEvents,
    backlog: &Backlog,
    counters: DeliveryCounters,
    background: (&mut JoinSet<()>, &CancellationToken),
) -> Result<Option<watch::Receiver<DeliveryReport>>, StoreError> {
    let (tasks, stop) = background;
    backlog.count(store).await?;
    tasks.spawn(backlog.clone().watch(store.clone(), stop.clone()));
    let given = [Arc::clone(&told.placed), Arc::clone(&told.to_publish)];
    let sequencer = Sequencer::new(store.clone(), Arc::clone(&told.unplaced), given);
    // Events are published once they have their positions, those of the last moment too.
    let (told_to_stop, all_placed) = (stop.clone(), CancellationToken::new());
    let guard = all_placed.clone().drop_guard();
    tasks.spawn(async move {
        sequencer.run(told_to_stop).await;
        drop(guard);
    });
    Ok(publisher.map(|publisher| {
        let wake = Arc::clone(&told.to_publish);
        let (publisher, clock, backlog) = (Arc::clone(publisher), Arc::clone(clock), backlog.clone());
        let (dispatcher, report) = Dispatcher::new(store.clone(), publisher, clock, wake, counters, backlog);
        tasks.spawn(dispatcher.run(all_placed));
        report
    }))
}
