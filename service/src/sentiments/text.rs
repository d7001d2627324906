//! From what a party said to verdicts on it.

use super::analyzer::{AnalyzerError, SentimentAnalyzer};
use crate::domain::sentiment::{Outcome, SegmentReference, Verdict};
use crate::domain::transcript::segment::{Party, Segment};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long an analysis may take, the wait for its turn included. An answer has more time than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was said in a call.
#[derive(Debug)]
pub(super) struct Spoken {
    /// Language of what has none of its own.
    pub(super) language: Option<String>,
    /// All segments.
    pub(super) segments: Vec<Segment>,
    /// Whose mood is to be told.
    pub(super) party: Party,
}

/// What came of an analysis.
#[derive(Debug)]
pub(super) struct Judged {
    /// Of the whole call.
    pub(super) whole: Outcome,
    /// Of each segment that was judged.
    pub(super) segments: Vec<(SegmentReference, Verdict)>,
}

/// Has the party's final segments judged that are in a language which the analyser knows. When these are fewer than
/// half, the whole call is not judged.
pub(super) async fn judge(analyzer: &dyn SentimentAnalyzer, turns: &Semaphore, spoken: Spoken) -> Judged {
    let party = spoken.party;
    let of_party: Vec<&Segment> = spoken
        .segments
        .iter()
        .filter(|segment| segment.details.party == party && segment.details.is_final)
        .collect();
    let language_of =
        |segment: &Segment| segment.details.language.clone().or_else(|| spoken.language.clone());
    let known: Vec<&Segment> = of_party
        .iter()
        .copied()
        .filter(|segment| language_of(segment).is_some_and(|language| analyzer.knows(&language)))
        .collect();
    let skipped = |reason: String| Judged { whole: Outcome::Skipped(reason), segments: Vec::new() };
    if of_party.is_empty() {
        return skipped(format!("the {} has no final segment in the transcript", party.as_str()));
    }
    let unknown =
        of_party.iter().filter_map(|segment| language_of(segment)).find(|language| !analyzer.knows(language));
    let lacking = unknown.map_or_else(
        || "the language of the transcript is not known: give it with the segments".to_owned(),
        |language| format!("the analyser {} does not know the language {language}", analyzer.method()),
    );
    if known.is_empty() {
        return skipped(lacking);
    }
    let texts = known.iter().map(|segment| segment.details.text.clone()).collect();
    let work = async {
        let _turn = turns.acquire().await;
        analyzer.analyze(texts).await
    };
    let verdicts = match tokio::time::timeout(PATIENCE, work).await {
        Err(_) => Err(AnalyzerError::TooLong),
        Ok(Ok(verdicts)) if verdicts.len() != known.len() || !verdicts.iter().all(fits) => {
            Err(AnalyzerError::Failed("the analyser gave verdicts that do not fit".to_owned()))
        }
        Ok(outcome) => outcome,
    };
    let verdicts = match verdicts {
        Ok(verdicts) => verdicts,
        Err(error) => return Judged { whole: Outcome::Failed(error.to_string()), segments: Vec::new() },
    };
    let weighed: Vec<(Verdict, i64)> =
        known.iter().zip(&verdicts).map(|(segment, verdict)| (*verdict, segment.words().max(1))).collect();
    let whole = if known.len() * 2 < of_party.len() {
        Outcome::Skipped(lacking)
    } else {
        Verdict::of_parts(&weighed).map_or(Outcome::Skipped(lacking), Outcome::Analyzed)
    };
    let reference =
        |segment: &Segment| SegmentReference { id: segment.id.clone(), sequence: segment.details.sequence };
    Judged { whole, segments: known.into_iter().map(reference).zip(verdicts).collect() }
}

fn fits(verdict: &Verdict) -> bool {
    verdict.is_consistent()
        && verdict.score.abs() <= 1_000_000
        && verdict.confidence.is_none_or(|confidence| (0..=1_000_000).contains(&confidence))
}
