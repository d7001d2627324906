//! An event as it is told.

use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use serde::Serialize;

/// An event as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    /// When it was seen last.
    pub(super) time: Option<Timestamp>,
    #[serde(rename = "type")]
    type_: String,
    reason: String,
    object: String,
    message: String,
    /// How often it was seen.
    count: i32,
}

impl Told {
    pub(super) fn of(event: &Event) -> Self {
        let series = event.series.as_ref();
        let regarding = event.regarding.clone().unwrap_or_default();
        let kind = regarding.kind.unwrap_or_default().to_lowercase();
        Self {
            // Old reporters fill the deprecated fields, new ones the others.
            time: series
                .map(|series| series.last_observed_time.0)
                .or_else(|| event.deprecated_last_timestamp.as_ref().map(|time| time.0))
                .or_else(|| event.event_time.as_ref().map(|time| time.0))
                .or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0)),
            type_: event.type_.clone().unwrap_or_default(),
            reason: event.reason.clone().unwrap_or_default(),
            object: format!("{kind}/{}", regarding.name.unwrap_or_default()),
            message: event
                .note
                .as_deref()
                .unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            count: series.map(|series| series.count).or(event.deprecated_count).unwrap_or(1).max(1),
        }
    }

    /// As a row of a table.
    pub(super) fn cells(&self, age: String) -> [String; 5] {
        let seen = if self.count > 1 { format!("{age} (x{})", self.count) } else { age };
        [seen, self.type_.clone(), self.reason.clone(), self.object.clone(), self.message.clone()]
    }

    /// As a line among others that come later.
    pub(super) fn line(&self) -> String {
        let time = self.time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
        let Self { type_, reason, object, message, .. } = self;
        format!("{time}  {type_:<8}{reason:<20}{object}  {message}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(event: serde_json::Value) -> Told {
        Told::of(&serde_json::from_value(event).expect("an event"))
    }

    #[test]
    fn an_event_is_told_by_when_it_was_last_seen_and_how_often() {
        let regarding = json!({"kind": "Pod", "name": "comms-1"});
        let old = told(json!({
            "metadata": {"creationTimestamp": "2026-02-02T02:00:00Z"}, "eventTime": null, "regarding": regarding,
            "deprecatedLastTimestamp": "2026-02-02T02:05:00Z", "deprecatedCount": 3, "type": "Warning",
            "reason": "BackOff", "note": "Back-off\nrestarting",
        }));
        assert_eq!(
            old.cells("1m".into()),
            ["1m (x3)", "Warning", "BackOff", "pod/comms-1", "Back-off restarting"]
        );
        assert_eq!(
            old.line(),
            "2026-02-02T02:05:00Z  Warning BackOff             pod/comms-1  Back-off restarting"
        );
        let new = told(json!({
            "metadata": {}, "eventTime": "2026-02-02T02:00:00.000000Z", "regarding": regarding, "type": "Normal",
            "series": {"count": 2, "lastObservedTime": "2026-02-02T02:07:00.000000Z"},
        }));
        assert_eq!(
            (new.time.map(|time| time.to_string()), new.count),
            (Some("2026-02-02T02:07:00Z".into()), 2)
        );
    }
}
