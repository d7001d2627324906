//! When as many events wait as may: changes that would add some are refused, and nothing else is.

use crate::fixture::{Answer, Plan, SOON, on_each_database};
use anyhow::ensure;
use cc_lite::{EventMessage, EventPublisher, PublishError};
use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use testbed::wait::eventually;

/// A broker that is away until it is opened.
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    taken: AtomicUsize,
}

impl EventPublisher for Gate {
    fn publish<'a>(&'a self, _: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        let outcome = if self.open.load(Ordering::SeqCst) {
            self.taken.fetch_add(1, Ordering::SeqCst);
            Ok(())
        } else {
            Err(PublishError::Unavailable("it is away".to_owned()))
        };
        Box::pin(std::future::ready(outcome))
    }
}

on_each_database! {
    async fn changes_that_add_events_are_refused_until_enough_of_those_that_wait_are_delivered(database: Database) {
        let gate = Arc::new(Gate::default());
        let mut plan = Plan::platform(database).await.publisher(Arc::clone(&gate) as Arc<dyn EventPublisher>);
        plan.arguments.events_backlog_limit = Some("6".to_owned());
        let service = plan.start().await;
        let member = service.member("u1", "o1");
        for _ in 0..3 {
            member.whole_call().await;
        }
        let call = member.call().await;
        let request = || member.request(Method::POST, &format!("/calls/{call}/start")).header("idempotency-key", "k1").json(&json!({}));
        let refused = Answer::of(request()).await.expect(503);
        assert_eq!((refused.problem().as_str(), refused.header("retry-after")), ("events-backlog-full", "10"));
        assert!(refused.json()["detail"].as_str().unwrap().contains("EVENTS_BACKLOG_LIMIT"), "{refused:?}");

        let read = member.get(&format!("/calls/{call}")).await.expect(200).json();
        assert_eq!((&read["status"], &read["version"]), (&json!("queued"), &json!(1)), "nothing was changed");
        let status = service.status().await;
        let events = &status["events"];
        assert_eq!((&events["backlog"], &events["backlog_limit"], &events["backlog_full"]), (&json!(6), &json!(6), &json!(true)));
        let metrics = service.manage("/metrics").await.text;
        for line in ["cc_lite_events_backlog 6", "cc_lite_events_backlog_limit 6", "cc_lite_events_backlog_full 1"] {
            assert!(metrics.lines().any(|present| present == line), "expected `{line}` in\n{metrics}");
        }
        service.manage("/readyz").await.expect(200);

        gate.open.store(true, Ordering::SeqCst);
        eventually(SOON, "changes are made again", async || {
            let answer = Answer::of(request()).await;
            ensure!(answer.status == 200, "{answer:?}");
            Ok(())
        })
        .await
        .unwrap();
        member.act(&call, "end").await.expect(200);
        eventually(SOON, "all events are delivered", async || {
            let taken = gate.taken.load(Ordering::SeqCst);
            ensure!(taken == 8, "{taken} of 8");
            Ok(())
        })
        .await
        .unwrap();
        let status = service.status().await;
        assert_eq!(status["events"]["backlog_full"], false, "{status}");
    }

    async fn what_waits_from_before_the_start_counts_and_events_that_are_off_do_not(database: Database) {
        let gate = Arc::new(Gate::default());
        let mut plan = Plan::platform(database).await.publisher(Arc::clone(&gate) as Arc<dyn EventPublisher>);
        let service = plan.start().await;
        service.member("u1", "o1").whole_call().await;
        service.module.shutdown().await;
        drop(service);

        plan.arguments.events_backlog_limit = Some("2".to_owned());
        let service = plan.start().await;
        let call = service.member("u1", "o1").call().await;
        let refused = service.member("u1", "o1").act(&call, "start").await.expect(503);
        assert_eq!(refused.problem(), "events-backlog-full");
        service.module.shutdown().await;
        drop(service);

        plan.publisher = None;
        let service = plan.start().await;
        service.member("u1", "o1").act(&call, "start").await.expect(200);
        let status = service.status().await;
        assert_eq!(status["events"]["state"], "disabled", "{status}");
    }
}
