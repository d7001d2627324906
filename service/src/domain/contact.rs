//! A campaign's contacts: who is to be called, and what came of it. Pure.

mod attempt;

pub use attempt::{Attempt, ContactOutcome, Report, SettledBy};

use super::campaign::{CampaignDetails, RetryRules};
use super::language::is_language_tag;
use super::metadata::{is_kept_text, metadata};
use super::time_zone::time_zone;
use super::unfit::{Checks, Unfit, is_short_text};
use crate::numbers::is_e164;
use crate::wording::say;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest metadata of a contact, in bytes of JSON.
const MAX_METADATA: usize = 8 * 1024;

/// Where a contact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactStatus {
    /// Waits to be called.
    Pending,
    /// Has been handed out, and what came of it is not known yet.
    InProgress,
    /// Was reached.
    Reached,
    /// Was not reached, and is not called any more.
    Exhausted,
    /// Must not be called.
    Skipped,
}

impl ContactStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::InProgress, Self::Reached, Self::Exhausted, Self::Skipped];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Reached => "reached",
            Self::Exhausted => "exhausted",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// What is said of a contact from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactDetails {
    /// The number to call, E.164. A campaign has each number once.
    #[schema(example = "+420601123456")]
    pub number: String,
    /// What they are called.
    #[schema(example = "Jana Nováková", max_length = 100)]
    pub name: Option<String>,
    /// Their id elsewhere.
    #[schema(example = "crm-4711", max_length = 128)]
    pub external_id: Option<String>,
    /// Language to speak, a BCP 47 tag, in place of the campaign's.
    #[schema(example = "cs", max_length = 35)]
    pub language: Option<String>,
    /// Their time zone, in place of the campaign's.
    #[schema(example = "Europe/Bratislava", max_length = 64)]
    pub time_zone: Option<String>,
    /// What else the caller wants kept with them: at most 8 KiB, 16 levels deep, without U+0000.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl ContactDetails {
    /// All that does not fit.
    pub fn unfit(&self) -> Vec<Unfit> {
        let mut checks = Checks::default();
        checks.need(is_e164(&self.number), "#/number", say!("give-number"));
        let name = self.name.as_deref().is_none_or(|text| is_short_text(text, 100));
        checks.need(name, "#/name", say!("give-text", most = 100_usize));
        let external = self.external_id.as_deref().is_none_or(|text| is_short_text(text, 128));
        checks.need(external, "#/external_id", say!("give-text", most = 128_usize));
        let language = self.language.as_deref().is_none_or(is_language_tag);
        checks.need(language, "#/language", say!("give-language"));
        let zone = self.time_zone.as_deref().is_none_or(|name| time_zone(name).is_some());
        checks.need(zone, "#/time_zone", say!("give-time-zone"));
        let metadata = serde_json::to_string(&self.metadata).is_ok_and(|text| text.len() <= MAX_METADATA);
        checks.need(metadata, "#/metadata", say!("give-metadata-kib", most = 8_usize));
        // Deeper ones have come as JSON, and were looked at when they were read.
        let texts = self
            .metadata
            .iter()
            .all(|(key, value)| is_kept_text(key) && value.as_str().is_none_or(is_kept_text));
        checks.need(texts, "#/metadata", say!("give-no-nul"));
        checks.done()
    }
}

/// A contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation that it belongs to.
    pub organization_id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// What was said of it from outside.
    pub details: ContactDetails,
    /// Where it stands.
    pub status: ContactStatus,
    /// Why it stands there, such as `max_attempts` or `suppressed`.
    pub reason: Option<String>,
    /// How often it was handed out.
    pub attempt_count: i64,
    /// When it may be called again, while it is pending.
    pub due_at: Timestamp,
    /// When it became known.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What a report makes of a contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// The contact and its attempt change.
    Change(Box<(Contact, Attempt)>),
    /// It says nothing new.
    Nothing,
    /// Somebody said something else before.
    Refused,
}

/// For whom a contact is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    /// The user.
    pub user_id: String,
    /// What they call their request.
    pub request_id: Option<String>,
}

impl Contact {
    /// A new contact: it waits to be called, or must not be when its number is suppressed for this reason.
    pub fn new(
        id: String,
        organization_id: String,
        campaign_id: String,
        details: ContactDetails,
        suppressed: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let contact = Self {
            id,
            organization_id,
            campaign_id,
            details,
            status: ContactStatus::Pending,
            reason: None,
            attempt_count: 0,
            due_at: now,
            created_at: now,
            updated_at: now,
        };
        match suppressed {
            None => contact,
            Some(reason) => contact.suppressed(reason, now),
        }
    }

    /// The contact after it turned out that its number is suppressed, for this reason.
    #[must_use]
    pub fn suppressed(&self, reason: &str, now: Timestamp) -> Self {
        let reason =
            if reason.is_empty() { "suppressed".to_owned() } else { format!("suppressed: {reason}") };
        Self { status: ContactStatus::Skipped, reason: Some(reason), updated_at: now, ..self.clone() }
    }

    /// The contact after its person was erased: nobody calls them any more, and what came of it stays.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Self {
        match self.status {
            ContactStatus::Pending | ContactStatus::InProgress => Self {
                status: ContactStatus::Skipped,
                reason: Some("erased".to_owned()),
                updated_at: now,
                ..self.clone()
            },
            _ => self.clone(),
        }
    }

    /// The contact and its new attempt, after it was handed out.
    #[must_use]
    pub fn hand_out(
        &self,
        attempt_id: String,
        taker: &Taker,
        details: &CampaignDetails,
        now: Timestamp,
    ) -> (Self, Attempt) {
        let mut next = self.clone();
        next.status = ContactStatus::InProgress;
        next.reason = None;
        next.attempt_count += 1;
        next.updated_at = now;
        let attempt = Attempt {
            id: attempt_id,
            contact_id: self.id.clone(),
            number: next.attempt_count,
            user_id: taker.user_id.clone(),
            request_id: taker.request_id.clone(),
            dialled_at: now,
            lease_until: now.saturating_add(details.lease()).unwrap_or(now),
            outcome: None,
            settled_by: None,
            settled_at: None,
            call_id: None,
        };
        (next, attempt)
    }

    /// What a report about `attempt` makes of the contact. Somebody's word takes the place of how the call ended, and
    /// both that of a lease that ran out, while the attempt is the contact's last one.
    pub fn settle(
        &self,
        attempt: &Attempt,
        report: &Report,
        rules: &RetryRules,
        now: Timestamp,
    ) -> Settlement {
        let is_last = attempt.number == self.attempt_count;
        let gives_way = attempt.settled_by.is_none_or(|by| by < report.by);
        if !(is_last && gives_way) {
            let repeated = attempt.outcome == Some(report.outcome) || report.by != SettledBy::Report;
            return if repeated { Settlement::Nothing } else { Settlement::Refused };
        }
        let mut settled = attempt.clone();
        settled.outcome = Some(report.outcome);
        settled.settled_by = Some(report.by);
        settled.settled_at = Some(now);
        settled.call_id = report.call_id.clone().or(settled.call_id);
        let mut next = self.clone();
        next.updated_at = now;
        (next.status, next.reason) = match (report.outcome, rules.delays.after(report.outcome)) {
            (_, Some(delay)) if self.attempt_count < rules.max_attempts => {
                next.due_at = now.saturating_add(delay).unwrap_or(now);
                (ContactStatus::Pending, Some(report.outcome.as_str().to_owned()))
            }
            (_, Some(_)) => (ContactStatus::Exhausted, Some("max_attempts".to_owned())),
            (ContactOutcome::Reached, None) => (ContactStatus::Reached, None),
            (ContactOutcome::InvalidNumber, None) => {
                (ContactStatus::Exhausted, Some(report.outcome.as_str().to_owned()))
            }
            (_, None) => (ContactStatus::Skipped, Some(report.outcome.as_str().to_owned())),
        };
        Settlement::Change(Box::new((next, settled)))
    }
}
