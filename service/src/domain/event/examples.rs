//! One event of each type, as it may be published: what documents show.

use super::super::call::{CallStatus, Direction};
use super::{
    Actor, CallEnded, CallStarted, CallTranscribed, CampaignCompleted, Envelope, EventData, SentimentAnalyzed,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const CALL: &str = "019c8a2e-6f10-7c3a-9b1e-4d5f60718293";
const CAMPAIGN: &str = "019c8a1b-0c44-7d02-8f5a-1b2c3d4e5f60";
const BEGIN: Timestamp = Timestamp::constant(1_770_000_000, 0);

fn at(seconds: i64) -> Timestamp {
    BEGIN.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(BEGIN)
}

/// One of each type, with its place among the events of its subject and the time when it happened.
fn all() -> [(EventData, i64, Timestamp); 5] {
    [
        (
            EventData::CallStarted(CallStarted {
                call_id: CALL.to_owned(),
                direction: Direction::Outbound,
                from: "+420222333444".to_owned(),
                to: "+420601234567".to_owned(),
                campaign_id: Some(CAMPAIGN.to_owned()),
                agent_id: Some("agent-7".to_owned()),
                started_at: at(0),
            }),
            1,
            at(0),
        ),
        (
            EventData::CallEnded(CallEnded {
                call_id: CALL.to_owned(),
                status: CallStatus::Completed,
                outcome: "resolved".to_owned(),
                answered: true,
                duration: 180,
                talk_seconds: 170,
                started_at: at(0),
                ended_at: at(180),
                recording_url: Some("https://recordings.example.com/019c8a2e".to_owned()),
            }),
            2,
            at(180),
        ),
        (
            EventData::CallTranscribed(CallTranscribed {
                call_id: CALL.to_owned(),
                transcript_id: "019c8a31-2b7e-7f4d-a0c1-93a4b5c6d7e8".to_owned(),
                language: Some("cs".to_owned()),
                segment_count: 24,
                word_count: 412,
                average_confidence: Some(0.93),
                url: format!("/calls/{CALL}/transcript"),
            }),
            3,
            at(195),
        ),
        (
            EventData::SentimentAnalyzed(SentimentAnalyzed {
                call_id: CALL.to_owned(),
                sentiment_id: "019c8a31-55aa-7b12-9e0f-0a1b2c3d4e5f".to_owned(),
                segment_id: None,
                label: "negative".to_owned(),
                score: -0.75,
                confidence: Some(0.8),
                party: "customer".to_owned(),
                basis: "text".to_owned(),
                method: "vader".to_owned(),
                alert: true,
            }),
            4,
            at(196),
        ),
        (
            EventData::CampaignCompleted(CampaignCompleted {
                campaign_id: CAMPAIGN.to_owned(),
                outcome: "completed".to_owned(),
                end_reason: "contacts_exhausted".to_owned(),
                counters: [
                    ("pending", 0),
                    ("in_progress", 0),
                    ("reached", 310),
                    ("exhausted", 82),
                    ("skipped", 8),
                    ("total", 400),
                ]
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
                started_at: Some(at(-86_400)),
                ended_at: at(3_600),
            }),
            1,
            at(3_600),
        ),
    ]
}

/// One event of each type with its envelope, in the order of [`TYPES`](super::TYPES).
pub fn envelopes() -> Vec<Value> {
    let actor = Actor { organization_id: "acme".to_owned(), user_id: "agent-7".to_owned() };
    all()
        .iter()
        .enumerate()
        .filter_map(|(n, (event, sequence, timestamp))| {
            let id = format!("019c8a2e-6f10-7000-8000-00000000000{}", n + 1);
            serde_json::to_value(Envelope::new(&id, &actor, event, *sequence, sequence + 1, *timestamp)).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::TYPES;
    use super::*;
    use utoipa::PartialSchema;

    #[test]
    fn each_type_has_an_example_and_a_name_that_can_be_asked_for() {
        let types: Vec<String> =
            envelopes().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(types, TYPES);
        let schema = serde_json::to_value(EventData::schema()).unwrap();
        assert_eq!(schema["oneOf"].as_array().map(Vec::len), Some(TYPES.len()), "{schema}");
    }
}
