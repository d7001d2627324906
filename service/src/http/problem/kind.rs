//! What can go wrong, by kind.

use axum::http::StatusCode;

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
    EventState,
    VersionConflict,
    EventsBacklogFull,
    Busy,
    Internal,
}

impl ProblemKind {
    /// The end of its `type`, its status and its title.
    pub(super) fn parts(self) -> (&'static str, StatusCode, &'static str) {
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
            Self::EventState => ("event-state", StatusCode::CONFLICT, "The event is not parked"),
            Self::VersionConflict => {
                ("version-conflict", StatusCode::PRECONDITION_FAILED, "It has changed since")
            }
            Self::EventsBacklogFull => (
                "events-backlog-full",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many events wait to be delivered",
            ),
            Self::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE, "The service cannot do this now"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "The service failed"),
        }
    }
}
