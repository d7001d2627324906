//! Listeners over a real database, without a service around them.

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::domain::event::{Actor, CampaignCompleted, EventData};
use crate::events::sequencer::Sequencer;
use crate::ids::RandomIds;
use crate::settings::DatabaseSettings;
use crate::store::Store;
use crate::store::outbox::{self, Delivery, SubjectState};
use prometheus_client::metrics::gauge::Gauge;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

struct Service {
    store: Store,
    hub: Hub,
    wake: Arc<Notify>,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn service() -> Service {
    let folder = tempfile::tempdir().unwrap();
    let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
    let store = Store::open(&settings).await.unwrap();
    let hub = Hub::new(store.clone(), "e".to_owned(), Gauge::default()).await.unwrap();
    let (wake, given) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let stop = CancellationToken::new();
    let sequencer = Sequencer::new(store.clone(), Arc::clone(&wake), [Arc::clone(&given)]);
    tokio::spawn(sequencer.run(stop.clone()));
    tokio::spawn(hub.clone().run(given, Arc::default(), stop.clone()));
    Service { store, hub, wake, stop, _folder: folder }
}

impl Service {
    /// Tells of `count` campaigns of the organisation o.
    async fn tell(&self, count: usize) {
        self.store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    for number in 0..count {
                        let now = SystemClock.now();
                        let event = EventData::CampaignCompleted(CampaignCompleted {
                            campaign_id: format!("{}-{number}", now.as_nanosecond()),
                            outcome: "completed".into(),
                            end_reason: "contacts_exhausted".into(),
                            counters: std::collections::BTreeMap::default(),
                            started_at: None,
                            ended_at: now,
                        });
                        let actor = Actor { organization_id: "o".into(), user_id: "u".into() };
                        let state = SubjectState { event_sequence: 1, version: 1 };
                        outbox::append(tx, &RandomIds, &actor, &[event], state, Delivery::Local, now).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        self.wake.notify_one();
    }

    async fn until_handed_on(&self, position: i64) {
        let reached = async {
            while self.hub.reached() < position {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, reached).await.expect("all events are handed on");
    }

    async fn listener(&self, resume: Option<&str>) -> Listener {
        let place = self.hub.join("o", "u").unwrap();
        let (verdict, leaving): (Verdict, _) = (Box::new(|| None), CancellationToken::new());
        let hub = self.hub.clone();
        Listener::begin(hub, place, "o".to_owned(), resume, Filter::default(), verdict, leaving)
            .await
            .unwrap()
    }
}

/// The positions of the next events.
async fn positions(listener: &mut Listener, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    while found.len() < count {
        let frame = timeout(SOON, listener.next()).await.expect("something comes").unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        assert!(!text.contains("event: reset") && !text.contains("event: end"), "{text}");
        if text.contains("event: ") {
            found.push(text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_is_too_slow_for_the_queue_misses_nothing_and_hears_nothing_twice() {
    const EVENTS: usize = 3000;
    let service = service().await;
    let mut slow = service.listener(None).await;
    service.tell(EVENTS).await;
    service.until_handed_on(i64::try_from(EVENTS).unwrap()).await;
    let expected: Vec<String> = (1..=EVENTS).map(|number| format!("e-{number}")).collect();
    assert_eq!(positions(&mut slow, EVENTS).await, expected);
    service.tell(1).await;
    assert_eq!(positions(&mut slow, 1).await, [format!("e-{}", EVENTS + 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_reads_what_was_before_goes_on_with_what_came_meanwhile() {
    let service = service().await;
    service.tell(500).await;
    service.until_handed_on(500).await;
    let mut first = service.listener(None).await;
    service.tell(500).await;
    service.until_handed_on(1000).await;
    let mut late = service.listener(Some("e-100")).await;
    service.tell(500).await;
    let expected: Vec<String> = (101..=1500).map(|number| format!("e-{number}")).collect();
    assert_eq!(positions(&mut late, 1400).await, expected);
    assert_eq!(positions(&mut first, 500).await, expected[400..900]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_of_life_takes_along_what_others_were_told() {
    let service = service().await;
    let mut listener = service.listener(None).await;
    timeout(SOON, listener.next()).await.unwrap().unwrap();
    let mut other = service.hub.join("another", "u").unwrap();
    service.tell(3).await;
    positions(&mut listener, 3).await;
    listener.last_sign = Instant::now().checked_sub(HEARTBEAT).unwrap();
    let sign = timeout(SOON, listener.next()).await.unwrap().unwrap();
    assert_eq!(sign, ": alive\nid: e-3\n\n");
    assert!(timeout(Duration::from_millis(50), other.next()).await.is_err(), "nothing is another's");
}
