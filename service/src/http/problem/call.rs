//! Errors about calls, how long they are kept, and persons who are erased from them.

use super::{Problem, ProblemKind};
use crate::calls::CallError;
use crate::data_retention::PolicyError;
use crate::domain::call::CallRefusal;
use crate::erasure::ErasureError;
use crate::wording::{Spoken, say};

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Stale => Self::new(ProblemKind::VersionConflict, error.sentence()),
            PolicyError::Store(error) => error.into(),
        }
    }
}

impl From<ErasureError> for Problem {
    fn from(error: ErasureError) -> Self {
        match error {
            ErasureError::UnknownContact => Self::new(ProblemKind::NotFound, error.sentence()),
            ErasureError::Store(error) => error.into(),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let detail = error.sentence();
        match error {
            CallError::Unknown => Self::not_found(),
            CallError::Stale { .. } => Self::new(ProblemKind::VersionConflict, detail),
            CallError::Refused {
                refusal: CallRefusal::EndedTooEarly(_) | CallRefusal::EndsInFuture, ..
            } => {
                let mut problem = Self::field("#/ended_at", say!("give-call-ended-at"));
                problem.0.detail = detail;
                problem
            }
            CallError::Refused { status, .. } => {
                Self::new(ProblemKind::CallState, detail).in_state(status.as_str(), status.allowed_actions())
            }
            CallError::Known { .. } => Self::new(ProblemKind::CallKnown, detail),
            CallError::Store(error) => error.into(),
        }
    }
}
