//! What goes wrong with campaigns, as callers see it.

use super::{Problem, ProblemKind};
use crate::campaigns::CampaignError;
use crate::campaigns::import::{Break, ImportError};
use crate::domain::contact::ContactStatus;
use crate::domain::unfit::Unfit;
use crate::http::fields::Fields;
use crate::wording::Spoken;

impl From<CampaignError> for Problem {
    fn from(error: CampaignError) -> Self {
        let detail = error.sentence();
        match error {
            CampaignError::Unknown => Self::not_found(),
            CampaignError::Stale { .. } => Self::new(ProblemKind::VersionConflict, detail),
            CampaignError::Refused { status, .. } => {
                Self::state(ProblemKind::CampaignState, detail, status.as_str(), status.allowed_actions())
            }
            CampaignError::Unfit(unfit) => unfit_fields(unfit),
            CampaignError::Known { .. } => Self::new(ProblemKind::ContactKnown, detail),
            CampaignError::NoAttempt(status) => {
                let allowed: &[&str] = match status {
                    ContactStatus::InProgress => &["result"],
                    _ => &[],
                };
                Self::state(ProblemKind::ContactState, detail, status.as_str(), allowed)
            }
            CampaignError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let detail = error.sentence();
        match error {
            ImportError::Campaign(error) => error.into(),
            ImportError::Broken { cause, .. } => {
                let kind = match cause {
                    Break::TooLarge => ProblemKind::ContentTooLarge,
                    Break::Cut => ProblemKind::MalformedRequest,
                    Break::Rows(_) => ProblemKind::InvalidField,
                };
                Self::new(kind, detail)
            }
        }
    }
}

fn unfit_fields(unfit: Vec<Unfit>) -> Problem {
    let mut fields = Fields::default();
    fields.take(unfit);
    match fields.check() {
        Err(problem) => problem,
        Ok(()) => Problem::internal(),
    }
}
