//! Transcripts as WebVTT (W3C, section 4), so that players show them beside a recording.

use super::segment::{Party, Segment};
use std::fmt::Write;

/// The transcript's segments as WebVTT, in the order of their times.
pub fn write(segments: &[Segment]) -> String {
    let mut ordered: Vec<&Segment> = segments.iter().collect();
    ordered.sort_by_key(|segment| (segment.details.starts_ms, segment.details.sequence));
    let mut text = String::from("WEBVTT\n");
    for Segment { details, .. } in ordered {
        // A cue has to end after its begin.
        let ends_ms = details.ends_ms.max(details.starts_ms + 1);
        let (starts, ends) = (time(details.starts_ms), time(ends_ms));
        let (number, voice, said) = (details.sequence, voice(details.party), escaped(&details.text));
        let _ = write!(text, "\n{number}\n{starts} --> {ends}\n<v {voice}>{said}\n");
    }
    text
}

fn voice(party: Party) -> &'static str {
    match party {
        Party::Customer => "Customer",
        Party::Agent => "Agent",
        Party::System => "System",
    }
}

fn time(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, milliseconds % 1000)
}

/// Without what would begin a tag or an entity, or end the cue.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::segment::SegmentDetails;
    use super::*;

    fn segment(sequence: i64, party: Party, text: &str, starts_ms: i64, ends_ms: i64) -> Segment {
        let details = SegmentDetails {
            sequence,
            party,
            text: text.to_owned(),
            starts_ms,
            ends_ms,
            confidence: None,
            language: None,
            is_final: true,
        };
        Segment { id: sequence.to_string(), details, redactions: Vec::new() }
    }

    #[test]
    fn cues_stand_in_the_order_of_time_with_voices_and_escapes() {
        let segments = [
            segment(1, Party::Agent, "Dobrý den", 61_005, 62_000),
            segment(2, Party::Customer, "a < b --> c & d", 3_600_000, 3_600_000),
            segment(3, Party::System, "one\n\ntwo", 0, 999),
        ];
        assert_eq!(
            write(&segments),
            "WEBVTT\n\n\
             3\n00:00:00.000 --> 00:00:00.999\n<v System>one  two\n\n\
             1\n00:01:01.005 --> 00:01:02.000\n<v Agent>Dobrý den\n\n\
             2\n01:00:00.000 --> 01:00:00.001\n<v Customer>a &lt; b --&gt; c &amp; d\n"
        );
        assert_eq!(write(&[]), "WEBVTT\n");
        assert_eq!(time(100 * 3_600_000), "100:00:00.000");
    }
}
