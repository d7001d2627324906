//! Answers to requests that made something.

use super::problem::Problem;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// 201 with `answer`, and where what was made is: `name` below the path that was asked.
pub(super) fn created(asked: &Uri, name: &str, answer: impl IntoResponse) -> Result<Response, Problem> {
    created_at(&format!("{}/{name}", asked.path().trim_end_matches('/')), answer)
}

/// 201 with `answer`, and the path where what was made is.
pub(super) fn created_at(location: &str, answer: impl IntoResponse) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(location).map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], answer).into_response())
}
