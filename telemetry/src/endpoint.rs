//! Where traces are sent.

use std::str::FromStr;

use url::Url;

/// The base address of a collector that takes OTLP over plain HTTP, such as `http://127.0.0.1:4318`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// The address is none that traces can be sent to. It is not told, since it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give {}", Endpoint::EXPECTED)]
pub struct InvalidEndpoint;

impl Endpoint {
    /// What fits, to follow "give".
    pub const EXPECTED: &str = "the `http://` address of an OpenTelemetry collector, such as `http://127.0.0.1:4318`, \
         without user name and query; where TLS or a password is needed, that of a collector nearby that sends on with them";

    /// Where spans are posted: `/v1/traces` below the base address, as OTLP has it.
    pub(crate) fn traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let url = Url::parse(text).map_err(|_| InvalidEndpoint)?;
        let fits = url.scheme() == "http"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if fits { Ok(Self(url)) } else { Err(InvalidEndpoint) }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_posted_below_the_base_address() {
        for (base, traces) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://collector.tracing:4318/", "http://collector.tracing:4318/v1/traces"),
            ("http://[::1]:4318/tenant/a", "http://[::1]:4318/tenant/a/v1/traces"),
        ] {
            assert_eq!(base.parse::<Endpoint>().map(|endpoint| endpoint.traces()), Ok(traces.to_owned()));
        }
    }

    #[test]
    fn what_cannot_be_spoken_to_is_refused_without_being_told() {
        for bad in [
            "",
            "collector",
            "collector:4318",
            "127.0.0.1:4318",
            "https://collector:4318",
            "grpc://collector:4317",
            "http://",
            "http://user:hush@collector:4318",
            "http://user@collector:4318",
            "http://collector:4318?token=hush",
            "http://collector:4318#traces",
        ] {
            assert_eq!(bad.parse::<Endpoint>(), Err(InvalidEndpoint), "{bad}");
        }
        let sentence = InvalidEndpoint.to_string();
        assert!(
            sentence.starts_with("give the `http://` address of an OpenTelemetry collector"),
            "{sentence}"
        );
    }
}
