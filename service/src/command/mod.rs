//! The command line: the settings, and what else than serving the program can be asked for.

mod backup;
mod events;
mod organization;

use crate::settings::{Arguments, NoArguments};
use clap::{Parser, Subcommand};
use std::ffi::OsString;

pub use backup::{BackUp, BackupCommandError, Restore, back_up, restore};
pub use events::{EventsCommand, EventsError, Output, Replay, Tail, replay, tail};
pub use organization::{CreateOrganization, CreateOrganizationError, create_organization};

/// A whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "cc-lite",
    version,
    about = "Voice by Kraliki's communications module",
    long_about = "Voice by Kraliki's communications module: calls over HTTP, and their events on RabbitMQ.\n\n\
        Without any setting it serves on port 3018, keeps its data in cc-lite.db and its keys in .keys.\n\
        Durations are written like 90s, 15m or 168h.",
    max_term_width = 110,
    subcommand_value_name = "COMMAND"
)]
pub struct CommandLine {
    /// The settings.
    #[command(flatten)]
    pub arguments: Arguments,
    /// What is asked for; nothing means to serve.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What else than serving can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Manage organisations
    #[command(subcommand)]
    Org(OrganizationCommand),
    /// Copy the embedded database; the service may be running
    Backup(BackUp),
    /// Put a copy in the place of the embedded database; the service must not be running
    Restore(Restore),
    /// Follow events on the broker, and publish them again
    #[command(subcommand)]
    Events(EventsCommand),
}

/// What can be done with organisations.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// Add an organisation with its administrator; the service may be running
    Create(CreateOrganization),
}

impl CommandLine {
    /// Reads a command line, and the environment for what it does not give.
    pub fn read(command_line: impl IntoIterator<Item = OsString>) -> Result<Self, NoArguments> {
        Self::try_parse_from(command_line).map_err(|error| NoArguments::because_of(&error))
    }
}
