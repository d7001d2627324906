//! `/campaigns/{id}/contacts`: whom a campaign calls, who is next, and what came of it.

use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ManageCampaigns, ReadCampaigns, TakeContacts};
use super::json::JsonBody;
use super::page::{Page, PageRequest};
use super::path::{ContactIds, Id};
use super::problem::Problem;
use super::query::Parameters;
use crate::campaigns::{ContactView, NextContact, ResultReport};
use crate::domain::campaign::CampaignStatus;
use crate::domain::contact::{Attempt, Contact, ContactDetails, ContactOutcome, ContactStatus, SettledBy};
use crate::domain::hand_out::{Hold, Wait};
use crate::shared::Shared;
use crate::store::contacts::ContactFilter;
use crate::wording::say;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(read))
        .routes(routes!(next))
        .routes(routes!(result))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListContacts {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters.
    cursor: Option<String>,
    /// Only contacts that stand there.
    status: Option<ContactStatus>,
    /// Only the contact with this number, E.164. Write its `+` as `%2B`.
    number: Option<String>,
}

/// Who asks for a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NextRequest {
    /// What you call this request. Repeated by the same user, it gets the same contact again, until its result is known.
    #[schema(example = "agent-7:42", max_length = 128)]
    request_id: Option<String>,
}

/// What came of a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactResult {
    /// What came of it; anything but `lease_expired`.
    outcome: ContactOutcome,
    /// The attempt; by default the contact's last one.
    attempt_id: Option<String>,
    /// The call.
    call_id: Option<String>,
}

/// A contact.
#[derive(Serialize, ToSchema)]
struct ContactAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Its campaign.
    campaign_id: String,
    /// Where it stands.
    status: ContactStatus,
    /// Why it stands there, such as `max_attempts`, `no_answer` or `suppressed: asked by mail`.
    reason: Option<String>,
    #[serde(flatten)]
    details: ContactDetails,
    /// How often it was handed out.
    attempt_count: i64,
    /// Not called before this; null unless it is pending.
    due_at: Option<Timestamp>,
    /// When it became known.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
}

/// One time that a contact was handed out.
#[derive(Serialize, ToSchema)]
struct AttemptAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Which attempt at this contact it is, from 1.
    number: i64,
    /// Who took it.
    user_id: String,
    /// When it was handed out to be dialled.
    dialled_at: Timestamp,
    /// Until when they are to say what came of it.
    lease_until: Timestamp,
    /// What came of it.
    outcome: Option<ContactOutcome>,
    /// Whose word that is.
    settled_by: Option<SettledBy>,
    /// When that was known.
    settled_at: Option<Timestamp>,
    /// The call.
    call_id: Option<String>,
}

/// Why nobody is called.
#[derive(Serialize, ToSchema)]
struct WaitAnswer {
    /// Why.
    reason: Hold,
    /// Until when, where that is known.
    until: Option<Timestamp>,
}

/// A contact with its history.
#[derive(Serialize, ToSchema)]
struct ContactHistoryAnswer {
    #[serde(flatten)]
    contact: ContactAnswer,
    /// Each time that it was handed out, in order.
    attempts: Vec<AttemptAnswer>,
    /// While it is pending: what keeps it from being called now, if anything does.
    waiting: Option<WaitAnswer>,
}

/// The contact to be called next, or why there is none.
#[derive(Serialize, ToSchema)]
struct NextAnswer {
    /// Call this one; null when there is none for now.
    contact: Option<ContactAnswer>,
    /// What the result is to be said of.
    attempt: Option<AttemptAnswer>,
    /// Why there is none.
    reason: Option<Hold>,
    /// When to ask again, where that is known.
    retry_at: Option<Timestamp>,
    /// Where the campaign stands, when there is none.
    campaign_status: Option<CampaignStatus>,
}

impl From<Contact> for ContactAnswer {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id,
            campaign_id: contact.campaign_id,
            status: contact.status,
            reason: contact.reason,
            details: contact.details,
            attempt_count: contact.attempt_count,
            due_at: (contact.status == ContactStatus::Pending).then_some(contact.due_at),
            created_at: contact.created_at,
            updated_at: contact.updated_at,
        }
    }
}

impl From<Attempt> for AttemptAnswer {
    fn from(attempt: Attempt) -> Self {
        Self {
            id: attempt.id,
            number: attempt.number,
            user_id: attempt.user_id,
            dialled_at: attempt.dialled_at,
            lease_until: attempt.lease_until,
            outcome: attempt.outcome,
            settled_by: attempt.settled_by,
            settled_at: attempt.settled_at,
            call_id: attempt.call_id,
        }
    }
}

impl From<ContactView> for ContactHistoryAnswer {
    fn from(view: ContactView) -> Self {
        Self {
            contact: view.contact.into(),
            attempts: view.attempts.into_iter().map(AttemptAnswer::from).collect(),
            waiting: view.wait.map(|Wait { hold, until }| WaitAnswer { reason: hold, until }),
        }
    }
}

/// List a campaign's contacts, newest first
#[utoipa::path(get, operation_id = "list_contacts", path = "/campaigns/{id}/contacts", tag = "campaigns", params(Id, ListContacts),
    responses((status = 200, description = "A page of them", body = Page<ContactAnswer>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    Id(id): Id,
    Parameters(query): Parameters<ListContacts>,
) -> Result<Json<Page<ContactAnswer>>, Problem> {
    let mut fields = Fields::default();
    if let Some(number) = &query.number {
        fields.number("#/number", number);
    }
    fields.check()?;
    let filter = ContactFilter { status: query.status, number: query.number.as_deref() };
    let page =
        PageRequest::read(query.limit.as_deref(), query.cursor.as_deref(), &("contacts", &id, filter))?;
    let read = shared.campaigns.list_contacts(&identity, &id, filter, page.after(), page.to_read()).await?;
    Ok(Json(page.page(read, |contact| &contact.id, ContactAnswer::from)))
}

/// Add a contact
///
/// To a campaign that has not ended. One whose number is suppressed is added as `skipped`.
#[utoipa::path(post, operation_id = "add_contact", path = "/campaigns/{id}/contacts", tag = "campaigns", params(Id), request_body = ContactDetails,
    responses((status = 201, description = "The contact", body = ContactHistoryAnswer,
        headers(("Location" = String, description = "Its path")))))]
async fn add(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ManageCampaigns>,
    Id(id): Id,
    OriginalUri(uri): OriginalUri,
    JsonBody(details): JsonBody<ContactDetails>,
) -> Result<Response, Problem> {
    let view = shared.campaigns.add_contact(&identity, &id, details).await?;
    let id = view.contact.id.clone();
    created(&uri, &id, Json(ContactHistoryAnswer::from(view)))
}

/// Read a contact and its attempts
#[utoipa::path(get, operation_id = "read_contact", path = "/campaigns/{id}/contacts/{contact_id}", tag = "campaigns", params(ContactIds),
    responses((status = 200, description = "The contact", body = ContactHistoryAnswer)))]
async fn read(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<ReadCampaigns>,
    ContactIds(id, contact_id): ContactIds,
) -> Result<Json<ContactHistoryAnswer>, Problem> {
    Ok(Json(shared.campaigns.find_contact(&identity, &id, &contact_id).await?.into()))
}

/// Take the contact to be called next
///
/// Nobody else gets it until its result is known or `lease_until` has passed. When nobody can be called now, `contact`
/// is null, and `reason` and `retry_at` say why and when to ask again.
#[utoipa::path(post, operation_id = "next_contact", path = "/campaigns/{id}/contacts/next", tag = "campaigns", params(Id), request_body = NextRequest,
    responses((status = 200, description = "The contact, or why there is none", body = NextAnswer)))]
async fn next(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<TakeContacts>,
    Id(id): Id,
    JsonBody(NextRequest { request_id }): JsonBody<NextRequest>,
) -> Result<Json<NextAnswer>, Problem> {
    let mut fields = Fields::default();
    fields.optional_text("#/request_id", request_id.as_deref(), 128);
    fields.check()?;
    Ok(Json(match shared.campaigns.next(&identity, &id, request_id.as_deref()).await? {
        NextContact::Contact(handed_out) => {
            let (contact, attempt) = *handed_out;
            NextAnswer {
                contact: Some(contact.into()),
                attempt: Some(attempt.into()),
                reason: None,
                retry_at: None,
                campaign_status: None,
            }
        }
        NextContact::None { wait, status } => NextAnswer {
            contact: None,
            attempt: None,
            reason: Some(wait.hold),
            retry_at: wait.until,
            campaign_status: Some(status),
        },
    }))
}

/// Say what came of a contact
///
/// Saying the same again changes nothing. What somebody says takes the place of how the call ended, and of a lease that
/// ran out, until the contact is handed out again. `do_not_call` suppresses the number too.
#[utoipa::path(post, operation_id = "report_contact_result", path = "/campaigns/{id}/contacts/{contact_id}/result", tag = "campaigns", params(ContactIds), request_body = ContactResult,
    responses((status = 200, description = "The contact", body = ContactHistoryAnswer)))]
async fn result(
    State(shared): State<Arc<Shared>>,
    Allowed(identity, ..): Allowed<TakeContacts>,
    ContactIds(id, contact_id): ContactIds,
    JsonBody(ContactResult { outcome, attempt_id, call_id }): JsonBody<ContactResult>,
) -> Result<Json<ContactHistoryAnswer>, Problem> {
    let mut fields = Fields::default();
    if outcome == ContactOutcome::LeaseExpired {
        fields.refuse("#/outcome", say!("give-outcome"));
    }
    fields.optional_identifier("#/attempt_id", attempt_id.as_deref());
    fields.optional_identifier("#/call_id", call_id.as_deref());
    fields.check()?;
    let report = ResultReport { outcome, attempt_id, call_id };
    Ok(Json(shared.campaigns.report(&identity, &id, &contact_id, report).await?.into()))
}
