//! What a status callback says, in our words.
//!
//! Source: Twilio, "Voice: status callback", "Call resource: `StatusCallback` parameters".

use crate::domain::call::{CallDetails, CallReport, CallStatus, Direction};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// The longest text that is taken over.
const MAX_TEXT: usize = 255;

/// A status callback.
#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    /// What it says of the call's beginnings.
    pub details: CallDetails,
    /// What it says of its course.
    pub report: CallReport,
}

/// Why a callback says nothing that can be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// A parameter that each callback has is missing or does not fit.
    Parameter(&'static str),
}

impl Spoken for CallbackRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Parameter(name) => say!("twilio-parameter", parameter = *name),
        }
    }
}

shown_in_english!(CallbackRefusal);

impl Callback {
    /// Reads the parameters of a callback's body.
    pub fn read(parameters: &[(String, String)]) -> Result<Self, CallbackRefusal> {
        let get = |name: &str| {
            let found = parameters.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        let text = |name: &'static str| {
            get(name).filter(|value| fits(value)).map(str::to_owned).ok_or(CallbackRefusal::Parameter(name))
        };
        let status = get("CallStatus").and_then(status).ok_or(CallbackRefusal::Parameter("CallStatus"))?;
        let direction = match get("Direction") {
            Some("inbound") => Direction::Inbound,
            Some(direction) if direction.starts_with("outbound") => Direction::Outbound,
            _ => return Err(CallbackRefusal::Parameter("Direction")),
        };
        Ok(Self {
            details: CallDetails {
                direction,
                // Where there is no number, Twilio writes `anonymous`, a client's name or a SIP address.
                from: text("From")?,
                to: text("To")?,
                campaign_id: None,
                contact_id: None,
                agent_id: None,
                provider: Some("twilio".to_owned()),
                provider_call_id: Some(text("CallSid")?),
                language: None,
                recording: None,
                metadata: serde_json::Map::new(),
            },
            report: CallReport {
                status,
                at: get("Timestamp").and_then(time),
                talk_time: get("CallDuration").and_then(|value| value.parse().ok()).map(seconds),
                end_reason: get("SipResponseCode")
                    .filter(|code| {
                        status.is_terminal() && code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit())
                    })
                    .map(|code| format!("sip_{code}")),
                recording_url: get("RecordingUrl")
                    .filter(|url| url.starts_with("https://") && fits(url))
                    .map(str::to_owned),
            },
        })
    }
}

fn fits(text: &str) -> bool {
    text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control)
}

fn status(name: &str) -> Option<CallStatus> {
    Some(match name {
        "queued" | "initiated" => CallStatus::Queued,
        "ringing" => CallStatus::Ringing,
        "in-progress" | "answered" => CallStatus::InProgress,
        "completed" => CallStatus::Completed,
        "busy" => CallStatus::Busy,
        "no-answer" => CallStatus::NoAnswer,
        "canceled" => CallStatus::Canceled,
        "failed" => CallStatus::Failed,
        _ => return None,
    })
}

fn seconds(count: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(count))
}

fn time(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Callback, CallbackRefusal> {
        let mut all = vec![
            ("CallSid", "CA1"),
            ("AccountSid", "AC1"),
            ("From", "+420601123456"),
            ("To", "+420222333444"),
            ("Direction", "outbound-api"),
            ("CallStatus", "completed"),
        ];
        all.retain(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
        all.extend(pairs);
        Callback::read(&all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>())
    }

    #[test]
    fn the_end_of_a_call_says_when_why_and_for_how_long() {
        let callback = read(&[
            ("CallDuration", "42"),
            ("Timestamp", "Wed, 25 Nov 2026 10:00:42 +0000"),
            ("SipResponseCode", "200"),
            ("RecordingUrl", "https://api.twilio.example/RE1"),
        ])
        .unwrap();
        assert_eq!(callback.details.provider_call_id.as_deref(), Some("CA1"));
        assert_eq!(
            callback.report,
            CallReport {
                status: CallStatus::Completed,
                at: Some("2026-11-25T10:00:42Z".parse().unwrap()),
                talk_time: Some(SignedDuration::from_secs(42)),
                end_reason: Some("sip_200".into()),
                recording_url: Some("https://api.twilio.example/RE1".into()),
            }
        );
    }

    #[test]
    fn who_has_no_number_is_kept_as_twilio_writes_it() {
        let callback =
            read(&[("From", "anonymous"), ("To", "sip:desk@example.com"), ("Direction", "inbound")]);
        let details = callback.unwrap().details;
        assert_eq!((details.from.as_str(), details.to.as_str()), ("anonymous", "sip:desk@example.com"));
    }

    #[test]
    fn what_is_odd_but_not_needed_is_left_out() {
        let report = read(&[
            ("CallDuration", "-1"),
            ("Timestamp", "yesterday"),
            ("SipResponseCode", "20 0"),
            ("RecordingUrl", "javascript:1"),
        ]);
        let expected = CallReport {
            status: CallStatus::Completed,
            at: None,
            talk_time: None,
            end_reason: None,
            recording_url: None,
        };
        assert_eq!(report.unwrap().report, expected);
    }

    #[test]
    fn what_is_needed_is_named_when_it_is_missing() {
        for name in ["CallSid", "From", "To", "Direction", "CallStatus"] {
            assert_eq!(read(&[(name, "")]), Err(CallbackRefusal::Parameter(name)));
        }
        assert_eq!(read(&[("CallStatus", "dreaming")]), Err(CallbackRefusal::Parameter("CallStatus")));
        assert_eq!(read(&[("From", "a\nb")]), Err(CallbackRefusal::Parameter("From")));
    }
}
