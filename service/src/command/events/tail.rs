//! `cc-lite events tail`: live events in a terminal.

use super::{EventsError, facts, types};
use crate::events::amqp::Subscription;
use crate::settings::Settings;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// Which events are shown, and how.
#[derive(Debug, Clone, Args)]
pub struct Tail {
    /// Only events of this type or pattern, such as call.ended or 'call.*'; several with commas between them
    #[arg(long = "type", value_delimiter = ',')]
    pub types: Vec<String>,
    /// As text, or as lines of JSON
    #[arg(long, short, default_value = "text")]
    pub output: Output,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Time, type, call or campaign, and short facts.
    Text,
    /// The event as it was published.
    Json,
}

/// Shows the events that are published to the exchange of `settings` from now on, one a line, until Ctrl-C. Nothing is
/// taken away from anybody: the queue is a temporary one of its own.
pub async fn tail(settings: &Settings, asked: &Tail, mut to: impl Write) -> Result<(), EventsError> {
    types::chosen(&asked.types)?;
    let all = ["#".to_owned()];
    let patterns = if asked.types.is_empty() { &all[..] } else { &asked.types[..] };
    let subscribed = Subscription::begin(&settings.events, patterns).await;
    let mut subscription = subscribed.map_err(EventsError::Broker)?;
    eprintln!("Following the events of exchange {}: Ctrl-C ends it.", settings.events.exchange);
    loop {
        let body = tokio::select! {
            ended = tokio::signal::ctrl_c() => {
                ended?;
                subscription.end().await;
                return Ok(());
            }
            body = subscription.next() => body.map_err(EventsError::Broker)?,
        };
        match show(&body, asked.output, &mut to) {
            // Whoever read has had enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            shown => shown?,
        }
    }
}

fn show(body: &[u8], output: Output, to: &mut impl Write) -> std::io::Result<()> {
    // Whatever else somebody publishes there is not ours to judge.
    let event: Value = serde_json::from_slice(body).unwrap_or_default();
    match output {
        Output::Text => writeln!(to, "{}", facts::line(&event))?,
        Output::Json => writeln!(to, "{event}")?,
    }
    to.flush()
}
