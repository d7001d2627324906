//! Logs: JSON lines for machines, plain lines for a terminal. Never bodies, tokens or whole telephone numbers.

use std::io::{IsTerminal, stderr, stdout};
use telemetry::{Traces, without_traces};
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
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
        None => registry().with(filter).with(lines(writer, is_terminal)).try_init(),
        // Each has a filter of its own.
        Some(traces) => {
            registry().with(lines(writer, is_terminal).with_filter(filter)).with(traces.layer()).try_init()
        }
    };
}

fn lines<S, W>(writer: W, is_terminal: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer);
    if is_terminal {
        layer.compact().with_target(false).boxed()
    } else {
        layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
    }
}
