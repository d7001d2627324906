//! What a person sees while long steps run: what, how far, for how long.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs one step and shows it: on a terminal with running seconds, elsewhere a line at its start and end and one every
/// half minute between.
pub async fn step<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let begun = Instant::now();
    let terminal = std::io::stderr().is_terminal();
    let mut ticks =
        tokio::time::interval(if terminal { Duration::from_secs(1) } else { Duration::from_secs(30) });
    ticks.tick().await;
    say(terminal, "…", what, None, false);
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = ticks.tick() => say(terminal, "…", what, Some(begun.elapsed()), false),
        }
    };
    say(terminal, if result.is_ok() { "✓" } else { "✗" }, what, Some(begun.elapsed()), true);
    result
}

/// Shows one line that is not a step.
pub fn note(text: &str) {
    eprintln!("  {text}");
}

fn say(terminal: bool, mark: &str, what: &str, taken: Option<Duration>, last: bool) {
    let taken = taken.map(|taken| format!(" ({:.1} s)", taken.as_secs_f64())).unwrap_or_default();
    let mut out = std::io::stderr().lock();
    // A terminal's line is written over; a log's lines stay.
    let _ = match (terminal, last) {
        (true, false) => write!(out, "\r\x1b[2K{mark} {what}{taken}"),
        (true, true) => writeln!(out, "\r\x1b[2K{mark} {what}{taken}"),
        (false, _) => writeln!(out, "{mark} {what}{taken}"),
    };
    let _ = out.flush();
}
