//! What users may be, and what their ids look like.

use serde::{Deserialize, Serialize};

/// What a user is to their organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Role {
    /// Manages the organisation.
    Admin,
    /// Leads agents.
    Supervisor,
    /// Handles calls.
    Agent,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Supervisor, Self::Agent];

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
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Takes a string alone: an enum's name is otherwise also read from `{"admin":null}`.
impl TryFrom<String> for Role {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        Self::from_name(&name).ok_or("a role is `admin`, `supervisor` or `agent`")
    }
}

/// Whether this can be a user's or an organisation's id: 1 to 128 letters, digits or any of `-_.:@|+~`.
pub fn is_identifier(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@|+~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_visible() {
        assert!(is_identifier("auth0|5f7c8ec7c33c6c004bbafe82"));
        for bad in ["", "a b", "ž", "a/b", &"x".repeat(129)] {
            assert!(!is_identifier(bad), "{bad:?}");
        }
    }

    #[test]
    fn roles_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
