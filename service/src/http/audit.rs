//! `/audit`: who read or changed what.

use super::identity::{Allowed, ReadAudit};
use super::page::{Page, PageRequest};
use super::problem::Problem;
use super::query::Parameters;
use crate::audit::Entry;
use crate::shared::Shared;
use crate::store::audit::{self, AuditFilter};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAudit {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters.
    cursor: Option<String>,
    /// Only what this user did.
    user_id: Option<String>,
    /// Only what was done to this, such as `/calls/0199b2a4-0000-7000-8000-000000000000`.
    object: Option<String>,
}

/// Something that somebody read or changed.
#[derive(Serialize, ToSchema)]
struct AuditAnswer {
    /// A `UUIDv7`.
    id: String,
    /// When; of several reads, the first.
    at: Timestamp,
    /// Who.
    user_id: String,
    /// What they did.
    #[schema(example = "POST /calls/{id}/start")]
    action: String,
    /// To what. Of a list, with the names of its filters.
    #[schema(example = "/calls/0199b2a4-0000-7000-8000-000000000000")]
    object: String,
    /// Of a read, the answer's status; null for a change, which was made.
    status: Option<i64>,
    /// How often within a second.
    count: i64,
    /// `X-Request-Id` of the request; of several reads, the first's.
    request_id: String,
}

impl From<(String, Entry)> for AuditAnswer {
    fn from((id, entry): (String, Entry)) -> Self {
        Self {
            id,
            at: entry.at,
            user_id: entry.user_id,
            action: entry.action,
            object: entry.object,
            status: Some(entry.status).filter(|status| *status != 0),
            count: entry.count,
            request_id: entry.request_id,
        }
    }
}

/// List who read or changed what, newest first
///
/// A change is there as soon as it is answered, a read within a second.
#[utoipa::path(get, operation_id = "list_audit", path = "/audit", tag = "data protection", params(ListAudit),
    responses((status = 200, description = "A page of entries", body = Page<AuditAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadAudit>,
    Parameters(query): Parameters<ListAudit>,
) -> Result<Json<Page<AuditAnswer>>, Problem> {
    let filter = AuditFilter { user_id: query.user_id, object: query.object };
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &("audit", &filter))?;
    let (organization, after) = (&identity.organization_id, page.after());
    let mut reader = shared.store.reader().await?;
    let read = audit::list(&mut reader, organization, &filter, after, page.to_read()).await?;
    Ok(Json(page.page(read, |(id, _)| id, AuditAnswer::from)))
}
