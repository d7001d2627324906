//! `/users`: the organisation's accounts, for administrators. Standalone mode only.

use super::auth::Standalone;
use super::fields::Fields;
use super::identity::{Allowed, ManageUsers};
use super::json::JsonBody;
use super::page::{Page, PageRequest};
use super::path::Id;
use super::precondition::{IfMatch, etag};
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::Role;
use crate::identity::accounts::{NewUser, UserChange};
use crate::shared::Shared;
use crate::store::users::{User, UserFilter};
use axum::extract::OriginalUri;
use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(read).patch(change))
        .route("/users/{id}/disable", post(disable))
        .route("/users/{id}/enable", post(enable))
        .route("/users/{id}/password", post(reset_password))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListUsers {
    limit: Option<String>,
    cursor: Option<String>,
    role: Option<Role>,
    disabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateUser {
    email: String,
    #[serde(default)]
    name: String,
    role: Role,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeUser {
    name: Option<String>,
    role: Option<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    password: Option<String>,
}

/// An account as administrators see it.
#[derive(Serialize)]
struct UserAnswer {
    id: String,
    email: String,
    name: String,
    role: Role,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    disabled_at: Option<Timestamp>,
    /// Only where it was made for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
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

async fn list(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Parameters(query): Parameters<ListUsers>,
) -> Result<Json<Page<UserAnswer>>, Problem> {
    let page = PageRequest::read(query.limit.as_deref(), query.cursor.as_deref())?;
    let filter = UserFilter { role: query.role, disabled: query.disabled };
    let read = service.accounts.list(&admin, filter, page.after.as_deref(), page.to_read()).await?;
    Ok(Json(page.page(read, |user| &user.id, UserAnswer::from)))
}

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
    let location = format!("{}/{}", uri.path().trim_end_matches('/'), user.id);
    let location = HeaderValue::try_from(location).map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], answer_with(user, made)).into_response())
}

async fn read(
    Standalone(service): Standalone,
    Allowed(admin, ..): Allowed<ManageUsers>,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(answer_with(service.accounts.find(&admin, &id).await?, None))
}

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

async fn disable(
    service: Standalone,
    admin: Allowed<ManageUsers>,
    id: Id,
    expected: IfMatch,
    _: JsonBody<Nothing>,
) -> Result<Response, Problem> {
    set_disabled(service, admin, id, expected, true).await
}

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
