//! The events that other modules act on, as they are published.

pub mod examples;

use super::call::{CallStatus, Direction};
use super::sentiment::{Basis, Label};
use super::transcript::segment::Party;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Version of the envelope and of the data in it.
pub const EVENT_VERSION: &str = "1.0.0";

/// Every type of event, in the order in which a call meets them.
pub const TYPES: [&str; 5] =
    ["call.started", "call.ended", "call.transcribed", "sentiment.analyzed", "campaign.completed"];

/// What happened: the part of an event that its type decides.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
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

/// A call began: it rings, or both sides talk. Every call that ends has had exactly one, also one that never rang.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallStarted {
    /// The call.
    #[schema(format = "uuid")]
    pub call_id: String,
    /// Which side began it.
    pub direction: Direction,
    /// The calling number, E.164.
    pub from: String,
    /// The called number, E.164.
    pub to: String,
    /// The campaign that it is part of; null when there is none.
    pub campaign_id: Option<String>,
    /// The agent who handles it; null when nobody is known yet.
    pub agent_id: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
}

/// A call ended. Every call that ends has exactly one, behind its `call.started`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallEnded {
    /// The call.
    #[schema(format = "uuid")]
    pub call_id: String,
    /// How it ended. `queued`, `ringing` and `in_progress` are of calls that have not, and never stand here.
    pub status: CallStatus,
    /// What came of it, as whoever ended it said; the same as `status` where they said nothing.
    pub outcome: String,
    /// Whether both sides talked.
    pub answered: bool,
    /// Time from the begin to the end, in whole seconds.
    #[schema(minimum = 0)]
    pub duration: i64,
    /// Time from the answer to the end, in whole seconds; 0 when unanswered.
    #[schema(minimum = 0)]
    pub talk_seconds: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Where its recording is; null when there is none.
    pub recording_url: Option<String>,
}

/// All that was said in a call has been written down. The text itself is never part of an event: read it at `url`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallTranscribed {
    /// The call.
    #[schema(format = "uuid")]
    pub call_id: String,
    /// The transcript.
    #[schema(format = "uuid")]
    pub transcript_id: String,
    /// Language of the transcript, a BCP 47 tag; null when unknown.
    pub language: Option<String>,
    /// How many segments it has.
    #[schema(minimum = 0)]
    pub segment_count: i64,
    /// How many words they have together.
    #[schema(minimum = 0)]
    pub word_count: i64,
    /// Mean confidence of the segments that have one, from 0 (none) to 1 (certain); null when none has.
    #[schema(minimum = 0, maximum = 1)]
    pub average_confidence: Option<f64>,
    /// Path to read it at, relative to the API's base path.
    pub url: String,
}

/// A campaign has come to its end, whichever: each has exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignCompleted {
    /// The campaign.
    #[schema(format = "uuid")]
    pub campaign_id: String,
    /// How it ended: `completed`, `canceled` or `failed`.
    pub outcome: String,
    /// Why it ended, such as `contacts_exhausted`.
    pub end_reason: String,
    /// How many contacts stood where in the end, by the name of their status; they sum to `total`, which is among them.
    pub counters: std::collections::BTreeMap<String, i64>,
    /// When it began; null when it never did.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Somebody's mood was told from a call or from a segment of it: of each whole call once it has ended, and of a segment
/// whenever it turns negative.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SentimentAnalyzed {
    /// The call.
    #[schema(format = "uuid")]
    pub call_id: String,
    /// The analysis.
    #[schema(format = "uuid")]
    pub sentiment_id: String,
    /// The segment that it is about; null when it is about the whole call.
    pub segment_id: Option<String>,
    /// The mood in a word.
    #[schema(value_type = Label)]
    pub label: String,
    /// The mood as a number, from -1 (negative) to 1 (positive).
    #[schema(minimum = -1, maximum = 1)]
    pub score: f64,
    /// How sure the analysis is, from 0 (not at all) to 1 (certain); null when it does not say.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
    /// Whose mood it is.
    #[schema(value_type = Party)]
    pub party: String,
    /// What it was told from.
    #[schema(value_type = Basis)]
    pub basis: String,
    /// The name of what told it.
    pub method: String,
    /// Whether somebody should look: the mood is negative.
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a> {
    /// The event's id, a `UUIDv7`: the same however often it is published, so that a repetition can be told.
    #[schema(format = "uuid")]
    id: &'a str,
    /// What happened.
    #[serde(rename = "type")]
    event_type: &'static str,
    /// The part of the platform that it happened in.
    source: &'static str,
    /// When it happened.
    timestamp: Timestamp,
    /// The organisation that it belongs to.
    organization_id: &'a str,
    /// Who did it: a user's id, or `system:` and what it was, such as `system:twilio` or `system:watchdog`.
    user_id: &'a str,
    /// What is told of it.
    data: Data<'a>,
    /// About the event itself.
    metadata: Metadata,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventContent)]
struct Data<'a> {
    #[serde(flatten)]
    event: &'a EventData,
    /// The event's place among those of its call or campaign, from 1, without gaps.
    #[schema(minimum = 1)]
    sequence: i64,
    /// The version that the call or campaign had after the change, as its `ETag` shows it.
    #[schema(minimum = 1)]
    resource_version: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventMetadata)]
struct Metadata {
    /// Version of the event's form: within 1.x fields are added, and none is removed or gets another meaning.
    version: &'static str,
    /// The module that published it.
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
