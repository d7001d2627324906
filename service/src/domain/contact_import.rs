//! An import of contacts: how far it has got, and which rows did not fit.

use crate::wording::{Language, Sentence};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many rows that do not fit are kept with their reasons; all of them are counted.
pub const KEPT_ERRORS: usize = 100;

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// A JSON object on each line.
    Ndjson,
    /// Values between commas or semicolons, with a line of names first.
    Csv,
}

impl ImportFormat {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Ndjson, Self::Csv].into_iter().find(|format| format.as_str() == name)
    }
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Rows are being read.
    Running,
    /// All rows were read.
    Completed,
    /// It ended before all rows were read; importing the same again adds what is missing.
    Interrupted,
}

impl ImportState {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Completed, Self::Interrupted].into_iter().find(|state| state.as_str() == name)
    }
}

/// A row that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowError {
    /// Which row, from 1; neither the line of names nor empty lines count.
    pub row: i64,
    /// The field, such as `#/number`; `#` for the whole row.
    pub pointer: String,
    /// What would fit, in English.
    pub detail: String,
    /// What would fit, in any language; absent in what earlier releases kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub sentence: Option<Sentence>,
}

impl RowError {
    /// What does not fit in this row.
    pub fn new(row: i64, pointer: &str, sentence: Sentence) -> Self {
        Self { row, pointer: pointer.to_owned(), detail: sentence.to_string(), sentence: Some(sentence) }
    }

    /// For whoever reads this language.
    #[must_use]
    pub fn told_in(self, language: Language) -> Self {
        let detail = self.sentence.map_or(self.detail, |sentence| sentence.in_words(language));
        Self { detail, sentence: None, ..self }
    }
}

/// What a number of rows came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Contacts to be called.
    pub added: i64,
    /// Numbers that the campaign had already.
    pub duplicates: i64,
    /// Contacts that must not be called.
    pub suppressed: i64,
    /// Rows that did not fit.
    pub refused: i64,
    /// Why not, by row within these, from 1.
    pub errors: Vec<RowError>,
}

/// An import of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactImport {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation.
    pub organization_id: String,
    /// The campaign.
    pub campaign_id: String,
    /// Where it stands.
    pub state: ImportState,
    /// How its rows are written.
    pub format: ImportFormat,
    /// How many rows have been dealt with: the sum of the four below.
    pub rows_read: i64,
    /// Contacts to be called.
    pub added: i64,
    /// Numbers that the campaign had already.
    pub duplicates: i64,
    /// Contacts that must not be called.
    pub suppressed: i64,
    /// Rows that did not fit.
    pub refused: i64,
    /// The first rows that did not fit.
    pub errors: Vec<RowError>,
    /// Why it was interrupted.
    pub end_reason: Option<String>,
    /// Who began it.
    pub user_id: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it got on last.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl ContactImport {
    /// The import after it dealt with more rows.
    #[must_use]
    pub fn advanced(mut self, tally: Tally, now: Timestamp) -> Self {
        let room = KEPT_ERRORS.saturating_sub(self.errors.len());
        let read = self.rows_read;
        self.errors.extend(
            tally.errors.into_iter().take(room).map(|error| RowError { row: error.row + read, ..error }),
        );
        self.added += tally.added;
        self.duplicates += tally.duplicates;
        self.suppressed += tally.suppressed;
        self.refused += tally.refused;
        self.rows_read = self.added + self.duplicates + self.suppressed + self.refused;
        // Somebody may have thought that it had ended.
        self.state = ImportState::Running;
        (self.end_reason, self.ended_at) = (None, None);
        self.updated_at = now;
        self
    }

    /// The import after its end: interrupted, when there is a reason.
    #[must_use]
    pub fn ended(mut self, interrupted: Option<&str>, now: Timestamp) -> Self {
        self.state = if interrupted.is_some() { ImportState::Interrupted } else { ImportState::Completed };
        self.end_reason = interrupted.map(str::to_owned);
        self.updated_at = now;
        self.ended_at = Some(now);
        self
    }
}
