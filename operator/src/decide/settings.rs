//! The settings of the service that follow from nothing else, checked as the service checks them: it would not start on
//! others.

use std::{net::IpAddr, time::Duration};

use telemetry::{Endpoint, InvalidEndpoint};
use url::Url;

use crate::api::{self, GoDuration, Mode, ParseDurationError, SecretKeyRef};

/// What the service is told besides mode, events and database.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSettings {
    /// Address of the API as the outside calls it.
    pub public_url: Option<String>,
    /// Proxies in front, as addresses and networks.
    pub trusted_proxies: Vec<String>,
    /// Origins of the pages that may call the API.
    pub cors_origins: Vec<String>,
    /// Requests in a time.
    pub rate_limit: Option<String>,
    /// How long a call may stay without news.
    pub stale_call_timeout: GoDuration,
    /// Whether agents' moods may be told from their voice.
    pub allow_agent_audio_sentiment: bool,
    /// Twilio's accounts.
    pub twilio: Vec<TwilioAccount>,
    /// The collector that traces are sent to.
    pub otlp_endpoint: Option<String>,
}

/// An account of Twilio's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwilioAccount {
    /// Its SID.
    pub sid: String,
    /// The entry with its auth token.
    pub auth_token: SecretKeyRef,
    /// Whose calls it tells of; the module's own organisation where there is none.
    pub organization_id: Option<String>,
}

/// Why settings cannot be given to the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The public address is not one.
    #[error(
        "spec.publicUrl is not an http:// or https:// address without credentials and query: write it as https://host/path"
    )]
    PublicUrl,
    /// A proxy is none.
    #[error("spec.trustedProxies has {0:?}: write addresses or networks, such as 192.0.2.7 or 10.0.0.0/8")]
    Proxy(String),
    /// An origin is none.
    #[error(
        "spec.corsOrigins has {0:?}, which is no origin: write one such as https://app.example.com, without a path and \
         without the port that the scheme has anyway"
    )]
    Origin(String),
    /// The rate limit is none.
    #[error(
        "spec.rateLimit {0:?} is not a rate: write requests and a time such as 600/1m, from 1 to 1000000 in 1s to 24h"
    )]
    Rate(String),
    /// The time-out is no duration.
    #[error("spec.staleCallTimeout: {0}")]
    StaleCalls(#[from] ParseDurationError),
    /// The collector's address is none.
    #[error("spec.otlpEndpoint: {0}")]
    Collector(#[from] InvalidEndpoint),
    /// Twilio without the address that it signs.
    #[error("Twilio signs the address that it calls: set spec.publicUrl, or remove spec.providers.twilio")]
    NoPublicUrl,
    /// Nobody's calls.
    #[error(
        "Platform mode has no organisation of its own: set organizationId of each of spec.providers.twilio"
    )]
    NoOrganization,
}

pub(super) fn settings(spec: &api::CommsModuleSpec) -> Result<ServiceSettings, InvalidSettings> {
    if spec.public_url.as_deref().is_some_and(|address| !is_public_url(address)) {
        return Err(InvalidSettings::PublicUrl);
    }
    if let Some(proxy) = spec.trusted_proxies.iter().find(|proxy| !is_network(proxy)) {
        return Err(InvalidSettings::Proxy(proxy.clone()));
    }
    if let Some(origin) = spec.cors_origins.iter().find(|origin| !is_origin(origin)) {
        return Err(InvalidSettings::Origin(origin.clone()));
    }
    if let Some(rate) = spec.rate_limit.as_ref().filter(|rate| !is_rate(rate)) {
        return Err(InvalidSettings::Rate(rate.clone()));
    }
    spec.stale_call_timeout.parse()?;
    if let Some(address) = &spec.otlp_endpoint {
        address.parse::<Endpoint>()?;
    }
    let accounts = spec.providers.as_ref().map(|providers| providers.twilio.as_slice()).unwrap_or_default();
    if !accounts.is_empty() && spec.public_url.is_none() {
        return Err(InvalidSettings::NoPublicUrl);
    }
    if spec.mode == Mode::Platform && accounts.iter().any(|account| account.organization_id.is_none()) {
        return Err(InvalidSettings::NoOrganization);
    }
    Ok(ServiceSettings {
        public_url: spec.public_url.clone(),
        trusted_proxies: spec.trusted_proxies.clone(),
        cors_origins: spec.cors_origins.clone(),
        rate_limit: spec.rate_limit.clone(),
        stale_call_timeout: spec.stale_call_timeout.clone(),
        allow_agent_audio_sentiment: spec.allow_agent_audio_sentiment,
        twilio: accounts.iter().map(account).collect(),
        otlp_endpoint: spec.otlp_endpoint.clone(),
    })
}

fn account(account: &api::TwilioAccount) -> TwilioAccount {
    TwilioAccount {
        sid: account.account_sid.clone(),
        auth_token: account.auth_token_secret_ref.clone(),
        organization_id: account.organization_id.clone(),
    }
}

fn is_public_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn is_network(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        None => (text, None),
        Some((address, length)) => (address, Some(length)),
    };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}

/// The service takes an origin only as browsers write it (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.origin().ascii_serialization().eq_ignore_ascii_case(text)
    })
}

fn is_rate(text: &str) -> bool {
    let Some((requests, window)) = text.split_once('/') else { return false };
    let in_range = requests.parse::<u32>().is_ok_and(|requests| (1..=1_000_000).contains(&requests));
    let window = GoDuration::new(window).parse();
    in_range
        && window.is_ok_and(|window| (Duration::from_secs(1)..=Duration::from_hours(24)).contains(&window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_would_not_start_on_is_told_apart() {
        for good in ["192.0.2.7", "10.0.0.0/8", "::1", "fd00::/8"] {
            assert!(is_network(good), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "proxy", "::1/129", "10.0.0.0/-1"] {
            assert!(!is_network(bad), "{bad}");
        }
        for good in ["https://app.example.com", "http://localhost:5173"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in
            ["https://a.example/", "https://a.example:443", "a.example", "https://1.2", "https://u@a.example"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
        for good in ["600/1m", "1/1s", "1000000/24h"] {
            assert!(is_rate(good), "{good}");
        }
        for bad in ["600", "0/1m", "600/0s", "600/25h", "1000001/1m", "600/"] {
            assert!(!is_rate(bad), "{bad}");
        }
    }
}
