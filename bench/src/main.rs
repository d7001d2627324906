//! `bench`: measures cc-lite beside what would run instead, and writes the figures into `bench/README.md`.

mod accounts;
mod calls;
mod events;
mod lists;
mod logins;
mod machine;
mod nodes;
mod operator;
mod proc;
mod pyjwt;
mod report;
mod requests;
mod server;
mod statistics;
mod stream;
mod tokens;
mod wrk;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use std::process::ExitCode;
use testbed::venv::Venv;

/// What runs beside cc-lite, as Python's packages.
const PEER_FILES: [(&str, &str); 1] =
    [("requirements.txt", include_str!("../peers/fastapi/requirements.txt"))];

/// Measures cc-lite side by side with what would run instead, and writes the figures into bench/README.md.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// What to measure; everything, when nothing is named
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Check tokens in this process alone, for the one that asks
    #[arg(long, hide = true)]
    one_process: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Checks of tokens in one process
    Tokens,
    /// Requests over HTTP, and memory
    Requests,
    /// Lists of few and of many calls
    Lists,
    /// The live stream with many listeners, and counts for wallboards
    Stream,
    /// A backlog of events, and how long an event travels
    Events,
    /// Whether the time of a login tells known users from unknown ones
    Logins,
    /// A thousand modules, and an operator written with controller-runtime
    Operator,
    /// On nodes: until a module answers, and until what is changed of it is as it was
    Nodes,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::select! {
        outcome = run(&arguments) => outcome,
        pressed = tokio::signal::ctrl_c() => pressed.map_err(Into::into).and_then(|()| anyhow::bail!("interrupted")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let venv = Venv::ready("bench", &PEER_FILES).await?;
    if arguments.one_process {
        return tokens::measure_in_this_process(&venv).await;
    }
    let parts = if arguments.parts.is_empty() { Part::value_variants() } else { &arguments.parts };
    for part in parts {
        // The machine's load is part of the facts, so they are taken before each part.
        let facts = machine::facts(&venv).await?;
        let (name, figures) = match part {
            Part::Tokens => ("tokens", tokens::measure().await?),
            Part::Requests => ("requests", requests::measure(&venv).await?),
            Part::Lists => ("lists", lists::measure(&venv).await?),
            Part::Stream => ("stream", stream::measure(&venv).await?),
            Part::Events => ("events", events::measure(&venv).await?),
            Part::Logins => ("logins", logins::measure(&venv).await?),
            Part::Operator => ("operator", operator::measure().await?),
            Part::Nodes => ("nodes", nodes::measure().await?),
        };
        println!("\n{facts}\n\n{figures}");
        report::write(name, &format!("{facts}\n\n{figures}"))?;
    }
    Ok(())
}
