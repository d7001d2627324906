use super::*;
use crate::domain::event::EventMessage;
use proptest::prelude::*;

/// What an outbox holds of one event.
#[derive(Debug, Clone)]
struct Row {
    event: PendingEvent,
    published: bool,
}

/// A small outbox, a window on it, and what is under way.
struct Model {
    rows: Vec<Row>,
    window: Window,
    read_up_to: i64,
    now: i64,
    under_way: Vec<PendingEvent>,
    /// Safe or postponed, and not yet written down.
    unsettled: Vec<(PendingEvent, Option<Timestamp>)>,
    /// What was read and is not here yet: of which subjects, or after the position.
    reading: Option<(Option<Vec<String>>, bool, Vec<PendingEvent>)>,
    published: Vec<(String, i64)>,
    limit: usize,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn event(subject: &str, sequence: i64, position: i64) -> PendingEvent {
    PendingEvent {
        message: EventMessage {
            id: format!("{subject}-{sequence}"),
            event_type: "call.ended".into(),
            timestamp: at(0),
            body: "{}".into(),
        },
        subject: subject.to_owned(),
        sequence,
        previous: None,
        position,
        attempts: 0,
        next_attempt_at: at(0),
    }
}

impl Model {
    /// The subjects of the events, in the order of their positions.
    fn new(subjects: &[u8]) -> Self {
        let mut sequences = HashMap::new();
        let rows = subjects.iter().zip(1..).map(|(subject, position)| {
            let sequence = sequences.entry(*subject).or_insert(0);
            *sequence += 1;
            Row { event: event(&format!("s{subject}"), *sequence, position), published: false }
        });
        Self {
            rows: rows.collect(),
            window: Window::default(),
            read_up_to: 0,
            now: 1,
            under_way: Vec::new(),
            unsettled: Vec::new(),
            reading: None,
            published: Vec::new(),
            limit: 5,
        }
    }

    fn select(&self, fits: impl Fn(&PendingEvent) -> bool) -> Vec<PendingEvent> {
        let pending = self.rows.iter().filter(|row| !row.published && fits(&row.event));
        pending
            .map(|row| {
                let before = self.rows.iter().filter(|other| {
                    !other.published
                        && other.event.subject == row.event.subject
                        && other.event.sequence < row.event.sequence
                });
                let previous = before.map(|row| row.event.sequence).max();
                PendingEvent { previous, ..row.event.clone() }
            })
            .take(self.limit)
            .collect()
    }

    fn begin_reading(&mut self) {
        if self.reading.is_some() {
            return;
        }
        let subjects = self.window.take_unread(2);
        self.window.reading_begins();
        self.reading = Some(if subjects.is_empty() {
            let due = self.select(|event| event.attempts > 0 && event.next_attempt_at <= at(self.now));
            if due.is_empty() {
                let read = self.select(|event| event.position > self.read_up_to);
                self.read_up_to = read.last().map_or(self.read_up_to, |event| event.position);
                (None, false, read)
            } else {
                (None, true, due)
            }
        } else {
            let read = self.select(|event| subjects.contains(&event.subject));
            (Some(subjects), false, read)
        });
    }

    fn end_reading(&mut self) {
        let Some((subjects, late, read)) = self.reading.take() else { return };
        let complete = read.len() < self.limit;
        match subjects {
            Some(subjects) => self.window.take_in_of(subjects, read, complete, at(self.now)),
            None if late => self.window.take_in_late(read),
            None => self.window.take_in(read, at(self.now), |_| false),
        }
        self.window.reading_ends();
    }

    fn step(&mut self, choice: u8) {
        match choice % 8 {
            0 => self.begin_reading(),
            1 => self.end_reading(),
            2 | 3 => {
                if let Some(event) = self.window.next(|_| false) {
                    let twin = |other: &PendingEvent| other.subject == event.subject;
                    let settling = self.unsettled.iter().any(|(other, _)| twin(other));
                    assert!(
                        !self.under_way.iter().any(twin) && !settling,
                        "two under way of {}",
                        event.subject
                    );
                    self.under_way.push(event);
                }
            }
            4 | 5 if !self.under_way.is_empty() => {
                let event = self.under_way.swap_remove(usize::from(choice / 8) % self.under_way.len());
                self.published.push((event.subject.clone(), event.sequence));
                self.unsettled.push((event, None));
            }
            6 if !self.under_way.is_empty() => {
                let event = self.under_way.remove(0);
                if (choice / 8).is_multiple_of(2) {
                    self.window.put_back(event);
                } else {
                    self.unsettled.push((event, Some(at(self.now + 3))));
                }
            }
            _ => {
                self.now += 1;
                for (event, postponed) in std::mem::take(&mut self.unsettled) {
                    let row =
                        self.rows.iter_mut().find(|row| row.event.message.id == event.message.id).unwrap();
                    match postponed {
                        None => {
                            row.published = true;
                            self.window.passed(&event.subject);
                        }
                        Some(until) => {
                            row.event.attempts += 1;
                            row.event.next_attempt_at = until;
                            self.window.stop(&event.subject);
                        }
                    }
                }
            }
        }
        let queued: usize = self.window.lanes.values().map(|lane| lane.queue.len()).sum();
        assert_eq!(self.window.queued, queued);
    }
}

proptest! {
    /// Whatever happens in whatever order: each event goes, those of a subject one after the other and in their order.
    #[test]
    fn all_events_go_each_subjects_in_order(
        subjects in proptest::collection::vec(0_u8..6, 1..60),
        choices in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut model = Model::new(&subjects);
        for choice in choices {
            model.step(choice);
        }
        for _ in 0..1000 {
            for choice in [0, 1, 2, 2, 2, 4, 4, 4, 7] {
                model.step(choice);
            }
        }
        let left: Vec<_> = model.rows.iter().filter(|row| !row.published).collect();
        prop_assert!(left.is_empty(), "{left:?} did not go");
        prop_assert!(model.window.is_empty(), "{:?} is left", model.window);
        let mut last = HashMap::new();
        for (subject, sequence) in model.published {
            let before = last.insert(subject.clone(), sequence).unwrap_or(0);
            prop_assert_eq!(sequence, before + 1, "of {}", subject);
        }
    }
}

#[test]
fn a_subject_with_many_events_leaves_place_for_others() {
    let mut model = Model::new(&[vec![1; 100], vec![2]].concat());
    model.limit = 1000;
    model.step(0);
    model.step(1);
    assert_eq!(model.window.queued(), LANE + 1);
}

#[test]
fn what_is_not_claimed_any_more_is_not_offered_and_what_is_under_way_is_waited_for() {
    let mut model = Model::new(&[1, 1, 2, 2]);
    model.step(0);
    model.step(1);
    let event = model.window.next(|_| false).unwrap();
    assert_eq!(model.window.shards_in_use(), BTreeSet::from([shard_of("s1")]));
    model.window.keep_only(&Claimed::nothing());
    assert_eq!(model.window.next(|_| false), None);
    assert!(!model.window.is_empty(), "one is under way");
    model.window.passed(&event.subject);
    assert!(model.window.is_empty());
}

#[test]
fn lanes_of_a_type_that_is_held_back_end_and_are_not_taken_in() {
    let mut model = Model::new(&[1, 2, 2]);
    model.step(0);
    model.step(1);
    assert_eq!(model.window.next(|_| true), None);
    assert!(model.window.is_empty());
    let read = model.select(|_| true);
    model.window.take_in(read, at(1), |event_type| event_type == "call.ended");
    assert!(model.window.is_empty());
}
