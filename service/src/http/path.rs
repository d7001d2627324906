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
        two(parts, state).await.map(|(call, part)| Self(call, part))
    }
}

/// The telephone number in the path; what cannot be one is one of nothing.
#[derive(IntoParams)]
#[into_params(names("number"), parameter_in = Path)]
pub(crate) struct Number(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Id::from_request_parts(parts, state).await.map(|Id(number)| Self(number))
    }
}

/// The ids of a campaign and of one of its contacts.
#[derive(IntoParams)]
#[into_params(names("id", "contact_id"), parameter_in = Path)]
pub(crate) struct ContactIds(pub(crate) String, pub(crate) String);

/// The ids of a campaign and of one of its imports.
#[derive(IntoParams)]
#[into_params(names("id", "import_id"), parameter_in = Path)]
pub(crate) struct ImportIds(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for ContactIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        two(parts, state).await.map(|(campaign, contact)| Self(campaign, contact))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ImportIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        two(parts, state).await.map(|(campaign, import)| Self(campaign, import))
    }
}

async fn two<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<(String, String), Problem> {
    let ids: Result<Path<(String, String)>, PathRejection> = Path::from_request_parts(parts, state).await;
    match ids {
        Ok(Path((first, second))) if is_identifier(&first) && is_identifier(&second) => Ok((first, second)),
        _ => Err(Problem::not_found()),
    }
}
