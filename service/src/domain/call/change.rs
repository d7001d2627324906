//! What can be said anew of a call, whatever its state: it changes nothing about its course.

use super::{Call, Recording};
use crate::domain::metadata::optional_metadata;
use crate::domain::patch::given;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be said anew; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallChange {
    /// The agent who handles it; null for none.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub agent_id: Option<Option<String>>,
    /// Language spoken, a BCP 47 tag; null for not known.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 35)]
    pub language: Option<Option<String>>,
    /// Its recording; null for none.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Recording>)]
    pub recording: Option<Option<Recording>>,
    /// What else is kept with it, all of it anew.
    #[serde(deserialize_with = "optional_metadata")]
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Call {
    /// The call with what is said anew at the time `now`.
    #[must_use]
    pub fn with(&self, change: CallChange, now: Timestamp) -> Self {
        let mut next = self.clone();
        let details = &mut next.details;
        details.agent_id = change.agent_id.unwrap_or(details.agent_id.take());
        details.language = change.language.unwrap_or(details.language.take());
        details.recording = change.recording.unwrap_or(details.recording.take());
        if let Some(metadata) = change.metadata {
            details.metadata = metadata;
        }
        next.changed(0, now.max(self.updated_at));
        next
    }
}
