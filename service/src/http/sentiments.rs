//! `/calls/{id}/sentiment`: moods told from a call.

use super::fields::Fields;
use super::identity::{Allowed, ReadSentiment, WriteSentiment};
use super::json::JsonBody;
use super::page::{Page, PageRequest};
use super::path::{Id, Ids};
use super::precondition::etag;
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::sentiment::trend::Quarter;
use crate::domain::sentiment::{Basis, Label, Outcome, Sentiment, SentimentStatus, Verdict};
use crate::domain::transcript::segment::Party;
use crate::domain::{fraction, millionths};
use crate::sentiments::NewSentiment;
use crate::shared::Shared;
use crate::wording::say;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(settle))
}

/// Whose mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MoodParty {
    /// Whoever is served.
    Customer,
    /// Whoever serves.
    Agent,
}

impl From<MoodParty> for Party {
    fn from(party: MoodParty) -> Self {
        match party {
            MoodParty::Customer => Self::Customer,
            MoodParty::Agent => Self::Agent,
        }
    }
}

/// What analyses here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Analyzer {
    /// The service's own analyser of text.
    BuiltIn,
}

/// An analysis that you made or that somebody is to make; or the wish that the built-in analyser makes one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateSentiment {
    /// `built_in` has the service analyse the transcript; then nothing but `party` may be given besides.
    analyzer: Option<Analyzer>,
    /// Whose mood; by default that of the segment's party, or the customer's.
    party: Option<MoodParty>,
    /// What it is made from; `text` by default.
    basis: Option<Basis>,
    /// How it is made, such as the name of a model.
    #[schema(example = "acme-mood", max_length = 100)]
    method: Option<String>,
    /// Version of the method.
    #[schema(max_length = 100)]
    method_version: Option<String>,
    /// Place of the segment that it is about, from 1; without one it is about the whole call.
    #[schema(minimum = 1)]
    segment_sequence: Option<i64>,
    #[serde(flatten)]
    result: SentimentResult,
}

/// What came of an analysis.
#[derive(Deserialize, ToSchema)]
struct SentimentResult {
    /// `analyzed` by default.
    status: Option<SentimentStatus>,
    /// The mood in a word, of an analysis that was made.
    label: Option<Label>,
    /// The mood as a number, of an analysis that was made: above 0 when positive, below 0 when negative, at most 0.25
    /// from 0 when neutral and 0.5 when mixed.
    #[schema(minimum = -1, maximum = 1, example = -0.6)]
    score: Option<f64>,
    /// How sure it is.
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    /// Why there is no mood, of an analysis that was skipped or failed.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// What came of a requested analysis.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettleSentiment {
    #[serde(flatten)]
    result: SentimentResult,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListSentiments {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters.
    cursor: Option<String>,
    /// Only analyses of this party; the trend is the customer's without it.
    party: Option<MoodParty>,
}

/// An analysis.
#[derive(Serialize, ToSchema)]
struct SentimentAnswer {
    /// A `UUIDv7`.
    id: String,
    /// The call.
    call_id: String,
    /// The segment that it is about; null when it is about the whole call.
    segment_id: Option<String>,
    /// That segment's place in the transcript.
    segment_sequence: Option<i64>,
    /// Where it stands.
    status: SentimentStatus,
    /// Whose mood.
    party: Party,
    /// What it is made from.
    basis: Basis,
    /// How it is made.
    method: String,
    /// Version of the method.
    method_version: Option<String>,
    /// The mood in a word.
    label: Option<Label>,
    /// The mood as a number.
    #[schema(minimum = -1, maximum = 1)]
    score: Option<f64>,
    /// How sure it is; null where the method does not say.
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    /// Why it was skipped or failed.
    reason: Option<String>,
    /// Counts its changes.
    #[schema(minimum = 1)]
    version: i64,
    /// When it became known here.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
}

/// The answer to a new analysis.
#[derive(Serialize, ToSchema)]
struct CreatedSentimentAnswer {
    #[serde(flatten)]
    sentiment: SentimentAnswer,
    /// How many segments the built-in analyser judged besides; null otherwise.
    segments: Option<usize>,
}

/// Analyses of a call.
#[derive(Serialize, ToSchema)]
struct SentimentListAnswer {
    #[serde(flatten)]
    page: Page<SentimentAnswer>,
    /// How the mood goes over the call: its four quarters, from the latest analyses of its segments.
    trend: [Quarter; 4],
}

/// List the analyses of a call
///
/// Newest first, with the trend over the call. Agents see those of customers alone.
#[utoipa::path(get, operation_id = "list_sentiment", path = "/calls/{id}/sentiment", tag = "sentiment",
    params(Id, ListSentiments), responses((status = 200, description = "The analyses", body = SentimentListAnswer)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadSentiment>,
    Id(id): Id,
    Parameters(ListSentiments { limit, cursor, party }): Parameters<ListSentiments>,
) -> Result<Json<SentimentListAnswer>, Problem> {
    let party = party.map(Party::from);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &("sentiment", &id, party))?;
    let (found, trend) = shared.sentiments.list(&identity, &id, party, page.after(), page.to_read()).await?;
    let page = page.page(found, |sentiment| &sentiment.id, SentimentAnswer::from);
    Ok(Json(SentimentListAnswer { page, trend }))
}

/// Make an analysis known, or have one made
///
/// Publishes `sentiment.analyzed`: of a whole call once it has ended, of a segment when its mood turns negative. The mood
/// of agents is not told from their voice (Article 5(1)(f) of the EU AI Act) unless the deployment allows it.
#[utoipa::path(post, operation_id = "create_sentiment", path = "/calls/{id}/sentiment", tag = "sentiment", params(Id),
    request_body = CreateSentiment,
    responses((status = 201, description = "The analysis", body = CreatedSentimentAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn create(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteSentiment>,
    Id(id): Id,
    JsonBody(body): JsonBody<CreateSentiment>,
) -> Result<Response, Problem> {
    let (sentiment, segments) = if body.analyzer == Some(Analyzer::BuiltIn) {
        check_built_in(&body)?;
        let party = body.party.map_or(Party::Customer, Party::from);
        let (whole, segments) = shared.sentiments.analyze(&identity, &id, party).await?;
        (whole, Some(segments))
    } else {
        (shared.sentiments.record(&identity, &id, outside(body)?).await?, None)
    };
    let tag = etag(sentiment.version);
    let answer = CreatedSentimentAnswer { sentiment: sentiment.into(), segments };
    Ok((StatusCode::CREATED, [(ETAG, tag)], Json(answer)).into_response())
}

/// Say what came of a requested analysis
#[utoipa::path(post, operation_id = "settle_sentiment", path = "/calls/{id}/sentiment/{part}/result", tag = "sentiment",
    params(Ids), request_body = SettleSentiment,
    responses((status = 200, description = "The analysis", body = SentimentAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn settle(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<WriteSentiment>,
    Ids(call, id): Ids,
    JsonBody(SettleSentiment { result }): JsonBody<SettleSentiment>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    if result.status == Some(SentimentStatus::Requested) {
        fields.refuse("#/status", say!("give-one-of", names = vec!["analyzed", "skipped", "failed"]));
    }
    let outcome = outcome(result, &mut fields);
    fields.check()?;
    let sentiment = shared.sentiments.settle(&identity, &call, &id, outcome).await?;
    Ok(([(ETAG, etag(sentiment.version))], Json(SentimentAnswer::from(sentiment))).into_response())
}

fn check_built_in(body: &CreateSentiment) -> Result<(), Problem> {
    let result = &body.result;
    let mut fields = Fields::default();
    for (pointer, is_given) in [
        ("#/basis", body.basis.is_some_and(|basis| basis != Basis::Text)),
        ("#/method", body.method.is_some()),
        ("#/method_version", body.method_version.is_some()),
        ("#/segment_sequence", body.segment_sequence.is_some()),
        ("#/status", result.status.is_some()),
        ("#/label", result.label.is_some()),
        ("#/score", result.score.is_some()),
        ("#/confidence", result.confidence.is_some()),
        ("#/reason", result.reason.is_some()),
    ] {
        if is_given {
            fields.refuse(pointer, say!("give-nothing-built-in"));
        }
    }
    fields.check()
}

fn outside(body: CreateSentiment) -> Result<NewSentiment, Problem> {
    let mut fields = Fields::default();
    fields.optional_text("#/method", Some(body.method.as_deref().unwrap_or_default()), 100);
    fields.optional_text("#/method_version", body.method_version.as_deref(), 100);
    let outcome = outcome(body.result, &mut fields);
    fields.check()?;
    Ok(NewSentiment {
        segment_sequence: body.segment_sequence,
        party: body.party.map(Party::from),
        basis: body.basis.unwrap_or_default(),
        method: body.method.unwrap_or_default(),
        method_version: body.method_version,
        outcome,
    })
}

/// What a result says; what does not fit in it is added to `fields`.
fn outcome(result: SentimentResult, fields: &mut Fields) -> Outcome {
    let status = result.status.unwrap_or(SentimentStatus::Analyzed);
    fields.optional_text("#/reason", result.reason.as_deref(), 200);
    let is_analyzed = status == SentimentStatus::Analyzed;
    if !is_analyzed && (result.label.is_some() || result.score.is_some() || result.confidence.is_some()) {
        fields.refuse("#/status", say!("give-status-analyzed"));
    }
    let has_reason = matches!(status, SentimentStatus::Skipped | SentimentStatus::Failed);
    if has_reason != result.reason.is_some() {
        fields.refuse("#/reason", say!("give-sentiment-reason"));
    }
    let reason = result.reason.unwrap_or_default();
    match status {
        SentimentStatus::Requested => Outcome::Requested,
        SentimentStatus::Skipped => Outcome::Skipped(reason),
        SentimentStatus::Failed => Outcome::Failed(reason),
        SentimentStatus::Analyzed => {
            let score = result.score.and_then(|score| millionths(score, -1.0));
            if score.is_none() {
                fields.refuse("#/score", say!("give-number-between", least = -1_i64, most = 1_i64));
            }
            let confidence = result.confidence.map(|confidence| millionths(confidence, 0.0));
            if confidence == Some(None) {
                fields.refuse("#/confidence", say!("give-number-between", least = 0_i64, most = 1_i64));
            }
            if result.label.is_none() {
                fields.refuse(
                    "#/label",
                    say!("give-one-of", names = vec!["positive", "neutral", "negative", "mixed"]),
                );
            }
            let verdict = Verdict {
                label: result.label.unwrap_or(Label::Neutral),
                score: score.unwrap_or_default(),
                confidence: confidence.flatten(),
            };
            if result.label.is_some() && score.is_some() && !verdict.is_consistent() {
                fields.refuse("#/score", say!("give-consistent-score"));
            }
            Outcome::Analyzed(verdict)
        }
    }
}

impl From<Sentiment> for SentimentAnswer {
    fn from(sentiment: Sentiment) -> Self {
        let details = sentiment.details;
        let verdict = sentiment.outcome.verdict();
        let (segment_id, segment_sequence) =
            details.segment.map(|segment| (segment.id, segment.sequence)).unzip();
        Self {
            id: sentiment.id,
            call_id: sentiment.call_id,
            segment_id,
            segment_sequence,
            status: sentiment.outcome.status(),
            party: details.party,
            basis: details.basis,
            method: details.method,
            method_version: details.method_version,
            label: verdict.map(|verdict| verdict.label),
            score: verdict.map(|verdict| fraction(verdict.score)),
            confidence: verdict.and_then(|verdict| verdict.confidence).map(fraction),
            reason: sentiment.outcome.reason().map(str::to_owned),
            version: sentiment.version,
            created_at: sentiment.created_at,
            updated_at: sentiment.updated_at,
        }
    }
}
