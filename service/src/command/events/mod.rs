//! `cc-lite events`: follow what is published, and publish again what was.

mod facts;
mod replay;
mod tail;
mod types;

use crate::events::publisher::PublishError;
use crate::settings::SettingError;
use crate::store::{OpenError, StoreError};
use clap::Subcommand;

pub use replay::{Replay, replay};
pub use tail::{Output, Tail, tail};

/// What can be done with events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Show events as they are published, until Ctrl-C; needs the broker alone
    Tail(Tail),
    /// Publish events again that were, under the ids that they had; the service may be running
    Replay(Replay),
}

/// Why events were not shown or not published again.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// No type fits the pattern.
    #[error("`{pattern}` fits no type of event: give any of {known}, or a pattern such as `call.*`.")]
    UnknownType {
        /// What was given.
        pattern: String,
        /// What there is.
        known: String,
    },
    /// An argument does not fit.
    #[error(transparent)]
    Argument(#[from] SettingError),
    /// The span has nothing in it.
    #[error("--since ({since}) is not before --until ({until}): give an earlier --since.")]
    EmptySpan {
        /// Its begin.
        since: jiff::Timestamp,
        /// Its end.
        until: jiff::Timestamp,
    },
    /// What is asked for is partly deleted.
    #[error(
        "The history that is kept begins at {begin}: give that or a later time with --since. EVENTS_RETENTION says how long events are kept."
    )]
    Deleted {
        /// Where it begins.
        begin: jiff::Timestamp,
    },
    /// The broker cannot be listened to.
    #[error("Events cannot be followed: {0}.")]
    Broker(String),
    /// Not all events were published again.
    #[error(
        "Stopped after {published} events, since {why}. Run it again when that is mended: whoever had some already tells them by their ids."
    )]
    Stopped {
        /// How many were confirmed.
        published: u64,
        /// What the broker did.
        why: PublishError,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The database cannot be read.
    #[error("The events cannot be read: {0}.")]
    Read(#[from] StoreError),
    /// The terminal, or what stands in its place, takes nothing.
    #[error("The events cannot be shown: {0}.")]
    Show(#[from] std::io::Error),
}
