//! Ids in paths.

use super::problem::Problem;
use crate::identity::is_identifier;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use utoipa::IntoParams;

/// The id in the path; what cannot be an id is one of nothing.
#[derive(IntoParams)]
#[into_params(names("id"), parameter_in = Path)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        match id {
            Ok(Path(id)) if is_identifier(&id) => Ok(Self(id)),
            _ => Err(Problem::not_found()),
        }
    }
}

/// The ids in a path with two: of a call, and of something in it.
#[derive(IntoParams)]
#[into_params(names("id", "part"), parameter_in = Path)]
pub(crate) struct Ids(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids: Result<Path<(String, String)>, PathRejection> = Path::from_request_parts(parts, state).await;
        match ids {
            Ok(Path((id, part))) if is_identifier(&id) && is_identifier(&part) => Ok(Self(id, part)),
            _ => Err(Problem::not_found()),
        }
    }
}
