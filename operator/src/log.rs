//! The log, whose level can be changed while the operator runs: by the file of `--log-level-file`, which the chart mounts
//! from a `ConfigMap`. There is no endpoint for it, since whoever reaches the pod could use that.

use std::{path::PathBuf, time::Duration};

use telemetry::{Traces, without_traces};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt,
    layer::SubscriberExt,
    registry,
    registry::LookupSpan,
    reload::{self, Handle},
    util::SubscriberInitExt,
};

use crate::settings::LogFormat;

/// How often the file is looked at; a mounted `ConfigMap` takes a minute to arrive anyway.
const LOOK: Duration = Duration::from_secs(5);
/// What is logged where nobody says so.
const DEFAULT: &str = "info";

/// The log's level.
pub struct Level {
    file: Option<PathBuf>,
    handle: Handle<EnvFilter, Registry>,
    hangup: Option<Signal>,
}

/// Begins to log to the standard error, at the file's level or that of `RUST_LOG`, and to trace where there are traces.
pub fn begin(log: LogFormat, file: Option<PathBuf>, traces: Option<&Traces>) -> Level {
    let from_file = file.as_deref().and_then(|file| std::fs::read_to_string(file).ok());
    let (filter, handle) =
        reload::Layer::new(from_file.and_then(|text| parse(&text).ok()).unwrap_or_else(|| {
            without_traces(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT)))
        }));
    match traces {
        None => registry().with(filter).with(lines(log)).init(),
        // Each has a filter of its own.
        Some(traces) => registry().with(lines(log).with_filter(filter)).with(traces.layer()).init(),
    }
    // Without a file there is nothing to read again, and the signal ends the program as it does any other.
    let hangup = file.as_ref().and_then(|_| signal(SignalKind::hangup()).ok());
    Level { file, handle, hangup }
}

fn lines<S>(log: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let layer = fmt::layer().with_writer(std::io::stderr);
    match log {
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => layer.boxed(),
    }
}

fn parse(text: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    EnvFilter::try_new(text.trim()).map(without_traces)
}

impl Level {
    /// Follows the file for as long as the program runs.
    pub async fn follow(mut self) {
        let Some(file) = self.file.take() else { return std::future::pending().await };
        let mut in_force = std::fs::read_to_string(&file).unwrap_or_default();
        loop {
            let hangup = async {
                match &mut self.hangup {
                    Some(signal) => signal.recv().await.map_or((), drop),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = hangup => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            if text == in_force {
                continue;
            }
            match parse(&text) {
                Ok(filter) => {
                    // What follows is to be seen at either level.
                    tracing::info!(level = text.trim(), "the log's level changes");
                    if let Err(error) = self.handle.reload(filter) {
                        tracing::error!("the log's level could not be changed: {error}");
                    }
                }
                Err(error) => tracing::warn!(
                    file = %file.display(),
                    "the log's level stays: {error}; write error, warn, info, debug, trace or directives such as info,kube=debug"
                ),
            }
            in_force = text;
        }
    }
}
