//! One time that a contact was handed out to be called, and what came of it.

use crate::domain::call::CallStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactOutcome {
    /// Somebody talked with the contact: they are not called any more.
    Reached,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The call was declined.
    Rejected,
    /// A fault ended the call.
    Failed,
    /// A machine answered.
    Voicemail,
    /// The call was given up before it was answered.
    Canceled,
    /// The number is nobody's: it is not called any more.
    InvalidNumber,
    /// The contact does not want to be called: their number is suppressed.
    DoNotCall,
    /// Nobody said in time what came of it.
    LeaseExpired,
}

impl ContactOutcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Reached,
        Self::NoAnswer,
        Self::Busy,
        Self::Rejected,
        Self::Failed,
        Self::Voicemail,
        Self::Canceled,
        Self::InvalidNumber,
        Self::DoNotCall,
        Self::LeaseExpired,
    ];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Voicemail => "voicemail",
            Self::Canceled => "canceled",
            Self::InvalidNumber => "invalid_number",
            Self::DoNotCall => "do_not_call",
            Self::LeaseExpired => "lease_expired",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// What the end of a call says: its outcome where that is one of ours, such as `do_not_call`, else its status. None
    /// before its end.
    pub fn of_call(status: CallStatus, outcome: Option<&str>) -> Option<Self> {
        let by_status = match status {
            CallStatus::Completed => Self::Reached,
            CallStatus::Failed => Self::Failed,
            CallStatus::NoAnswer => Self::NoAnswer,
            CallStatus::Busy => Self::Busy,
            CallStatus::Rejected => Self::Rejected,
            CallStatus::Canceled => Self::Canceled,
            CallStatus::Queued | CallStatus::Ringing | CallStatus::InProgress => return None,
        };
        let by_name = outcome.and_then(Self::from_name).filter(|outcome| *outcome != Self::LeaseExpired);
        Some(by_name.unwrap_or(by_status))
    }
}

/// Whose word an attempt's outcome is. A later one in this order takes the place of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    /// Nobody's: the time was up.
    Lease,
    /// How the call ended.
    Call,
    /// Somebody said so.
    Report,
}

impl SettledBy {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Call => "call",
            Self::Report => "report",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Lease, Self::Call, Self::Report].into_iter().find(|by| by.as_str() == name)
    }
}

/// One time that a contact was handed out to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `UUIDv7`.
    pub id: String,
    /// The contact.
    pub contact_id: String,
    /// Which attempt at this contact it is, from 1.
    pub number: i64,
    /// Who took it.
    pub user_id: String,
    /// What they called their request.
    pub request_id: Option<String>,
    /// When it was handed out to be dialled.
    pub dialled_at: Timestamp,
    /// Until when they are to say what came of it.
    pub lease_until: Timestamp,
    /// What came of it.
    pub outcome: Option<ContactOutcome>,
    /// Whose word that is.
    pub settled_by: Option<SettledBy>,
    /// When that was known.
    pub settled_at: Option<Timestamp>,
    /// The call.
    pub call_id: Option<String>,
}

/// What is said to have come of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What came of it.
    pub outcome: ContactOutcome,
    /// Whose word it is.
    pub by: SettledBy,
    /// The call.
    pub call_id: Option<String>,
}
