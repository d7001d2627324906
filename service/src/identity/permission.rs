//! Who may do what. This is the one place that says so; routes name the permission that they need.

use super::Role;

/// Something that one may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See who one is, and change one's own password.
    OwnAccount,
    /// See, make, change and disable the organisation's accounts.
    ManageUsers,
    /// Say how long what is kept, and erase a person.
    ManageData,
    /// See who read or changed what.
    ReadAudit,
    /// See the organisation's calls.
    ReadCalls,
    /// Make calls known and move them on.
    WriteCalls,
    /// Hear of the organisation's events as they come.
    FollowEvents,
    /// See counts and rates of the organisation's calls.
    ReadStats,
}

impl Permission {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::OwnAccount,
        Self::ManageUsers,
        Self::ManageData,
        Self::ReadAudit,
        Self::ReadCalls,
        Self::WriteCalls,
        Self::FollowEvents,
        Self::ReadStats,
    ];

    /// The name in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnAccount => "own account",
            Self::ManageUsers => "manage users",
            Self::ManageData => "manage data",
            Self::ReadAudit => "read audit",
            Self::ReadCalls => "read calls",
            Self::WriteCalls => "write calls",
            Self::FollowEvents => "follow events",
            Self::ReadStats => "read stats",
        }
    }
}

/// Whether the role may do it, within its own organisation.
pub fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::OwnAccount
        | Permission::ReadCalls
        | Permission::WriteCalls
        | Permission::FollowEvents
        | Permission::ReadStats => true,
        Permission::ManageUsers | Permission::ManageData | Permission::ReadAudit => role == Role::Admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table in the documentation is the one that holds.
    #[test]
    fn the_documented_table_is_what_holds() {
        let page = include_str!("../../../docs/security.md");
        let rows = page.lines().skip_while(|line| !line.starts_with("| permission |")).skip(2);
        let rows: Vec<Vec<&str>> = rows
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let documented: Vec<(&str, [bool; 3])> = rows
            .iter()
            .map(|cells| (cells[0], [cells[2], cells[3], cells[4]].map(|cell| cell == "yes")))
            .collect();
        let holds: Vec<(&str, [bool; 3])> = Permission::ALL
            .iter()
            .map(|permission| (permission.as_str(), Role::ALL.map(|role| may(role, *permission))))
            .collect();
        assert_eq!(documented, holds, "docs/security.md, columns admin, supervisor, agent");
    }
}
