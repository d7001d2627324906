//! Errors about who is asking, and about accounts.

use super::{Problem, ProblemKind};
use crate::identity::accounts::AccountError;
use crate::identity::gateway::GatewayRefusal;
use crate::identity::password::PasswordError;
use crate::identity::session::SessionError;
use axum::http::header::WWW_AUTHENTICATE;
use token::TokenRefusal;

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
