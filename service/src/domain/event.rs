//! The events that other modules act on, as they are published.

use super::call::{CallStatus, Direction};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Version of the envelope and of the data in it.
pub const EVENT_VERSION: &str = "1.0.0";

/// What happened: the part of an event that its type decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum EventData {
    /// `call.started`.
    CallStarted(CallStarted),
    /// `call.ended`.
    CallEnded(CallEnded),
    /// `call.transcribed`.
    CallTranscribed(CallTranscribed),
    /// `campaign.completed`.
    CampaignCompleted(CampaignCompleted),
    /// `sentiment.analyzed`.
    SentimentAnalyzed(SentimentAnalyzed),
}

/// A call began: it rings, or both sides talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallStarted {
    /// The call.
    pub call_id: String,
    /// Which side began it.
    pub direction: Direction,
    /// The calling number, E.164.
    pub from: String,
    /// The called number, E.164.
    pub to: String,
    /// The campaign that it is part of.
    pub campaign_id: Option<String>,
    /// The agent who handles it.
    pub agent_id: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
}

/// A call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallEnded {
    /// The call.
    pub call_id: String,
    /// How it ended.
    pub status: CallStatus,
    /// What came of it.
    pub outcome: String,
    /// Whether both sides talked.
    pub answered: bool,
    /// Time from the begin to the end, in whole seconds.
    pub duration: i64,
    /// Time from the answer to the end, in whole seconds; 0 when unanswered.
    pub talk_seconds: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Where its recording is.
    pub recording_url: Option<String>,
}

/// All that was said in a call has been written down. The text itself is read at `url`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallTranscribed {
    /// The call.
    pub call_id: String,
    /// The transcript.
    pub transcript_id: String,
    /// Language of the transcript, a BCP 47 tag.
    pub language: Option<String>,
    /// How many segments it has.
    pub segment_count: i64,
    /// How many words they have together.
    pub word_count: i64,
    /// Mean confidence of the segments that have one, 0 to 1.
    pub average_confidence: Option<f64>,
    /// Path to read it at, relative to the API's base path.
    pub url: String,
}

/// A campaign has come to its end, whichever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignCompleted {
    /// The campaign.
    pub campaign_id: String,
    /// How it ended: `completed`, `canceled` or `failed`.
    pub outcome: String,
    /// Why it ended, such as `contacts_exhausted`.
    pub end_reason: String,
    /// What became of its contacts, by name; they sum to `total`.
    pub counters: std::collections::BTreeMap<String, i64>,
    /// When it began, if it did.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Somebody's mood was told from a call or a segment of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SentimentAnalyzed {
    /// The call.
    pub call_id: String,
    /// The analysis.
    pub sentiment_id: String,
    /// The segment, if it is about one alone.
    pub segment_id: Option<String>,
    /// In a word: `positive`, `neutral`, `negative` or `mixed`.
    pub label: String,
    /// -1 (negative) to 1 (positive).
    pub score: f64,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// Whose mood: `customer` or `agent`.
    pub party: String,
    /// What it was told from: `text` or `audio`.
    pub basis: String,
    /// How it was told.
    pub method: String,
    /// Whether somebody should look: it is negative.
    pub alert: bool,
}

impl EventData {
    /// The event's type, such as `call.ended`.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::CallStarted(_) => "call.started",
            Self::CallEnded(_) => "call.ended",
            Self::CallTranscribed(_) => "call.transcribed",
            Self::CampaignCompleted(_) => "campaign.completed",
            Self::SentimentAnalyzed(_) => "sentiment.analyzed",
        }
    }

    /// What the event is about: events of one subject stay in order.
    pub fn subject(&self) -> &str {
        match self {
            Self::CallStarted(CallStarted { call_id, .. })
            | Self::CallEnded(CallEnded { call_id, .. })
            | Self::CallTranscribed(CallTranscribed { call_id, .. })
            | Self::SentimentAnalyzed(SentimentAnalyzed { call_id, .. }) => call_id,
            Self::CampaignCompleted(CampaignCompleted { campaign_id, .. }) => campaign_id,
        }
    }
}

/// Who did it, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The organisation.
    pub organization_id: String,
    /// The user, or `system:<source>`.
    pub user_id: String,
}

/// An event as it goes to a broker: once written, it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMessage {
    /// `UUIDv7`; the same however often it is published, so that consumers can tell a repetition.
    pub id: String,
    /// Such as `call.ended`.
    pub event_type: String,
    /// When it came about.
    pub timestamp: Timestamp,
    /// The envelope, JSON.
    pub body: String,
}

impl EventMessage {
    /// The key that a topic exchange routes it by, such as `comms.call.ended`.
    pub fn routing_key(&self) -> String {
        format!("comms.{}", self.event_type)
    }
}

/// The JSON document that is published for an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    event_type: &'static str,
    source: &'static str,
    timestamp: Timestamp,
    organization_id: &'a str,
    user_id: &'a str,
    data: Data<'a>,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    event: &'a EventData,
    sequence: i64,
    resource_version: i64,
}

#[derive(Debug, Serialize)]
struct Metadata {
    version: &'static str,
    module: &'static str,
}

impl<'a> Envelope<'a> {
    /// The envelope of `event`. `id` stays the same however often it is published; `sequence` counts the events of
    /// its subject from 1; `resource_version` is the subject's version after the change.
    pub fn new(
        id: &'a str,
        actor: &'a Actor,
        event: &'a EventData,
        sequence: i64,
        resource_version: i64,
        timestamp: Timestamp,
    ) -> Self {
        Self {
            id,
            event_type: event.event_type(),
            source: "communications",
            timestamp,
            organization_id: &actor.organization_id,
            user_id: &actor.user_id,
            data: Data { event, sequence, resource_version },
            metadata: Metadata { version: EVENT_VERSION, module: "cc-lite" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn envelope(event: &EventData, sequence: i64) -> serde_json::Value {
        let actor = Actor { organization_id: "org_xyz".into(), user_id: "user_123".into() };
        let timestamp = "2025-10-05T10:00:00Z".parse().unwrap();
        serde_json::to_value(Envelope::new("e1", &actor, event, sequence, 3, timestamp)).unwrap()
    }

    #[test]
    fn call_started_is_published_in_the_platforms_form() {
        let event = EventData::CallStarted(CallStarted {
            call_id: "c1".into(),
            direction: Direction::Inbound,
            from: "+420123456789".into(),
            to: "+420987654321".into(),
            campaign_id: None,
            agent_id: Some("a1".into()),
            started_at: "2025-10-05T09:57:00Z".parse().unwrap(),
        });
        assert_eq!(
            envelope(&event, 1),
            json!({
                "id": "e1", "type": "call.started", "source": "communications",
                "timestamp": "2025-10-05T10:00:00Z", "organizationId": "org_xyz", "userId": "user_123",
                "data": {
                    "call_id": "c1", "direction": "inbound", "from": "+420123456789", "to": "+420987654321",
                    "campaign_id": null, "agent_id": "a1", "started_at": "2025-10-05T09:57:00Z",
                    "sequence": 1, "resource_version": 3,
                },
                "metadata": {"version": "1.0.0", "module": "cc-lite"},
            })
        );
    }

    #[test]
    fn call_ended_is_published_in_the_platforms_form() {
        let event = EventData::CallEnded(CallEnded {
            call_id: "c1".into(),
            status: CallStatus::Completed,
            outcome: "completed".into(),
            answered: true,
            duration: 180,
            talk_seconds: 170,
            started_at: "2025-10-05T09:57:00Z".parse().unwrap(),
            ended_at: "2025-10-05T10:00:00Z".parse().unwrap(),
            recording_url: None,
        });
        assert_eq!(
            envelope(&event, 2),
            json!({
                "id": "e1", "type": "call.ended", "source": "communications",
                "timestamp": "2025-10-05T10:00:00Z", "organizationId": "org_xyz", "userId": "user_123",
                "data": {
                    "call_id": "c1", "status": "completed", "outcome": "completed", "answered": true,
                    "duration": 180, "talk_seconds": 170, "started_at": "2025-10-05T09:57:00Z",
                    "ended_at": "2025-10-05T10:00:00Z", "recording_url": null,
                    "sequence": 2, "resource_version": 3,
                },
                "metadata": {"version": "1.0.0", "module": "cc-lite"},
            })
        );
    }
}
