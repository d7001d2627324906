//! `/calls/{id}/transcript`: write down what is said, read it, and take parts out.

mod answers;

use super::fields::Fields;
use super::identity::{Allowed, ReadTranscripts, RedactTranscripts, WriteTranscripts};
use super::json::JsonBody;
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::millionths;
use crate::domain::transcript::segment::{Party, Redaction, SegmentDetails};
use crate::domain::transcript::{Ending, MOST_SEGMENTS, vtt};
use crate::shared::Shared;
use crate::transcripts::Batch;
use crate::wording::{Sentence, say};
use answers::{AppendAnswer, RedactAnswer, SegmentAnswer, TranscriptAnswer, TranscriptStateAnswer};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest body with segments, in bytes.
const MAX_BATCH_BYTES: usize = 1024 * 1024;
/// How many segments a batch has at most.
const MOST_AT_ONCE: usize = 500;
/// How many characters a segment has at most.
const LONGEST_TEXT: usize = 4000;
/// The latest time in a call, in milliseconds: a week.
const LATEST_MS: i64 = 7 * 24 * 3600 * 1000;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    let append = OpenApiRouter::new().routes(routes!(append)).layer(DefaultBodyLimit::max(MAX_BATCH_BYTES));
    OpenApiRouter::new().routes(routes!(read)).merge(append).routes(routes!(complete)).routes(routes!(redact))
}

/// Segments that come together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppendSegments {
    /// Language of the transcript, a BCP 47 tag; without one the call's.
    #[schema(example = "cs")]
    language: Option<String>,
    /// The segments.
    #[schema(min_items = 1, max_items = 500)]
    segments: Vec<NewSegment>,
}

/// What one side said without a pause.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSegment {
    /// Its place in the transcript, from 1, without a gap. A place that is taken is replaced while it is partial.
    #[schema(minimum = 1, maximum = 10000)]
    sequence: i64,
    /// Who said it.
    party: Party,
    /// What was said.
    #[schema(example = "Dobrý den, jak vám mohu pomoci?", min_length = 1, max_length = 4000)]
    text: String,
    /// When it begins, in milliseconds from the call's start.
    #[schema(minimum = 0, example = 1200)]
    starts_ms: i64,
    /// When it ends, in milliseconds from the call's start; not before its begin.
    #[schema(minimum = 0, example = 3400)]
    ends_ms: i64,
    /// How sure the recogniser is.
    #[schema(minimum = 0, maximum = 1, example = 0.93)]
    confidence: Option<f64>,
    /// Language spoken, where it is not the transcript's.
    language: Option<String>,
    /// Whether it stays as it is; else a later one may take its place.
    is_final: bool,
}

/// How a transcript comes to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EndingName {
    /// All is written down.
    #[default]
    Completed,
    /// It cannot be written down.
    Failed,
}

/// How a transcript comes to its end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompleteTranscript {
    /// `completed` by default.
    #[serde(default)]
    status: EndingName,
    /// Why it failed.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// A part of a segment to take out, for good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RedactSegment {
    /// The segment.
    #[schema(minimum = 1)]
    sequence: i64,
    /// The first character to take out, counted in Unicode characters from 0.
    #[schema(minimum = 0)]
    start: usize,
    /// The first character that stays after it.
    #[schema(minimum = 1)]
    end: usize,
    /// Why; everybody who reads the transcript sees it.
    #[schema(example = "card_number", max_length = 100)]
    reason: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadTranscript {
    /// `json` or `vtt`; without it, what `Accept` prefers of `application/json` and `text/vtt`.
    #[param(inline)]
    format: Option<Format>,
}

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// JSON.
    Json,
    /// `WebVTT`, for players.
    Vtt,
}

/// Read a transcript
///
/// As JSON, or as `WebVTT` to be shown beside the recording.
#[utoipa::path(get, operation_id = "read_transcript", path = "/calls/{id}/transcript", tag = "transcripts",
    params(Id, ReadTranscript),
    responses((status = 200, description = "The transcript", content(
        (TranscriptAnswer = "application/json"), (String = "text/vtt")),
        headers(("ETag" = String, description = "Its version")))))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadTranscripts>,
    Id(id): Id,
    Parameters(ReadTranscript { format }): Parameters<ReadTranscript>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (transcript, segments) = shared.transcripts.find(&identity, &id).await?;
    let tag = etag(transcript.version);
    let vary = (VARY, HeaderValue::from_static("accept"));
    if format.map_or_else(|| prefers_vtt(&headers), |format| format == Format::Vtt) {
        let content_type = HeaderValue::from_static("text/vtt; charset=utf-8");
        return Ok(([(ETAG, tag), vary, (CONTENT_TYPE, content_type)], vtt::write(&segments)).into_response());
    }
    let segments = segments.into_iter().map(SegmentAnswer::from).collect();
    let answer = TranscriptAnswer { summary: TranscriptStateAnswer::from(transcript), segments };
    Ok(([(ETAG, tag), vary], Json(answer)).into_response())
}

/// Append segments
///
/// Up to 500 at once, all of them or none. Segments that are known already change nothing, so a batch may be sent again.
#[utoipa::path(post, operation_id = "append_segments", path = "/calls/{id}/transcript/segments", tag = "transcripts",
    params(Id, IfMatch), request_body = AppendSegments,
    responses((status = 200, description = "The transcript, without its segments", body = AppendAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn append(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteTranscripts>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(body): JsonBody<AppendSegments>,
) -> Result<Response, Problem> {
    let appended = shared.transcripts.append(&identity, &id, &expected, batch(body)?).await?;
    let tag = etag(appended.transcript.version);
    let answer = AppendAnswer {
        transcript: TranscriptStateAnswer::from(appended.transcript),
        added: appended.added.len(),
        replaced: appended.replaced.len(),
        unchanged: appended.unchanged,
    };
    Ok(([(ETAG, tag)], Json(answer)).into_response())
}

/// Complete a transcript
///
/// All of its segments must be final. Publishes `call.transcribed`, once the call has ended.
#[utoipa::path(post, operation_id = "complete_transcript", path = "/calls/{id}/transcript/complete", tag = "transcripts",
    params(Id, IfMatch), request_body = CompleteTranscript,
    responses((status = 200, description = "The transcript, without its segments", body = TranscriptStateAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn complete(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteTranscripts>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(CompleteTranscript { status, reason }): JsonBody<CompleteTranscript>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    fields.optional_text("#/reason", reason.as_deref(), 200);
    if status == EndingName::Completed && reason.is_some() {
        fields.refuse("#/reason", say!("give-no-reason"));
    }
    fields.check()?;
    let ending = if status == EndingName::Failed { Ending::Failed(reason) } else { Ending::Completed };
    let transcript = shared.transcripts.finish(&identity, &id, &expected, ending).await?;
    Ok(([(ETAG, etag(transcript.version))], Json(TranscriptStateAnswer::from(transcript))).into_response())
}

/// Redact a part of a segment
///
/// The characters are destroyed: they are in no answer, no search and no export any more, and cannot be had back.
#[utoipa::path(post, operation_id = "redact_segment", path = "/calls/{id}/transcript/redactions", tag = "transcripts",
    params(Id, IfMatch), request_body = RedactSegment,
    responses((status = 200, description = "The transcript, without its segments", body = RedactAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn redact(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<RedactTranscripts>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(RedactSegment { sequence, start, end, reason }): JsonBody<RedactSegment>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    fields.optional_text("#/reason", Some(&reason), 100);
    fields.check()?;
    let range = Redaction { start, end, reason };
    let (transcript, segment) = shared.transcripts.redact(&identity, &id, &expected, sequence, range).await?;
    let tag = etag(transcript.version);
    // No text: answers may be kept elsewhere, and the next redaction would not reach them there.
    let answer = RedactAnswer { transcript: transcript.into(), sequence, redactions: segment.redactions };
    Ok(([(ETAG, tag)], Json(answer)).into_response())
}

fn batch(body: AppendSegments) -> Result<Batch, Problem> {
    let mut fields = Fields::default();
    fields.optional_language("#/language", body.language.as_deref());
    if !(1..=MOST_AT_ONCE).contains(&body.segments.len()) {
        fields.refuse("#/segments", say!("give-segments"));
    }
    fields.check()?;
    let segments = body.segments.into_iter().enumerate();
    let segments = segments.map(|(place, segment)| {
        checked(segment).map_err(|(field, fits)| Problem::field(format!("#/segments/{place}/{field}"), fits))
    });
    Ok(Batch { language: body.language, segments: segments.collect::<Result<_, Problem>>()? })
}

/// The segment, or which field does not fit and what would.
fn checked(new: NewSegment) -> Result<SegmentDetails, (&'static str, Sentence)> {
    if !(1..=MOST_SEGMENTS).contains(&new.sequence) {
        return Err(("sequence", say!("give-number-between", least = 1_i64, most = MOST_SEGMENTS)));
    }
    if !(1..=LONGEST_TEXT).contains(&new.text.chars().count()) || new.text.chars().any(char::is_control) {
        return Err(("text", say!("give-text", most = LONGEST_TEXT)));
    }
    if !(0..=LATEST_MS).contains(&new.starts_ms) {
        return Err(("starts_ms", say!("give-starts-ms")));
    }
    if !(new.starts_ms..=LATEST_MS).contains(&new.ends_ms) {
        return Err(("ends_ms", say!("give-ends-ms")));
    }
    let mut fields = Fields::default();
    fields.optional_language("language", new.language.as_deref());
    if fields.check().is_err() {
        return Err(("language", say!("give-language")));
    }
    let confidence = match new.confidence {
        None => None,
        Some(number) => Some(
            millionths(number, 0.0)
                .ok_or_else(|| ("confidence", say!("give-number-between", least = 0_i64, most = 1_i64)))?,
        ),
    };
    Ok(SegmentDetails {
        sequence: new.sequence,
        party: new.party,
        text: new.text,
        starts_ms: new.starts_ms,
        ends_ms: new.ends_ms,
        confidence,
        language: new.language,
        is_final: new.is_final,
    })
}

/// Whether `Accept` (RFC 9110 section 12.5.1) puts `text/vtt` before JSON.
fn prefers_vtt(headers: &HeaderMap) -> bool {
    let (mut vtt, mut json) = (0.0, 0.0);
    for value in headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()) {
        for range in value.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts
                .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .map_or(Some(1.0), |quality| quality.parse::<f64>().ok())
                .unwrap_or_default();
            match media.as_str() {
                "text/vtt" => vtt = quality,
                "application/json" | "application/*" | "*/*" => json = quality.max(json),
                _ => {}
            }
        }
    }
    vtt > 0.0 && vtt >= json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_chooses_the_format() {
        for (accept, is_vtt) in [
            ("text/vtt", true),
            ("text/vtt, */*;q=0.1", true),
            ("application/json;q=0.5, text/vtt;q=0.9", true),
            ("text/vtt;q=0.3, application/json", false),
            ("text/vtt;q=0", false),
            ("*/*", false),
            ("text/html", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(prefers_vtt(&headers), is_vtt, "{accept}");
        }
        assert!(!prefers_vtt(&HeaderMap::new()));
    }
}
