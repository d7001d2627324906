//! Who is asking, from a request's headers.

use super::problem::Problem;
use crate::identity::{Identity, gateway};
use crate::module::{Identification, Shared};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::sync::Arc;

impl FromRequestParts<Arc<Shared>> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        match &shared.identification {
            Identification::Standalone(sessions) => Ok(sessions.authenticate(bearer_token(&parts.headers)?)?),
            Identification::Platform(settings) => Ok(gateway::identify(&parts.headers, settings)?),
        }
    }
}

/// The token of the one `Authorization: Bearer` header (RFC 6750 section 2.1).
fn bearer_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(Problem::token_missing()),
        (Some(value), None) => value.to_str().map_err(|_| Problem::authorization_unreadable())?,
        (Some(_), Some(_)) => return Err(Problem::authorization_unreadable()),
    };
    let (scheme, token) = value.split_once(' ').ok_or_else(Problem::authorization_unreadable)?;
    if scheme.eq_ignore_ascii_case("Bearer") { Ok(token) } else { Err(Problem::token_missing()) }
}
