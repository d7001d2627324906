//! `/auth`: login, refresh, logout, and who one is. Standalone mode only.

use super::json::JsonBody;
use super::problem::Problem;
use crate::identity::session::{Sessions, TokenPair};
use crate::identity::{Identity, Role};
use crate::module::{Identification, Shared};
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
    role: Role,
    organization_id: String,
}

async fn login(
    Standalone(sessions): Standalone,
    JsonBody(Login { email, password }): JsonBody<Login>,
) -> Result<Response, Problem> {
    Ok(tokens(sessions.login(&email, SecretString::from(password)).await?))
}

async fn refresh(
    Standalone(sessions): Standalone,
    JsonBody(Refresh { refresh_token }): JsonBody<Refresh>,
) -> Result<Response, Problem> {
    Ok(tokens(sessions.refresh(&refresh_token).await?))
}

async fn logout(
    Standalone(sessions): Standalone,
    JsonBody(Refresh { refresh_token }): JsonBody<Refresh>,
) -> Result<StatusCode, Problem> {
    sessions.logout(&refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(Standalone(sessions): Standalone, identity: Identity) -> Result<Json<Me>, Problem> {
    let user = sessions.account(&identity).await?;
    Ok(Json(Me { id: user.id, email: user.email, role: user.role, organization_id: user.organization_id }))
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

/// The accounts' sessions; in platform mode there is nothing here.
pub(super) struct Standalone(pub(super) Sessions);

impl FromRequestParts<Arc<Shared>> for Standalone {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        match &shared.identification {
            Identification::Standalone(sessions) => Ok(Self(sessions.clone())),
            Identification::Platform(_) => Err(Problem::not_found()),
        }
    }
}
