//! `/campaigns/{id}/contacts/import` and `/campaigns/{id}/imports`: many contacts at once.

use super::created::created_at;
use super::identity::{Allowed, ManageCampaigns, ReadCampaigns};
use super::media_type;
use super::page::{Page, PageRequest};
use super::path::{Id, ImportIds};
use super::problem::{Problem, ProblemKind};
use super::query::Parameters;
use crate::campaigns::import::MAX_BYTES;
use crate::domain::contact_import::{ContactImport, ImportFormat, ImportState, RowError};
use crate::shared::Shared;
use crate::wording::{self, say};
use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tracing::Instrument;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).layer(map_response(in_its_language))
}

/// Those that take as long as a file takes to come.
pub(super) fn long_routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(import)).layer(map_response(in_its_language))
}

/// Rows that do not fit are told of in the language of whoever is answered.
async fn in_its_language(mut response: Response) -> Response {
    let tag = HeaderValue::from_static(wording::current().tag());
    response.headers_mut().insert(CONTENT_LANGUAGE, tag);
    response
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListImports {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// An import of contacts, and how far it has got.
#[derive(Serialize, ToSchema)]
struct ImportAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Where it stands.
    state: ImportState,
    /// How its rows are written.
    format: ImportFormat,
    /// How many rows have been dealt with: the sum of the four below.
    rows_read: i64,
    /// Contacts to be called.
    added: i64,
    /// Numbers that the campaign had already.
    duplicates: i64,
    /// Contacts that were added as `skipped`, since their numbers are suppressed.
    suppressed: i64,
    /// Rows that did not fit.
    refused: i64,
    /// What did not fit, of the first rows.
    #[schema(max_items = 100)]
    errors: Vec<RowError>,
    /// Why it was interrupted.
    end_reason: Option<String>,
    /// When it began.
    created_at: Timestamp,
    /// When it got on last.
    updated_at: Timestamp,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

impl From<ContactImport> for ImportAnswer {
    fn from(import: ContactImport) -> Self {
        Self {
            id: import.id,
            state: import.state,
            format: import.format,
            rows_read: import.rows_read,
            added: import.added,
            duplicates: import.duplicates,
            suppressed: import.suppressed,
            refused: import.refused,
            errors: import.errors.into_iter().map(|error| error.told_in(wording::current())).collect(),
            end_reason: import.end_reason,
            created_at: import.created_at,
            updated_at: import.updated_at,
            ended_at: import.ended_at,
        }
    }
}

/// Import contacts
///
/// A file of up to 64 MiB: a JSON object on each line (`application/x-ndjson`), or values between commas or semicolons
/// with a first line of names (`text/csv`). Rows are kept as they come in. Rows that do not fit are told in the answer;
/// numbers that the campaign has already are left out, so that the same file can be sent again after it broke off.
#[utoipa::path(post, operation_id = "import_contacts", path = "/campaigns/{id}/contacts/import", tag = "campaigns", params(Id),
    request_body(content((String = "application/x-ndjson"), (String = "text/csv"))),
    responses((status = 201, description = "The import, at its end", body = ImportAnswer,
        headers(("Location" = String, description = "Its path")))))]
async fn import(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let format = format(&headers)
        .ok_or_else(|| Problem::new(ProblemKind::UnsupportedMediaType, say!("import-type")))?;
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BYTES) {
        return Err(Problem::new(ProblemKind::ContentTooLarge, say!("import-too-large")));
    }
    let import = shared.campaigns.begin_import(&identity, &id, format).await?;
    // A task of its own, so that it says how far it has got also when the caller goes away.
    let work = async move { shared.campaigns.go_on_with(import, body.into_data_stream()).await };
    let import = tokio::spawn(work.in_current_span()).await.map_err(|_| Problem::internal())??;
    let base = uri.path().trim_end_matches('/').trim_end_matches("/contacts/import");
    let location = format!("{base}/imports/{}", import.id);
    created_at(&location, Json(ImportAnswer::from(import)))
}

fn format(headers: &HeaderMap) -> Option<ImportFormat> {
    let is = |name: &str| media_type::is(headers, name);
    if is("application/x-ndjson") || is("application/jsonl") {
        Some(ImportFormat::Ndjson)
    } else if is("text/csv") {
        Some(ImportFormat::Csv)
    } else {
        None
    }
}

/// List a campaign's imports, newest first
#[utoipa::path(get, operation_id = "list_imports", path = "/campaigns/{id}/imports", tag = "campaigns", params(Id, ListImports),
    responses((status = 200, description = "A page of them", body = Page<ImportAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Id(id): Id,
    Parameters(query): Parameters<ListImports>,
) -> Result<Json<Page<ImportAnswer>>, Problem> {
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &("imports", &id))?;
    let read = shared.campaigns.list_imports(&identity, &id, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |import| &import.id, ImportAnswer::from)))
}

/// Read how far an import has got
#[utoipa::path(get, operation_id = "read_import", path = "/campaigns/{id}/imports/{import_id}", tag = "campaigns", params(ImportIds),
    responses((status = 200, description = "The import", body = ImportAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    ImportIds(id, import_id): ImportIds,
) -> Result<Json<ImportAnswer>, Problem> {
    Ok(Json(shared.campaigns.find_import(&identity, &id, &import_id).await?.into()))
}
