//! `kubectl-comms`: see `--help`.

use std::{env, ffi::OsStr, io, path::Path, process::ExitCode};

use clap::Parser;
use kubectl_comms::{arguments::Arguments, completion, failure::Failure};

/// kubectl runs a program of this name for completions of the plugin's arguments.
const COMPLETER: &str = "kubectl_complete-comms";

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = env::args_os();
    let called = words.next().unwrap_or_default();
    let mut out = io::stdout().lock();
    let done = if Path::new(&called).file_name() == Some(OsStr::new(COMPLETER)) {
        let words = words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
        completion::run(&words, &mut out).await
    } else {
        kubectl_comms::run(Arguments::parse(), &mut out).await
    };
    match done {
        // A reader such as `head` has seen enough.
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("kubectl comms: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
