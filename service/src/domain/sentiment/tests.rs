use super::*;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + seconds).unwrap()
}

fn verdict(label: Label, score: i64) -> Verdict {
    Verdict { label, score, confidence: None }
}

fn analysis(segment: Option<&str>, outcome: Outcome) -> Sentiment {
    let segment = segment.map(|id| SegmentReference { id: id.to_owned(), sequence: 1 });
    let (party, basis) = (Party::Customer, Basis::Text);
    let details = SentimentDetails { segment, party, basis, method: "m".into(), method_version: None };
    Sentiment::new("a1".into(), "o1".into(), "c1".into(), details, outcome, at(0))
}

#[test]
fn labels_and_scores_belong_together() {
    for (label, score, fits) in [
        (Label::Positive, 1, true),
        (Label::Positive, 0, false),
        (Label::Positive, -300_000, false),
        (Label::Negative, -1, true),
        (Label::Negative, 0, false),
        (Label::Negative, 900_000, false),
        (Label::Neutral, 250_000, true),
        (Label::Neutral, -250_001, false),
        (Label::Mixed, -500_000, true),
        (Label::Mixed, 500_001, false),
    ] {
        assert_eq!(verdict(label, score).is_consistent(), fits, "{label:?} {score}");
    }
}

#[test]
fn the_voice_of_agents_is_not_judged_unless_the_deployment_says_so() {
    assert_eq!(permit(Party::Agent, Basis::Audio, false), Err(SentimentRefusal::AgentAudio));
    assert!(SentimentRefusal::AgentAudio.to_string().contains("Article 5(1)(f) of the EU AI Act"));
    for (party, basis, allowed) in [
        (Party::Agent, Basis::Audio, true),
        (Party::Agent, Basis::Text, false),
        (Party::Customer, Basis::Audio, false),
    ] {
        assert_eq!(permit(party, basis, allowed), Ok(()), "{party:?} {basis:?}");
    }
}

#[test]
fn what_is_known_of_an_analysis_stays() {
    let negative = Outcome::Analyzed(verdict(Label::Negative, -700_000));
    let requested = analysis(None, Outcome::Requested);
    assert_eq!(requested.settle(Outcome::Requested, at(1)), Ok(None));
    let settled = requested.settle(negative.clone(), at(1)).unwrap().unwrap();
    assert_eq!((settled.version, settled.outcome.status()), (2, SentimentStatus::Analyzed));
    assert_eq!(settled.settle(negative, at(2)), Ok(None));
    let refused = settled.settle(Outcome::Skipped("no".into()), at(2));
    assert_eq!(refused, Err(SentimentRefusal::Settled(SentimentStatus::Analyzed)));
}

#[test]
fn a_call_of_good_and_bad_is_mixed() {
    let (good, bad) = (verdict(Label::Positive, 800_000), verdict(Label::Negative, -700_000));
    let whole = |parts: &[(Verdict, i64)]| Verdict::of_parts(parts).map(|whole| (whole.label, whole.score));
    assert_eq!(whole(&[(good, 1), (bad, 1)]), Some((Label::Mixed, 50_000)));
    assert_eq!(whole(&[(good, 9), (bad, 1)]), Some((Label::Positive, 650_000)));
    assert_eq!(whole(&[(bad, 3)]), Some((Label::Negative, -700_000)));
    assert_eq!(whole(&[]), None);
}

/// A verdict comes for a segment or the whole call, or the call ends.
#[derive(Debug, Clone)]
enum Step {
    Segment(usize, Label),
    Whole(Label),
    CallEnds,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let label = prop::sample::select(vec![Label::Positive, Label::Neutral, Label::Negative, Label::Mixed]);
    let step = prop_oneof![
        4 => (0..3_usize, label.clone()).prop_map(|(segment, label)| Step::Segment(segment, label)),
        2 => label.prop_map(Step::Whole),
        1 => Just(Step::CallEnds),
    ];
    prop::collection::vec(step, 0..40)
}

fn score_of(label: Label) -> i64 {
    match label {
        Label::Positive => 500_000,
        Label::Negative => -500_000,
        Label::Neutral | Label::Mixed => 0,
    }
}

proptest! {
    #[test]
    fn what_follows_from_scores_is_consistent(scores in prop::collection::vec((-1_000_000..=1_000_000_i64, 0..50_i64), 0..20)) {
        let parts: Vec<_> = scores.iter().map(|(score, weight)| (Verdict::of_score(*score), *weight)).collect();
        for (part, _) in &parts {
            prop_assert!(part.is_consistent(), "{part:?}");
        }
        if let Some(whole) = Verdict::of_parts(&parts) {
            prop_assert!(whole.is_consistent(), "{whole:?}");
        }
    }

    #[test]
    fn whole_calls_are_told_once_after_their_end_and_segments_when_they_turn_negative(steps in steps()) {
        let (mut ended, mut waiting, mut latest) = (false, Vec::new(), [None; 3]);
        let (mut expected_whole, mut told_whole) = (0, 0);
        for step in steps {
            match step {
                Step::Segment(segment, label) => {
                    let outcome = Outcome::Analyzed(verdict(label, score_of(label)));
                    let told = analysis(Some("s"), outcome).tell(latest[segment], ended, at(1));
                    let turned = label == Label::Negative && latest[segment] != Some(Label::Negative);
                    prop_assert_eq!(told.is_some(), turned);
                    if let Some((kept, EventData::SentimentAnalyzed(event))) = told {
                        prop_assert!(event.alert && event.segment_id.is_some());
                        prop_assert_eq!(kept.tell(None, true, at(2)), None);
                    }
                    latest[segment] = Some(label);
                }
                Step::Whole(label) => {
                    expected_whole += 1;
                    let whole = analysis(None, Outcome::Analyzed(verdict(label, score_of(label))));
                    match whole.tell(None, ended, at(1)) {
                        Some((_, EventData::SentimentAnalyzed(event))) => {
                            prop_assert!(ended);
                            prop_assert_eq!(event.alert, label == Label::Negative);
                            told_whole += 1;
                        }
                        _ => waiting.push(whole),
                    }
                }
                Step::CallEnds => {
                    ended = true;
                    for whole in waiting.drain(..) {
                        let (kept, _) = whole.tell(None, true, at(3)).unwrap();
                        prop_assert_eq!(kept.tell(None, true, at(4)), None);
                        told_whole += 1;
                    }
                }
            }
        }
        prop_assert_eq!(told_whole + waiting.len(), expected_whole);
        prop_assert!(!ended || waiting.is_empty());
    }
}
