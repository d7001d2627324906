//! Logs: JSON lines for machines, plain lines for a terminal. Never bodies, tokens or whole telephone numbers.

use std::io::{IsTerminal, stderr, stdout};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Libraries whose own words are left out unless asked for: what matters of them is said in ours.
const QUIET: &str = "lapin=off,sqlx=warn";

/// Begins to log to standard output. `filter` is as `RUST_LOG` has it, and checked.
pub fn start(filter: &str) {
    log_to(stdout, stdout().is_terminal(), filter);
}

/// The same to standard error, for commands whose standard output is what was asked for.
pub fn start_beside_output(filter: &str) {
    log_to(stderr, stderr().is_terminal(), filter);
}

fn log_to<W>(writer: W, is_terminal: bool, filter: &str)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::new(format!("{QUIET},{filter}"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A host may have begun to log already: then its way holds.
    let _ = if is_terminal {
        subscriber.compact().with_target(false).try_init()
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
}
