//! `/auth`: login, refresh, logout, and who one is. Standalone mode only.

use super::client_address::ClientAddress;
use super::identity::{Allowed, OwnAccount};
use super::json::JsonBody;
use super::problem::Problem;
use crate::identity::Role;
use crate::identity::session::TokenPair;
use crate::shared::{AccountService, Identification, Shared};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/auth/login", post(login))
        .route("/auth/refresh", post(refresh))
        .route("/auth/logout", post(logout))
        .route("/auth/me", get(me))
        .route("/auth/password", post(change_password))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logout {
    refresh_token: String,
    /// Whether all sessions of the user end.
    #[serde(default)]
    everywhere: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current_password: String,
    new_password: String,
}

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct Me {
    id: String,
    email: String,
    name: String,
    role: Role,
    organization_id: String,
}

async fn login(
    Standalone(service): Standalone,
    ClientAddress(address): ClientAddress,
    JsonBody(Login { email, password }): JsonBody<Login>,
) -> Result<Response, Problem> {
    Ok(tokens(service.sessions.login(&email, SecretString::from(password), address).await?))
}

async fn refresh(
    Standalone(service): Standalone,
    JsonBody(Refresh { refresh_token }): JsonBody<Refresh>,
) -> Result<Response, Problem> {
    Ok(tokens(service.sessions.refresh(&refresh_token).await?))
}

async fn logout(
    Standalone(service): Standalone,
    JsonBody(Logout { refresh_token, everywhere }): JsonBody<Logout>,
) -> Result<StatusCode, Problem> {
    service.sessions.logout(&refresh_token, everywhere).await?;
    Ok(StatusCode::NO_CONTENT)
}

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
