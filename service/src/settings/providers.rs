//! Telephony providers whose word counts.

use super::SettingError;
use crate::twilio::{TwilioAccount, TwilioSettings};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Twilio's accounts, from `<account SID>:<auth token>:<organisation>`, several by comma or line break; the organisation
/// may be left out where there is one anyway.
pub(super) fn twilio(
    accounts: Option<&SecretString>,
    public_url: Option<&Url>,
    default_organization: Option<&str>,
) -> Result<Option<TwilioSettings>, SettingError> {
    let Some(accounts) = accounts else { return Ok(None) };
    let public_url = public_url.ok_or(SettingError::Contradiction(
        "CC_LITE_TWILIO_ACCOUNTS is set, but CC_LITE_PUBLIC_URL is not: set it to the API's address as Twilio calls it, \
         which Twilio's signature covers.",
    ))?;
    let accounts = accounts
        .expose_secret()
        .split([',', '\n'])
        .map(str::trim)
        .map(|line| account(line, default_organization))
        .collect::<Option<Vec<_>>>()
        .ok_or(SettingError::InvalidSecret {
            name: "CC_LITE_TWILIO_ACCOUNTS",
            expected: "`<account SID>:<auth token>:<organisation>` for each account, separated by commas or line breaks",
        })?;
    Ok(Some(TwilioSettings { public_url: public_url.clone(), accounts }))
}

fn account(line: &str, default_organization: Option<&str>) -> Option<TwilioAccount> {
    let mut parts = line.splitn(3, ':');
    let (sid, token) = (parts.next()?, parts.next()?);
    let organization = parts.next().or(default_organization)?;
    let fits = sid.len() == 34
        && sid.starts_with("AC")
        && sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (16..=128).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && crate::identity::is_identifier(organization);
    fits.then(|| TwilioAccount {
        sid: sid.to_owned(),
        auth_token: SecretString::from(token),
        organization_id: organization.to_owned(),
    })
}
