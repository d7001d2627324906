//! Logs: JSON lines for machines, plain lines for a terminal. Never bodies, tokens or whole telephone numbers.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Libraries whose own words are left out unless asked for: what matters of them is said in ours.
const QUIET: &str = "lapin=off,sqlx=warn";

/// Begins to log to standard output. `filter` is as `RUST_LOG` has it, and checked.
pub fn start(filter: &str) {
    let filter = EnvFilter::new(format!("{QUIET},{filter}"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stdout);
    // A host may have begun to log already: then its way holds.
    let _ = if std::io::stdout().is_terminal() {
        subscriber.compact().with_target(false).try_init()
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
}
