//! Events that can never be published: they are parked, stop their own call alone, and are tried again when told to.

use crate::events::Inbox;
use crate::fixture::{Database, Plan, SOON, Service, on_each_database};
use anyhow::ensure;
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::events::retention;
use cc_lite::store::Store;
use cc_lite::{EventMessage, EventPublisher, PublishError};
use futures::future::{BoxFuture, join_all};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testbed::RabbitMq;
use testbed::wait::eventually;

/// Takes events but for those of some calls.
#[derive(Default)]
struct Choosy {
    refusals: Mutex<HashMap<String, PublishError>>,
    taken: Mutex<Vec<(String, String)>>,
}

impl Choosy {
    fn plan_for(self: &Arc<Self>, mut plan: Plan) -> Plan {
        plan.publisher = Some(Arc::clone(self) as Arc<dyn EventPublisher>);
        plan
    }

    fn refuse(&self, call: &str, error: PublishError) {
        self.refusals.lock().unwrap().insert(call.to_owned(), error);
    }

    fn of(&self, call: &str) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().filter(|(of, _)| of == call).map(|(_, kind)| kind.clone()).collect()
    }

    async fn until_taken_of(&self, call: &str) {
        eventually(SOON, "both events of the call are taken", async || {
            let taken = self.of(call);
            ensure!(taken == ["call.started", "call.ended"], "{taken:?}");
            Ok(())
        })
        .await
        .unwrap();
    }
}

impl EventPublisher for Choosy {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        let call = body["data"]["call_id"].as_str().unwrap().to_owned();
        let refusal = self.refusals.lock().unwrap().get(&call).cloned();
        let outcome = refusal.map_or(Ok(()), Err);
        if outcome.is_ok() {
            self.taken.lock().unwrap().push((call, event.event_type.clone()));
        }
        Box::pin(std::future::ready(outcome))
    }
}

/// The organisation's parked events, once there are so many.
async fn parked(service: &Service, count: usize) -> Vec<Value> {
    let boss = service.member("boss", "o1").with("x-user-role", "admin");
    let mut items = Vec::new();
    eventually(SOON, "events are parked", async || {
        let page = boss.get("/events/parked").await.expect(200).json();
        items.clone_from(page["items"].as_array().unwrap());
        ensure!(items.len() == count, "{page}");
        Ok(())
    })
    .await
    .unwrap();
    items
}

on_each_database! {
    async fn an_event_that_can_never_be_published_is_parked_and_tried_again_when_told(database: Database) {
        let publisher = Arc::new(Choosy::default());
        let plan = publisher.plan_for(Plan::platform(database).await);
        let service = plan.start().await;
        let (member, boss) = (service.member("u1", "o1"), service.member("boss", "o1").with("x-user-role", "admin"));
        let stuck = member.call().await;
        publisher.refuse(&stuck, PublishError::Impossible("it is too large".to_owned()));
        member.act(&stuck, "start").await.expect(200);
        member.act(&stuck, "end").await.expect(200);
        let free = member.whole_call().await;
        publisher.until_taken_of(&free).await;

        let [event] = &parked(&service, 1).await[..] else { panic!("expected one") };
        assert_eq!(
            (&event["type"], &event["subject"], &event["sequence"], &event["delivery"], &event["attempts"], &event["reason"], &event["behind"]),
            (&json!("call.started"), &json!(stuck), &json!(1), &json!("parked"), &json!(1), &json!("it is too large"), &json!(1))
        );
        assert!(event["parked_at"].is_string(), "{event}");
        let metrics = service.manage("/metrics").await.text;
        assert!(metrics.contains("cc_lite_events_parked 1"), "{metrics}");
        eventually(SOON, "the one behind it waits alone", async || {
            let status = service.status().await;
            ensure!(status["events"]["parked"] == 1 && status["events"]["backlog"] == 1, "{status}");
            Ok(())
        })
        .await
        .unwrap();
        let path = format!("/events/{}", event["id"].as_str().unwrap());
        assert_eq!(&boss.get(&path).await.expect(200).json(), event);
        let theirs = service.member("boss", "o2").with("x-user-role", "admin");
        assert_eq!(theirs.get("/events/parked").await.expect(200).json()["items"], json!([]));
        theirs.get(&path).await.expect(404);
        theirs.post(&format!("{path}/retry"), &json!({})).await.expect(404);

        // Neither it nor what waits behind it is deleted, however old.
        let store = Store::open_beside(&plan.database()).await.unwrap();
        let later = SystemClock.now() + SignedDuration::from_hours(24 * 400);
        eventually(SOON, "what was published is deleted", async || {
            let deleted = retention::prune(&store, later, Duration::from_secs(1)).await?;
            ensure!(deleted == 2, "{deleted}");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(publisher.of(&stuck), Vec::<String>::new());

        publisher.refusals.lock().unwrap().clear();
        let retried = boss.post(&format!("{path}/retry"), &json!({})).await.expect(200).json();
        assert_eq!((&retried["delivery"], &retried["parked_at"], &retried["reason"]), (&json!("pending"), &json!(null), &json!(null)));
        publisher.until_taken_of(&stuck).await;
        parked(&service, 0).await;
        let again = boss.post(&format!("{path}/retry"), &json!({})).await.expect(409);
        assert_eq!(again.problem(), "event-state");
        let entries = boss.get(&format!("/audit?object={path}&user_id=boss")).await.expect(200).json();
        let actions: Vec<&str> = entries["items"].as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str()).collect();
        assert_eq!(actions.iter().filter(|action| **action == "POST /events/{id}/retry").count(), 1, "{actions:?}");
    }

    async fn an_event_that_is_refused_again_and_again_while_others_are_taken_is_parked(database: Database) {
        let publisher = Arc::new(Choosy::default());
        let service = publisher.plan_for(Plan::platform(database).await).start().await;
        let member = service.member("u1", "o1");
        let stuck = member.call().await;
        publisher.refuse(&stuck, PublishError::Refused("not this one".to_owned()));
        member.act(&stuck, "start").await.expect(200);
        for attempt in 1..20 {
            eventually(SOON, "it was tried", async || {
                let metrics = service.manage("/metrics").await.text;
                ensure!(metrics.contains(&format!("cc_lite_events_refused_total {attempt}\n")), "{metrics}");
                Ok(())
            })
            .await
            .unwrap();
            parked(&service, 0).await;
            service.clock.advance(SignedDuration::from_mins(6));
            if attempt == 19 {
                publisher.until_taken_of(&member.whole_call().await).await;
            }
        }
        let [event] = &parked(&service, 1).await[..] else { panic!("expected one") };
        assert_eq!((&event["reason"], &event["attempts"]), (&json!("not this one"), &json!(20)));
    }

    async fn what_the_broker_broke_off_over_is_found_among_those_under_way(database: Database) {
        let publisher = Arc::new(Choosy::default());
        let service = publisher.plan_for(Plan::platform(database).await).start().await;
        let member = service.member("u1", "o1");
        let stuck = member.call().await;
        publisher.refuse(&stuck, PublishError::Suspect("it broke off".to_owned()));
        member.act(&stuck, "start").await.expect(200);
        let free = join_all((0..20).map(|_| member.whole_call())).await;
        for call in &free {
            publisher.until_taken_of(call).await;
        }
        let [event] = &parked(&service, 1).await[..] else { panic!("expected one") };
        assert_eq!((&event["subject"], &event["reason"]), (&json!(stuck), &json!("it broke off")));
    }
}

/// RabbitMQ ends the channel over a message that is too large, and with it all that is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_large_for_the_broker_is_parked_and_the_others_arrive() {
    let broker = RabbitMq::start().await.unwrap();
    broker.ctl(&["eval", "application:set_env(rabbit, max_message_size, 550)."]).await.unwrap();
    let url = broker.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let service = Plan::platform(Database::Sqlite).await.events(&url).start().await;
    let member = service.member("u1", "o1");
    let large = member.call().await;
    member.act(&large, "start").await.expect(200);
    let path = format!("/calls/{large}/end");
    let end = json!({"outcome": "x".repeat(100)});
    let (ended, calls) =
        tokio::join!(member.post(&path, &end), join_all((0..50).map(|_| member.whole_call())));
    ended.expect(200);
    let [event] = &parked(&service, 1).await[..] else { panic!("expected one") };
    assert_eq!((&event["subject"], &event["type"]), (&json!(large), &json!("call.ended")));
    let reason = event["reason"].as_str().unwrap();
    assert!(reason.contains("PRECONDITION_FAILED") && reason.contains("max"), "{reason}");

    let mut ids: Vec<String> = Vec::new();
    eventually(SOON, "all other events have come", async || {
        let messages = inbox.take_all().await?;
        ids.extend(
            messages.iter().map(|message| message.properties.message_id().as_ref().unwrap().to_string()),
        );
        ids.sort();
        ids.dedup();
        ensure!(ids.len() == calls.len() * 2 + 1, "{} of {}", ids.len(), calls.len() * 2 + 1);
        Ok(())
    })
    .await
    .unwrap();
}
