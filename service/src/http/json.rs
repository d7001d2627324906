//! JSON bodies of requests.

use super::media_type;
use super::problem::{Problem, ProblemKind};
use crate::wording::say;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use utoipa::ToSchema;

/// The body of a request that has nothing more to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A request's JSON body; an absent body counts as `{}`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = media_type::is(request.headers(), "application/json");
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(ProblemKind::ContentTooLarge, say!("body-too-large"))
            } else {
                Problem::new(ProblemKind::MalformedRequest, say!("body-cut"))
            }
        })?;
        if body.is_empty() {
            return Ok(Self(parse(b"{}")?));
        }
        if !is_json {
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, say!("body-type")));
        }
        Ok(Self(parse(&body)?))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // A number in place of a word is a syntax error to serde_json, though all of it is JSON.
        let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
        if error.inner().classify() == Category::Data || is_json() {
            Problem::unreadable(error.path(), &error.inner().to_string())
        } else {
            malformed(error.inner())
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemKind::MalformedRequest, say!("body-not-json", reason = error.to_string()))
}
