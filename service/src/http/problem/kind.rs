//! What can go wrong, by kind.

use crate::wording::Sentence;
use axum::http::StatusCode;

macro_rules! kinds {
    ($($kind:ident $slug:literal $status:ident)+) => {
        /// What went wrong, by kind: each has a stable `type`, and clients may rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ProblemKind {
            $($kind),+
        }

        impl ProblemKind {
            /// The end of its `type`, its status and its title.
            pub(super) fn parts(self) -> (&'static str, StatusCode, Sentence) {
                match self {
                    $(Self::$kind => {
                        ($slug, StatusCode::$status, Sentence::new(concat!("problem-", $slug), Vec::new()))
                    })+
                }
            }
        }

        /// The keys of all titles.
        #[cfg(test)]
        pub(crate) fn titles() -> impl Iterator<Item = &'static str> {
            [$(concat!("problem-", $slug)),+].into_iter()
        }
    };
}

kinds! {
    MalformedRequest "malformed-request" BAD_REQUEST
    InvalidField "invalid-field" UNPROCESSABLE_ENTITY
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE
    ContentTooLarge "content-too-large" PAYLOAD_TOO_LARGE
    UriTooLong "uri-too-long" URI_TOO_LONG
    HeadersTooLarge "headers-too-large" REQUEST_HEADER_FIELDS_TOO_LARGE
    CredentialsRejected "credentials-rejected" UNAUTHORIZED
    TokenMissing "token-missing" UNAUTHORIZED
    TokenInvalid "token-invalid" UNAUTHORIZED
    TokenExpired "token-expired" UNAUTHORIZED
    SessionEnded "session-ended" UNAUTHORIZED
    IdentityMissing "identity-missing" UNAUTHORIZED
    Forbidden "forbidden" FORBIDDEN
    SignatureRefused "signature-refused" FORBIDDEN
    TooManyAttempts "too-many-attempts" TOO_MANY_REQUESTS
    RateLimited "rate-limited" TOO_MANY_REQUESTS
    TooManyStreams "too-many-streams" TOO_MANY_REQUESTS
    WrongPassword "wrong-password" UNPROCESSABLE_ENTITY
    AddressTaken "address-taken" CONFLICT
    LastAdmin "last-admin" CONFLICT
    NotFound "not-found" NOT_FOUND
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY
    IdempotencyKeyInUse "idempotency-key-in-use" CONFLICT
    CallState "call-state" CONFLICT
    CallKnown "call-known" CONFLICT
    TranscriptState "transcript-state" CONFLICT
    SegmentGap "segment-gap" CONFLICT
    SegmentFinal "segment-final" CONFLICT
    SentimentState "sentiment-state" CONFLICT
    AgentAudio "agent-audio" FORBIDDEN
    CampaignState "campaign-state" CONFLICT
    ContactState "contact-state" CONFLICT
    ContactKnown "contact-known" CONFLICT
    EventState "event-state" CONFLICT
    VersionConflict "version-conflict" PRECONDITION_FAILED
    EventsBacklogFull "events-backlog-full" SERVICE_UNAVAILABLE
    StorageFull "storage-full" INSUFFICIENT_STORAGE
    Busy "busy" SERVICE_UNAVAILABLE
    Internal "internal" INTERNAL_SERVER_ERROR
}
