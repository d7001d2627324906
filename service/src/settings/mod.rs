//! What the service is told from outside, checked as a whole before anything starts.

mod arguments;
mod database;
mod error;
mod providers;
mod secret;
mod value;

pub use arguments::{Arguments, NoArguments};
pub use database::DatabaseSettings;
pub use error::SettingError;

use crate::twilio::TwilioSettings;
use ipnet::IpNet;
use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use secret::{given, in_place_or_file};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use token::TokenRules;
use url::Url;

/// Everything the service can be told, valid as a whole.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port of the API; 0 takes a free one.
    pub port: u16,
    /// Port of the probes, metrics and status; 0 takes a free one.
    pub management_port: u16,
    /// Path that the API lives under: empty for the root, else like `/api/communications`.
    pub base_path: String,
    /// Who proves users' identity.
    pub identity: IdentitySettings,
    /// Where the data is kept.
    pub database: DatabaseSettings,
    /// Where events go.
    pub events: EventSettings,
    /// What is logged, as `tracing_subscriber::EnvFilter` reads it.
    pub log: String,
    /// Networks of the proxies in front, whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// How much each user may ask for; without it, as much as they like.
    pub rate_limit: Option<RateLimit>,
    /// Origins of the pages that may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// Twilio's accounts, where there are any.
    pub twilio: Option<TwilioSettings>,
    /// How long a call may stay without news before it is ended.
    pub stale_call_timeout: Duration,
    /// The pod that this runs in.
    pub pod_uid: Option<String>,
    /// Whether an exception of Article 5(1)(f) of the EU AI Act holds here, so that agents' moods may be told from
    /// their voice.
    pub allow_agent_audio_sentiment: bool,
    /// Settings of features that this release lacks, checked and kept for when they come.
    pub later: LaterSettings,
}

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

/// How much each user may ask for, in each process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// So many requests,
    pub requests: NonZeroU32,
    /// in so much time.
    pub window: Duration,
}

/// Where events go.
#[derive(Debug, Clone)]
pub struct EventSettings {
    /// Whether events are published.
    pub enabled: bool,
    /// The broker's address; may hold a password.
    pub broker: SecretString,
    /// PEM of the authorities that vouch for the broker's certificate.
    pub broker_authorities: Option<String>,
    /// The topic exchange.
    pub exchange: String,
    /// How long delivered events are kept.
    pub retention: Duration,
}

/// Settings of features that this release lacks.
#[derive(Debug, Clone, Default)]
pub struct LaterSettings {
    /// `EVENTS_BACKLOG_LIMIT`, in bytes.
    pub backlog_limit: Option<u64>,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub otlp_endpoint: Option<Url>,
}

impl LaterSettings {
    /// One sentence for each of these that is set, so that nobody waits for its effect.
    pub fn warnings(&self) -> Vec<String> {
        let lacks = [
            (
                self.backlog_limit.is_some(),
                "EVENTS_BACKLOG_LIMIT",
                "refuse writes when undelivered events pile up",
            ),
            (self.otlp_endpoint.is_some(), "OTEL_EXPORTER_OTLP_ENDPOINT", "send traces"),
        ];
        lacks
            .into_iter()
            .filter(|(set, ..)| *set)
            .map(|(_, name, what)| format!("{name} is set, but this release does not {what} yet."))
            .collect()
    }
}

impl Settings {
    /// Checks what was given and fills in the defaults.
    pub fn check(arguments: &Arguments) -> Result<Self, SettingError> {
        let port = given(arguments.port.as_ref()).map_or(Ok(3018), |v| value::port("CC_LITE_PORT", v))?;
        let management_port = given(arguments.management_port.as_ref())
            .map_or(Ok(9018), |v| value::port("CC_LITE_MANAGEMENT_PORT", v))?;
        if port == management_port && port != 0 {
            return Err(SettingError::Contradiction(
                "CC_LITE_PORT and CC_LITE_MANAGEMENT_PORT are the same: give each a port of its own.",
            ));
        }
        let identity = identity(arguments)?;
        let default_base = match identity {
            IdentitySettings::Standalone(_) => "/",
            IdentitySettings::Platform(_) => "/api/communications",
        };
        let base_path = value::base_path(
            "CC_LITE_BASE_PATH",
            given(arguments.base_path.as_ref()).unwrap_or(default_base),
        )?;
        let log = given(arguments.rust_log.as_ref()).unwrap_or("info").to_owned();
        if tracing_subscriber::EnvFilter::builder().parse(&log).is_err() {
            return Err(SettingError::Invalid {
                name: "RUST_LOG",
                value: log,
                expected: "a level (`error`, `warn`, `info`, `debug`, `trace`) or filters such as `cc_lite=debug,info`",
            });
        }
        let default_organization = match &identity {
            IdentitySettings::Standalone(standalone) => Some(standalone.organization_id.as_str()),
            IdentitySettings::Platform(_) => None,
        };
        let public_url = given(arguments.public_url.as_ref())
            .map(|v| value::http_url("CC_LITE_PUBLIC_URL", v))
            .transpose()?;
        let accounts = in_place_or_file(
            "CC_LITE_TWILIO_ACCOUNTS",
            arguments.twilio_accounts.as_ref(),
            arguments.twilio_accounts_file.as_ref(),
        )?;
        let twilio = providers::twilio(accounts.as_ref(), public_url.as_ref(), default_organization)?;
        let stale_call_timeout = value::duration(
            "CC_LITE_STALE_CALL_TIMEOUT",
            given(arguments.stale_call_timeout.as_ref()).unwrap_or("4h"),
            Duration::from_mins(1),
            Duration::from_hours(24 * 31),
            "a duration such as `4h`, from 1m to 744h",
        )?;
        Ok(Self {
            port,
            management_port,
            base_path,
            identity,
            database: database(arguments)?,
            events: events(arguments)?,
            log,
            trusted_proxies: given(arguments.trusted_proxies.as_ref())
                .map_or(Ok(Vec::new()), |v| value::networks("CC_LITE_TRUSTED_PROXIES", v))?,
            cors_origins: given(arguments.cors_origins.as_ref())
                .map_or(Ok(Vec::new()), |v| value::origins("CC_LITE_CORS_ORIGINS", v))?,
            rate_limit: given(arguments.rate_limit.as_ref())
                .map(|v| value::rate_limit("CC_LITE_RATE_LIMIT", v))
                .transpose()?,
            twilio,
            stale_call_timeout,
            pod_uid: given(arguments.pod_uid.as_ref()).map(str::to_owned),
            allow_agent_audio_sentiment: given(arguments.allow_agent_audio_sentiment.as_ref())
                .map_or(Ok(false), |v| value::boolean("CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT", v))?,
            later: later(arguments)?,
        })
    }
}

fn identity(arguments: &Arguments) -> Result<IdentitySettings, SettingError> {
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

fn database(arguments: &Arguments) -> Result<DatabaseSettings, SettingError> {
    let url = in_place_or_file(
        "DATABASE_URL",
        arguments.database_url.as_ref(),
        arguments.database_url_file.as_ref(),
    )?
    .unwrap_or_else(|| SecretString::from("sqlite://cc-lite.db"));
    let authorities = given(arguments.database_ca_file.as_ref()).map(Path::new);
    if let Some(path) = authorities {
        certificates("DATABASE_CA_FILE", path)?;
    }
    DatabaseSettings::parse(&url, authorities)
}

fn events(arguments: &Arguments) -> Result<EventSettings, SettingError> {
    let enabled =
        given(arguments.enable_events.as_ref()).map_or(Ok(true), |v| value::boolean("ENABLE_EVENTS", v))?;
    let broker = in_place_or_file(
        "RABBITMQ_URL",
        arguments.rabbitmq_url.as_ref(),
        arguments.rabbitmq_url_file.as_ref(),
    )?
    .unwrap_or_else(|| SecretString::from("amqp://127.0.0.1:5672"));
    if broker.expose_secret().parse::<AMQPUri>().is_err() {
        return Err(SettingError::InvalidSecret {
            name: "RABBITMQ_URL",
            expected: "`amqp://user:password@host:5672/%2f`, or `amqps://` for TLS",
        });
    }
    let broker_authorities = given(arguments.rabbitmq_ca_file.as_ref())
        .map(|path| certificates("RABBITMQ_CA_FILE", Path::new(path)))
        .transpose()?;
    let retention = value::duration(
        "EVENTS_RETENTION",
        given(arguments.events_retention.as_ref()).unwrap_or("24h"),
        Duration::from_secs(1),
        Duration::from_hours(24 * 366),
        "a duration such as `24h`, from 1s to 8784h",
    )?;
    let exchange = value::exchange(
        "EVENTS_EXCHANGE",
        given(arguments.events_exchange.as_ref()).unwrap_or("ocelot.events"),
    )?;
    Ok(EventSettings { enabled, broker, broker_authorities, exchange, retention })
}

fn later(arguments: &Arguments) -> Result<LaterSettings, SettingError> {
    Ok(LaterSettings {
        backlog_limit: given(arguments.events_backlog_limit.as_ref())
            .map(|v| value::bytes("EVENTS_BACKLOG_LIMIT", v))
            .transpose()?,
        otlp_endpoint: given(arguments.otel_exporter_otlp_endpoint.as_ref())
            .map(|v| value::http_url("OTEL_EXPORTER_OTLP_ENDPOINT", v))
            .transpose()?,
    })
}

fn certificates(name: &'static str, path: &Path) -> Result<String, SettingError> {
    let pem = std::fs::read_to_string(path).map_err(|source| SettingError::Unreadable {
        name: name.to_owned(),
        path: path.to_owned(),
        source,
    })?;
    if pem.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(pem);
    }
    Err(SettingError::Invalid {
        name,
        value: path.display().to_string(),
        expected: "a PEM file that holds at least one certificate",
    })
}

#[cfg(test)]
mod tests;
