//! Transcripts as callers see them.

use crate::domain::fraction;
use crate::domain::transcript::segment::{Party, Redaction, Segment};
use crate::domain::transcript::{Transcript, TranscriptStatus};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What came of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct AppendAnswer {
    #[serde(flatten)]
    pub(super) transcript: TranscriptStateAnswer,
    /// How many segments were new.
    pub(super) added: usize,
    /// How many took the place of partial ones.
    pub(super) replaced: usize,
    /// How many said nothing new.
    pub(super) unchanged: usize,
}

/// A transcript, without its segments.
#[derive(Serialize, ToSchema)]
pub(super) struct TranscriptStateAnswer {
    /// A `UUIDv7`.
    pub(super) id: String,
    /// The call that it is of.
    pub(super) call_id: String,
    /// Where it stands.
    pub(super) status: TranscriptStatus,
    /// Counts its changes; its `ETag`.
    #[schema(minimum = 1)]
    pub(super) version: i64,
    /// Language spoken, a BCP 47 tag.
    pub(super) language: Option<String>,
    /// How many segments it has.
    pub(super) segment_count: i64,
    /// How many of them are not final.
    pub(super) partial_count: i64,
    /// How many words they have.
    pub(super) word_count: i64,
    /// Mean confidence of the segments that have one.
    #[schema(minimum = 0, maximum = 1)]
    pub(super) average_confidence: Option<f64>,
    /// Why it failed.
    pub(super) failure_reason: Option<String>,
    /// When it began.
    pub(super) created_at: Timestamp,
    /// When it changed last.
    pub(super) updated_at: Timestamp,
    /// When it was completed.
    pub(super) completed_at: Option<Timestamp>,
}

/// What came of a redaction.
#[derive(Serialize, ToSchema)]
pub(super) struct RedactAnswer {
    #[serde(flatten)]
    pub(super) transcript: TranscriptStateAnswer,
    /// The segment.
    pub(super) sequence: i64,
    /// All that was taken out of it.
    pub(super) redactions: Vec<Redaction>,
}

/// A transcript.
#[derive(Serialize, ToSchema)]
pub(super) struct TranscriptAnswer {
    #[serde(flatten)]
    pub(super) summary: TranscriptStateAnswer,
    /// What was said, in order.
    pub(super) segments: Vec<SegmentAnswer>,
}

/// What one side said without a pause.
#[derive(Serialize, ToSchema)]
pub(super) struct SegmentAnswer {
    /// A `UUIDv7`.
    pub(super) id: String,
    /// Its place in the transcript, from 1.
    pub(super) sequence: i64,
    /// Who said it.
    pub(super) party: Party,
    /// What was said; in place of each redacted character stands `█`.
    pub(super) text: String,
    /// When it begins, in milliseconds from the call's start.
    pub(super) starts_ms: i64,
    /// When it ends, in milliseconds from the call's start.
    pub(super) ends_ms: i64,
    /// How sure the recogniser was.
    #[schema(minimum = 0, maximum = 1)]
    pub(super) confidence: Option<f64>,
    /// Language spoken, where it is not the transcript's.
    pub(super) language: Option<String>,
    /// Whether it stays as it is.
    pub(super) is_final: bool,
    /// What was taken out of it.
    pub(super) redactions: Vec<Redaction>,
}

impl From<Transcript> for TranscriptStateAnswer {
    fn from(transcript: Transcript) -> Self {
        Self {
            average_confidence: transcript.totals.average_confidence(),
            id: transcript.id,
            call_id: transcript.call_id,
            status: transcript.status,
            version: transcript.version,
            language: transcript.language,
            segment_count: transcript.totals.segments,
            partial_count: transcript.totals.partial,
            word_count: transcript.totals.words,
            failure_reason: transcript.failure_reason,
            created_at: transcript.created_at,
            updated_at: transcript.updated_at,
            completed_at: transcript.completed_at,
        }
    }
}

impl From<Segment> for SegmentAnswer {
    fn from(segment: Segment) -> Self {
        let details = segment.details;
        Self {
            id: segment.id,
            sequence: details.sequence,
            party: details.party,
            text: details.text,
            starts_ms: details.starts_ms,
            ends_ms: details.ends_ms,
            confidence: details.confidence.map(fraction),
            language: details.language,
            is_final: details.is_final,
            redactions: segment.redactions,
        }
    }
}
