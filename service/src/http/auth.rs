//! `/auth`: login, refresh, logout, and who one is. Standalone mode only.

use super::client_address::ClientAddress;
use super::identity::{Allowed, OwnAccount};
use super::json::JsonBody;
use super::openapi::{ProblemAnswer, RoleName};
use super::problem::Problem;
use crate::identity::Role;
use crate::identity::session::TokenPair;
use crate::shared::{AccountService, Identification, Shared};
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me))
        .routes(routes!(change_password))
}

/// Who one is, and what proves it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// The account's address.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Its password.
    #[schema(example = "correct horse battery staple")]
    password: String,
}

/// What proves that one is logged in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// The newest one; each is used once.
    refresh_token: String,
}

/// Which session ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Logout {
    /// One of its refresh tokens.
    refresh_token: String,
    /// Whether all sessions of the user end.
    #[serde(default)]
    everywhere: bool,
}

/// One's password and the one in its place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    /// The password now.
    current_password: String,
    /// The next one, of 12 characters at least and 71 bytes at most.
    new_password: String,
}

/// A pair of tokens (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
struct TokenAnswer {
    /// To be sent as `Authorization: Bearer`.
    access_token: String,
    /// To get the next pair with.
    refresh_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// For how many seconds the access token is good.
    expires_in: i64,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
struct Me {
    /// A `UUIDv7`.
    id: String,
    /// Its address.
    email: String,
    /// What one is called; may be empty.
    name: String,
    /// What one may do.
    #[schema(value_type = RoleName)]
    role: Role,
    /// The organisation that one belongs to.
    organization_id: String,
}

/// Log in
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Login, security(()),
    responses((status = 200, description = "Tokens", body = TokenAnswer),
        (status = 401, response = ProblemAnswer), (status = 429, response = ProblemAnswer)))]
async fn login(
    Standalone(service): Standalone,
    ClientAddress(address): ClientAddress,
    JsonBody(Login { email, password }): JsonBody<Login>,
) -> Result<Response, Problem> {
    Ok(tokens(service.sessions.login(&email, SecretString::from(password), address).await?))
}

/// Get the next pair of tokens
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh, security(()),
    responses((status = 200, description = "Tokens", body = TokenAnswer), (status = 401, response = ProblemAnswer)))]
async fn refresh(
    Standalone(service): Standalone,
    JsonBody(Refresh { refresh_token }): JsonBody<Refresh>,
) -> Result<Response, Problem> {
    Ok(tokens(service.sessions.refresh(&refresh_token).await?))
}

/// Log out
#[utoipa::path(post, path = "/auth/logout", tag = "auth", request_body = Logout, security(()),
    responses((status = 204, description = "The session has ended"), (status = 401, response = ProblemAnswer)))]
async fn logout(
    Standalone(service): Standalone,
    JsonBody(Logout { refresh_token, everywhere }): JsonBody<Logout>,
) -> Result<StatusCode, Problem> {
    service.sessions.logout(&refresh_token, everywhere).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See who one is
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = 200, description = "The account", body = Me)))]
async fn me(
    Standalone(service): Standalone,
    Allowed(identity, ..): Allowed<OwnAccount>,
) -> Result<Json<Me>, Problem> {
    let user = service.sessions.account(&identity).await?;
    Ok(Json(Me {
        id: user.id,
        email: user.email,
        name: user.name,
        role: user.role,
        organization_id: user.organization_id,
    }))
}

/// Change one's own password
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204, description = "Done; one's other sessions have ended")))]
async fn change_password(
    Standalone(service): Standalone,
    Allowed(identity, ..): Allowed<OwnAccount>,
    JsonBody(ChangePassword { current_password, new_password }): JsonBody<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let (current, new) = (SecretString::from(current_password), SecretString::from(new_password));
    service.accounts.change_own_password(&identity, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tokens must not stay in any cache (RFC 6749 section 5.1).
fn tokens(pair: TokenPair) -> Response {
    let answer = TokenAnswer {
        access_token: pair.access_token,
        refresh_token: pair.refresh_token,
        token_type: "Bearer",
        expires_in: pair.expires_in,
    };
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// Accounts and their sessions; in platform mode there is nothing here.
pub(super) struct Standalone(pub(super) Arc<AccountService>);

impl FromRequestParts<Arc<Shared>> for Standalone {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        match &shared.identification {
            Identification::Standalone(service) => Ok(Self(Arc::clone(service))),
            Identification::Platform(_) => Err(Problem::not_found()),
        }
    }
}
