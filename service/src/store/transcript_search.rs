//! The index of what was said: FTS5 in the embedded database, a GIN index of `tsvector` in PostgreSQL.
//!
//! Both hold words that [`words`] folded, and the organisation as a word of its own, so that a search reads the entries
//! of its organisation alone. What a query means is decided by [`SearchQuery`]; here it is written in the language of
//! each index. Its words are letters and digits, so nothing in them means anything there.

use super::transcripts::segment;
use super::{DatabaseKind, StoreError};
use crate::domain::transcript::query::SearchQuery;
use crate::domain::transcript::segment::Segment;
use crate::domain::transcript::words::words;
use sqlx::{AnyConnection, Row};
use std::collections::BTreeMap;

/// The statement of a search, newest first: $1 is the query in the index's language, $2 the organisation, $3 the
/// segment after which to go on or an empty text, $4 how many.
pub fn statement(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Sqlite => {
            "SELECT s.* FROM transcript_search AS f \
             JOIN transcript_search_numbers AS n ON n.number = f.rowid \
             JOIN transcript_segments AS s ON s.id = n.segment_id \
             WHERE f.transcript_search MATCH $1 AND s.organization_id = $2 \
             AND f.rowid < COALESCE((SELECT number FROM transcript_search_numbers WHERE segment_id = $3), \
             9223372036854775807) ORDER BY f.rowid DESC LIMIT $4"
        }
        DatabaseKind::Postgres => {
            "SELECT s.* FROM transcript_search AS f JOIN transcript_segments AS s ON s.id = f.segment_id \
             WHERE f.words @@ CAST($1 AS tsquery) AND s.organization_id = $2 AND ($3 = '' OR f.segment_id < $3) \
             ORDER BY f.segment_id DESC LIMIT $4"
        }
    }
}

/// The query in the language of the index.
pub fn expression(kind: DatabaseKind, organization_id: &str, query: &SearchQuery) -> String {
    let organization = organization_word(organization_id);
    match kind {
        DatabaseKind::Sqlite => {
            let terms = query.terms().iter().map(|term| {
                let star = if term.prefix { " *" } else { "" };
                format!("\"{}\"{star}", term.words.join(" "))
            });
            let terms = terms.collect::<Vec<_>>().join(" AND ");
            format!("organization : \"{organization}\" AND words : ({terms})")
        }
        DatabaseKind::Postgres => {
            let terms = query.terms().iter().map(|term| {
                let words = term.words.iter().map(|word| format!("'{word}'"));
                let star = if term.prefix { ":*" } else { "" };
                format!("({}{star})", words.collect::<Vec<_>>().join(" <-> "))
            });
            format!("'@{organization}' & {}", terms.collect::<Vec<_>>().join(" & "))
        }
    }
}

/// A segment that was found, and the call that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The call.
    pub call_id: String,
    /// The transcript.
    pub transcript_id: String,
    /// The segment.
    pub segment: Segment,
}

/// The organisation's segments that the query finds, newest first, after the one with the id `after`.
pub async fn find(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
    organization_id: &str,
    query: &SearchQuery,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let rows = sqlx::query(statement(kind))
        .bind(expression(kind, organization_id, query))
        .bind(organization_id)
        .bind(after.unwrap_or_default())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Found {
                call_id: row.try_get("call_id")?,
                transcript_id: row.try_get("transcript_id")?,
                segment: segment(row)?,
            })
        })
        .collect()
}

/// Enters a segment, or its text as it is now in place of the one before.
pub async fn put(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
    organization_id: &str,
    segment: &Segment,
) -> Result<(), StoreError> {
    let organization = organization_word(organization_id);
    match kind {
        DatabaseKind::Sqlite => {
            sqlx::query(
                "INSERT INTO transcript_search_numbers (segment_id) VALUES ($1) ON CONFLICT (segment_id) DO NOTHING",
            )
            .bind(&segment.id)
            .execute(&mut *connection)
            .await?;
            let words: Vec<String> =
                words(&segment.details.text).into_iter().map(|word| word.folded).collect();
            sqlx::query(
                "INSERT OR REPLACE INTO transcript_search (rowid, organization, words) \
                 SELECT number, $2, $3 FROM transcript_search_numbers WHERE segment_id = $1",
            )
            .bind(&segment.id)
            .bind(organization)
            .bind(words.join(" "))
            .execute(connection)
            .await?;
        }
        DatabaseKind::Postgres => {
            sqlx::query(
                "INSERT INTO transcript_search (segment_id, words) VALUES ($1, CAST($2 AS tsvector)) \
                 ON CONFLICT (segment_id) DO UPDATE SET words = EXCLUDED.words",
            )
            .bind(&segment.id)
            .bind(vector(&organization, &segment.details.text))
            .execute(connection)
            .await?;
        }
    }
    Ok(())
}

/// The organisation as a word, of letters and digits alone.
fn organization_word(organization_id: &str) -> String {
    use std::fmt::Write;
    organization_id.bytes().fold(String::from("o"), |mut word, byte| {
        let _ = write!(word, "{byte:02x}");
        word
    })
}

/// Words with their places, as PostgreSQL reads them.
fn vector(organization: &str, text: &str) -> String {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, word) in (1..).zip(words(text)) {
        places.entry(word.folded).or_default().push(i64::to_string(&place));
    }
    // No word of a text has the sign before the organisation, nor does it stand beside one.
    let entries = places.into_iter().map(|(word, places)| format!("'{word}':{}", places.join(",")));
    std::iter::once(format!("'@{organization}'")).chain(entries).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_written_in_the_language_of_each_index() {
        let query = SearchQuery::parse("\"Žluťoučký kůň\" slov* OR '").unwrap();
        let word = "o6d65";
        assert_eq!(
            expression(DatabaseKind::Sqlite, "me", &query),
            format!("organization : \"{word}\" AND words : (\"zlutoucky kun\" AND \"slov\" * AND \"or\")")
        );
        assert_eq!(
            expression(DatabaseKind::Postgres, "me", &query),
            format!("'@{word}' & ('zlutoucky' <-> 'kun') & ('slov':*) & ('or')")
        );
        assert_eq!(vector("o1", "Kůň a kun"), "'@o1' 'a':2 'kun':1,3");
    }
}
