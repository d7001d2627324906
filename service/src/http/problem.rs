//! Errors as callers see them: `application/problem+json` (RFC 9457).

mod call;
mod campaign;
mod delivery;
mod identity;
mod kind;
mod speech;

pub(crate) use kind::ProblemKind;
#[cfg(test)]
pub(crate) use kind::titles;

use super::idempotency::Taken;
use crate::identity::permission::Permission;
use crate::store::StoreError;
use crate::wording::{self, Sentence, Spoken, say, unreadable};
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Serialize, Serializer};
use serde_path_to_error::Segment;
use std::borrow::Cow;
use utoipa::ToSchema;

/// One field of a request that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON Pointer (RFC 6901) as a URI fragment, such as `#/from`.
    #[schema(value_type = String)]
    pub(crate) pointer: Cow<'static, str>,
    /// What would fit.
    #[schema(value_type = String)]
    #[serde(serialize_with = "in_words")]
    pub(crate) detail: Sentence,
}

/// In the language of whoever is answered.
fn in_words<S: Serializer>(sentence: &Sentence, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&sentence.in_words(wording::current()))
}

/// What a token of a pointer may not hold as it is in a URI's fragment (RFC 3986 section 3.5).
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An error answer.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: ProblemKind,
    detail: Sentence,
    errors: Vec<FieldError>,
    state: Option<StateConflict>,
    expected_sequence: Option<i64>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// An error, as RFC 9457 has it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Body<'a> {
    /// What kind of error it is: stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:cc-lite:problem:not-found")]
    kind: String,
    /// What kind of error it is, for people.
    title: String,
    /// The answer's status code.
    status: u16,
    /// What to do next.
    detail: String,
    /// The fields that do not fit, where that is what is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldError],
    /// Its state, where that does not allow what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    current_state: Option<&'static str>,
    /// What can be asked of it from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    allowed_actions: Option<&'static [&'static str]>,
    /// The sequence that was to come, where a segment left a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    expected_sequence: Option<i64>,
}

/// Where something stands that does not allow what was asked.
#[derive(Debug)]
struct StateConflict {
    current_state: &'static str,
    allowed_actions: &'static [&'static str],
}

impl Problem {
    /// A problem, and a sentence that says what to do next.
    pub(crate) fn new(kind: ProblemKind, detail: Sentence) -> Self {
        Self(Box::new(Parts {
            kind,
            detail,
            errors: Vec::new(),
            state: None,
            expected_sequence: None,
            header: None,
        }))
    }

    /// Fields that do not fit.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(ProblemKind::InvalidField, say!("fields-unfit"));
        problem.0.errors = errors;
        problem
    }

    /// One field, by the path that leads to it, that cannot be read as what it should be.
    pub(super) fn unreadable(path: &serde_path_to_error::Path, reason: &str) -> Self {
        let pointer = path.iter().fold("#".to_owned(), |pointer, segment| pointer + "/" + &token(segment));
        Self::field(pointer, unreadable(reason))
    }

    /// One field that does not fit.
    pub(crate) fn field(pointer: impl Into<Cow<'static, str>>, detail: Sentence) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), detail }])
    }

    /// Something's state does not allow it.
    fn in_state(mut self, current_state: &'static str, allowed_actions: &'static [&'static str]) -> Self {
        self.0.state = Some(StateConflict { current_state, allowed_actions });
        self
    }

    /// A state that does not allow what was asked, and what it does allow.
    pub(super) fn state(
        kind: ProblemKind,
        detail: Sentence,
        current_state: &'static str,
        allowed_actions: &'static [&'static str],
    ) -> Self {
        Self::new(kind, detail).in_state(current_state, allowed_actions)
    }

    fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.0.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    /// It may be tried again in a second.
    pub(super) fn with_retry_after(self) -> Self {
        self.with_header(RETRY_AFTER, "1")
    }

    /// Attempts have been used up; the next one comes in this many seconds.
    fn too_many_attempts(wait: i64) -> Self {
        let mut problem = Self::new(ProblemKind::TooManyAttempts, say!("attempts-used-up", seconds = wait));
        problem.0.header = Some((RETRY_AFTER, HeaderValue::from(wait)));
        problem
    }

    /// No bearer token (RFC 6750 section 3.1: no error code without one).
    pub(crate) fn token_missing() -> Self {
        Self::new(ProblemKind::TokenMissing, say!("token-missing"))
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite""#)
    }

    /// Several, or malformed, authorization headers.
    pub(crate) fn authorization_unreadable() -> Self {
        Self::new(ProblemKind::TokenInvalid, say!("authorization-unreadable"))
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_request""#)
    }

    /// The role does not include it (RFC 6750 section 3.1).
    pub(crate) fn forbidden(permission: Permission) -> Self {
        let detail = say!("permission-missing", permission = permission.as_str());
        Self::new(ProblemKind::Forbidden, detail)
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="insufficient_scope""#)
    }

    /// Nothing is served under this path.
    pub(crate) fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, say!("path-unknown"))
    }

    /// Something failed that is none of the caller's business.
    pub(crate) fn internal() -> Self {
        Self::new(ProblemKind::Internal, say!("failed"))
    }

    /// Something is away for now.
    pub(crate) fn busy(detail: Sentence) -> Self {
        Self::new(ProblemKind::Busy, detail).with_header(RETRY_AFTER, "1")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let parts = *self.0;
        let (slug, status, title) = parts.kind.parts();
        let language = wording::current();
        let body = Body {
            kind: format!("urn:cc-lite:problem:{slug}"),
            title: title.in_words(language),
            status: status.as_u16(),
            detail: parts.detail.in_words(language),
            errors: &parts.errors,
            current_state: parts.state.as_ref().map(|state| state.current_state),
            allowed_actions: parts.state.as_ref().map(|state| state.allowed_actions),
            expected_sequence: parts.expected_sequence,
        };
        let headers = [(CONTENT_TYPE, "application/problem+json"), (CONTENT_LANGUAGE, language.tag())];
        let mut response = (status, headers, axum::Json(body)).into_response();
        if parts.kind == ProblemKind::IdempotencyKeyInUse {
            response.extensions_mut().insert(Taken);
        }
        if let Some((name, value)) = parts.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// A part of a path as one of a JSON Pointer in a URI's fragment (RFC 6901 section 6).
fn token(segment: &Segment) -> String {
    let name = match segment {
        Segment::Seq { index } => return index.to_string(),
        other => other.to_string(),
    };
    utf8_percent_encode(&name.replace('~', "~0").replace('/', "~1"), ENCODED).to_string()
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            tracing::error!(%error, "the database is not available");
            return Self::busy(error.sentence());
        }
        if error.is_full() {
            tracing::error!(%error, "the database has no room left");
            return Self::new(ProblemKind::StorageFull, error.sentence());
        }
        if matches!(error, StoreError::BacklogFull) {
            return Self::new(ProblemKind::EventsBacklogFull, error.sentence())
                .with_header(RETRY_AFTER, "10");
        }
        if matches!(error, StoreError::Repeated) {
            return Self::new(ProblemKind::IdempotencyKeyInUse, error.sentence()).with_retry_after();
        }
        tracing::error!(%error, "a request failed");
        Self::internal()
    }
}
