//! What the service is told of telephony providers: one file with the secrets of all accounts, since a file is all that
//! it reads them from.

use super::{Module, Use, references::Entries};

/// The content of the file with Twilio's accounts.
#[derive(Clone, PartialEq, Eq)]
pub struct TwilioAccounts(pub String);

impl std::fmt::Debug for TwilioAccounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TwilioAccounts(…)")
    }
}

/// One line for each account: `<SID>:<auth token>[:<organisation>]`.
pub(super) fn twilio(module: &Module, entries: &Entries<'_>) -> Option<TwilioAccounts> {
    let lines = module.service.twilio.iter().enumerate().filter_map(|(index, account)| {
        let token = entries.get(&Use::TwilioToken(index))?;
        // Checked as text when it was resolved.
        let token = String::from_utf8_lossy(&token.value);
        let organization = account.organization_id.as_ref().map(|id| format!(":{id}")).unwrap_or_default();
        Some(format!("{}:{}{organization}\n", account.sid, token.trim_end_matches(['\r', '\n'])))
    });
    let text: String = lines.collect();
    (!text.is_empty()).then_some(TwilioAccounts(text))
}
