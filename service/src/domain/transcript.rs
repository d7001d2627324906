//! A transcript's life: segments come in batches, it is completed, and parts may be redacted. Pure: time and ids come
//! in, events go out.
//!
//! The sequence of segments has no gap: each place is taken once, by a partial segment, which may be replaced, or by a
//! final one, which stays.

pub mod query;
pub mod segment;
#[cfg(test)]
mod tests;
pub mod vtt;
pub mod words;

use super::event::{CallTranscribed, EventData};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::Timestamp;
use segment::{Redaction, Segment, SegmentDetails};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How many segments a transcript has at most.
pub const MOST_SEGMENTS: i64 = 10_000;
/// How many redactions a segment has at most.
const MOST_REDACTIONS: usize = 100;

/// Where a transcript stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptStatus {
    /// It takes segments.
    Open,
    /// All is written down.
    Completed,
    /// Whoever wrote it down gave up. More segments take it up again.
    Failed,
}

impl TranscriptStatus {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Completed, Self::Failed].into_iter().find(|status| status.as_str() == name)
    }

    /// The actions that are possible from here, by their names in paths.
    pub fn allowed_actions(self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Failed => &["segments", "complete", "redactions"],
            Self::Completed => &["redactions"],
        }
    }
}

/// How a transcript comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// All is written down.
    Completed,
    /// It cannot be written down, for this reason.
    Failed(Option<String>),
}

/// What a transcript's segments sum up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many there are, and the greatest sequence.
    pub segments: i64,
    /// How many of them may still be replaced.
    pub partial: i64,
    /// How many words they have.
    pub words: i64,
    /// Sum of the confidences that there are, in millionths.
    pub confidence_sum: i64,
    /// How many have a confidence.
    pub confidence_count: i64,
}

impl Totals {
    fn count(&mut self, segment: &Segment, sign: i64) {
        self.segments += sign;
        self.partial += sign * i64::from(!segment.details.is_final);
        self.words += sign * segment.words();
        if let Some(confidence) = segment.details.confidence {
            self.confidence_sum += sign * confidence;
            self.confidence_count += sign;
        }
    }

    /// Mean confidence, 0 to 1.
    pub fn average_confidence(&self) -> Option<f64> {
        if self.confidence_count == 0 {
            return None;
        }
        Some(super::fraction(self.confidence_sum / self.confidence_count))
    }
}

/// A transcript, without its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation that it belongs to.
    pub organization_id: String,
    /// The call that it is of.
    pub call_id: String,
    /// Where it stands.
    pub status: TranscriptStatus,
    /// Counts its changes; the first is 1.
    pub version: i64,
    /// Language spoken, a BCP 47 tag.
    pub language: Option<String>,
    /// What its segments sum up to.
    pub totals: Totals,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// When its completion was told of.
    pub told_at: Option<Timestamp>,
}

/// What a batch of segments made of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The transcript after it.
    pub transcript: Transcript,
    /// New segments, in order.
    pub added: Vec<Segment>,
    /// Segments that took the place of partial ones, with their ids.
    pub replaced: Vec<Segment>,
    /// How many said nothing new.
    pub unchanged: usize,
}

/// What a transcript can take while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// More of what is said.
    Segments,
    /// Another language.
    Language,
    /// An ending that it did not have.
    Ending,
}

/// Why something cannot be done with a transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptRefusal {
    /// Its state does not allow it.
    State {
        /// What it was to take.
        what: Taken,
        /// Where it stands.
        current: TranscriptStatus,
    },
    /// Segments are missing before one.
    Gap {
        /// The sequence that came.
        given: i64,
        /// The one that was to come.
        expected: i64,
    },
    /// A final segment was to become another.
    Final(i64),
    /// It has as many segments as it may.
    Full,
    /// Segments may still be replaced.
    Partial(i64),
    /// What is to be redacted may still be replaced.
    NotFinal(i64),
    /// The range does not lie in the segment.
    Range(usize),
    /// The segment has as many redactions as it may.
    TooManyRedactions,
}

impl Spoken for TranscriptRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::State { what, current } => {
                let current = current.as_str();
                match what {
                    Taken::Segments => say!("transcript-segments", current = current),
                    Taken::Language => say!("transcript-language", current = current),
                    Taken::Ending => say!("transcript-ending", current = current),
                }
            }
            Self::Gap { given, expected } => say!("segment-gap", given = *given, expected = *expected),
            Self::Final(sequence) => say!("segment-final", sequence = *sequence),
            Self::Full => say!("segments-full", most = MOST_SEGMENTS),
            Self::Partial(count) => say!("segments-partial", count = *count),
            Self::NotFinal(sequence) => say!("segment-not-final", sequence = *sequence),
            Self::Range(characters) => say!("redaction-range", characters = *characters),
            Self::TooManyRedactions => say!("redactions-full", most = MOST_REDACTIONS),
        }
    }
}

shown_in_english!(TranscriptRefusal);

impl Transcript {
    /// A transcript without segments, at version 0: its first change makes it known.
    pub fn new(
        id: String,
        organization_id: String,
        call_id: String,
        language: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id,
            call_id,
            status: TranscriptStatus::Open,
            version: 0,
            language,
            totals: Totals::default(),
            failure_reason: None,
            created_at: now,
            updated_at: now,
            completed_at: None,
            told_at: None,
        }
    }

    /// Takes in a batch. `known` has the segments that there are of those in the batch; each of the batch comes with
    /// the id that it gets when it is new. All of the batch is taken, or nothing.
    pub fn append(
        &self,
        known: &BTreeMap<i64, Segment>,
        language: Option<String>,
        mut batch: Vec<(String, SegmentDetails)>,
        now: Timestamp,
    ) -> Result<Appended, TranscriptRefusal> {
        // Among those of one place, the later ones say more.
        batch.sort_by_key(|(_, details)| details.sequence);
        let mut totals = self.totals;
        let mut added: BTreeMap<i64, Segment> = BTreeMap::new();
        let mut replaced: BTreeMap<i64, Segment> = BTreeMap::new();
        let mut unchanged = 0;
        for (id, details) in batch {
            let sequence = details.sequence;
            let before =
                added.get(&sequence).or_else(|| replaced.get(&sequence)).or_else(|| known.get(&sequence));
            let Some(before) = before else {
                if self.status == TranscriptStatus::Completed {
                    return Err(TranscriptRefusal::State { what: Taken::Segments, current: self.status });
                }
                let expected = totals.segments + 1;
                if sequence != expected {
                    return Err(TranscriptRefusal::Gap { given: sequence, expected });
                }
                if expected > MOST_SEGMENTS {
                    return Err(TranscriptRefusal::Full);
                }
                let segment = Segment { id, details, redactions: Vec::new() };
                totals.count(&segment, 1);
                added.insert(sequence, segment);
                continue;
            };
            if before.details.is_final {
                // A partial one that comes late says less than what is known.
                if details.is_final && !before.says_the_same(&details) {
                    return Err(TranscriptRefusal::Final(sequence));
                }
                unchanged += 1;
                continue;
            }
            if before.details == details {
                unchanged += 1;
                continue;
            }
            let next = Segment { id: before.id.clone(), details, redactions: Vec::new() };
            totals.count(before, -1);
            totals.count(&next, 1);
            let place = if added.contains_key(&sequence) { &mut added } else { &mut replaced };
            place.insert(sequence, next);
        }
        let mut transcript = self.clone();
        let changes_language = language.is_some() && language != self.language;
        if changes_language && self.status == TranscriptStatus::Completed {
            return Err(TranscriptRefusal::State { what: Taken::Language, current: self.status });
        }
        if changes_language || !added.is_empty() || !replaced.is_empty() {
            transcript.totals = totals;
            transcript.language = language.or(transcript.language);
            transcript.status = TranscriptStatus::Open;
            transcript.failure_reason = None;
            transcript.touch(now);
        }
        Ok(Appended {
            transcript,
            added: added.into_values().collect(),
            replaced: replaced.into_values().collect(),
            unchanged,
        })
    }

    /// Brings it to its end, and tells of it where the call has ended. Saying the same again changes nothing: then
    /// there is no transcript in the answer.
    pub fn finish(
        &self,
        ending: &Ending,
        call_has_ended: bool,
        now: Timestamp,
    ) -> Result<Option<(Self, Option<EventData>)>, TranscriptRefusal> {
        let mut next = self.clone();
        match (self.status, ending) {
            (TranscriptStatus::Completed, Ending::Completed) => return Ok(None),
            (TranscriptStatus::Failed, Ending::Failed(reason)) if *reason == self.failure_reason => {
                return Ok(None);
            }
            (TranscriptStatus::Completed, Ending::Failed(_)) => {
                return Err(TranscriptRefusal::State { what: Taken::Ending, current: self.status });
            }
            (_, Ending::Failed(reason)) => {
                next.status = TranscriptStatus::Failed;
                next.failure_reason.clone_from(reason);
            }
            (_, Ending::Completed) if self.totals.partial > 0 => {
                return Err(TranscriptRefusal::Partial(self.totals.partial));
            }
            (_, Ending::Completed) => {
                next.status = TranscriptStatus::Completed;
                next.failure_reason = None;
                next.completed_at = Some(now.max(self.updated_at));
            }
        }
        next.touch(now);
        let told = if call_has_ended { next.tell(now) } else { None };
        Ok(Some(told.map_or((next, None), |(told, event)| (told, Some(event)))))
    }

    /// What is told of it now that its call has ended, if it is completed and has not been told of.
    pub fn tell(&self, now: Timestamp) -> Option<(Self, EventData)> {
        if self.status != TranscriptStatus::Completed || self.told_at.is_some() {
            return None;
        }
        let event = EventData::CallTranscribed(CallTranscribed {
            call_id: self.call_id.clone(),
            transcript_id: self.id.clone(),
            language: self.language.clone(),
            segment_count: self.totals.segments,
            word_count: self.totals.words,
            average_confidence: self.totals.average_confidence(),
            url: format!("/calls/{}/transcript", self.call_id),
        });
        Some((Self { told_at: Some(now), ..self.clone() }, event))
    }

    /// Takes a part of a final segment out, for good. What is redacted already changes nothing: then there is no
    /// transcript in the answer.
    pub fn redact(
        &self,
        segment: &Segment,
        range: Redaction,
        now: Timestamp,
    ) -> Result<Option<(Self, Segment)>, TranscriptRefusal> {
        if !segment.details.is_final {
            return Err(TranscriptRefusal::NotFinal(segment.details.sequence));
        }
        let length = segment.details.text.chars().count();
        if range.start >= range.end || range.end > length {
            return Err(TranscriptRefusal::Range(length));
        }
        if segment.redactions.iter().any(|known| (known.start, known.end) == (range.start, range.end)) {
            return Ok(None);
        }
        if segment.redactions.len() >= MOST_REDACTIONS {
            return Err(TranscriptRefusal::TooManyRedactions);
        }
        let next_segment = segment.without(range);
        let mut next = self.clone();
        next.totals.count(segment, -1);
        next.totals.count(&next_segment, 1);
        next.touch(now);
        Ok(Some((next, next_segment)))
    }

    fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now.max(self.updated_at);
    }
}
