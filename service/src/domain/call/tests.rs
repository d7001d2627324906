use super::*;
use jiff::SignedDuration;
use proptest::prelude::*;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + seconds).unwrap()
}

fn queued() -> Call {
    let details = CallDetails {
        direction: Direction::Outbound,
        from: "+420123456789".into(),
        to: "+420987654321".into(),
        campaign_id: None,
        contact_id: None,
        agent_id: Some("a1".into()),
        provider: None,
        provider_call_id: None,
        language: None,
        recording: None,
        metadata: serde_json::Map::new(),
    };
    Call::new("c1".into(), "o1".into(), details, time(0))
}

fn end() -> CallAction {
    CallAction::End { status: None, outcome: None, end_reason: None, ended_at: None }
}

fn started(at: i64) -> EventData {
    EventData::CallStarted(CallStarted {
        call_id: "c1".into(),
        direction: Direction::Outbound,
        from: "+420123456789".into(),
        to: "+420987654321".into(),
        campaign_id: None,
        agent_id: Some("a1".into()),
        started_at: time(at),
    })
}

#[test]
fn an_answered_call_has_a_duration_and_a_talk_time() {
    let (ringing, events) = queued().on(&CallAction::Start(StartStatus::Ringing), time(10)).unwrap();
    assert_eq!((ringing.status, events), (CallStatus::Ringing, vec![started(10)]));
    let (talking, events) = ringing.on(&CallAction::Answer, time(15)).unwrap();
    assert_eq!((talking.status, events), (CallStatus::InProgress, vec![]));
    let (ended, events) = talking.on(&end(), time(195)).unwrap();
    assert_eq!((ended.version, ended.event_sequence), (4, 2));
    assert_eq!(
        events,
        vec![EventData::CallEnded(CallEnded {
            call_id: "c1".into(),
            status: CallStatus::Completed,
            outcome: "completed".into(),
            answered: true,
            duration: 185,
            talk_seconds: 180,
            started_at: time(10),
            ended_at: time(195),
            recording_url: None,
        })]
    );
}

#[test]
fn a_call_that_never_rang_gets_both_events_at_once() {
    let (ended, events) = queued().on(&end(), time(30)).unwrap();
    assert_eq!((ended.status, ended.version, ended.event_sequence), (CallStatus::Canceled, 2, 2));
    assert_eq!(events[0], started(30));
    assert_eq!(
        events[1],
        EventData::CallEnded(CallEnded {
            call_id: "c1".into(),
            status: CallStatus::Canceled,
            outcome: "canceled".into(),
            answered: false,
            duration: 0,
            talk_seconds: 0,
            started_at: time(30),
            ended_at: time(30),
            recording_url: None,
        })
    );
    assert_eq!(events.len(), 2);
}

#[test]
fn an_impossible_action_names_the_state_and_what_is_possible() {
    let refusal = |call: &Call, action: &CallAction| call.on(action, time(50)).unwrap_err().to_string();
    assert_eq!(
        refusal(&queued(), &CallAction::Answer),
        "A call that is queued cannot answer: it can start or end."
    );
    let (ringing, _) = queued().on(&CallAction::Start(StartStatus::Ringing), time(1)).unwrap();
    assert_eq!(
        refusal(&ringing, &CallAction::Start(StartStatus::InProgress)),
        "A call that is ringing cannot start: it can answer or end."
    );
    let completed = CallAction::End {
        status: Some(CallStatus::Completed),
        outcome: None,
        end_reason: None,
        ended_at: None,
    };
    assert_eq!(
        refusal(&ringing, &completed),
        "A call that is ringing cannot end as completed: it can as canceled, no_answer, busy, rejected or failed."
    );
    let (ended, _) = ringing.on(&end(), time(2)).unwrap();
    assert_eq!(refusal(&ended, &end()), "A call that is canceled cannot end: it has ended.");
}

#[test]
fn an_end_that_cannot_be_is_refused() {
    let at = |ended_at| CallAction::End {
        status: None,
        outcome: Some("sold".into()),
        end_reason: None,
        ended_at: Some(ended_at),
    };
    let (talking, _) = queued().on(&CallAction::Start(StartStatus::InProgress), time(10)).unwrap();
    assert_eq!(talking.on(&at(time(9)), time(20)), Err(CallRefusal::EndedTooEarly(time(10))));
    assert_eq!(talking.on(&at(time(81)), time(20)), Err(CallRefusal::EndsInFuture));
    let (ended, _) = talking.on(&at(time(15)), time(20)).unwrap();
    assert_eq!((ended.ended_at, ended.outcome.as_deref()), (Some(time(15)), Some("sold")));
    let (early, events) = queued().on(&at(time(-5)), time(20)).unwrap();
    assert_eq!((early.started_at, early.ended_at), (Some(time(-5)), Some(time(-5))));
    assert_eq!(events.len(), 2);
}

#[test]
fn a_clock_that_was_set_back_changes_no_order() {
    let (ringing, _) = queued().on(&CallAction::Start(StartStatus::Ringing), time(100)).unwrap();
    let (talking, _) = ringing.on(&CallAction::Answer, time(50)).unwrap();
    assert_eq!((talking.started_at, talking.answered_at), (Some(time(100)), Some(time(100))));
    let (ended, _) = talking.on(&end(), time(40)).unwrap();
    assert_eq!((ended.ended_at, ended.duration(), ended.talk_seconds()), (Some(time(100)), Some(0), Some(0)));
}

#[test]
fn names_read_back() {
    for status in CallStatus::ALL {
        assert_eq!(CallStatus::from_name(status.as_str()), Some(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    assert_eq!(CallStatus::from_name("gone"), None);
    assert_eq!(Direction::from_name("inbound"), Some(Direction::Inbound));
    assert_eq!(Direction::from_name("sideways"), None);
}

fn any_action() -> impl Strategy<Value = CallAction> {
    let status = proptest::option::of(proptest::sample::select(&CallStatus::ALL[..]));
    let ended_at = proptest::option::of((-100_i64..400).prop_map(time));
    prop_oneof![
        Just(CallAction::Start(StartStatus::Ringing)),
        Just(CallAction::Start(StartStatus::InProgress)),
        Just(CallAction::Answer),
        (status, ended_at).prop_map(|(status, ended_at)| CallAction::End {
            status,
            outcome: None,
            end_reason: None,
            ended_at
        }),
    ]
}

/// How far along a call is: a legal action never lowers it.
fn progress(status: CallStatus) -> u8 {
    match status {
        CallStatus::Queued => 0,
        CallStatus::Ringing => 1,
        CallStatus::InProgress => 2,
        _ => 3,
    }
}

/// The events that a call has told, whatever was done to it.
fn tells_of_its_begin_and_its_end_once(call: &Call, log: &[EventData]) -> Result<(), TestCaseError> {
    let kinds: Vec<&str> = log.iter().map(EventData::event_type).collect();
    let expected: &[&str] = match progress(call.status) {
        0 => &[],
        3 => &["call.started", "call.ended"],
        _ => &["call.started"],
    };
    prop_assert_eq!(kinds, expected);
    prop_assert_eq!(call.event_sequence, i64::try_from(log.len()).unwrap());
    if let Some(EventData::CallEnded(ended)) = log.last() {
        prop_assert!(ended.started_at <= ended.ended_at);
        prop_assert!((0..=ended.duration).contains(&ended.talk_seconds));
        prop_assert_eq!(ended.answered, call.answered_at.is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_asked_a_call_moves_forward_starts_once_and_ends_once(
        actions in proptest::collection::vec((any_action(), -5_i64..30), 0..12),
    ) {
        let mut call = queued();
        let mut now = time(0);
        let mut log = Vec::new();
        for (action, step) in &actions {
            now = now.checked_add(SignedDuration::from_secs(*step)).unwrap();
            match call.on(action, now) {
                Ok((next, events)) => {
                    prop_assert!(!call.status.is_terminal(), "a call that has ended does not change");
                    prop_assert!(progress(next.status) > progress(call.status), "a call never goes back");
                    prop_assert_eq!(next.version, call.version + 1);
                    log.extend(events);
                    call = next;
                }
                Err(CallRefusal::State { current, action }) => {
                    prop_assert_eq!(current, call.status);
                    prop_assert!(!current.allowed_actions().contains(&action));
                }
                Err(_) => {}
            }
        }
        tells_of_its_begin_and_its_end_once(&call, &log)?;
    }
}

fn report(status: CallStatus) -> CallReport {
    CallReport { status, at: None, talk_time: None, end_reason: None, recording_url: None }
}

fn after(call: &Call, report: &CallReport, now: Timestamp) -> (Call, Vec<&'static str>) {
    match call.report(report, now) {
        Reported::Nothing => (call.clone(), Vec::new()),
        Reported::Change(next, events) => (*next, events.iter().map(EventData::event_type).collect()),
    }
}

#[test]
fn an_end_that_overtakes_the_answer_tells_when_both_sides_began_to_talk() {
    let (ringing, _) = after(&queued(), &report(CallStatus::Ringing), time(10));
    let ended =
        CallReport { talk_time: Some(SignedDuration::from_secs(40)), ..report(CallStatus::Completed) };
    let (call, events) = after(&ringing, &ended, time(60));
    assert_eq!(events, ["call.ended"]);
    assert_eq!(
        (call.answered_at, call.talk_seconds(), call.duration()),
        (Some(time(20)), Some(40), Some(50))
    );
    let (late, events) = after(&call, &report(CallStatus::InProgress), time(61));
    assert_eq!((late, events), (call, vec![]));
}

#[test]
fn a_busy_line_after_talking_is_the_end_of_the_talk() {
    let (talking, _) = after(&queued(), &report(CallStatus::InProgress), time(10));
    let (call, events) = after(&talking, &report(CallStatus::Busy), time(20));
    assert_eq!((call.status, events), (CallStatus::Completed, vec!["call.ended"]));
}

#[test]
fn times_of_a_report_stay_between_the_last_step_and_now() {
    let early = CallReport { at: Some(time(-500)), ..report(CallStatus::InProgress) };
    let late = CallReport { at: Some(time(500)), ..report(CallStatus::Completed) };
    let (ringing, _) = after(&queued(), &report(CallStatus::Ringing), time(10));
    let (talking, _) = after(&ringing, &early, time(12));
    assert_eq!(talking.answered_at, Some(time(10)));
    let (ended, _) = after(&talking, &late, time(15));
    assert_eq!(ended.ended_at, Some(time(15)));
}

#[test]
fn a_recording_is_taken_in_even_after_the_end_unless_somebody_did_not_agree() {
    let recorded =
        CallReport { recording_url: Some("https://a.example/1".into()), ..report(CallStatus::Completed) };
    let (ended, events) = after(&queued(), &report(CallStatus::Completed), time(10));
    assert_eq!(events, ["call.started", "call.ended"]);
    let (late, events) = after(&ended, &recorded, time(11));
    assert_eq!((late.version, events), (3, vec![]));
    assert_eq!(late.details.recording.unwrap().url.as_deref(), Some("https://a.example/1"));
    let mut denied = queued();
    denied.details.recording = Some(Recording { url: None, consent: RecordingConsent::Denied });
    let (ended, _) = after(&denied, &recorded, time(10));
    assert_eq!(ended.details.recording.unwrap().url, None);
}

#[test]
fn a_call_without_news_is_given_up_as_of_its_last_news() {
    let timeout = SignedDuration::from_hours(4);
    let (talking, _) = queued().on(&CallAction::Start(StartStatus::InProgress), time(100)).unwrap();
    assert_eq!(talking.give_up(timeout, time(100 + 4 * 3600 - 1)), None);
    let (ended, events) = talking.give_up(timeout, time(100 + 4 * 3600)).unwrap();
    assert_eq!((ended.status, ended.end_reason.as_deref()), (CallStatus::Failed, Some("stale")));
    assert_eq!((ended.ended_at, ended.updated_at), (Some(time(100)), time(100 + 4 * 3600)));
    assert_eq!(events.iter().map(EventData::event_type).collect::<Vec<_>>(), ["call.ended"]);
    assert_eq!(ended.give_up(timeout, time(900_000)), None);
    let (_, events) = queued().give_up(timeout, time(5 * 3600)).unwrap();
    assert_eq!(events.len(), 2, "a call that never rang gets both events");
}

proptest! {
    #[test]
    fn whatever_providers_report_a_call_moves_forward_starts_once_and_ends_once(
        reports in proptest::collection::vec(
            (prop::sample::select(&CallStatus::ALL[..]), prop::option::of(-50_i64..50), prop::option::of(0_i64..90), -5_i64..30),
            0..12,
        ),
    ) {
        let mut call = queued();
        let mut now = time(0);
        let mut log = Vec::new();
        for (status, at, talk, step) in reports {
            now = now.checked_add(SignedDuration::from_secs(step)).unwrap();
            let report = CallReport {
                at: at.map(time),
                talk_time: talk.map(SignedDuration::from_secs),
                ..report(status)
            };
            if let Reported::Change(next, events) = call.report(&report, now) {
                prop_assert!(!call.status.is_terminal(), "a call that has ended does not change");
                prop_assert!(progress(next.status) > progress(call.status), "a call never goes back");
                prop_assert_eq!(next.version, call.version + 1);
                log.extend(events);
                call = *next;
            }
            // The same report once more says nothing new.
            prop_assert_eq!(call.report(&report, now), Reported::Nothing);
        }
        tells_of_its_begin_and_its_end_once(&call, &log)?;
        if let Some(EventData::CallEnded(ended)) = log.last() {
            prop_assert!(ended.answered || ended.status != CallStatus::Completed);
        }
    }
}
