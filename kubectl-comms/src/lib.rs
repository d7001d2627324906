//! `kubectl comms`: how communications modules are, in words that a person can act on.
//!
//! A command reads what it needs by [`cluster`], decides without the cluster what to say, and writes it to the output
//! that it was given. The plugin takes `CommsModule`s as they are stored and knows no release of the operator: what it
//! does not know it leaves out ([`module`]).

pub mod age;
pub mod arguments;
pub mod cluster;
pub mod completion;
pub mod events;
pub mod failure;
pub mod keys;
pub mod module;
pub mod open;
pub mod output;
pub mod overview;
pub mod password;

use std::io::Write;

use arguments::{Arguments, Command};
use clap::CommandFactory;
use cluster::Cluster;
use failure::Failure;

/// Runs one command.
pub async fn run(arguments: Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let Arguments { cluster: choice, command } = arguments;
    let connect = async || Cluster::connect(&choice).await;
    match command {
        Command::Status(asked) => overview::run(&connect().await?, &asked, out).await,
        Command::Password(asked) => password::run(&connect().await?, &asked, out).await,
        Command::Events(asked) => events::run(&connect().await?, &asked, out).await,
        Command::Rotate(asked) => keys::rotate(&connect().await?, &asked, out).await,
        Command::Revoke(asked) => keys::revoke(&connect().await?, &asked, out).await,
        Command::Open(asked) => open::run(&connect().await?, &asked, out).await,
        Command::Completion { shell } => {
            // Asked for by its file name, for shells know nothing of kubectl's plugins.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "kubectl-comms", &mut script);
            Ok(out.write_all(&script)?)
        }
    }
}
