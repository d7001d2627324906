//! Durations as Go writes them.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A duration in hours, minutes and seconds, in this order: `15m`, `168h`, `1h30m`.
///
/// The subset of Go's `time.ParseDuration` that needs no fractions and no sign.
#[derive(Deserialize, Serialize, Clone, Debug, PartialEq, Eq)]
#[serde(transparent)]
pub struct GoDuration(String);

/// What [`GoDuration::parse`] takes, as a regular expression; at most 99999h, which Go's 64-bit nanoseconds can hold.
const PATTERN: &str = "^([0-9]{1,5}h)?([0-9]{1,7}m)?([0-9]{1,8}s)?$";

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration: write hours, minutes and seconds such as 15m, 168h or 1h30m")]
pub struct ParseDurationError(String);

impl GoDuration {
    /// Takes the text as it is; [`parse`](Self::parse) tells whether it is a duration.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Writes a length, in whole seconds.
    pub fn of(length: Duration) -> Self {
        let seconds = length.as_secs();
        let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
        let written = parts.into_iter().filter(|(count, _)| *count > 0);
        let text = written.fold(String::new(), |text, (count, unit)| text + &format!("{count}{unit}"));
        Self(if text.is_empty() { "0s".into() } else { text })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length that the text stands for.
    pub fn parse(&self) -> Result<Duration, ParseDurationError> {
        let refused = || ParseDurationError(self.0.clone());
        let mut rest = self.0.as_str();
        let mut seconds = 0_u64;
        let mut any = false;
        for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
            let Some((digits, tail)) = rest.split_once(unit) else { continue };
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(refused());
            }
            let count: u64 = digits.parse().map_err(|_| refused())?;
            seconds =
                count.checked_mul(length).and_then(|more| seconds.checked_add(more)).ok_or_else(refused)?;
            rest = tail;
            any = true;
        }
        if any && rest.is_empty() { Ok(Duration::from_secs(seconds)) } else { Err(refused()) }
    }
}

impl JsonSchema for GoDuration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GoDuration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": 16,
            "x-kubernetes-validations": [
                {
                    "rule": format!("self.matches('{PATTERN}')"),
                    "message": "write a duration in hours, minutes and seconds, such as 15m, 168h or 1h30m",
                },
                { "rule": "self.matches('[1-9]')", "message": "a duration of zero has no use here: write one such as 15m" },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_minutes_and_seconds_add_up() {
        let parse = |text| GoDuration::new(text).parse().expect(text).as_secs();
        assert_eq!(
            [parse("15m"), parse("168h"), parse("1h30m"), parse("1h0m5s"), parse("0s")],
            [900, 604_800, 5400, 3605, 0]
        );
    }

    #[test]
    fn lengths_are_written_as_they_are_read() {
        let written =
            [900, 604_860, 5400, 3605, 0].map(|seconds| GoDuration::of(Duration::from_secs(seconds)).0);
        assert_eq!(written, ["15m", "168h1m", "1h30m", "1h5s", "0s"]);
    }

    #[test]
    fn what_go_would_not_take_is_refused_with_an_example() {
        for text in ["", "m", "15", "15 m", "1m1h", "-5m", "1.5h", "99999999999999999999h", "10d", "5mm"] {
            let error = GoDuration::new(text).parse().expect_err(text);
            assert_eq!(
                error.to_string(),
                format!(
                    "{text:?} is not a duration: write hours, minutes and seconds such as 15m, 168h or 1h30m"
                )
            );
        }
    }
}
