//! The live stream of events.

mod access;
mod order;

use crate::fixture::{Database, Plan, SOON, Service, User, on_each_database};
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::domain::event::{Actor, EventData, SentimentAnalyzed};
use cc_lite::events::retention;
use cc_lite::ids::RandomIds;
use cc_lite::store::outbox::{self, Delivery, SubjectState};
use cc_lite::store::{Store, StoreError};
use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// An open stream.
pub(crate) struct Stream {
    response: Response,
    text: String,
}

/// What lies between two empty lines.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) id: Option<String>,
    /// Its type; empty when it is no event.
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Frame {
    fn read(text: &str) -> Self {
        let field = |name: &str| {
            let prefix = format!("{name}: ");
            text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
        };
        Self {
            id: field("id"),
            event: field("event").unwrap_or_default(),
            data: field("data").map(|data| serde_json::from_str(&data).unwrap()).unwrap_or_default(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.id.as_deref().unwrap()
    }

    /// Type and call.
    pub(crate) fn what(&self) -> (String, String) {
        (self.event.clone(), self.data["data"]["call_id"].as_str().unwrap_or_default().to_owned())
    }
}

impl Stream {
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = timeout(SOON, request.send()).await.expect("the stream begins").unwrap();
        assert_eq!(response.status(), 200, "{response:?}");
        Self { response, text: String::new() }
    }

    /// As this user; with an id, going on from there.
    pub(crate) async fn of(user: &User<'_>, path: &str, id: Option<&str>) -> Self {
        let request = user.request(Method::GET, path);
        Self::open(id.into_iter().fold(request, |request, id| request.header("last-event-id", id))).await
    }

    /// What comes next; nothing at the end.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                return Some(Frame::read(&std::mem::replace(&mut self.text, rest)));
            }
            let chunk = timeout(SOON, self.response.chunk()).await.expect("something comes").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Frame {
        loop {
            let frame = self.frame().await.expect("the stream goes on");
            if !frame.event.is_empty() {
                return frame;
            }
        }
    }

    /// The next events, as type and call.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<(String, String)> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.event().await.what());
        }
        events
    }

    /// Nothing comes for a while.
    pub(crate) async fn expect_silence(&mut self) {
        let wait = Duration::from_millis(1500);
        if let Ok(frame) = timeout(wait, self.event()).await {
            panic!("expected nothing, got {frame:?}");
        }
    }

    /// The position from before the first event there ever was.
    pub(crate) async fn origin(user: &User<'_>) -> String {
        let opening = Self::of(user, "/stream", None).await.frame().await.unwrap();
        let (epoch, _) = opening.id().rsplit_once('-').unwrap();
        format!("{epoch}-0")
    }
}

fn of_whole(call: &str) -> [(String, String); 2] {
    ["call.started", "call.ended"].map(|event| (event.to_owned(), call.to_owned()))
}

on_each_database! {
    async fn events_come_as_they_happen_and_a_resume_has_no_gap_and_no_repeat(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let user = service.member("u1", "o1");
        let mut before = Stream::of(&user, "/stream", None).await;
        let past = user.whole_call().await;
        assert_eq!(before.events(2).await, of_whole(&past));
        let mut stream = Stream::of(&user, "/stream", None).await;
        let headers = stream.response.headers().clone();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!((&headers["cache-control"], &headers["x-accel-buffering"]), (&"no-store".parse().unwrap(), &"no".parse().unwrap()));
        let opening = stream.frame().await.unwrap();
        let call = user.whole_call().await;
        let (first, second) = (stream.event().await, stream.event().await);
        assert_eq!([first.what(), second.what()], of_whole(&call));
        assert_eq!(first.data["organizationId"], "o1");
        assert_eq!(first.data["data"]["sequence"], 1);
        drop(stream);

        let missed = user.whole_call().await;
        let mut resumed = Stream::of(&user, "/stream", Some(first.id())).await;
        assert_eq!(resumed.event().await.what(), second.what());
        assert_eq!(resumed.events(2).await, of_whole(&missed));
        let live = user.whole_call().await;
        assert_eq!(resumed.events(2).await, of_whole(&live));

        // Whoever was cut off before the first event goes on from the opening.
        let path = format!("/stream?last_event_id={}", opening.id());
        let mut from_opening = Stream::of(&user, &path, None).await;
        let expected = [of_whole(&call), of_whole(&missed), of_whole(&live)].concat();
        assert_eq!(from_opening.events(6).await, expected);
        from_opening.expect_silence().await;
    }

    async fn only_ones_own_organisations_events_come_and_filters_hold(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (ours, theirs) = (service.member("u1", "o1"), service.member("u2", "o2"));
        let mut all = Stream::of(&ours, "/stream", None).await;
        let mut ends = Stream::of(&ours, "/stream?types=call.ended,campaign.completed", None).await;
        theirs.whole_call().await;
        let first = ours.whole_call().await;
        let second = ours.whole_call().await;
        let came = all.events(4).await;
        for call in [&first, &second] {
            let of_it: Vec<_> = came.iter().filter(|(_, subject)| subject == call).cloned().collect();
            assert_eq!(of_it, of_whole(call), "in order call by call: {came:?}");
        }
        let mut ended = ends.events(2).await;
        ended.sort();
        assert_eq!(ended, [of_whole(&first)[1].clone(), of_whole(&second)[1].clone()]);
        let origin = Stream::origin(&ours).await;
        let path = format!("/stream?call_id={second}");
        let mut of_call = Stream::of(&ours, &path, Some(&origin)).await;
        assert_eq!(of_call.events(2).await, of_whole(&second));
        of_call.expect_silence().await;
        let refused = ours.get("/stream?types=call.ended,nothing").await.expect(422);
        assert!(refused.json()["errors"][0]["detail"].as_str().unwrap().contains("`nothing`"), "{refused:?}");
    }

    async fn agents_do_not_hear_of_agents_moods(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let agent = service.member("u1", "o1");
        let supervisor = service.member("u2", "o1").with("x-user-role", "supervisor");
        let mut streams = [Stream::of(&agent, "/stream", None).await, Stream::of(&supervisor, "/stream", None).await];
        let store = Store::open_beside(&plan.database()).await.unwrap();
        for (sequence, party) in (1..).zip(["agent", "customer"]) {
            tell_mood(&store, party, sequence).await;
        }
        let mut heard = Vec::new();
        for (stream, count) in streams.iter_mut().zip([1, 2]) {
            for _ in 0..count {
                heard.push(stream.event().await.data["data"]["party"].clone());
            }
        }
        assert_eq!(heard, ["customer", "agent", "customer"]);
        let origin = Stream::origin(&agent).await;
        let mut again = Stream::of(&agent, "/stream", Some(&origin)).await;
        assert_eq!(again.event().await.data["data"]["party"], "customer", "also what was missed");
    }

    async fn what_is_not_known_any_more_is_a_reset(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let user = service.member("u1", "o1");
        let mut stream = Stream::of(&user, "/stream", None).await;
        let opening = stream.frame().await.unwrap();
        user.whole_call().await;
        stream.events(1).await;
        let last = stream.event().await;
        let store = Store::open_beside(&plan.database()).await.unwrap();
        let later = SystemClock.now() + SignedDuration::from_hours(1);
        assert_eq!(retention::prune(&store, later, Duration::from_mins(1)).await.unwrap(), 2);

        let (epoch, _) = opening.id().rsplit_once('-').unwrap();
        for unknown in [opening.id(), &format!("{epoch}-99"), "0123-1", "x"] {
            let reset = Stream::of(&user, "/stream", Some(unknown)).await.event().await;
            assert_eq!((reset.event.as_str(), reset.id()), ("reset", last.id()), "{unknown}");
            assert!(reset.data["detail"].as_str().unwrap().starts_with("The events since"), "{reset:?}");
        }
        let mut reset = Stream::of(&user, "/stream", Some(opening.id())).await;
        let mut kept = Stream::of(&user, "/stream", Some(last.id())).await;
        assert_eq!(reset.event().await.event, "reset");
        let call = user.whole_call().await;
        assert_eq!(reset.events(2).await, of_whole(&call), "it goes on afterwards");
        assert_eq!(kept.events(2).await, of_whole(&call), "nothing was missing");
    }

    async fn events_from_before_the_start_have_positions_too(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        for sequence in 1..=3 {
            tell_mood(&store, "customer", sequence).await;
        }
        store.close().await;
        let service = plan.start().await;
        let user = service.member("u1", "o1");
        let origin = Stream::origin(&user).await;
        let mut stream = Stream::of(&user, "/stream", Some(&origin)).await;
        for sequence in 1..=3 {
            assert_eq!(stream.event().await.data["data"]["sequence"], sequence);
        }
    }
}

/// An event about somebody's mood in one call of the organisation o1.
async fn tell_mood(store: &Store, party: &'static str, sequence: i64) {
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let event = EventData::SentimentAnalyzed(SentimentAnalyzed {
                    call_id: "c1".into(),
                    sentiment_id: format!("s{sequence}"),
                    segment_id: None,
                    label: "neutral".into(),
                    score: 0.0,
                    confidence: None,
                    party: party.into(),
                    basis: "text".into(),
                    method: "test".into(),
                    alert: false,
                });
                let actor = Actor { organization_id: "o1".into(), user_id: "u".into() };
                let state = SubjectState { event_sequence: sequence, version: 1 };
                let now = SystemClock.now();
                outbox::append(tx, &RandomIds, &actor, &[event], state, Delivery::Local, now).await
            })
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_streams_are_counted_and_limited() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let user = service.member("u1", "o1");
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::of(&user, "/stream", None).await);
    }
    let refused = user.get("/stream").await.expect(429);
    assert_eq!(refused.problem(), "too-many-streams");
    assert_eq!(listeners(&service).await, "20");
    Stream::of(&service.member("u2", "o1"), "/stream", None).await;
    drop(streams);
    testbed::wait::eventually(SOON, "the places are free again", async || {
        let count = listeners(&service).await;
        anyhow::ensure!(count == "0", "{count} streams are open");
        Ok(())
    })
    .await
    .unwrap();
    Stream::of(&user, "/stream", None).await;
}

async fn listeners(service: &Service) -> String {
    let text = service.manage("/metrics").await.expect(200).text;
    let line = text.lines().find_map(|line| line.strip_prefix("cc_lite_stream_listeners "));
    line.unwrap_or_else(|| panic!("no count in {text}")).to_owned()
}
