//! `/transcripts/search`: find what was said in all calls of the organisation.

use super::identity::{Allowed, SearchTranscripts};
use super::page::{Page, PageRequest};
use super::problem::Problem;
use super::query::Parameters;
use crate::domain::transcript::query::{SearchQuery, Snippet};
use crate::domain::transcript::segment::Party;
use crate::shared::Shared;
use crate::store::transcript_search::Found;
use crate::wording::say;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many characters a query has at most.
const LONGEST_QUERY: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(search))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Words that all have to be in a segment, `"phrases"` in quotes, and beginnings of words such as `rekl*`. Case and
    /// diacritics do not count. At most 200 characters; the first 16 terms count.
    #[param(example = "\"číslo smlouvy\" zruš*")]
    q: String,
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same words.
    cursor: Option<String>,
}

/// A segment that was found.
#[derive(Serialize, ToSchema)]
struct SearchHitAnswer {
    /// The call that it was said in.
    call_id: String,
    /// The transcript.
    transcript_id: String,
    /// The segment.
    segment_id: String,
    /// Its place in the transcript, from 1.
    sequence: i64,
    /// Who said it.
    party: Party,
    /// When it begins, in milliseconds from the call's start.
    starts_ms: i64,
    /// When it ends, in milliseconds from the call's start.
    ends_ms: i64,
    /// What was said around what was found, as it is now: without what was redacted.
    snippet: String,
    /// Where the snippet begins in the segment's text, in characters.
    snippet_offset: usize,
    /// What was found, in the snippet.
    highlights: Vec<Highlight>,
}

/// A range of characters.
#[derive(Serialize, ToSchema)]
struct Highlight {
    /// Its first character, counted from 0.
    start: usize,
    /// The first character after it.
    end: usize,
}

/// Search what was said
///
/// Final segments of the organisation's transcripts, newest first.
#[utoipa::path(get, operation_id = "search_transcripts", path = "/transcripts/search", tag = "transcripts", params(Search),
    responses((status = 200, description = "What was found", body = Page<SearchHitAnswer>)))]
async fn search(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<SearchTranscripts>,
    Parameters(Search { q, limit, cursor }): Parameters<Search>,
) -> Result<Json<Page<SearchHitAnswer>>, Problem> {
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &("transcripts", &q))?;
    let fits = q.chars().count() <= LONGEST_QUERY;
    let query =
        SearchQuery::parse(&q).filter(|_| fits).ok_or_else(|| Problem::field("#/q", say!("give-query")))?;
    let found = shared.transcripts.search(&identity, &query, page.after(), page.to_read()).await?;
    Ok(Json(page.page(found, |found| &found.segment.id, |found| hit(found, &query))))
}

fn hit(found: Found, query: &SearchQuery) -> SearchHitAnswer {
    let details = found.segment.details;
    let snippet = Snippet::of(&details.text, query);
    SearchHitAnswer {
        call_id: found.call_id,
        transcript_id: found.transcript_id,
        segment_id: found.segment.id,
        sequence: details.sequence,
        party: details.party,
        starts_ms: details.starts_ms,
        ends_ms: details.ends_ms,
        snippet: snippet.text,
        snippet_offset: snippet.offset,
        highlights: snippet.highlights.into_iter().map(|(start, end)| Highlight { start, end }).collect(),
    }
}
