//! Who is asking: accounts and tokens of our own (standalone), or the gateway's word (platform).

pub mod admin;
pub mod gateway;
pub mod password;
pub mod session;
pub mod token;

pub use password::check_password;

use serde::{Deserialize, Serialize};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages the organisation.
    Admin,
    /// Leads agents.
    Supervisor,
    /// Handles calls.
    Agent,
}

impl Role {
    /// The name in JSON, in headers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::Supervisor, Self::Agent].into_iter().find(|role| role.as_str() == name)
    }
}

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
}

/// Whether this can be a user's or an organisation's id: 1 to 128 letters, digits or any of `-_.:@|+~`.
pub fn is_identifier(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@|+~".contains(&byte))
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

    #[test]
    fn ids_are_short_and_visible() {
        assert!(is_identifier("auth0|5f7c8ec7c33c6c004bbafe82"));
        for bad in ["", "a b", "ž", "a/b", &"x".repeat(129)] {
            assert!(!is_identifier(bad), "{bad:?}");
        }
    }

    #[test]
    fn roles_read_back() {
        for role in [Role::Admin, Role::Supervisor, Role::Agent] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
