//! How long an organisation keeps what.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest time that can be asked for, in days: a century.
pub const MAX_DAYS: i64 = 36_525;

/// How long an organisation keeps what, in whole days; null keeps it for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionPolicy {
    /// Calls that have ended, with all that belongs to them.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required, minimum = 1, maximum = 36_525)]
    pub calls_days: Option<i64>,
    /// Transcripts and sentiment of calls that have ended; the calls themselves stay.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required, minimum = 1, maximum = 36_525)]
    pub transcripts_days: Option<i64>,
    /// Who read or changed what.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required, minimum = 1, maximum = 36_525)]
    pub audit_days: Option<i64>,
}

/// From when on what is kept for `days` is kept at the time `now`.
pub fn kept_since(days: i64, now: Timestamp) -> Timestamp {
    let age = SignedDuration::from_hours(24 * days.clamp(1, MAX_DAYS));
    now.saturating_sub(age).unwrap_or(Timestamp::MIN)
}
