//! The way from the outbox to a publisher, whichever it is.

use crate::fixture::{Plan, SOON, on_each_database};
use anyhow::ensure;
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::events::retention;
use cc_lite::store::Store;
use cc_lite::{EventMessage, EventPublisher, PublishError};
use futures::future::BoxFuture;
use jiff::SignedDuration;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use testbed::wait::eventually;

/// A host's own publisher, which can be told to fail.
#[derive(Default)]
pub(crate) struct HostPublisher(Mutex<Host>);

#[derive(Default)]
pub(crate) struct Host {
    /// What arrived, as (subject, type, id).
    pub(crate) taken: Vec<(String, String, String)>,
    /// The answers to the first attempts, the last first.
    failures: Vec<PublishError>,
    /// Calls whose events are not taken.
    refused: HashSet<String>,
    /// Calls with an event under way.
    under_way: HashSet<String>,
    most_under_way: usize,
    attempts: usize,
}

impl HostPublisher {
    pub(crate) fn host(&self) -> MutexGuard<'_, Host> {
        self.0.lock().unwrap()
    }

    async fn until_taken(&self, count: usize) {
        eventually(SOON, "the events have come", async || {
            let taken = self.host().taken.len();
            ensure!(taken >= count, "{taken} of {count} came");
            Ok(())
        })
        .await
        .unwrap();
    }
}

fn subject(event: &EventMessage) -> String {
    let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
    body["data"]["call_id"].as_str().unwrap().to_owned()
}

impl EventPublisher for HostPublisher {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(async move {
            let subject = subject(event);
            {
                let mut host = self.host();
                host.attempts += 1;
                assert!(host.under_way.insert(subject.clone()), "two events of one call under way at once");
                host.most_under_way = host.most_under_way.max(host.under_way.len());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            let mut host = self.host();
            host.under_way.remove(&subject);
            if let Some(failure) = host.failures.pop() {
                return Err(failure);
            }
            if host.refused.contains(&subject) {
                return Err(PublishError::Refused("not this one".to_owned()));
            }
            host.taken.push((subject, event.event_type.clone(), event.id.clone()));
            Ok(())
        })
    }
}

on_each_database! {
    async fn a_hosts_failing_publisher_delays_events_and_loses_none(database: Database) {
        let publisher = Arc::new(HostPublisher::default());
        publisher.host().failures = vec![PublishError::Unavailable("the host is busy".to_owned()); 3];
        let plan = Plan::platform(database).await.publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        let call = service.member("u1", "o1").whole_call().await;
        publisher.until_taken(2).await;
        let host = publisher.host();
        let order: Vec<(&str, &str)> =
            host.taken.iter().map(|(call, kind, _)| (call.as_str(), kind.as_str())).collect();
        assert_eq!(order, [(call.as_str(), "call.started"), (call.as_str(), "call.ended")]);
        assert_eq!(host.attempts, 5);
    }

    async fn a_refused_event_stops_its_own_call_alone(database: Database) {
        let publisher = Arc::new(HostPublisher::default());
        let plan = Plan::platform(database).await.publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        let stuck = member.call().await;
        publisher.host().refused.insert(stuck.clone());
        member.act(&stuck, "start").await.expect(200);
        member.act(&stuck, "end").await.expect(200);
        let free = member.whole_call().await;
        publisher.until_taken(2).await;
        assert!(publisher.host().taken.iter().all(|(call, ..)| *call == free));

        publisher.host().refused.clear();
        service.clock.advance(SignedDuration::from_mins(10));
        publisher.until_taken(4).await;
        let host = publisher.host();
        let rest: Vec<(&str, &str)> =
            host.taken[2..].iter().map(|(call, kind, _)| (call.as_str(), kind.as_str())).collect();
        assert_eq!(rest, [(stuck.as_str(), "call.started"), (stuck.as_str(), "call.ended")]);
    }

    async fn many_calls_are_under_way_at_once_but_one_event_of_each(database: Database) {
        let publisher = Arc::new(HostPublisher::default());
        publisher.host().failures = vec![PublishError::Unavailable("not yet".to_owned()); 1];
        let plan = Plan::platform(database).await.publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        futures::future::join_all((0..50).map(|_| member.whole_call())).await;
        publisher.until_taken(100).await;
        let host = publisher.host();
        assert!(host.most_under_way > 1, "events of different calls did not go side by side");
        let ids: HashSet<&str> = host.taken.iter().map(|(.., id)| id.as_str()).collect();
        assert_eq!(ids.len(), 100);
    }

    async fn delivered_events_are_kept_for_as_long_as_is_set_and_no_longer(database: Database) {
        let publisher = Arc::new(HostPublisher::default());
        let plan = Plan::platform(database).await.publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        service.member("u1", "o1").whole_call().await;
        publisher.until_taken(2).await;
        service.module.shutdown().await;
        drop(service);

        let store = Store::open(&plan.database()).await.unwrap();
        let hour = Duration::from_hours(1);
        let now = SystemClock.now();
        assert_eq!(retention::prune(&store, now, hour).await.unwrap(), 0);
        let later = now + SignedDuration::from_hours(2);
        assert_eq!(retention::prune(&store, later, hour).await.unwrap(), 2);
    }

    async fn events_under_way_arrive_before_the_module_has_stopped(database: Database) {
        let publisher = Arc::new(HostPublisher::default());
        let plan = Plan::platform(database).await.publisher(Arc::clone(&publisher) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        // Few enough for the time that a stopping module gives them on a machine that is busy with other tests.
        futures::future::join_all((0..5).map(|_| member.whole_call())).await;
        service.module.shutdown().await;
        assert_eq!(publisher.host().taken.len(), 10);
    }
}
