//! Segments: what one side said without a pause.

use super::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What stands in place of each redacted character.
pub const REDACTED: char = '\u{2588}';

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Whoever is served.
    Customer,
    /// Whoever serves.
    Agent,
    /// An announcement or a menu.
    System,
}

impl Party {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Customer, Self::Agent, Self::System].into_iter().find(|party| party.as_str() == name)
    }
}

/// What is said of a segment from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentDetails {
    /// Its place in the transcript, from 1.
    pub sequence: i64,
    /// Who said it.
    pub party: Party,
    /// What was said.
    pub text: String,
    /// When it begins, in milliseconds from the call's start.
    pub starts_ms: i64,
    /// When it ends, in milliseconds from the call's start.
    pub ends_ms: i64,
    /// How sure its author is, in millionths.
    pub confidence: Option<i64>,
    /// Language spoken, a BCP 47 tag, where it is not the transcript's.
    pub language: Option<String>,
    /// Whether it stays as it is.
    pub is_final: bool,
}

/// A part of a segment that nobody is to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Redaction {
    /// Its first character, counted from 0.
    #[schema(minimum = 0)]
    pub start: usize,
    /// The first character after it.
    #[schema(minimum = 1)]
    pub end: usize,
    /// Why.
    #[schema(example = "card_number")]
    pub reason: String,
}

/// A segment of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// `UUIDv7`.
    pub id: String,
    /// What is said of it. Redacted characters are not in its text.
    pub details: SegmentDetails,
    /// What has been redacted in it.
    pub redactions: Vec<Redaction>,
}

impl Segment {
    /// How many words it has.
    pub fn words(&self) -> i64 {
        words::count(&self.details.text)
    }

    /// Whether `other` says the same. What was redacted here counts as the same, whatever it is there: whoever sends a
    /// segment again cannot know.
    pub fn says_the_same(&self, other: &SegmentDetails) -> bool {
        let text = self.redactions.iter().fold(other.text.clone(), |text, range| redacted(&text, range));
        SegmentDetails { text, ..other.clone() } == self.details
    }

    /// The segment without what the range covers.
    #[must_use]
    pub fn without(&self, range: Redaction) -> Self {
        let mut next = self.clone();
        next.details.text = redacted(&self.details.text, &range);
        next.redactions.push(range);
        next.redactions.sort_by_key(|range| (range.start, range.end));
        next
    }
}

fn redacted(text: &str, range: &Redaction) -> String {
    let covered = range.start..range.end;
    let mask = |(at, character)| if covered.contains(&at) { REDACTED } else { character };
    text.chars().enumerate().map(mask).collect()
}
