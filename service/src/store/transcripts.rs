//! Transcripts and their segments.

use super::parameters::places;
use super::{StoreError, optional_time, time};
use crate::domain::transcript::segment::{Party, Segment, SegmentDetails};
use crate::domain::transcript::{Totals, Transcript, TranscriptStatus};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// Adds a transcript. Its call must be locked and have none.
pub async fn insert(connection: &mut AnyConnection, transcript: &Transcript) -> Result<(), StoreError> {
    let totals = &transcript.totals;
    sqlx::query(
        "INSERT INTO transcripts (id, organization_id, call_id, status, version, language, segment_count, \
         partial_count, word_count, confidence_sum, confidence_count, failure_reason, created_at, updated_at, \
         completed_at, told_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(&transcript.id)
    .bind(&transcript.organization_id)
    .bind(&transcript.call_id)
    .bind(transcript.status.as_str())
    .bind(transcript.version)
    .bind(transcript.language.as_deref())
    .bind(totals.segments)
    .bind(totals.partial)
    .bind(totals.words)
    .bind(totals.confidence_sum)
    .bind(totals.confidence_count)
    .bind(transcript.failure_reason.as_deref())
    .bind(transcript.created_at.as_microsecond())
    .bind(transcript.updated_at.as_microsecond())
    .bind(transcript.completed_at.map(Timestamp::as_microsecond))
    .bind(transcript.told_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a changed transcript. It must be locked.
pub async fn update(connection: &mut AnyConnection, transcript: &Transcript) -> Result<(), StoreError> {
    let totals = &transcript.totals;
    sqlx::query(
        "UPDATE transcripts SET status = $2, version = $3, language = $4, segment_count = $5, partial_count = $6, \
         word_count = $7, confidence_sum = $8, confidence_count = $9, failure_reason = $10, updated_at = $11, \
         completed_at = $12, told_at = $13 WHERE id = $1",
    )
    .bind(&transcript.id)
    .bind(transcript.status.as_str())
    .bind(transcript.version)
    .bind(transcript.language.as_deref())
    .bind(totals.segments)
    .bind(totals.partial)
    .bind(totals.words)
    .bind(totals.confidence_sum)
    .bind(totals.confidence_count)
    .bind(transcript.failure_reason.as_deref())
    .bind(transcript.updated_at.as_microsecond())
    .bind(transcript.completed_at.map(Timestamp::as_microsecond))
    .bind(transcript.told_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// The transcript of the organisation's call.
pub async fn of_call(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
) -> Result<Option<Transcript>, StoreError> {
    sqlx::query("SELECT * FROM transcripts WHERE call_id = $1 AND organization_id = $2")
        .bind(call_id)
        .bind(organization_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(transcript)
        .transpose()
}

/// The transcript of the organisation's call, which must be locked; nobody else changes it until the transaction ends.
pub async fn lock(
    connection: &mut AnyConnection,
    organization_id: &str,
    call_id: &str,
) -> Result<Option<Transcript>, StoreError> {
    sqlx::query(
        "UPDATE transcripts SET version = version WHERE call_id = $1 AND organization_id = $2 RETURNING *",
    )
    .bind(call_id)
    .bind(organization_id)
    .fetch_optional(connection)
    .await?
    .as_ref()
    .map(transcript)
    .transpose()
}

/// Adds a segment.
pub async fn insert_segment(
    connection: &mut AnyConnection,
    transcript: &Transcript,
    segment: &Segment,
) -> Result<(), StoreError> {
    let details = &segment.details;
    sqlx::query(
        "INSERT INTO transcript_segments (id, organization_id, transcript_id, call_id, sequence, party, text, \
         starts_ms, ends_ms, confidence, language, is_final, redactions) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(&segment.id)
    .bind(&transcript.organization_id)
    .bind(&transcript.id)
    .bind(&transcript.call_id)
    .bind(details.sequence)
    .bind(details.party.as_str())
    .bind(&details.text)
    .bind(details.starts_ms)
    .bind(details.ends_ms)
    .bind(details.confidence)
    .bind(details.language.as_deref())
    .bind(i64::from(details.is_final))
    .bind(redactions_column(segment))
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a changed segment. Its transcript must be locked.
pub async fn update_segment(connection: &mut AnyConnection, segment: &Segment) -> Result<(), StoreError> {
    let details = &segment.details;
    sqlx::query(
        "UPDATE transcript_segments SET party = $2, text = $3, starts_ms = $4, ends_ms = $5, confidence = $6, \
         language = $7, is_final = $8, redactions = $9 WHERE id = $1",
    )
    .bind(&segment.id)
    .bind(details.party.as_str())
    .bind(&details.text)
    .bind(details.starts_ms)
    .bind(details.ends_ms)
    .bind(details.confidence)
    .bind(details.language.as_deref())
    .bind(i64::from(details.is_final))
    .bind(redactions_column(segment))
    .execute(connection)
    .await?;
    Ok(())
}

/// All segments of a transcript, in order.
pub async fn segments(
    connection: &mut AnyConnection,
    transcript_id: &str,
) -> Result<Vec<Segment>, StoreError> {
    let rows = sqlx::query("SELECT * FROM transcript_segments WHERE transcript_id = $1 ORDER BY sequence")
        .bind(transcript_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(segment).collect()
}

/// The segments of a transcript that there are at these places.
pub async fn segments_at(
    connection: &mut AnyConnection,
    transcript_id: &str,
    sequences: &[i64],
) -> Result<Vec<Segment>, StoreError> {
    if sequences.is_empty() {
        return Ok(Vec::new());
    }
    let list = places(2, sequences.len());
    let sql = format!("SELECT * FROM transcript_segments WHERE transcript_id = $1 AND sequence IN ({list})");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(transcript_id);
    let rows = sequences.iter().fold(query, sqlx::query::Query::bind).fetch_all(connection).await?;
    rows.iter().map(segment).collect()
}

/// Places of up to `limit` segments that are not final, in order.
pub async fn partial(
    connection: &mut AnyConnection,
    transcript_id: &str,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query(
        "SELECT sequence FROM transcript_segments WHERE transcript_id = $1 AND is_final = 0 \
         ORDER BY sequence LIMIT $2",
    )
    .bind(transcript_id)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("sequence")?)).collect()
}

/// Deletes the transcript of a call, with its segments and what the index has of them; whether there was one.
pub async fn delete_of_call(connection: &mut AnyConnection, call_id: &str) -> Result<bool, StoreError> {
    let done =
        sqlx::query("DELETE FROM transcripts WHERE call_id = $1").bind(call_id).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes up to `limit` of the organisation's transcripts that began before `before`; how many there were.
pub async fn delete_old(
    connection: &mut AnyConnection,
    organization_id: &str,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM transcripts WHERE id IN (SELECT id FROM transcripts WHERE organization_id = $1 \
         AND created_at < $2 ORDER BY created_at LIMIT $3)",
    )
    .bind(organization_id)
    .bind(before.as_microsecond())
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

fn redactions_column(segment: &Segment) -> String {
    serde_json::to_string(&segment.redactions).unwrap_or_else(|_| "[]".to_owned())
}

fn transcript(row: &AnyRow) -> Result<Transcript, StoreError> {
    let status: String = row.try_get("status")?;
    Ok(Transcript {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        call_id: row.try_get("call_id")?,
        status: TranscriptStatus::from_name(&status).ok_or(StoreError::Content("status"))?,
        version: row.try_get("version")?,
        language: row.try_get("language")?,
        totals: Totals {
            segments: row.try_get("segment_count")?,
            partial: row.try_get("partial_count")?,
            words: row.try_get("word_count")?,
            confidence_sum: row.try_get("confidence_sum")?,
            confidence_count: row.try_get("confidence_count")?,
        },
        failure_reason: row.try_get("failure_reason")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        completed_at: optional_time(row, "completed_at")?,
        told_at: optional_time(row, "told_at")?,
    })
}

/// Reads a row with all columns of `transcript_segments`.
pub(super) fn segment(row: &AnyRow) -> Result<Segment, StoreError> {
    let party: String = row.try_get("party")?;
    let redactions: String = row.try_get("redactions")?;
    Ok(Segment {
        id: row.try_get("id")?,
        details: SegmentDetails {
            sequence: row.try_get("sequence")?,
            party: Party::from_name(&party).ok_or(StoreError::Content("party"))?,
            text: row.try_get("text")?,
            starts_ms: row.try_get("starts_ms")?,
            ends_ms: row.try_get("ends_ms")?,
            confidence: row.try_get("confidence")?,
            language: row.try_get("language")?,
            is_final: row.try_get::<i64, _>("is_final")? != 0,
        },
        redactions: serde_json::from_str(&redactions).map_err(|_| StoreError::Content("redactions"))?,
    })
}
