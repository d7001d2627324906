use super::*;
use crate::domain::contact::{Attempt, Contact, ContactDetails, ContactOutcome, ContactStatus};
use crate::domain::contact::{Report, SettledBy, Settlement, Taker};
use proptest::prelude::*;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + seconds).unwrap()
}

fn details() -> CampaignDetails {
    let body = serde_json::json!({"name": "Spring", "from": "+420222333444", "time_zone": "Europe/Prague"});
    serde_json::from_value(body).unwrap()
}

fn draft() -> Campaign {
    Campaign::new("c1".into(), "o1".into(), details(), time(0))
}

fn contact(number: usize) -> Contact {
    let details: ContactDetails =
        serde_json::from_value(serde_json::json!({"number": format!("+42060112{number:04}")})).unwrap();
    Contact::new(format!("contact-{number}"), "o1".into(), "c1".into(), details, None, time(0))
}

#[track_caller]
fn after(campaign: &Campaign, actions: &[CampaignAction]) -> Campaign {
    actions.iter().fold(campaign.clone(), |campaign, action| campaign.on(action, time(10)).unwrap().0)
}

#[test]
fn the_usual_life_of_a_campaign() {
    let scheduled = after(&draft(), &[CampaignAction::Schedule(Some(time(100)))]);
    assert_eq!((scheduled.status, scheduled.version), (CampaignStatus::Scheduled, 2));
    assert_eq!(scheduled.tick(time(99)), None);
    let (running, events) = scheduled.tick(time(100)).unwrap();
    assert_eq!(
        (running.status, running.started_at, events),
        (CampaignStatus::Running, Some(time(100)), vec![])
    );
    let paused = after(&running, &[CampaignAction::Pause]);
    let resumed = after(&paused, &[CampaignAction::Resume]);
    assert_eq!((resumed.status, resumed.started_at), (CampaignStatus::Running, Some(time(100))));
    let (ended, events) = resumed.on(&CampaignAction::Complete(None), time(200)).unwrap();
    assert_eq!((ended.event_sequence, ended.version), (1, 6));
    let counters = ["pending", "in_progress", "reached", "exhausted", "skipped", "total"];
    assert_eq!(
        events,
        [EventData::CampaignCompleted(CampaignCompleted {
            campaign_id: "c1".into(),
            outcome: "completed".into(),
            end_reason: "completed".into(),
            counters: counters.map(|name| (name.to_owned(), 0)).into(),
            started_at: Some(time(100)),
            ended_at: time(200),
        })]
    );
}

#[test]
fn an_illegal_action_names_the_state_and_what_is_allowed() {
    let refusal = draft().on(&CampaignAction::Pause, time(1)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "A campaign that is draft cannot pause: it can schedule, start or cancel."
    );
    let canceled = after(&draft(), &[CampaignAction::Cancel(None)]);
    let refusal = canceled.on(&CampaignAction::Start, time(11)).unwrap_err();
    assert_eq!(refusal.to_string(), "A campaign that is canceled cannot start: it has ended.");
}

#[test]
fn a_campaign_ends_at_its_end() {
    let mut campaign = draft();
    campaign.details.ends_at = Some(time(500));
    let running = after(&campaign, &[CampaignAction::Start]);
    assert_eq!(running.tick(time(499)), None);
    let (ended, _) = running.tick(time(500)).unwrap();
    assert_eq!((ended.status, ended.end_reason.as_deref()), (CampaignStatus::Completed, Some("ends_at")));
    // Nobody was called of one that did not begin in time.
    let scheduled = after(&campaign, &[CampaignAction::Schedule(Some(time(100)))]);
    assert_eq!(scheduled.tick(time(500)).unwrap().0.status, CampaignStatus::Canceled);
    // One that is over already does not begin.
    for action in [CampaignAction::Start, CampaignAction::Schedule(Some(time(600)))] {
        assert!(matches!(campaign.on(&action, time(500)), Err(CampaignRefusal::Unfit(_))), "{action:?}");
    }
}

#[test]
fn a_campaign_whose_zone_is_known_no_more_fails() {
    let mut running = after(&draft(), &[CampaignAction::Start]);
    running.details.time_zone = "Europe/Atlantis".into();
    let (failed, events) = running.tick(time(20)).unwrap();
    assert_eq!((failed.status, events.len()), (CampaignStatus::Failed, 1));
}

#[test]
fn a_change_tells_absent_from_null_and_is_checked_as_a_whole() {
    let mut campaign = draft();
    campaign.details.description = Some("Old".into());
    campaign.details.ends_at = Some(time(900));
    let change = |body: &str| campaign.changed_by(serde_json::from_str(body).unwrap(), time(5));
    let changed = change(r#"{"name": "Autumn"}"#).unwrap();
    assert_eq!(
        (changed.details.name.as_str(), changed.details.description.as_deref(), changed.version),
        ("Autumn", Some("Old"), 2)
    );
    assert_eq!(change(r#"{"description": null}"#).unwrap().details.description, None);
    let late = format!(r#"{{"starts_at": "{}"}}"#, time(900));
    let Err(CampaignRefusal::Unfit(unfit)) = change(&late) else { panic!("expected a refusal") };
    assert_eq!(unfit.iter().map(|field| field.pointer).collect::<Vec<_>>(), ["#/ends_at"]);
    let ended = after(&campaign, &[CampaignAction::Cancel(None)]);
    assert!(matches!(
        ended.changed_by(CampaignChange::default(), time(9)),
        Err(CampaignRefusal::State { .. })
    ));
}

#[test]
fn somebodys_word_takes_the_place_of_the_calls_and_of_a_lease_that_ran_out() {
    let taker = Taker { user_id: "u1".into(), request_id: None };
    let (first, attempt) = contact(1).hand_out("a1".into(), &taker, &details(), time(0));
    let rules = RetryRules::default();
    let say = |contact: &Contact, attempt: &Attempt, outcome, by| {
        contact.settle(attempt, &Report { outcome, by, call_id: None }, &rules, time(30))
    };
    let change = |settlement| match settlement {
        Settlement::Change(change) => *change,
        other => panic!("expected a change, got {other:?}"),
    };
    let (waiting, expired) = change(say(&first, &attempt, ContactOutcome::LeaseExpired, SettledBy::Lease));
    assert_eq!((waiting.status, waiting.due_at), (ContactStatus::Pending, time(330)));
    let (reached, by_call) = change(say(&waiting, &expired, ContactOutcome::Reached, SettledBy::Call));
    assert_eq!(reached.status, ContactStatus::Reached);
    let (skipped, by_report) = change(say(&reached, &by_call, ContactOutcome::DoNotCall, SettledBy::Report));
    assert_eq!((skipped.status, skipped.reason.as_deref()), (ContactStatus::Skipped, Some("do_not_call")));
    let again = |outcome, by| say(&skipped, &by_report, outcome, by);
    assert_eq!(again(ContactOutcome::DoNotCall, SettledBy::Report), Settlement::Nothing);
    assert_eq!(again(ContactOutcome::Reached, SettledBy::Call), Settlement::Nothing);
    assert_eq!(again(ContactOutcome::Busy, SettledBy::Report), Settlement::Refused);
    // Once the contact has been handed out again, nothing said of the attempt before counts.
    let (again, _) = waiting.hand_out("a2".into(), &taker, &details(), time(400));
    assert_eq!(say(&again, &expired, ContactOutcome::Reached, SettledBy::Report), Settlement::Refused);
}

#[derive(Debug, Clone)]
enum Doing {
    Act(CampaignAction),
    Add,
    HandOut(prop::sample::Index),
    Report(prop::sample::Index, ContactOutcome, SettledBy),
    Suppress(prop::sample::Index),
    Tick,
}

fn doing() -> impl Strategy<Value = Doing> {
    let action = prop::sample::select(vec![
        CampaignAction::Schedule(Some(time(50))),
        CampaignAction::Start,
        CampaignAction::Pause,
        CampaignAction::Resume,
        CampaignAction::Complete(None),
        CampaignAction::Cancel(Some("weather".into())),
    ]);
    let by = prop::sample::select(vec![SettledBy::Lease, SettledBy::Call, SettledBy::Report]);
    let outcome = prop::sample::select(ContactOutcome::ALL.to_vec());
    prop_oneof![
        1 => action.prop_map(Doing::Act),
        2 => Just(Doing::Add),
        4 => any::<prop::sample::Index>().prop_map(Doing::HandOut),
        4 => (any::<prop::sample::Index>(), outcome, by).prop_map(|(who, what, by)| Doing::Report(who, what, by)),
        1 => any::<prop::sample::Index>().prop_map(Doing::Suppress),
        1 => Just(Doing::Tick),
    ]
}

/// A campaign and its contacts, put together as the application does.
struct World {
    campaign: Campaign,
    contacts: Vec<(Contact, Option<Attempt>)>,
    events: Vec<EventData>,
}

impl World {
    fn step(&mut self, (campaign, events): Step) {
        self.campaign = campaign;
        self.events.extend(events);
    }

    fn put(&mut self, at: usize, contact: Contact, attempt: Option<Attempt>) {
        self.campaign.counters.pass(self.contacts[at].0.status, contact.status);
        self.contacts[at] = (contact, attempt);
    }

    fn at(&self, index: prop::sample::Index) -> Option<usize> {
        (!self.contacts.is_empty()).then(|| index.index(self.contacts.len()))
    }

    fn doing(&mut self, doing: &Doing, now: Timestamp) {
        match doing {
            Doing::Act(action) => {
                if let Ok(step) = self.campaign.on(action, now) {
                    self.step(step);
                }
            }
            Doing::Add => {
                let contact = contact(self.contacts.len());
                *self.campaign.counters.of(contact.status) += 1;
                self.contacts.push((contact, None));
            }
            Doing::HandOut(index) => {
                let Some(at) = self.at(*index) else { return };
                if self.contacts[at].0.status == ContactStatus::Pending {
                    let taker = Taker { user_id: "u1".into(), request_id: None };
                    let (contact, attempt) =
                        self.contacts[at].0.hand_out("a".into(), &taker, &self.campaign.details, now);
                    self.put(at, contact, Some(attempt));
                }
            }
            Doing::Report(index, outcome, by) => {
                let Some(at) = self.at(*index) else { return };
                let (contact, Some(attempt)) = &self.contacts[at] else { return };
                let report = Report { outcome: *outcome, by: *by, call_id: None };
                let rules = &self.campaign.details.retry;
                if let Settlement::Change(change) = contact.settle(attempt, &report, rules, now) {
                    self.put(at, change.0, Some(change.1));
                }
            }
            Doing::Suppress(index) => {
                let Some(at) = self.at(*index) else { return };
                let (contact, attempt) = self.contacts[at].clone();
                if contact.status == ContactStatus::Pending {
                    self.put(at, contact.suppressed("", now), attempt);
                }
            }
            Doing::Tick => {
                if let Some(step) = self.campaign.tick(now) {
                    self.step(step);
                }
            }
        }
        if let Some(step) = self.campaign.exhausted(now) {
            self.step(step);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_ends_stay_ends_and_counters_count(
        doings in prop::collection::vec(doing(), 1..60),
        ends_at in prop::option::of(60i64..4000),
    ) {
        let mut campaign = draft();
        campaign.details.ends_at = ends_at.map(time);
        let mut world = World { campaign, contacts: Vec::new(), events: Vec::new() };
        for (number, doing) in (1..).zip(&doings) {
            let before = world.campaign.clone();
            world.doing(doing, time(number * 100));
            let now = &mut world.campaign;
            if before.status.is_terminal() {
                prop_assert_eq!((now.status, now.version, now.ended_at), (before.status, before.version, before.ended_at));
            }
            prop_assert_eq!(now.counters.total(), i64::try_from(world.contacts.len()).unwrap());
            for status in ContactStatus::ALL {
                let count = world.contacts.iter().filter(|(contact, _)| contact.status == status).count();
                prop_assert_eq!(*now.counters.of(status), i64::try_from(count).unwrap(), "{:?}", status);
            }
            for (contact, attempt) in &world.contacts {
                prop_assert!(contact.attempt_count <= now.details.retry.max_attempts);
                let open = attempt.as_ref().is_some_and(|attempt| attempt.settled_at.is_none());
                prop_assert_eq!(open, contact.status == ContactStatus::InProgress);
            }
            let ended = usize::from(now.status.is_terminal());
            prop_assert_eq!((world.events.len(), now.event_sequence), (ended, i64::from(now.status.is_terminal())));
            if let Some(EventData::CampaignCompleted(event)) = world.events.first() {
                let total = event.counters["total"];
                let sum: i64 = event.counters.iter().filter(|(name, _)| *name != "total").map(|(_, n)| n).sum();
                prop_assert_eq!(total, sum);
                prop_assert_eq!(event.outcome.as_str(), now.status.as_str());
            }
        }
    }
}
