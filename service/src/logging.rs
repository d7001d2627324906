//! Logs: JSON lines for machines, plain lines for a terminal. Never bodies, tokens or whole telephone numbers.

use std::io::{IsTerminal, stderr, stdout};
use telemetry::{Traces, without_traces};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

/// Libraries whose own words are left out unless asked for: what matters of them is said in ours.
const QUIET: &str = "lapin=off,sqlx=warn";

/// Begins to log to standard output, and to trace where there are traces. `filter` is as `RUST_LOG` has it, and checked.
pub fn start(filter: &str, traces: Option<&Traces>) {
    log_to(stdout, stdout().is_terminal(), filter, traces);
}

/// The same to standard error, for commands whose standard output is what was asked for, and without traces.
pub fn start_beside_output(filter: &str) {
    log_to(stderr, stderr().is_terminal(), filter, None);
}

fn log_to<W>(writer: W, is_terminal: bool, filter: &str, traces: Option<&Traces>)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = without_traces(EnvFilter::new(format!("{QUIET},{filter}")));
    // A host may have begun to log already: then its way holds.
    let _ = match traces {
        None => {
            let subscriber = fmt().with_env_filter(filter).with_writer(writer);
            if is_terminal {
                subscriber.compact().with_target(false).try_init()
            } else {
                subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
            }
        }
        // Each has a filter of its own.
        Some(traces) => {
            let log = fmt::layer().with_writer(writer);
            let log = if is_terminal {
                log.compact().with_target(false).with_filter(filter).boxed()
            } else {
                let json = log.json().flatten_event(true).with_current_span(true).with_span_list(false);
                json.with_filter(filter).boxed()
            };
            registry().with(log).with(traces.layer()).try_init().map_err(Into::into)
        }
    };
}
