//! Who is asking: accounts and tokens of our own (standalone), or the gateway's word (platform).

pub mod accounts;
pub mod admin;
pub mod gateway;
pub mod keys;
pub mod login_limit;
pub mod parts;
pub mod password;
pub mod permission;
mod refresh;
pub mod retention;
pub mod revocation;
pub mod session;
pub mod verified;

pub use password::check_password;

use crate::domain::event::Actor;
pub use token::{Role, is_identifier};

/// A user who has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: String,
    /// Their organisation: nothing of another one exists for them.
    pub organization_id: String,
    /// What they may do.
    pub role: Role,
    /// Their address, where it is known.
    pub email: Option<String>,
    /// Their session, where it is one of ours.
    pub session_id: Option<String>,
}

impl From<&token::Claims> for Identity {
    fn from(claims: &token::Claims) -> Self {
        Self {
            user_id: claims.sub.clone(),
            organization_id: claims.org.clone(),
            role: claims.role,
            email: Some(claims.email.clone()),
            session_id: Some(claims.sid.clone()),
        }
    }
}

impl From<&Identity> for Actor {
    fn from(identity: &Identity) -> Self {
        Self { organization_id: identity.organization_id.clone(), user_id: identity.user_id.clone() }
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The address in the one form that it is kept and looked up in, if it is one: lower case, without surrounding space.
pub fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let fits = !local.is_empty()
        && !domain.is_empty()
        && email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    fits.then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_in_case_alone_are_one() {
        assert_eq!(normal_email(" Admin@LocalHost "), Some("admin@localhost".to_owned()));
        for bad in ["", "admin", "@localhost", "admin@", "a b@c", "a\n@c"] {
            assert_eq!(normal_email(bad), None, "{bad:?}");
        }
    }
}
