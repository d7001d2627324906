//! A recorded rotation as an SVG.

use std::fmt::Write;

use super::{PodKeys, Seen, Timeline};

/// Of the picture, in pixels.
const WIDTH: f64 = 860.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 96.0;
const ROW: f64 = 62.0;
const BAR: f64 = 14.0;
const BOTTOM: f64 = 76.0;
/// Of the keys, oldest first. They differ in lightness too.
const COLOURS: [&str; 4] = ["#1f5fa8", "#e08a1e", "#5a9a4a", "#8a5fb0"];
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px;fill:#555}\
    .line{stroke:#999;stroke-dasharray:3 3}.axis{stroke:#555}.paper{fill:#fff}";

/// Draws it.
pub fn draw(timeline: &Timeline) -> String {
    let keys = keys(timeline);
    let rows = timeline.pods.len();
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let floor = TOP + ROW * rows as f64;
    let height = floor + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\">\n<title>One rotation: what each pod accepts and signs with</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    );
    let x = |at: f64| LEFT + (WIDTH - LEFT - RIGHT) * at.clamp(0.0, timeline.until) / timeline.until;
    steps(&mut svg, timeline, &x, floor);
    for (row, (pod, seen)) in timeline.pods.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let y = TOP + ROW * row as f64;
        text(&mut svg, 8.0, y + 24.0, "", pod.rsplit('-').next().map_or(pod, |end| end));
        pod_row(&mut svg, seen, &keys, timeline.until, &x, y);
    }
    axis(&mut svg, timeline.until, &x, floor);
    legend(&mut svg, &keys, height - 14.0);
    svg.push_str("</svg>\n");
    svg
}

/// The ids of all keys, in the order in which they were seen.
fn keys(timeline: &Timeline) -> Vec<&str> {
    let mut seen: Vec<(f64, &str)> = Vec::new();
    for Seen { at, value } in timeline.pods.values().flatten() {
        // What signs first of all is the older one.
        seen.push((*at, &value.signing));
        seen.extend(value.accepted.iter().map(|kid| (*at, kid.as_str())));
    }
    seen.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut keys: Vec<&str> = Vec::new();
    for (_, kid) in seen {
        if !keys.contains(&kid) {
            keys.push(kid);
        }
    }
    keys
}

/// What the operator told, as lines across the pods.
fn steps(svg: &mut String, timeline: &Timeline, x: &impl Fn(f64) -> f64, floor: f64) {
    let mut told = vec![(0.0, "asked for".to_owned())];
    for pair in timeline.phases.windows(2) {
        for (kid, phase) in &pair[1].value {
            if pair[0].value.get(kid) != Some(phase) {
                told.push((pair[1].at, format!("{} {}", short(kid), phase)));
            }
        }
    }
    let mut last = (f64::MIN, 0);
    for (at, words) in told {
        let place = x(at);
        // Words that would lie upon others go a line down.
        let line = if place - last.0 < 120.0 { (last.1 + 1) % 5 } else { 0 };
        last = (place, line);
        let y = 16.0 + 15.0 * f64::from(line);
        let _ = writeln!(
            svg,
            "<line class=\"line\" x1=\"{place:.1}\" y1=\"{y:.1}\" x2=\"{place:.1}\" y2=\"{floor:.1}\"/>"
        );
        text(svg, place + 3.0, y, "small", &format!("{words}, {at:.1} s"));
    }
}

fn pod_row(
    svg: &mut String,
    seen: &[Seen<PodKeys>],
    keys: &[&str],
    until: f64,
    x: &impl Fn(f64) -> f64,
    y: f64,
) {
    text(svg, 76.0, y + 20.0, "small", "signs");
    text(svg, 76.0, y + 40.0, "small", "accepts");
    let ends = seen.iter().skip(1).map(|next| next.at).chain([until]);
    for (Seen { at, value }, end) in seen.iter().zip(ends) {
        let mut bar = |y: f64, height: f64, kid: &str| {
            let (from, to) = (x(*at), x(end));
            let _ = writeln!(
                svg,
                "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"/>",
                to - from,
                colour(keys, kid)
            );
        };
        bar(y + 8.0, BAR, &value.signing);
        #[expect(clippy::cast_precision_loss, reason = "a few keys")]
        let height = BAR / value.accepted.len().max(1) as f64;
        let accepted = keys.iter().filter(|kid| value.accepted.contains(**kid));
        for (number, kid) in accepted.enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a few keys")]
            bar(y + 28.0 + height * number as f64, height, kid);
        }
    }
}

fn axis(svg: &mut String, until: f64, x: &impl Fn(f64) -> f64, floor: f64) {
    let y = floor + 4.0;
    let _ = writeln!(
        svg,
        "<line class=\"axis\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>",
        x(0.0),
        x(until)
    );
    let step = if until > 20.0 { 5.0 } else { 1.0 };
    let mut at = 0.0;
    while at <= until {
        text(svg, x(at) - 6.0, y + 15.0, "small", &format!("{at:.0} s"));
        at += step;
    }
}

fn legend(svg: &mut String, keys: &[&str], y: f64) {
    let mut place = LEFT;
    for kid in keys {
        let _ = writeln!(
            svg,
            "<rect x=\"{place:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" fill=\"{}\"/>",
            y - 11.0,
            colour(keys, kid)
        );
        text(svg, place + 20.0, y, "", &format!("key {}", short(kid)));
        place += 140.0;
    }
}

fn colour(keys: &[&str], kid: &str) -> &'static str {
    let number = keys.iter().position(|key| *key == kid).unwrap_or_default();
    COLOURS[number % COLOURS.len()]
}

fn short(kid: &str) -> &str {
    kid.get(..6).unwrap_or(kid)
}

/// What is written are names and ids, which have no characters that mean something here.
fn text(svg: &mut String, x: f64, y: f64, class: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn keys_of(signing: &str, accepted: &[&str]) -> PodKeys {
        let accepted = accepted.iter().map(|kid| (*kid).to_owned()).collect();
        PodKeys { signing: signing.to_owned(), accepted }
    }

    #[test]
    fn each_pod_has_a_bar_for_what_it_signs_with_and_one_for_each_key_that_it_accepts() {
        let seen = vec![
            Seen { at: 0.0, value: keys_of("older", &["older"]) },
            Seen { at: 2.0, value: keys_of("older", &["newer", "older"]) },
            Seen { at: 5.0, value: keys_of("newer", &["newer", "older"]) },
        ];
        let phases = [("older", "Active")].map(|(kid, phase)| (kid.to_owned(), phase.to_owned()));
        let after = [("newer", "Active"), ("older", "Retired")]
            .map(|(kid, phase)| (kid.to_owned(), phase.to_owned()));
        let timeline = Timeline {
            until: 10.0,
            pods: BTreeMap::from([("comms-a".to_owned(), seen)]),
            phases: vec![
                Seen { at: 0.0, value: BTreeMap::from(phases) },
                Seen { at: 5.0, value: BTreeMap::from(after) },
            ],
        };
        let svg = draw(&timeline);
        let of = |colour: &str| svg.matches(&format!("fill=\"{colour}\"")).count();
        // Signing twice, accepting three times, and once in the legend.
        assert_eq!(of(COLOURS[0]), 2 + 3 + 1, "{svg}");
        assert_eq!(of(COLOURS[1]), 1 + 2 + 1, "{svg}");
        assert!(svg.contains("newer Active, 5.0 s") && svg.contains("older Retired, 5.0 s"), "{svg}");
    }
}
