//! Errors as callers see them: `application/problem+json` (RFC 9457).

mod speech;

use super::idempotency::Taken;
use crate::calls::CallError;
use crate::data_retention::PolicyError;
use crate::domain::call::CallRefusal;
use crate::identity::accounts::AccountError;
use crate::identity::gateway::GatewayRefusal;
use crate::identity::password::PasswordError;
use crate::identity::permission::Permission;
use crate::identity::session::SessionError;
use crate::store::StoreError;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use token::TokenRefusal;
use utoipa::ToSchema;

/// What went wrong, by kind: each has a stable `type`, and clients may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    MalformedRequest,
    InvalidField,
    UnsupportedMediaType,
    ContentTooLarge,
    CredentialsRejected,
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    SessionEnded,
    IdentityMissing,
    Forbidden,
    SignatureRefused,
    TooManyAttempts,
    RateLimited,
    TooManyStreams,
    WrongPassword,
    AddressTaken,
    LastAdmin,
    NotFound,
    MethodNotAllowed,
    IdempotencyKeyReused,
    IdempotencyKeyInUse,
    CallState,
    CallKnown,
    TranscriptState,
    SegmentGap,
    SegmentFinal,
    SentimentState,
    AgentAudio,
    CampaignState,
    ContactState,
    ContactKnown,
    VersionConflict,
    Busy,
    Internal,
}

impl ProblemKind {
    fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::MalformedRequest => {
                ("malformed-request", StatusCode::BAD_REQUEST, "The request cannot be read")
            }
            Self::InvalidField => ("invalid-field", StatusCode::UNPROCESSABLE_ENTITY, "A field does not fit"),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The request's body is not JSON",
            ),
            Self::ContentTooLarge => {
                ("content-too-large", StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too large")
            }
            Self::CredentialsRejected => {
                ("credentials-rejected", StatusCode::UNAUTHORIZED, "The address or the password is wrong")
            }
            Self::TokenMissing => ("token-missing", StatusCode::UNAUTHORIZED, "A token is needed"),
            Self::TokenInvalid => ("token-invalid", StatusCode::UNAUTHORIZED, "The token is refused"),
            Self::TokenExpired => ("token-expired", StatusCode::UNAUTHORIZED, "The token has expired"),
            Self::SessionEnded => ("session-ended", StatusCode::UNAUTHORIZED, "The session has ended"),
            Self::IdentityMissing => {
                ("identity-missing", StatusCode::UNAUTHORIZED, "The gateway does not say who is asking")
            }
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Your role does not allow this"),
            Self::SignatureRefused => {
                ("signature-refused", StatusCode::FORBIDDEN, "The provider's signature does not fit")
            }
            Self::TooManyAttempts => {
                ("too-many-attempts", StatusCode::TOO_MANY_REQUESTS, "There were too many attempts")
            }
            Self::TooManyStreams => {
                ("too-many-streams", StatusCode::TOO_MANY_REQUESTS, "You have too many open streams")
            }
            Self::RateLimited => {
                ("rate-limited", StatusCode::TOO_MANY_REQUESTS, "There were too many requests")
            }
            Self::WrongPassword => {
                ("wrong-password", StatusCode::UNPROCESSABLE_ENTITY, "The current password is wrong")
            }
            Self::AddressTaken => ("address-taken", StatusCode::CONFLICT, "The address is in use"),
            Self::LastAdmin => {
                ("last-admin", StatusCode::CONFLICT, "The organisation needs an administrator")
            }
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is nothing here"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here")
            }
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The key was used for another request",
            ),
            Self::IdempotencyKeyInUse => {
                ("idempotency-key-in-use", StatusCode::CONFLICT, "The key is in use")
            }
            Self::CallState => ("call-state", StatusCode::CONFLICT, "The call's state does not allow this"),
            Self::CallKnown => ("call-known", StatusCode::CONFLICT, "The call is known already"),
            Self::TranscriptState => {
                ("transcript-state", StatusCode::CONFLICT, "The transcript's state does not allow this")
            }
            Self::SegmentGap => ("segment-gap", StatusCode::CONFLICT, "Segments are missing before this one"),
            Self::SegmentFinal => ("segment-final", StatusCode::CONFLICT, "A final segment does not change"),
            Self::SentimentState => {
                ("sentiment-state", StatusCode::CONFLICT, "What came of the analysis is known already")
            }
            Self::AgentAudio => {
                ("agent-audio", StatusCode::FORBIDDEN, "The mood of agents is not told from their voice")
            }
            Self::CampaignState => {
                ("campaign-state", StatusCode::CONFLICT, "The campaign's state does not allow this")
            }
            Self::ContactState => {
                ("contact-state", StatusCode::CONFLICT, "The contact's state does not allow this")
            }
            Self::ContactKnown => {
                ("contact-known", StatusCode::CONFLICT, "The campaign has this number already")
            }
            Self::VersionConflict => {
                ("version-conflict", StatusCode::PRECONDITION_FAILED, "It has changed since")
            }
            Self::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE, "The service cannot do this now"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "The service failed"),
        }
    }
}

/// One field of a request that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON Pointer (RFC 6901) as a URI fragment, such as `#/from`.
    pub(crate) pointer: &'static str,
    /// What would fit.
    pub(crate) detail: &'static str,
}

/// An error answer.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: ProblemKind,
    detail: String,
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
    title: &'static str,
    /// The answer's status code.
    status: u16,
    /// What to do next.
    detail: &'a str,
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
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            state: None,
            expected_sequence: None,
            header: None,
        }))
    }

    /// Fields that do not fit.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem =
            Self::new(ProblemKind::InvalidField, "Change the fields that `errors` lists, then try again.");
        problem.0.errors = errors;
        problem
    }

    /// Something's state does not allow it.
    fn in_state(mut self, current_state: &'static str, allowed_actions: &'static [&'static str]) -> Self {
        self.0.state = Some(StateConflict { current_state, allowed_actions });
        self
    }

    /// A state that does not allow what was asked, and what it does allow.
    pub(super) fn state(
        kind: ProblemKind,
        detail: impl Into<String>,
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
        let mut problem = Self::new(
            ProblemKind::TooManyAttempts,
            format!("Wait {wait} seconds, then try again with the right password."),
        );
        problem.0.header = Some((RETRY_AFTER, HeaderValue::from(wait)));
        problem
    }

    /// No bearer token (RFC 6750 section 3.1: no error code without one).
    pub(crate) fn token_missing() -> Self {
        Self::new(
            ProblemKind::TokenMissing,
            "Send `Authorization: Bearer` and an access token from /auth/login.",
        )
        .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite""#)
    }

    /// Several, or malformed, authorization headers.
    pub(crate) fn authorization_unreadable() -> Self {
        Self::new(ProblemKind::TokenInvalid, "Send one `Authorization` header of the form `Bearer <token>`.")
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_request""#)
    }

    /// The role does not include it (RFC 6750 section 3.1).
    pub(crate) fn forbidden(permission: Permission) -> Self {
        let detail = format!("Ask an administrator: your role does not include `{}`.", permission.as_str());
        Self::new(ProblemKind::Forbidden, detail)
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="insufficient_scope""#)
    }

    /// Nothing is served under this path.
    pub(crate) fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "Check the path and the id.")
    }

    /// Something failed that is none of the caller's business.
    pub(crate) fn internal() -> Self {
        Self::new(ProblemKind::Internal, "Try again; if it stays so, report the X-Request-Id of this answer.")
    }

    /// Something is away for now.
    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Busy, detail).with_header(RETRY_AFTER, "1")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let parts = *self.0;
        let (slug, status, title) = parts.kind.parts();
        let body = Body {
            kind: format!("urn:cc-lite:problem:{slug}"),
            title,
            status: status.as_u16(),
            detail: &parts.detail,
            errors: &parts.errors,
            current_state: parts.state.as_ref().map(|state| state.current_state),
            allowed_actions: parts.state.as_ref().map(|state| state.allowed_actions),
            expected_sequence: parts.expected_sequence,
        };
        let mut response =
            (status, [(CONTENT_TYPE, "application/problem+json")], axum::Json(body)).into_response();
        if parts.kind == ProblemKind::IdempotencyKeyInUse {
            response.extensions_mut().insert(Taken);
        }
        if let Some((name, value)) = parts.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            tracing::error!(%error, "the database is not available");
            return Self::busy("The database is not available: try again in a moment.");
        }
        if matches!(error, StoreError::Repeated) {
            let detail =
                "The first request with this Idempotency-Key is still being answered: repeat it in a moment.";
            return Self::new(ProblemKind::IdempotencyKeyInUse, detail).with_retry_after();
        }
        tracing::error!(%error, "a request failed");
        Self::internal()
    }
}

impl From<TokenRefusal> for Problem {
    fn from(refusal: TokenRefusal) -> Self {
        tracing::debug!(%refusal, "a token was refused");
        let problem = match refusal {
            TokenRefusal::Expired => Self::new(
                ProblemKind::TokenExpired,
                "Get a new access token from /auth/refresh, or log in again.",
            ),
            _ => Self::new(ProblemKind::TokenInvalid, "Log in again."),
        };
        problem.with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_token""#)
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Credentials => Self::new(
                ProblemKind::CredentialsRejected,
                "Check the address and the password, or ask an administrator.",
            )
            .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite""#),
            SessionError::Token(refusal) => refusal.into(),
            SessionError::Ended | SessionError::Replayed => {
                Self::new(ProblemKind::SessionEnded, "Log in again.")
                    .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_token""#)
            }
            SessionError::Limited { wait } => Self::too_many_attempts(wait),
            SessionError::Password(error) => error.into(),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy | PasswordError::Stopping => Self::busy(error.to_string()),
            PasswordError::Bcrypt(_) => {
                tracing::error!(%error, "a password could not be processed");
                Self::internal()
            }
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::Unknown => Self::not_found(),
            AccountError::Stale { .. } => Self::new(ProblemKind::VersionConflict, detail),
            AccountError::AddressTaken => Self::new(ProblemKind::AddressTaken, detail),
            AccountError::LastAdmin => Self::new(ProblemKind::LastAdmin, detail),
            AccountError::Unfit(_) => Self::new(ProblemKind::InvalidField, detail),
            AccountError::WrongPassword => Self::new(ProblemKind::WrongPassword, detail),
            AccountError::Limited { wait } => Self::too_many_attempts(wait),
            AccountError::Contended => Self::busy(detail),
            AccountError::Password(error) => error.into(),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<GatewayRefusal> for Problem {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::new(ProblemKind::IdentityMissing, refusal.to_string())
            .with_header(WWW_AUTHENTICATE, r#"Gateway realm="cc-lite""#)
    }
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Stale => Self::new(ProblemKind::VersionConflict, error.to_string()),
            PolicyError::Store(error) => error.into(),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let detail = error.to_string();
        match error {
            CallError::Unknown => Self::not_found(),
            CallError::Stale { .. } => Self::new(ProblemKind::VersionConflict, detail),
            CallError::Refused {
                refusal: CallRefusal::EndedTooEarly(_) | CallRefusal::EndsInFuture, ..
            } => {
                let mut problem = Self::new(ProblemKind::InvalidField, detail);
                problem.0.errors = vec![FieldError {
                    pointer: "#/ended_at",
                    detail: "a time between the call's last step and now",
                }];
                problem
            }
            CallError::Refused { status, .. } => {
                Self::new(ProblemKind::CallState, detail).in_state(status.as_str(), status.allowed_actions())
            }
            CallError::Known { .. } => Self::new(ProblemKind::CallKnown, detail),
            CallError::Store(error) => error.into(),
        }
    }
}
