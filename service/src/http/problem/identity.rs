//! Errors about who is asking, and about accounts.

use super::{Problem, ProblemKind};
use crate::identity::accounts::AccountError;
use crate::identity::gateway::GatewayRefusal;
use crate::identity::password::PasswordError;
use crate::identity::session::SessionError;
use crate::wording::{Spoken, say};
use axum::http::header::WWW_AUTHENTICATE;
use token::TokenRefusal;

impl From<TokenRefusal> for Problem {
    fn from(refusal: TokenRefusal) -> Self {
        tracing::debug!(%refusal, "a token was refused");
        let problem = match refusal {
            TokenRefusal::Expired => Self::new(ProblemKind::TokenExpired, say!("token-expired")),
            _ => Self::new(ProblemKind::TokenInvalid, say!("log-in-again")),
        };
        problem.with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_token""#)
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        let detail = error.sentence();
        match error {
            SessionError::Credentials => Self::new(ProblemKind::CredentialsRejected, detail)
                .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite""#),
            SessionError::Token(refusal) => refusal.into(),
            SessionError::Ended | SessionError::Replayed => Self::new(ProblemKind::SessionEnded, detail)
                .with_header(WWW_AUTHENTICATE, r#"Bearer realm="cc-lite", error="invalid_token""#),
            SessionError::Limited { wait } => Self::too_many_attempts(wait),
            SessionError::Password(error) => error.into(),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy | PasswordError::Stopping => Self::busy(error.sentence()),
            PasswordError::Bcrypt(_) => {
                tracing::error!(%error, "a password could not be processed");
                Self::internal()
            }
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.sentence();
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
        Self::new(ProblemKind::IdentityMissing, refusal.sentence())
            .with_header(WWW_AUTHENTICATE, r#"Gateway realm="cc-lite""#)
    }
}
