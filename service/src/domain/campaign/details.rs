//! What is said of a campaign from outside: whom it calls from, when, and how often.

use crate::domain::calling_window::CallingWindow;
use crate::domain::contact::ContactOutcome;
use crate::domain::language::is_language_tag;
use crate::domain::metadata::{metadata, optional_metadata};
use crate::domain::patch::given;
use crate::domain::time_zone::time_zone;
use crate::domain::unfit::{Checks, Unfit, is_long_text, is_short_text};
use crate::numbers::is_e164;
use crate::wording::say;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest delay before another attempt: 30 days, in seconds.
const MAX_DELAY: i64 = 30 * 24 * 3600;

/// What is said of a campaign from outside, when it is made or later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignDetails {
    /// What people call it.
    #[schema(example = "Spring renewals", min_length = 1, max_length = 100)]
    pub name: String,
    /// What it is about, for people.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// The number that contacts are called from, E.164.
    #[schema(example = "+420222333444")]
    pub from: String,
    /// Language to speak, a BCP 47 tag.
    #[schema(example = "cs", max_length = 35)]
    pub language: Option<String>,
    /// The zone of the calling windows, a name of the IANA database. A contact's own zone takes its place.
    #[schema(example = "Europe/Prague", max_length = 64)]
    pub time_zone: String,
    /// When contacts may be called; without any, at all times.
    #[serde(default)]
    #[schema(max_items = 28)]
    pub calling_windows: Vec<CallingWindow>,
    /// When it begins by itself, once it is scheduled.
    pub starts_at: Option<Timestamp>,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// How many contacts may be on their way at once.
    #[serde(default = "default_concurrency")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub max_concurrency: i64,
    /// How often, and after how long, a contact is called again.
    #[serde(default)]
    pub retry: RetryRules,
    /// How long, in seconds, somebody has for a contact that was handed out to them. After that, it goes back.
    #[serde(default = "default_lease")]
    #[schema(minimum = 10, maximum = 86_400)]
    pub lease_seconds: i64,
    /// What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

fn default_concurrency() -> i64 {
    10
}

fn default_lease() -> i64 {
    300
}

impl CampaignDetails {
    /// All that does not fit.
    pub fn unfit(&self) -> Vec<Unfit> {
        let mut checks = Checks::default();
        checks.need(is_short_text(&self.name, 100), "#/name", say!("give-text", most = 100_usize));
        let description = self.description.as_deref().is_none_or(|text| is_long_text(text, 2000));
        checks.need(description, "#/description", say!("give-long-text", most = 2000_usize));
        checks.need(is_e164(&self.from), "#/from", say!("give-number"));
        let language = self.language.as_deref().is_none_or(is_language_tag);
        checks.need(language, "#/language", say!("give-language"));
        checks.need(time_zone(&self.time_zone).is_some(), "#/time_zone", say!("give-time-zone"));
        let windows =
            self.calling_windows.len() <= 28 && self.calling_windows.iter().all(CallingWindow::is_sound);
        checks.need(windows, "#/calling_windows", say!("give-windows"));
        let in_order = !matches!((self.starts_at, self.ends_at), (Some(start), Some(end)) if end <= start);
        checks.need(in_order, "#/ends_at", say!("give-end-after-start"));
        let concurrency = (1..=10_000).contains(&self.max_concurrency);
        checks.need(
            concurrency,
            "#/max_concurrency",
            say!("give-number-between", least = 1_i64, most = 10_000_i64),
        );
        let attempts = (1..=20).contains(&self.retry.max_attempts);
        checks.need(
            attempts,
            "#/retry/max_attempts",
            say!("give-number-between", least = 1_i64, most = 20_i64),
        );
        let delays = self.retry.delays.all().iter().all(|delay| (0..=MAX_DELAY).contains(delay));
        checks.need(delays, "#/retry/delays", say!("give-delays"));
        let lease = (10..=86_400).contains(&self.lease_seconds);
        checks.need(lease, "#/lease_seconds", say!("give-number-between", least = 10_i64, most = 86_400_i64));
        checks.done()
    }

    /// The details with times in microseconds, which is what the database keeps.
    #[must_use]
    pub fn in_microseconds(mut self) -> Self {
        let whole = |time: Timestamp| Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time);
        self.starts_at = self.starts_at.map(whole);
        self.ends_at = self.ends_at.map(whole);
        self
    }

    /// How long somebody has for a contact.
    pub fn lease(&self) -> SignedDuration {
        SignedDuration::from_secs(self.lease_seconds)
    }
}

/// How often, and after how long, a contact is called again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryRules {
    /// How often a contact is called at most.
    #[schema(minimum = 1, maximum = 20, default = 3)]
    pub max_attempts: i64,
    /// How long to wait before the next attempt.
    pub delays: RetryDelays,
}

impl Default for RetryRules {
    fn default() -> Self {
        Self { max_attempts: 3, delays: RetryDelays::default() }
    }
}

/// How long to wait before the next attempt, in seconds, by what came of the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryDelays {
    /// Nobody answered.
    pub no_answer: i64,
    /// The line was busy.
    pub busy: i64,
    /// The call was declined.
    pub rejected: i64,
    /// A fault ended the call.
    pub failed: i64,
    /// A machine answered.
    pub voicemail: i64,
    /// The call was given up before it was answered.
    pub canceled: i64,
    /// Nobody said what came of it.
    pub lease_expired: i64,
}

impl Default for RetryDelays {
    fn default() -> Self {
        Self {
            no_answer: 3600,
            busy: 600,
            rejected: 14_400,
            failed: 900,
            voicemail: 14_400,
            canceled: 60,
            lease_expired: 300,
        }
    }
}

impl RetryDelays {
    fn all(&self) -> [i64; 7] {
        [
            self.no_answer,
            self.busy,
            self.rejected,
            self.failed,
            self.voicemail,
            self.canceled,
            self.lease_expired,
        ]
    }

    /// The delay after an outcome that lets a contact be called again; none after one that settles it for good.
    pub fn after(&self, outcome: ContactOutcome) -> Option<SignedDuration> {
        let seconds = match outcome {
            ContactOutcome::NoAnswer => self.no_answer,
            ContactOutcome::Busy => self.busy,
            ContactOutcome::Rejected => self.rejected,
            ContactOutcome::Failed => self.failed,
            ContactOutcome::Voicemail => self.voicemail,
            ContactOutcome::Canceled => self.canceled,
            ContactOutcome::LeaseExpired => self.lease_expired,
            ContactOutcome::Reached | ContactOutcome::InvalidNumber | ContactOutcome::DoNotCall => {
                return None;
            }
        };
        Some(SignedDuration::from_secs(seconds))
    }
}

/// What is to change of a campaign: what is left out stays, and null takes away.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CampaignChange {
    /// What people call it.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// What it is about; null for nothing.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Option<Option<String>>,
    /// The number that contacts are called from, E.164.
    pub from: Option<String>,
    /// Language to speak; null for none.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 35)]
    pub language: Option<Option<String>>,
    /// The zone of the calling windows.
    pub time_zone: Option<String>,
    /// When contacts may be called, all of it anew.
    pub calling_windows: Option<Vec<CallingWindow>>,
    /// When it begins by itself; null for never.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Timestamp>)]
    pub starts_at: Option<Option<Timestamp>>,
    /// When it ends by itself; null for when its contacts are done.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Timestamp>)]
    pub ends_at: Option<Option<Timestamp>>,
    /// How many contacts may be on their way at once.
    #[schema(minimum = 1, maximum = 10_000)]
    pub max_concurrency: Option<i64>,
    /// How often and after how long a contact is called again, all of it anew.
    pub retry: Option<RetryRules>,
    /// How long, in seconds, somebody has for a contact.
    #[schema(minimum = 10, maximum = 86_400)]
    pub lease_seconds: Option<i64>,
    /// What else is kept with it, all of it anew.
    #[serde(deserialize_with = "optional_metadata")]
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

impl CampaignChange {
    /// The details after the change.
    pub(super) fn applied_to(self, details: &CampaignDetails) -> CampaignDetails {
        let old = details.clone();
        CampaignDetails {
            name: self.name.unwrap_or(old.name),
            description: self.description.unwrap_or(old.description),
            from: self.from.unwrap_or(old.from),
            language: self.language.unwrap_or(old.language),
            time_zone: self.time_zone.unwrap_or(old.time_zone),
            calling_windows: self.calling_windows.unwrap_or(old.calling_windows),
            starts_at: self.starts_at.unwrap_or(old.starts_at),
            ends_at: self.ends_at.unwrap_or(old.ends_at),
            max_concurrency: self.max_concurrency.unwrap_or(old.max_concurrency),
            retry: self.retry.unwrap_or(old.retry),
            lease_seconds: self.lease_seconds.unwrap_or(old.lease_seconds),
            metadata: self.metadata.unwrap_or(old.metadata),
        }
        .in_microseconds()
    }
}
