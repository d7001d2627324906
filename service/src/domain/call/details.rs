//! What is said of a call from outside: who, whom, and on whose behalf.

use crate::domain::metadata::metadata;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which side began the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The customer called.
    Inbound,
    /// We called.
    Outbound,
}

impl Direction {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Inbound, Self::Outbound].into_iter().find(|direction| direction.as_str() == name)
    }
}

/// Whether those who are recorded have agreed to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingConsent {
    /// Nobody has said.
    #[default]
    Unknown,
    /// They have agreed.
    Granted,
    /// They have not: there must be no recording.
    Denied,
}

impl RecordingConsent {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Granted => "granted",
            Self::Denied => "denied",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Unknown, Self::Granted, Self::Denied].into_iter().find(|consent| consent.as_str() == name)
    }
}

/// The recording of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Where it is, an https URL; kept elsewhere, by the provider as a rule.
    #[schema(example = "https://recordings.example.com/RE123.mp3", max_length = 2048)]
    pub url: Option<String>,
    /// Whether those who are recorded have agreed to it.
    #[serde(default)]
    pub consent: RecordingConsent,
}

/// What is said of a call from outside, when it is made known or later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallDetails {
    /// Which side began it.
    pub direction: Direction,
    /// The calling number, E.164.
    #[schema(example = "+420601123456")]
    pub from: String,
    /// The called number, E.164.
    #[schema(example = "+420222333444")]
    pub to: String,
    /// The campaign that it is part of.
    pub campaign_id: Option<String>,
    /// The campaign's contact who is called.
    pub contact_id: Option<String>,
    /// The agent who handles it.
    pub agent_id: Option<String>,
    /// The telephony provider that carries it.
    #[schema(example = "twilio", max_length = 64)]
    pub provider: Option<String>,
    /// Its id at the provider: there is one call with it.
    #[schema(example = "CA0123456789abcdef0123456789abcdef", max_length = 255)]
    pub provider_call_id: Option<String>,
    /// Language spoken, a BCP 47 tag.
    #[schema(example = "cs", max_length = 35)]
    pub language: Option<String>,
    /// Its recording, if there is one or somebody said whether there may be.
    pub recording: Option<Recording>,
    /// What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl CallDetails {
    /// Takes in where the recording is, unless one is known or nobody agreed to it; whether that is new.
    pub(super) fn recorded_at(&mut self, url: &str) -> bool {
        let recording = self.recording.get_or_insert_default();
        let is_new = recording.url.is_none() && recording.consent != RecordingConsent::Denied;
        if is_new {
            recording.url = Some(url.to_owned());
        }
        is_new
    }
}
