//! Errors about what is said in calls.

use super::{Problem, ProblemKind};
use crate::domain::sentiment::SentimentRefusal;
use crate::domain::transcript::{TranscriptRefusal, TranscriptStatus};
use crate::identity::permission::Permission;
use crate::sentiments::SentimentError;
use crate::transcripts::TranscriptError;
use crate::wording::Spoken;

impl From<TranscriptError> for Problem {
    fn from(error: TranscriptError) -> Self {
        let detail = error.sentence();
        match error {
            TranscriptError::Unknown => Self::not_found(),
            TranscriptError::Stale { .. } => Self::new(ProblemKind::VersionConflict, detail),
            TranscriptError::Partial { .. } => Self::new(ProblemKind::TranscriptState, detail)
                .in_state(TranscriptStatus::Open.as_str(), TranscriptStatus::Open.allowed_actions()),
            TranscriptError::Refused { refusal, status } => match refusal {
                TranscriptRefusal::Gap { expected, .. } => {
                    let mut problem = Self::new(ProblemKind::SegmentGap, detail);
                    problem.0.expected_sequence = Some(expected);
                    problem
                }
                TranscriptRefusal::Final(_) => Self::new(ProblemKind::SegmentFinal, detail),
                TranscriptRefusal::Range(_)
                | TranscriptRefusal::Full
                | TranscriptRefusal::TooManyRedactions => Self::new(ProblemKind::InvalidField, detail),
                TranscriptRefusal::State { .. }
                | TranscriptRefusal::Partial(_)
                | TranscriptRefusal::NotFinal(_) => Self::new(ProblemKind::TranscriptState, detail)
                    .in_state(status.as_str(), status.allowed_actions()),
            },
            TranscriptError::Store(error) => error.into(),
        }
    }
}

impl From<SentimentError> for Problem {
    fn from(error: SentimentError) -> Self {
        let detail = error.sentence();
        match error {
            SentimentError::Unknown => Self::not_found(),
            SentimentError::Forbidden => Self::forbidden(Permission::AgentSentiment),
            SentimentError::OtherParty(_) => Self::new(ProblemKind::InvalidField, detail),
            SentimentError::Refused { refusal: SentimentRefusal::AgentAudio, .. } => {
                Self::new(ProblemKind::AgentAudio, detail)
            }
            SentimentError::Refused { status, .. } => Self::new(ProblemKind::SentimentState, detail)
                .in_state(status.as_str(), status.allowed_actions()),
            SentimentError::Store(error) => error.into(),
        }
    }
}
