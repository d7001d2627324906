//! An event in one line, for somebody who looks on.

use crate::numbers::masked;
use serde_json::Value;

/// Time, type, call or campaign, and the facts that matter. Telephone numbers show their last digits alone.
pub(super) fn line(event: &Value) -> String {
    let data = &event["data"];
    let subject = data["call_id"].as_str().or(data["campaign_id"].as_str()).unwrap_or("-");
    let line = format!(
        "{}  {:<18}  {subject}  {}",
        text(&event["timestamp"]),
        text(&event["type"]),
        facts(text(&event["type"]), data)
    );
    line.trim_end().to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn facts(event_type: &str, data: &Value) -> String {
    let number = |name: &str| masked(text(&data[name]));
    match event_type {
        "call.started" => {
            let agent = data["agent_id"].as_str().map_or(String::new(), |agent| format!(", {agent}"));
            format!("{} {} to {}{agent}", text(&data["direction"]), number("from"), number("to"))
        }
        "call.ended" => {
            format!(
                "{}, {}, {} s, talked {} s",
                text(&data["status"]),
                text(&data["outcome"]),
                data["duration"],
                data["talk_seconds"]
            )
        }
        "call.transcribed" => {
            format!(
                "{} words in {} segments, {}",
                data["word_count"],
                data["segment_count"],
                text(&data["language"])
            )
        }
        "sentiment.analyzed" => {
            let part = if data["segment_id"].is_null() { "call" } else { "segment" };
            let alert = if data["alert"] == true { ", alert" } else { "" };
            format!(
                "{} {} ({}) in the {part}{alert}",
                text(&data["party"]),
                text(&data["label"]),
                data["score"]
            )
        }
        "campaign.completed" => {
            let counters = &data["counters"];
            format!(
                "{}, {}, {} of {} reached",
                text(&data["outcome"]),
                text(&data["end_reason"]),
                counters["reached"],
                counters["total"]
            )
        }
        // Of a type that came later than this program.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::examples;

    #[test]
    fn each_event_is_one_line_with_its_facts() {
        let lines: Vec<String> = examples::envelopes().iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "2026-02-02T02:40:00Z  call.started        019c8a2e-6f10-7c3a-9b1e-4d5f60718293  outbound +*********444 to +*********567, agent-7",
                "2026-02-02T02:43:00Z  call.ended          019c8a2e-6f10-7c3a-9b1e-4d5f60718293  completed, resolved, 180 s, talked 170 s",
                "2026-02-02T02:43:15Z  call.transcribed    019c8a2e-6f10-7c3a-9b1e-4d5f60718293  412 words in 24 segments, cs",
                "2026-02-02T02:43:16Z  sentiment.analyzed  019c8a2e-6f10-7c3a-9b1e-4d5f60718293  customer negative (-0.75) in the call, alert",
                "2026-02-02T03:40:00Z  campaign.completed  019c8a1b-0c44-7d02-8f5a-1b2c3d4e5f60  completed, contacts_exhausted, 310 of 400 reached",
            ]
        );
        let later = serde_json::json!({"type": "call.moved", "timestamp": "2026-02-02T02:40:00Z", "data": {"call_id": "c"}});
        assert_eq!(line(&later), "2026-02-02T02:40:00Z  call.moved          c");
        assert_eq!(line(&Value::Null), "-  -                   -");
    }
}
