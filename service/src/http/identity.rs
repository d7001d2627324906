//! Who is asking, from a request's headers, and whether they may.

use super::problem::Problem;
use crate::identity::permission::{self, Permission};
use crate::identity::{Identity, gateway};
use crate::scope;
use crate::shared::{Identification, Shared};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::marker::PhantomData;
use std::sync::Arc;

/// A permission as a type, so that a handler's arguments say what it needs.
pub(crate) trait Needs {
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($name:ident)*) => {$(
        /// See [`Permission`].
        pub(crate) struct $name;

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

needs!(
    OwnAccount ManageUsers ManageData ReadAudit ReadCalls WriteCalls ReadTranscripts WriteTranscripts RedactTranscripts
    SearchTranscripts ReadSentiment WriteSentiment ReadCampaigns ManageCampaigns TakeContacts FollowEvents ReadStats
    ManageEvents
);

/// A user who may do what the handler does. There is no other way for a handler to get an [`Identity`].
pub(crate) struct Allowed<P>(pub(crate) Identity, pub(crate) PhantomData<P>);

impl<P: Needs> FromRequestParts<Arc<Shared>> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let identity = identify(&parts.headers, shared)?;
        // Counts tell of nobody, and a wallboard asks for them each second: that is nothing to look for in the audit log.
        if P::PERMISSION != Permission::ReadStats {
            scope::identified(&identity);
        }
        if permission::may(identity.role, P::PERMISSION) {
            return Ok(Self(identity, PhantomData));
        }
        Err(Problem::forbidden(P::PERMISSION))
    }
}

/// Who is asking, whatever they may do.
pub(super) fn identify(headers: &HeaderMap, shared: &Shared) -> Result<Identity, Problem> {
    Ok(match &shared.identification {
        Identification::Standalone(accounts) => accounts.sessions.authenticate(bearer_token(headers)?)?,
        Identification::Platform(settings) => gateway::identify(headers, settings)?,
    })
}

/// The token of the one `Authorization: Bearer` header (RFC 6750 section 2.1).
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(Problem::token_missing()),
        (Some(value), None) => value.to_str().map_err(|_| Problem::authorization_unreadable())?,
        (Some(_), Some(_)) => return Err(Problem::authorization_unreadable()),
    };
    let (scheme, token) = value.split_once(' ').ok_or_else(Problem::authorization_unreadable)?;
    if scheme.eq_ignore_ascii_case("Bearer") { Ok(token) } else { Err(Problem::token_missing()) }
}
