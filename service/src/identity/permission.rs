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
    /// See the transcripts of the organisation's calls.
    ReadTranscripts,
    /// Add to transcripts and complete them.
    WriteTranscripts,
    /// Take parts of transcripts out.
    RedactTranscripts,
    /// Search all transcripts of the organisation.
    SearchTranscripts,
    /// See analyses of customers' moods.
    ReadSentiment,
    /// Make analyses of customers' moods known, and have them made.
    WriteSentiment,
    /// The same with analyses of agents' moods.
    AgentSentiment,
    /// See the organisation's campaigns, their contacts, and whom nobody may call.
    ReadCampaigns,
    /// Make, change and move campaigns, add contacts, and say whom nobody may call.
    ManageCampaigns,
    /// Take contacts to call, and say what came of them.
    TakeContacts,
    /// Hear of the organisation's events as they come.
    FollowEvents,
    /// See counts and rates of the organisation's calls.
    ReadStats,
    /// See how the delivery of events stands, and have parked ones tried again.
    ManageEvents,
}

impl Permission {
    /// All there are.
    pub const ALL: [Self; 19] = [
        Self::OwnAccount,
        Self::ManageUsers,
        Self::ManageData,
        Self::ReadAudit,
        Self::ReadCalls,
        Self::WriteCalls,
        Self::ReadTranscripts,
        Self::WriteTranscripts,
        Self::RedactTranscripts,
        Self::SearchTranscripts,
        Self::ReadSentiment,
        Self::WriteSentiment,
        Self::AgentSentiment,
        Self::ReadCampaigns,
        Self::ManageCampaigns,
        Self::TakeContacts,
        Self::FollowEvents,
        Self::ReadStats,
        Self::ManageEvents,
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
            Self::ReadTranscripts => "read transcripts",
            Self::WriteTranscripts => "write transcripts",
            Self::RedactTranscripts => "redact transcripts",
            Self::SearchTranscripts => "search transcripts",
            Self::ReadSentiment => "read sentiment",
            Self::WriteSentiment => "write sentiment",
            Self::AgentSentiment => "agent sentiment",
            Self::ReadCampaigns => "read campaigns",
            Self::ManageCampaigns => "manage campaigns",
            Self::TakeContacts => "take contacts",
            Self::FollowEvents => "follow events",
            Self::ReadStats => "read stats",
            Self::ManageEvents => "manage events",
        }
    }
}

/// Whether the role may do it, within its own organisation.
pub fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::OwnAccount
        | Permission::ReadCalls
        | Permission::WriteCalls
        | Permission::ReadTranscripts
        | Permission::WriteTranscripts
        | Permission::ReadSentiment
        | Permission::WriteSentiment
        | Permission::ReadCampaigns
        | Permission::TakeContacts
        | Permission::FollowEvents
        | Permission::ReadStats => true,
        Permission::RedactTranscripts
        | Permission::SearchTranscripts
        | Permission::AgentSentiment
        | Permission::ManageCampaigns => role != Role::Agent,
        Permission::ManageUsers
        | Permission::ManageData
        | Permission::ReadAudit
        | Permission::ManageEvents => role == Role::Admin,
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
