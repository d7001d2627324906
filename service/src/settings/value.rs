//! The forms that single values take.

use super::{BacklogLimit, RateLimit, SettingError};
use ipnet::IpNet;
use jiff::SignedDuration;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;
use telemetry::Endpoint;
use url::Url;

fn invalid(name: &'static str, value: &str, expected: &'static str) -> SettingError {
    SettingError::Invalid { name, value: value.to_owned(), expected }
}

/// A port, or 0 for a free one.
pub(super) fn port(name: &'static str, value: &str) -> Result<u16, SettingError> {
    value.parse().map_err(|_| invalid(name, value, "a port number from 1 to 65535, or 0 for a free one"))
}

/// `true` or `false`.
pub(super) fn boolean(name: &'static str, value: &str) -> Result<bool, SettingError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(name, value, "`true` or `false`")),
    }
}

/// A positive duration in Go's notation: decimal numbers, each with one of `h`, `m`, `s`, `ms`.
pub(crate) fn duration(
    name: &'static str,
    value: &str,
    least: Duration,
    most: Duration,
    expected: &'static str,
) -> Result<Duration, SettingError> {
    let go_style = value.chars().all(|c| c.is_ascii_digit() || matches!(c, 'h' | 'm' | 's' | '.'));
    let parsed = value.parse::<SignedDuration>().ok().filter(|_| go_style);
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (least..=most).contains(duration))
        .ok_or_else(|| invalid(name, value, expected))
}

/// A name made of visible ASCII.
pub(super) fn word(name: &'static str, value: &str, expected: &'static str) -> Result<String, SettingError> {
    let fits = (1..=255).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(value.to_owned()) } else { Err(invalid(name, value, expected)) }
}

/// An organisation's id.
pub(super) fn organization(name: &'static str, value: &str) -> Result<String, SettingError> {
    if crate::identity::is_identifier(value) {
        Ok(value.to_owned())
    } else {
        Err(invalid(name, value, "1 to 128 letters, digits or any of `-_.:@|+~`"))
    }
}

/// An address that someone logs in with, in lower case.
pub(super) fn email(name: &'static str, value: &str) -> Result<String, SettingError> {
    crate::identity::normal_email(value)
        .ok_or_else(|| invalid(name, value, "an e-mail address such as `admin@example.com`"))
}

/// The exchange's name: AMQP 0-9-1 allows letters, digits, hyphen, underscore, period and colon; `amq.` is reserved.
pub(super) fn exchange(name: &'static str, value: &str) -> Result<String, SettingError> {
    let fits = (1..=127).contains(&value.len())
        && !value.starts_with("amq.")
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    if fits {
        return Ok(value.to_owned());
    }
    Err(invalid(name, value, "up to 127 letters, digits or any of `-_.:` that do not begin with `amq.`"))
}

/// The path that the API lives under: empty for the root, else with a leading and without a trailing slash.
pub(super) fn base_path(name: &'static str, value: &str) -> Result<String, SettingError> {
    let trimmed = value.strip_suffix('/').unwrap_or(value);
    let fits = value.starts_with('/')
        && trimmed.len() <= 255
        && trimmed.split('/').skip(1).all(|segment| {
            !matches!(segment, "" | "." | "..")
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
        });
    if fits {
        return Ok(trimmed.to_owned());
    }
    Err(invalid(
        name,
        value,
        "a path such as `/` or `/api/communications`, of letters, digits and any of `-_.~`",
    ))
}

/// Events, or bytes as Kubernetes writes them with Ki, Mi, Gi or Ti; none when it is `off`.
pub(super) fn backlog_limit(name: &'static str, value: &str) -> Result<Option<BacklogLimit>, SettingError> {
    if value == "off" {
        return Ok(None);
    }
    let units = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1_u64 << 40)];
    let positive = |number: &str| number.parse::<u64>().ok().filter(|number| *number > 0);
    let in_unit = units.iter().find_map(|(suffix, unit)| Some((value.strip_suffix(suffix)?, *unit)));
    let limit = match in_unit {
        None => positive(value).map(BacklogLimit::Events),
        Some((number, unit)) => {
            positive(number).and_then(|number| number.checked_mul(unit)).map(BacklogLimit::Bytes)
        }
    };
    let expected = "a number of events such as `1000000`, a size such as `512Mi`, or `off`";
    limit.map(Some).ok_or_else(|| invalid(name, value, expected))
}

/// Requests in a time, such as `600/1m`: 1 to 1 000 000 in 1 second to 24 hours.
pub(super) fn rate_limit(name: &'static str, value: &str) -> Result<RateLimit, SettingError> {
    let expected = "requests and a time such as `600/1m`, from 1 to 1000000 in 1s to 24h";
    let refused = || invalid(name, value, expected);
    let (requests, window) = value.split_once('/').ok_or_else(refused)?;
    let requests = requests.parse::<NonZeroU32>().ok().filter(|count| count.get() <= 1_000_000);
    let window = duration(name, window, Duration::from_secs(1), Duration::from_hours(24), expected);
    Ok(RateLimit { requests: requests.ok_or_else(refused)?, window: window.map_err(|_| refused())? })
}

/// An absolute http or https URL without userinfo.
pub(super) fn http_url(name: &'static str, value: &str) -> Result<Url, SettingError> {
    let expected = "an address such as `https://voice.example.com`, without a user name or password";
    let url = Url::parse(value).map_err(|_| SettingError::InvalidSecret { name, expected })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingError::InvalidSecret { name, expected });
    }
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(invalid(name, value, expected))
    }
}

/// The address of a collector of traces.
pub(super) fn collector(name: &'static str, value: &str) -> Result<Endpoint, SettingError> {
    let expected = Endpoint::EXPECTED;
    value.parse().map_err(|_| {
        if value.contains(['@', '?']) {
            SettingError::InvalidSecret { name, expected }
        } else {
            invalid(name, value, expected)
        }
    })
}

/// Addresses and networks, separated by commas.
pub(super) fn networks(name: &'static str, value: &str) -> Result<Vec<IpNet>, SettingError> {
    value
        .split(',')
        .map(str::trim)
        .map(|item| item.parse::<IpNet>().or_else(|_| item.parse::<IpAddr>().map(IpNet::from)))
        .collect::<Result<_, _>>()
        .map_err(|_| invalid(name, value, "addresses or networks such as `10.0.0.0/8,192.0.2.7`"))
}

/// Origins (RFC 6454), separated by commas.
pub(super) fn origins(name: &'static str, value: &str) -> Result<Vec<String>, SettingError> {
    let expected = "origins such as `https://app.example.com`, separated by commas";
    if value.contains('@') {
        return Err(SettingError::InvalidSecret { name, expected });
    }
    value
        .split(',')
        .map(str::trim)
        .map(|item| {
            let url = http_url(name, item).map_err(|_| invalid(name, value, expected))?;
            let origin = url.origin().ascii_serialization();
            if item.eq_ignore_ascii_case(&origin) { Ok(origin) } else { Err(invalid(name, value, expected)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(value: &str) -> Result<Duration, String> {
        duration("TTL", value, Duration::from_secs(1), Duration::from_hours(24), "a duration")
            .map_err(|error| error.to_string())
    }

    #[test]
    fn durations_are_written_as_in_go() {
        assert_eq!(life("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(life("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(life("1.5h"), Ok(Duration::from_mins(90)));
        assert_eq!(life("1500ms"), Ok(Duration::from_millis(1500)));
        for bad in ["", "15", "15 minutes", "-1m", "1d", "25h", "0s", "15m ", "1h,30m", "m", "999999999999h"]
        {
            assert_eq!(life(bad), Err(format!("TTL is `{bad}`, which does not fit: give a duration.")));
        }
    }

    #[test]
    fn base_paths_have_no_trailing_slash() {
        let path = |value| base_path("BASE", value).ok();
        assert_eq!(path("/"), Some(String::new()));
        assert_eq!(path("/api/communications"), Some("/api/communications".to_owned()));
        assert_eq!(path("/api/"), Some("/api".to_owned()));
        for bad in ["", "api", "//", "/a//b", "/a/../b", "/{id}", "/a b", "/a?b"] {
            assert_eq!(path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_backlog_is_limited_by_number_or_by_a_size_as_in_kubernetes() {
        let limit = |value| backlog_limit("LIMIT", value).ok();
        assert_eq!(limit("512"), Some(Some(BacklogLimit::Events(512))));
        assert_eq!(limit("512Mi"), Some(Some(BacklogLimit::Bytes(512 << 20))));
        assert_eq!(limit("off"), Some(None));
        for bad in ["", "0", "0Mi", "-1", "1.5Gi", "5M", "50%", "none", "20000000000Gi"] {
            assert_eq!(limit(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_exchange_of_the_brokers_own_is_refused() {
        assert_eq!(exchange("EX", "ocelot.events").ok(), Some("ocelot.events".to_owned()));
        for bad in ["", "amq.topic", "a b", "ž"] {
            assert!(exchange("EX", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rate_is_requests_in_a_time() {
        let rate =
            |value| rate_limit("RATE", value).ok().map(|rate| (rate.requests.get(), rate.window.as_secs()));
        assert_eq!(rate("600/1m"), Some((600, 60)));
        for bad in ["", "600", "0/1m", "-1/1m", "600/0s", "600/25h", "1000001/1m", "600/1m/1"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn proxies_may_be_addresses_or_networks() {
        let nets = networks("PROXIES", "10.0.0.0/8, ::1").map_err(|error| error.to_string());
        assert_eq!(nets, Ok(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]));
        assert!(networks("PROXIES", "10.0.0.0/33").is_err());
    }

    #[test]
    fn an_origin_is_not_a_whole_address() {
        assert_eq!(
            origins("CORS", "https://a.example,http://b.example:8080").ok(),
            Some(vec!["https://a.example".to_owned(), "http://b.example:8080".to_owned()])
        );
        for bad in
            ["*", "https://a.example/", "https://a.example/path", "ftp://a.example", "https://u:p@a.example"]
        {
            assert!(origins("CORS", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_not_shown() {
        let error = http_url("PUBLIC", "https://user:hush@example.com").unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
    }

    #[test]
    fn a_collector_is_spoken_to_by_plain_http() {
        assert!(collector("OTLP", "http://127.0.0.1:4318").is_ok());
        let sentence = |value| collector("OTLP", value).unwrap_err().to_string();
        let refused = "OTLP is `https://collector`, which does not fit: give the `http://` address of";
        assert!(sentence("https://collector").starts_with(refused), "{}", sentence("https://collector"));
        for bad in ["http://user:hush@collector", "http://collector?token=hush"] {
            assert!(!sentence(bad).contains("hush"), "{}", sentence(bad));
        }
    }
}
