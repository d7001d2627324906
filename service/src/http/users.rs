//! `/users`: the organisation's accounts, for administrators. Standalone mode only.

use super::auth::Standalone;
use super::created::created;
use super::fields::Fields;
use super::identity::{Allowed, ManageUsers};
use super::json::{JsonBody, Nothing};
use super::openapi::RoleName;
use super::page::{Page, PageRequest, sort};
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::Role;
use crate::identity::accounts::{NewUser, UserChange};
use crate::shared::Shared;
use crate::store::listing::SortKey;
use crate::store::users::{User, UserFilter, UserKey};
use crate::wording::say;
use axum::Json;
use axum::extract::OriginalUri;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, ETAG};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(reset_password))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListUsers {
    /// How many, 1 to 100; by default 20.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before; it goes with the same filters and order.
    cursor: Option<String>,
    /// What they are ordered by, with `-` the greatest first: `created_at` or `email`. By default the newest first.
    #[param(value_type = Option<UserOrderName>)]
    sort: Option<String>,
    /// Only accounts with this role.
    #[param(value_type = Option<RoleName>)]
    role: Option<Role>,
    /// Only accounts that are disabled, or only those that are not.
    disabled: Option<bool>,
}

/// Names of orders.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "stands in the document alone")]
pub(super) enum UserOrderName {
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    NewestFirst,
    #[schema(rename = "email")]
    Email,
    #[schema(rename = "-email")]
    LastEmailFirst,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateUser {
    /// Its address; there is one account for it, in whichever organisation.
    #[schema(example = "ada@example.com")]
    email: String,
    /// What they are called.
    #[serde(default)]
    #[schema(example = "Ada", max_length = 100)]
    name: String,
    /// What they may do.
    #[schema(value_type = RoleName)]
    role: Role,
    /// Its password, of 12 characters at least and 71 bytes at most; without one, one is made and answered once.
    password: Option<String>,
}

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeUser {
    /// What they are called.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// What they may do.
    #[schema(value_type = Option<RoleName>)]
    role: Option<Role>,
}

/// The password in place of the one before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// Without one, one is made and answered once.
    password: Option<String>,
}

/// An account as administrators see it.
#[derive(Serialize, ToSchema)]
struct UserAnswer {
    /// A `UUIDv7`.
    id: String,
    /// Its address.
    email: String,
    /// What they are called; may be empty.
    name: String,
    /// What they may do.
    #[schema(value_type = RoleName)]
    role: Role,
    /// Counts its changes; its `ETag`.
    version: i64,
    /// When it was made.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
    /// When it was disabled, if it is.
    disabled_at: Option<Timestamp>,
    /// Only where it was made for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    password: Option<String>,
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
            disabled_at: user.disabled_at,
            password: None,
        }
    }
}

/// List the accounts
///
/// The newest first, or in the order that `sort` names.
#[utoipa::path(get, operation_id = "list_users", path = "/users", tag = "users", params(ListUsers),
    responses((status = 200, description = "A page of them", body = Page<UserAnswer>)))]
async fn list(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Parameters(query): Parameters<ListUsers>,
) -> Result<Json<Page<UserAnswer>>, Problem> {
    let filter = UserFilter { role: query.role, disabled: query.disabled };
    let names = [("created_at", UserKey::CreatedAt), ("email", UserKey::Email)];
    let detail = say!("give-sort", names = vec!["created_at", "email"]);
    let order = sort(query.sort.as_deref(), (UserKey::CreatedAt, false), &names, detail)?;
    let (page, order) =
        PageRequest::ordered(query.limit.as_deref(), query.cursor.as_deref(), order, &("users", filter))?;
    let read = service.accounts.list(&admin, filter, &order, page.to_read()).await?;
    Ok(Json(page.page_at(read, |user| order.key.position(user), UserAnswer::from)))
}

/// Make an account
#[utoipa::path(post, operation_id = "create_user", path = "/users", tag = "users", request_body = CreateUser,
    responses((status = 201, description = "The account", body = UserAnswer,
        headers(("Location" = String, description = "Its path"), ("ETag" = String, description = "Its version")))))]
async fn create(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    OriginalUri(uri): OriginalUri,
    JsonBody(body): JsonBody<CreateUser>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let email = fields.email("#/email", &body.email);
    fields.name("#/name", &body.name);
    fields.check()?;
    let password = body.password.map(SecretString::from);
    let new = NewUser { email, name: body.name, role: body.role, password };
    let (user, made) = service.accounts.create(&admin, new).await?;
    let id = user.id.clone();
    created(&uri, &id, answer_with(user, made))
}

/// Read an account
#[utoipa::path(get, operation_id = "read_user", path = "/users/{id}", tag = "users", params(Id),
    responses((status = 200, description = "The account", body = UserAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn read(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(answer_with(service.accounts.find(&admin, &id).await?, None))
}

/// Change an account
#[utoipa::path(patch, operation_id = "change_user", path = "/users/{id}", tag = "users", params(Id, IfMatch), request_body = ChangeUser,
    responses((status = 200, description = "The account", body = UserAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn change(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(ChangeUser { name, role }): JsonBody<ChangeUser>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    fields.name("#/name", name.as_deref().unwrap_or_default());
    fields.check()?;
    let change = UserChange { name, role, disabled: None };
    Ok(answer_with(service.accounts.change(&admin, &id, &expected, change).await?, None))
}

/// Disable an account
#[utoipa::path(post, operation_id = "disable_user", path = "/users/{id}/disable", tag = "users", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The account", body = UserAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn disable(
    service: Standalone,
    admin: Allowed<ManageUsers>,
    id: Id,
    expected: IfMatch,
    _: JsonBody<Nothing>,
) -> Result<Response, Problem> {
    set_disabled(service, admin, id, expected, true).await
}

/// Enable an account
#[utoipa::path(post, operation_id = "enable_user", path = "/users/{id}/enable", tag = "users", params(Id, IfMatch), request_body = Nothing,
    responses((status = 200, description = "The account", body = UserAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn enable(
    service: Standalone,
    admin: Allowed<ManageUsers>,
    id: Id,
    expected: IfMatch,
    _: JsonBody<Nothing>,
) -> Result<Response, Problem> {
    set_disabled(service, admin, id, expected, false).await
}

async fn set_disabled(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    disabled: bool,
) -> Result<Response, Problem> {
    let change = UserChange { disabled: Some(disabled), ..UserChange::default() };
    Ok(answer_with(service.accounts.change(&admin, &id, &expected, change).await?, None))
}

/// Give an account another password
#[utoipa::path(post, operation_id = "reset_user_password", path = "/users/{id}/password", tag = "users", params(Id), request_body = ResetPassword,
    responses((status = 200, description = "The account", body = UserAnswer,
        headers(("ETag" = String, description = "Its version")))))]
async fn reset_password(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Id(id): Id,
    JsonBody(ResetPassword { password }): JsonBody<ResetPassword>,
) -> Result<Response, Problem> {
    let made = service.accounts.reset_password(&admin, &id, password.map(SecretString::from)).await?;
    Ok(answer_with(service.accounts.find(&admin, &id).await?, made))
}

/// The account; with a password that was made, it must not stay in any cache.
fn answer_with(user: User, made: Option<SecretString>) -> Response {
    let tag = etag(user.version);
    let password = made.map(|password| password.expose_secret().to_owned());
    let answer = UserAnswer { password, ..UserAnswer::from(user) };
    ([(ETAG, tag), (CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)).into_response()
}
