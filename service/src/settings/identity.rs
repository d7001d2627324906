//! Who proves users' identity: accounts of our own, or the gateway.

use super::secret::{given, in_place_or_file};
use super::{Arguments, SettingError, value};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::time::Duration;
use token::TokenRules;

/// Who proves users' identity.
#[derive(Debug, Clone)]
pub enum IdentitySettings {
    /// Own accounts and tokens.
    Standalone(StandaloneSettings),
    /// The gateway's headers.
    Platform(GatewaySettings),
}

/// Own accounts and tokens.
#[derive(Debug, Clone)]
pub struct StandaloneSettings {
    /// Directory of the signing keys.
    pub keys_dir: PathBuf,
    /// Life of an access token.
    pub access_token_ttl: Duration,
    /// Life of a refresh token.
    pub refresh_token_ttl: Duration,
    /// How long verifiers elsewhere may go on with the keys that they have read.
    pub verifier_cache_ttl: Duration,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// Organisation that the first administrator belongs to.
    pub organization_id: String,
    /// Address that the first administrator logs in with.
    pub admin_email: String,
    /// Password of the first administrator.
    pub admin_password: Option<SecretString>,
}

impl StandaloneSettings {
    /// What tokens have to say, and for how long they are valid.
    pub fn token_rules(&self) -> TokenRules {
        TokenRules {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            access_life: self.access_token_ttl,
            refresh_life: self.refresh_token_ttl,
        }
    }
}

/// How the gateway proves itself.
#[derive(Debug, Clone, Default)]
pub struct GatewaySettings {
    /// Accepted values of `X-Gateway-Secret`: none, one, or two while the secret changes.
    pub secrets: Vec<SecretString>,
    /// Whether whoever reaches the port counts as the gateway.
    pub trust_everyone: bool,
}

impl GatewaySettings {
    /// Whether only this machine may reach the port, since nothing proves the gateway.
    pub fn loopback_only(&self) -> bool {
        self.secrets.is_empty() && !self.trust_everyone
    }
}

/// Reads who proves users' identity.
pub(super) fn identity(arguments: &Arguments) -> Result<IdentitySettings, SettingError> {
    let secret = in_place_or_file(
        "CC_LITE_GATEWAY_SECRET",
        arguments.gateway_secret.as_ref(),
        arguments.gateway_secret_file.as_ref(),
    )?;
    let trust_everyone = given(arguments.gateway_trust_everyone.as_ref())
        .map_or(Ok(false), |v| value::boolean("CC_LITE_GATEWAY_TRUST_EVERYONE", v))?;
    let secrets = secret.as_ref().map_or(Ok(Vec::new()), gateway_secrets)?;
    let standalone = standalone(arguments)?;
    match given(arguments.mode.as_ref()).unwrap_or("standalone") {
        "standalone" if secret.is_some() || trust_everyone => Err(SettingError::Contradiction(
            "CC_LITE_GATEWAY_SECRET and CC_LITE_GATEWAY_TRUST_EVERYONE mean something in platform mode only: unset \
             them, or set CC_LITE_MODE to `platform`.",
        )),
        "standalone" => Ok(IdentitySettings::Standalone(standalone)),
        "platform" => Ok(IdentitySettings::Platform(GatewaySettings { secrets, trust_everyone })),
        other => Err(SettingError::Invalid {
            name: "CC_LITE_MODE",
            value: other.to_owned(),
            expected: "`standalone` or `platform`",
        }),
    }
}

fn gateway_secrets(given: &SecretString) -> Result<Vec<SecretString>, SettingError> {
    let secrets: Vec<&str> = given.expose_secret().split([',', '\n']).map(str::trim).collect();
    let fits =
        |secret: &&str| (16..=512).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic());
    if secrets.len() > 2 || !secrets.iter().all(fits) {
        return Err(SettingError::InvalidSecret {
            name: "CC_LITE_GATEWAY_SECRET",
            expected: "one secret of 16 to 512 visible ASCII characters, or two separated by a comma or a line break",
        });
    }
    Ok(secrets.into_iter().map(SecretString::from).collect())
}

fn standalone(arguments: &Arguments) -> Result<StandaloneSettings, SettingError> {
    let minute = Duration::from_mins(1);
    let access_token_ttl = value::duration(
        "CC_LITE_ACCESS_TOKEN_TTL",
        given(arguments.access_token_ttl.as_ref()).unwrap_or("15m"),
        minute,
        Duration::from_hours(24),
        "a duration such as `15m`, from 1m to 24h",
    )?;
    let refresh_token_ttl = value::duration(
        "CC_LITE_REFRESH_TOKEN_TTL",
        given(arguments.refresh_token_ttl.as_ref()).unwrap_or("168h"),
        minute,
        Duration::from_hours(24 * 366),
        "a duration such as `168h`, from 1m to 8784h",
    )?;
    if refresh_token_ttl < access_token_ttl {
        return Err(SettingError::Contradiction(
            "CC_LITE_REFRESH_TOKEN_TTL is shorter than CC_LITE_ACCESS_TOKEN_TTL: make it at least as long.",
        ));
    }
    let verifier_cache_ttl = value::duration(
        "CC_LITE_VERIFIER_CACHE_TTL",
        given(arguments.verifier_cache_ttl.as_ref()).unwrap_or("60s"),
        Duration::from_secs(2),
        Duration::from_hours(24),
        "a duration such as `60s`, from 2s to 24h",
    )?;
    let admin_password = in_place_or_file(
        "CC_LITE_ADMIN_PASSWORD",
        arguments.admin_password.as_ref(),
        arguments.admin_password_file.as_ref(),
    )?;
    if let Some(password) = &admin_password {
        crate::identity::check_password(password).map_err(|_| SettingError::InvalidSecret {
            name: "CC_LITE_ADMIN_PASSWORD",
            expected: "a password of at least 8 characters and at most 71 bytes",
        })?;
    }
    let name_expected = "1 to 255 visible ASCII characters";
    Ok(StandaloneSettings {
        keys_dir: PathBuf::from(given(arguments.keys_dir.as_ref()).unwrap_or(".keys")),
        access_token_ttl,
        refresh_token_ttl,
        verifier_cache_ttl,
        issuer: value::word(
            "CC_LITE_ISSUER",
            given(arguments.issuer.as_ref()).unwrap_or("cc-lite"),
            name_expected,
        )?,
        audience: value::word(
            "CC_LITE_AUDIENCE",
            given(arguments.audience.as_ref()).unwrap_or("cc-lite"),
            name_expected,
        )?,
        organization_id: value::organization(
            "CC_LITE_ORG_ID",
            given(arguments.org_id.as_ref()).unwrap_or("default"),
        )?,
        admin_email: value::email(
            "CC_LITE_ADMIN_EMAIL",
            given(arguments.admin_email.as_ref()).unwrap_or("admin@localhost"),
        )?,
        admin_password,
    })
}
