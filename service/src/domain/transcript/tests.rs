use super::segment::{Party, REDACTED};
use super::*;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + seconds).unwrap()
}

fn said(sequence: i64, text: &str, is_final: bool) -> SegmentDetails {
    SegmentDetails {
        sequence,
        party: Party::Customer,
        text: text.to_owned(),
        starts_ms: sequence * 1000,
        ends_ms: sequence * 1000 + 900,
        confidence: is_final.then_some(900_000),
        language: None,
        is_final,
    }
}

/// A transcript with its segments, as a database has them.
#[derive(Debug, Clone)]
struct Kept {
    transcript: Transcript,
    segments: BTreeMap<i64, Segment>,
}

impl Kept {
    fn new() -> Self {
        let transcript = Transcript::new("t1".into(), "o1".into(), "c1".into(), Some("cs".into()), at(0));
        Self { transcript, segments: BTreeMap::new() }
    }

    fn append(&mut self, batch: &[SegmentDetails]) -> Result<Appended, TranscriptRefusal> {
        let ids = self.segments.len()..;
        let batch = ids.zip(batch).map(|(id, details)| (format!("s{id}"), details.clone())).collect();
        let appended = self.transcript.append(&self.segments, None, batch, at(1))?;
        self.transcript = appended.transcript.clone();
        for segment in appended.added.iter().chain(&appended.replaced) {
            self.segments.insert(segment.details.sequence, segment.clone());
        }
        Ok(appended)
    }
}

#[test]
fn segments_come_in_order_partial_then_final() {
    let mut kept = Kept::new();
    kept.append(&[said(1, "dobrý den", true), said(2, "já", false)]).unwrap();
    let appended = kept
        .append(&[said(2, "já bych", false), said(2, "já bych rád", true), said(3, "ano", true)])
        .unwrap();
    assert_eq!((appended.added.len(), appended.replaced.len(), appended.unchanged), (1, 1, 0));
    assert_eq!(appended.replaced[0].id, "s1", "a segment keeps its id");
    let totals = Totals { segments: 3, partial: 0, words: 6, confidence_sum: 2_700_000, confidence_count: 3 };
    assert_eq!((kept.transcript.totals, kept.transcript.version), (totals, 2));
    let again = kept.append(&[said(3, "ano", true), said(1, "dobrý den", true)]).unwrap();
    assert_eq!((again.unchanged, &again.transcript), (2, &kept.transcript));
    assert_eq!(kept.append(&[said(5, "x", true)]), Err(TranscriptRefusal::Gap { given: 5, expected: 4 }));
    assert_eq!(kept.append(&[said(3, "ne", true)]), Err(TranscriptRefusal::Final(3)));
    assert_eq!(
        kept.append(&[said(3, "n", false)]).unwrap().unchanged,
        1,
        "a late partial one is nothing new"
    );
}

#[test]
fn a_batch_is_taken_as_a_whole_or_not_at_all() {
    let kept = Kept::new();
    let refused = kept.clone().append(&[said(1, "a", true), said(3, "c", true)]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The segment 3 leaves a gap: the next new one is 2. Send those that are missing first."
    );
    let mut reordered = kept;
    assert_eq!(reordered.append(&[said(2, "b", true), said(1, "a", true)]).unwrap().added.len(), 2);
}

#[test]
fn it_is_completed_when_all_is_final_and_stays_so() {
    let mut kept = Kept::new();
    kept.append(&[said(1, "a", false)]).unwrap();
    let refused = kept.transcript.finish(&Ending::Completed, true, at(2)).unwrap_err();
    assert_eq!(refused, TranscriptRefusal::Partial(1));
    kept.append(&[said(1, "a b", true)]).unwrap();
    let (completed, event) = kept.transcript.finish(&Ending::Completed, true, at(2)).unwrap().unwrap();
    let Some(EventData::CallTranscribed(event)) = event else { panic!("expected an event") };
    assert_eq!((event.segment_count, event.word_count, event.average_confidence), (1, 2, Some(0.9)));
    assert_eq!((event.url.as_str(), event.language.as_deref()), ("/calls/c1/transcript", Some("cs")));
    assert_eq!(completed.finish(&Ending::Completed, true, at(3)), Ok(None));
    assert!(completed.finish(&Ending::Failed(None), true, at(3)).is_err());
    kept.transcript = completed;
    assert!(matches!(kept.append(&[said(2, "c", true)]), Err(TranscriptRefusal::State { .. })));
    assert_eq!(kept.append(&[said(1, "a b", true)]).unwrap().unchanged, 1);
}

#[test]
fn a_failed_transcript_is_taken_up_again_by_more_segments() {
    let mut kept = Kept::new();
    let failed = Ending::Failed(Some("the recogniser went away".into()));
    let (transcript, event) = kept.transcript.finish(&failed, true, at(1)).unwrap().unwrap();
    assert_eq!((transcript.status, event), (TranscriptStatus::Failed, None));
    kept.transcript = transcript;
    kept.append(&[said(1, "a", true)]).unwrap();
    assert_eq!((kept.transcript.status, &kept.transcript.failure_reason), (TranscriptStatus::Open, &None));
}

#[test]
fn what_is_redacted_is_gone_and_sending_it_again_brings_nothing_back() {
    let mut kept = Kept::new();
    let text = "číslo karty 4111 prosím";
    kept.append(&[said(1, text, true)]).unwrap();
    let range = |start, end| Redaction { start, end, reason: "card".into() };
    let (transcript, segment) =
        kept.transcript.redact(&kept.segments[&1], range(12, 16), at(2)).unwrap().unwrap();
    assert_eq!(segment.details.text, format!("číslo karty {} prosím", REDACTED.to_string().repeat(4)));
    assert_eq!((transcript.totals.words, transcript.totals.segments), (3, 1));
    kept.segments.insert(1, segment.clone());
    kept.transcript = transcript;
    assert_eq!(kept.append(&[said(1, text, true)]).unwrap().unchanged, 1);
    assert_eq!(kept.append(&[said(1, "něco jiného", true)]), Err(TranscriptRefusal::Final(1)));
    assert_eq!(kept.transcript.redact(&segment, range(12, 16), at(3)), Ok(None));
    for (start, end) in [(5, 5), (6, 5), (0, 24)] {
        let refused = kept.transcript.redact(&segment, range(start, end), at(3));
        assert_eq!(refused, Err(TranscriptRefusal::Range(23)), "{start}…{end}");
    }
    kept.append(&[said(2, "x", false)]).unwrap();
    let refused = kept.transcript.redact(&kept.segments[&2], range(0, 1), at(3));
    assert_eq!(refused, Err(TranscriptRefusal::NotFinal(2)));
}

/// What may be reported, in any order.
#[derive(Debug, Clone)]
enum Step {
    Append(Vec<SegmentDetails>),
    Complete,
    Fail,
    Redact(i64, usize, usize),
    CallEnds,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let details = (1..6_i64, prop::sample::select(vec!["ano", "ne", "číslo 12"]), any::<bool>())
        .prop_map(|(sequence, text, is_final)| said(sequence, text, is_final));
    let step = prop_oneof![
        6 => prop::collection::vec(details, 1..5).prop_map(Step::Append),
        2 => Just(Step::Complete),
        1 => Just(Step::Fail),
        1 => (1..6_i64, 0..4_usize, 0..5_usize).prop_map(|(sequence, start, end)| Step::Redact(sequence, start, end)),
        1 => Just(Step::CallEnds),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #[test]
    fn reports_in_any_order_leave_no_gap_change_nothing_final_and_are_told_once_after_the_end(steps in steps()) {
        let mut kept = Kept::new();
        let (mut ended, mut told) = (false, 0);
        for step in steps {
            let before = kept.clone();
            match step {
                Step::Append(batch) => {
                    let _ = kept.append(&batch);
                }
                Step::Complete | Step::Fail => {
                    let ending = if matches!(step, Step::Complete) { Ending::Completed } else { Ending::Failed(None) };
                    if let Ok(Some((next, event))) = kept.transcript.finish(&ending, ended, at(2)) {
                        prop_assert!(event.is_none() || ended, "told before the end of the call");
                        told += usize::from(event.is_some());
                        kept.transcript = next;
                    }
                }
                Step::Redact(sequence, start, end) => {
                    let range = Redaction { start, end, reason: "r".into() };
                    if let Some(segment) = kept.segments.get(&sequence).cloned()
                        && let Ok(Some((next, segment))) = kept.transcript.redact(&segment, range, at(3))
                    {
                        prop_assert!(segment.details.text.chars().skip(start).take(end - start).all(|c| c == REDACTED));
                        kept.transcript = next;
                        kept.segments.insert(sequence, segment);
                    }
                }
                Step::CallEnds => {
                    ended = true;
                    if let Some((next, _)) = kept.transcript.tell(at(4)) {
                        kept.transcript = next;
                        told += 1;
                    }
                }
            }
            let places: Vec<i64> = kept.segments.keys().copied().collect();
            prop_assert_eq!(places, (1..=kept.transcript.totals.segments).collect::<Vec<_>>());
            let mut totals = Totals::default();
            kept.segments.values().for_each(|segment| totals.count(segment, 1));
            prop_assert_eq!(kept.transcript.totals, totals);
            for (sequence, segment) in &before.segments {
                let now = &kept.segments[sequence];
                let unredacted = segment.redactions == now.redactions;
                prop_assert!(!segment.details.is_final || !unredacted || segment == now);
                prop_assert_eq!(&segment.id, &now.id);
            }
            if before.transcript.status == TranscriptStatus::Completed {
                prop_assert_eq!(kept.transcript.status, TranscriptStatus::Completed);
                prop_assert_eq!(kept.transcript.totals.segments, before.transcript.totals.segments);
            }
            let due = ended && kept.transcript.status == TranscriptStatus::Completed;
            prop_assert_eq!(told, usize::from(due));
        }
    }
}
