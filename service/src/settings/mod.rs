//! What the service is told from outside, checked as a whole before anything starts.

mod arguments;
mod broker;
mod database;
mod error;
mod identity;
mod providers;
mod secret;
mod value;

pub use arguments::{Arguments, NoArguments};
pub use broker::BrokerSettings;
pub use database::DatabaseSettings;
pub use error::SettingError;
pub use identity::{GatewaySettings, IdentitySettings, StandaloneSettings};
pub(crate) use value::duration;

use crate::twilio::TwilioSettings;
use ipnet::IpNet;
use secrecy::SecretString;
use secret::{given, in_place_or_file};
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;
use telemetry::Endpoint;

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
    /// How long the program goes on serving after the signal to stop, for whoever leads requests to it to notice.
    pub drain_delay: Duration,
    /// The pod that this runs in.
    pub pod_uid: Option<String>,
    /// Whether an exception of Article 5(1)(f) of the EU AI Act holds here, so that agents' moods may be told from
    /// their voice.
    pub allow_agent_audio_sentiment: bool,
    /// The collector that traces are sent to, where they are.
    pub traces: Option<Endpoint>,
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
    /// The broker.
    pub broker: BrokerSettings,
    /// The topic exchange.
    pub exchange: String,
    /// How long delivered events are kept.
    pub retention: Duration,
    /// How many events may wait to be delivered, where that is limited.
    pub backlog_limit: Option<BacklogLimit>,
}

/// How many events may wait to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BacklogLimit {
    /// So many.
    Events(u64),
    /// As many as take this much of the disk, in bytes.
    Bytes(u64),
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
        let identity = identity::identity(arguments)?;
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
        let drain_delay = value::duration(
            "CC_LITE_DRAIN_DELAY",
            given(arguments.drain_delay.as_ref()).unwrap_or("0s"),
            Duration::ZERO,
            Duration::from_mins(10),
            "a duration such as `10s`, from 0s to 10m",
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
            drain_delay,
            pod_uid: given(arguments.pod_uid.as_ref()).map(str::to_owned),
            allow_agent_audio_sentiment: given(arguments.allow_agent_audio_sentiment.as_ref())
                .map_or(Ok(false), |v| value::boolean("CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT", v))?,
            traces: given(arguments.otel_exporter_otlp_endpoint.as_ref())
                .map(|v| value::collector("OTEL_EXPORTER_OTLP_ENDPOINT", v))
                .transpose()?,
        })
    }
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
    let broker = BrokerSettings::check(arguments)?;
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
    let backlog_limit = given(arguments.events_backlog_limit.as_ref())
        .map_or(Ok(None), |v| value::backlog_limit("EVENTS_BACKLOG_LIMIT", v))?;
    Ok(EventSettings { enabled, broker, exchange, retention, backlog_limit })
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
