//! Analyses of moods.

use super::{StoreError, optional_time, time};
use crate::domain::sentiment::trend::Point;
use crate::domain::sentiment::{
    Basis, Label, Outcome, SegmentReference, Sentiment, SentimentDetails, SentimentStatus, Verdict,
};
use crate::domain::transcript::segment::Party;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Adds an analysis.
pub async fn insert(connection: &mut AnyConnection, sentiment: &Sentiment) -> Result<(), StoreError> {
    let details = &sentiment.details;
    let verdict = sentiment.outcome.verdict();
    sqlx::query(
        "INSERT INTO sentiments (id, organization_id, call_id, segment_id, segment_sequence, party, basis, method, \
         method_version, status, reason, label, score, confidence, version, created_at, updated_at, told_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(&sentiment.id)
    .bind(&sentiment.organization_id)
    .bind(&sentiment.call_id)
    .bind(details.segment.as_ref().map(|segment| segment.id.as_str()))
    .bind(details.segment.as_ref().map(|segment| segment.sequence))
    .bind(details.party.as_str())
    .bind(details.basis.as_str())
    .bind(&details.method)
    .bind(details.method_version.as_deref())
    .bind(sentiment.outcome.status().as_str())
    .bind(sentiment.outcome.reason())
    .bind(verdict.map(|verdict| verdict.label.as_str()))
    .bind(verdict.map(|verdict| verdict.score))
    .bind(verdict.and_then(|verdict| verdict.confidence))
    .bind(sentiment.version)
    .bind(sentiment.created_at.as_microsecond())
    .bind(sentiment.updated_at.as_microsecond())
    .bind(sentiment.told_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a changed analysis. It must be locked.
pub async fn update(connection: &mut AnyConnection, sentiment: &Sentiment) -> Result<(), StoreError> {
    let verdict = sentiment.outcome.verdict();
    sqlx::query(
        "UPDATE sentiments SET status = $2, reason = $3, label = $4, score = $5, confidence = $6, version = $7, \
         updated_at = $8, told_at = $9 WHERE id = $1",
    )
    .bind(&sentiment.id)
    .bind(sentiment.outcome.status().as_str())
    .bind(sentiment.outcome.reason())
    .bind(verdict.map(|verdict| verdict.label.as_str()))
    .bind(verdict.map(|verdict| verdict.score))
    .bind(verdict.and_then(|verdict| verdict.confidence))
    .bind(sentiment.version)
    .bind(sentiment.updated_at.as_microsecond())
    .bind(sentiment.told_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// The analysis of the organisation's call with this id; nobody else changes it until the transaction ends. The call
/// must be locked.
pub async fn lock(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
    id: &str,
) -> Result<Option<Sentiment>, StoreError> {
    sqlx::query(
        "UPDATE sentiments SET version = version WHERE id = $1 AND call_id = $2 AND organization_id = $3 \
         RETURNING *",
    )
    .bind(id)
    .bind(call_id)
    .bind(organization_id)
    .fetch_optional(connection)
    .await?
    .as_ref()
    .map(sentiment)
    .transpose()
}

/// Analyses of the whole call that have a verdict which was not told of yet, oldest first. The call must be locked.
pub async fn untold(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
) -> Result<Vec<Sentiment>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM sentiments WHERE call_id = $1 AND organization_id = $2 AND told_at IS NULL \
         AND segment_id IS NULL AND status = 'analyzed' ORDER BY id",
    )
    .bind(call_id)
    .bind(organization_id)
    .fetch_all(connection)
    .await?;
    rows.iter().map(sentiment).collect()
}

/// The latest verdict on a segment's mood, if there is one.
pub async fn latest_label(
    connection: &mut AnyConnection,
    segment_id: &str,
) -> Result<Option<Label>, StoreError> {
    let row = sqlx::query(
        "SELECT label FROM sentiments WHERE segment_id = $1 AND label IS NOT NULL \
         ORDER BY updated_at DESC, id DESC LIMIT 1",
    )
    .bind(segment_id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Label::from_name(row.try_get("label")?).ok_or(StoreError::Content("label"))).transpose()
}

/// Which analyses of a call are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentimentFilter<'a> {
    /// Only those of this party.
    pub party: Option<Party>,
    /// Only those that come after this one.
    pub after: Option<&'a str>,
    /// How many at most.
    pub limit: i64,
}

/// The analyses of the organisation's call, newest first.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
    filter: SentimentFilter<'_>,
) -> Result<Vec<Sentiment>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM sentiments WHERE call_id = $1 AND organization_id = $2 AND ($3 = '' OR party = $3) \
         AND ($4 = '' OR id < $4) ORDER BY id DESC LIMIT $5",
    )
    .bind(call_id)
    .bind(organization_id)
    .bind(filter.party.map_or("", Party::as_str))
    .bind(filter.after.unwrap_or_default())
    .bind(filter.limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(sentiment).collect()
}

/// The latest verdict on each segment of the party, with the segment's times.
pub async fn points(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
    party: Party,
) -> Result<Vec<Point>, StoreError> {
    let rows = sqlx::query(
        "SELECT s.starts_ms, s.ends_ms, a.score FROM sentiments AS a \
         JOIN transcript_segments AS s ON s.id = a.segment_id \
         WHERE a.call_id = $1 AND a.organization_id = $2 AND a.party = $3 AND a.score IS NOT NULL AND NOT EXISTS (\
             SELECT 1 FROM sentiments AS later WHERE later.segment_id = a.segment_id AND later.score IS NOT NULL \
             AND (later.updated_at > a.updated_at OR (later.updated_at = a.updated_at AND later.id > a.id)))",
    )
    .bind(call_id)
    .bind(organization_id)
    .bind(party.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Point {
                starts_ms: row.try_get("starts_ms")?,
                ends_ms: row.try_get("ends_ms")?,
                score: row.try_get("score")?,
            })
        })
        .collect()
}

/// Deletes the analyses of a call.
pub async fn delete_of_call(connection: &mut AnyConnection, call_id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sentiments WHERE call_id = $1").bind(call_id).execute(connection).await?;
    Ok(())
}

fn sentiment(row: &AnyRow) -> Result<Sentiment, StoreError> {
    let (party, basis): (String, String) = (row.try_get("party")?, row.try_get("basis")?);
    let segment: Option<String> = row.try_get("segment_id")?;
    let segment = match segment {
        None => None,
        Some(id) => Some(SegmentReference { id, sequence: row.try_get("segment_sequence")? }),
    };
    Ok(Sentiment {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        call_id: row.try_get("call_id")?,
        details: SentimentDetails {
            segment,
            party: Party::from_name(&party).ok_or(StoreError::Content("party"))?,
            basis: Basis::from_name(&basis).ok_or(StoreError::Content("basis"))?,
            method: row.try_get("method")?,
            method_version: row.try_get("method_version")?,
        },
        outcome: outcome(row)?,
        version: row.try_get("version")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        told_at: optional_time(row, "told_at")?,
    })
}

fn outcome(row: &AnyRow) -> Result<Outcome, StoreError> {
    let status: String = row.try_get("status")?;
    let reason = || Ok::<_, StoreError>(row.try_get::<Option<String>, _>("reason")?.unwrap_or_default());
    Ok(match SentimentStatus::from_name(&status).ok_or(StoreError::Content("status"))? {
        SentimentStatus::Requested => Outcome::Requested,
        SentimentStatus::Skipped => Outcome::Skipped(reason()?),
        SentimentStatus::Failed => Outcome::Failed(reason()?),
        SentimentStatus::Analyzed => {
            let label: String = row.try_get("label")?;
            Outcome::Analyzed(Verdict {
                label: Label::from_name(&label).ok_or(StoreError::Content("label"))?,
                score: row.try_get("score")?,
                confidence: row.try_get("confidence")?,
            })
        }
    })
}
