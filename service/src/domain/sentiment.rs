//! Sentiment: the mood that an analysis tells from a call or from a segment of it. Pure.

#[cfg(test)]
mod tests;
pub mod trend;

use super::event::{EventData, SentimentAnalyzed};
use super::transcript::segment::Party;
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The mood in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Its score is above 0.
    Positive,
    /// Its score is at most 0.25 away from 0.
    Neutral,
    /// Its score is below 0.
    Negative,
    /// Good and bad at once; its score is at most 0.5 away from 0.
    Mixed,
}

impl Label {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
            Self::Mixed => "mixed",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Positive, Self::Neutral, Self::Negative, Self::Mixed]
            .into_iter()
            .find(|label| label.as_str() == name)
    }
}

/// What an analysis was made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What was said.
    #[default]
    Text,
    /// How it sounded.
    Audio,
}

impl Basis {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Audio => "audio",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Text, Self::Audio].into_iter().find(|basis| basis.as_str() == name)
    }
}

/// What an analysis says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The mood in a word.
    pub label: Label,
    /// From -1 000 000 (negative) to 1 000 000 (positive).
    pub score: i64,
    /// How sure it is, in millionths.
    pub confidence: Option<i64>,
}

/// How far from 0 the score of what is neutral is, in millionths.
const NEUTRAL: i64 = 250_000;
/// How far from 0 the score of what is mixed is, in millionths.
const MIXED: i64 = 500_000;
/// From which score on a label is positive or negative where it follows from the score, in millionths.
const CLEAR: i64 = 50_000;

impl Verdict {
    /// Whether label and score belong together.
    pub fn is_consistent(&self) -> bool {
        match self.label {
            Label::Positive => self.score > 0,
            Label::Negative => self.score < 0,
            Label::Neutral => self.score.abs() <= NEUTRAL,
            Label::Mixed => self.score.abs() <= MIXED,
        }
    }

    /// What a score alone says.
    pub fn of_score(score: i64) -> Self {
        let label = match score {
            CLEAR.. => Label::Positive,
            ..=-50_000 => Label::Negative,
            _ => Label::Neutral,
        };
        Self { label, score, confidence: None }
    }

    /// What the verdicts on parts, each with its weight, say of the whole; none without a weight.
    pub fn of_parts(parts: &[(Self, i64)]) -> Option<Self> {
        let weight: i64 = parts.iter().map(|(_, weight)| weight).sum();
        if weight <= 0 {
            return None;
        }
        let mean = parts.iter().map(|(verdict, weight)| verdict.score * weight).sum::<i64>() / weight;
        let share = |label| {
            let of_label = parts.iter().filter(|(verdict, _)| verdict.label == label);
            of_label.map(|(_, weight)| weight).sum::<i64>() * 4 >= weight
        };
        let is_mixed = share(Label::Positive) && share(Label::Negative) && mean.abs() <= MIXED;
        let verdict = Self::of_score(mean);
        Some(if is_mixed { Self { label: Label::Mixed, ..verdict } } else { verdict })
    }
}

/// What has come of an analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet: somebody is to make it.
    Requested,
    /// A verdict.
    Analyzed(Verdict),
    /// It was not made, for this reason.
    Skipped(String),
    /// It could not be made, for this reason.
    Failed(String),
}

/// An outcome's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SentimentStatus {
    /// It is to be made.
    Requested,
    /// It was made.
    Analyzed,
    /// It was not made, for a reason that it has.
    Skipped,
    /// It could not be made, for a reason that it has.
    Failed,
}

impl SentimentStatus {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Analyzed => "analyzed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Requested, Self::Analyzed, Self::Skipped, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == name)
    }

    /// The actions that are possible from here, by their names in paths.
    pub fn allowed_actions(self) -> &'static [&'static str] {
        if self == Self::Requested { &["result"] } else { &[] }
    }
}

impl Outcome {
    /// Its kind.
    pub fn status(&self) -> SentimentStatus {
        match self {
            Self::Requested => SentimentStatus::Requested,
            Self::Analyzed(_) => SentimentStatus::Analyzed,
            Self::Skipped(_) => SentimentStatus::Skipped,
            Self::Failed(_) => SentimentStatus::Failed,
        }
    }

    /// The verdict, if there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        if let Self::Analyzed(verdict) = self { Some(verdict) } else { None }
    }

    /// Why there is no verdict, if there will be none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Skipped(reason) | Self::Failed(reason) => Some(reason),
            Self::Requested | Self::Analyzed(_) => None,
        }
    }
}

/// A segment that an analysis is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentReference {
    /// The segment.
    pub id: String,
    /// Its place in the transcript.
    pub sequence: i64,
}

/// What an analysis is about, and how it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentimentDetails {
    /// The segment; none when it is about the whole call.
    pub segment: Option<SegmentReference>,
    /// Whose mood: the customer's or the agent's.
    pub party: Party,
    /// What it is made from.
    pub basis: Basis,
    /// How it is made, such as the name of a model.
    pub method: String,
    /// Version of the method.
    pub method_version: Option<String>,
}

/// An analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentiment {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation that it belongs to.
    pub organization_id: String,
    /// The call.
    pub call_id: String,
    /// What it is about.
    pub details: SentimentDetails,
    /// What has come of it.
    pub outcome: Outcome,
    /// Counts its changes; the first is 1.
    pub version: i64,
    /// When it was made known or requested.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When its verdict was told of.
    pub told_at: Option<Timestamp>,
}

/// Why an analysis is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SentimentRefusal {
    /// Its outcome is known.
    Settled(SentimentStatus),
    /// The law forbids it.
    AgentAudio,
}

impl Spoken for SentimentRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Settled(status) => say!("sentiment-settled", current = status.as_str()),
            Self::AgentAudio => say!("agent-audio"),
        }
    }
}

shown_in_english!(SentimentRefusal);

/// Refuses what Article 5(1)(f) of the EU AI Act prohibits, unless the deployment says that an exception holds for it.
pub fn permit(party: Party, basis: Basis, agent_audio_allowed: bool) -> Result<(), SentimentRefusal> {
    if party == Party::Agent && basis == Basis::Audio && !agent_audio_allowed {
        return Err(SentimentRefusal::AgentAudio);
    }
    Ok(())
}

impl Sentiment {
    /// An analysis that becomes known now.
    pub fn new(
        id: String,
        organization_id: String,
        call_id: String,
        details: SentimentDetails,
        outcome: Outcome,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id,
            call_id,
            details,
            outcome,
            version: 1,
            created_at: now,
            updated_at: now,
            told_at: None,
        }
    }

    /// Takes in what came of a requested analysis. Saying the same again changes nothing: then there is no analysis in
    /// the answer.
    pub fn settle(&self, outcome: Outcome, now: Timestamp) -> Result<Option<Self>, SentimentRefusal> {
        if self.outcome == outcome {
            return Ok(None);
        }
        if self.outcome != Outcome::Requested {
            return Err(SentimentRefusal::Settled(self.outcome.status()));
        }
        let updated_at = now.max(self.updated_at);
        Ok(Some(Self { outcome, version: self.version + 1, updated_at, ..self.clone() }))
    }

    /// What is told of it now, if anything: of a whole call, once, when the call has ended; of a segment when it is
    /// negative and the verdict `before` on that segment was not.
    pub fn tell(
        &self,
        before: Option<Label>,
        call_has_ended: bool,
        now: Timestamp,
    ) -> Option<(Self, EventData)> {
        let verdict = self.outcome.verdict().filter(|_| self.told_at.is_none())?;
        let is_negative = verdict.label == Label::Negative;
        let is_due = match self.details.segment {
            None => call_has_ended,
            Some(_) => is_negative && before != Some(Label::Negative),
        };
        if !is_due {
            return None;
        }
        let event = EventData::SentimentAnalyzed(SentimentAnalyzed {
            call_id: self.call_id.clone(),
            sentiment_id: self.id.clone(),
            segment_id: self.details.segment.as_ref().map(|segment| segment.id.clone()),
            label: verdict.label.as_str().to_owned(),
            score: super::fraction(verdict.score),
            confidence: verdict.confidence.map(super::fraction),
            party: self.details.party.as_str().to_owned(),
            basis: self.details.basis.as_str().to_owned(),
            method: self.details.method.clone(),
            alert: is_negative,
        });
        Some((Self { told_at: Some(now), ..self.clone() }, event))
    }
}
