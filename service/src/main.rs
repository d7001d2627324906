//! The communications module as a program of its own.

use cc_lite::clock::SystemClock;
use cc_lite::command::{
    Command, CommandLine, EventsCommand, OrganizationCommand, back_up, create_organization, replay, restore,
    tail,
};
use cc_lite::ids::RandomIds;
use cc_lite::settings::{NoArguments, Settings};
use std::process::ExitCode;

/// The command line or a setting does not fit.
const UNFIT: u8 = 2;

fn main() -> ExitCode {
    let line = match CommandLine::read(std::env::args_os()) {
        Ok(line) => line,
        Err(NoArguments::Asked(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(NoArguments::Unreadable(sentence)) => return unfit(&sentence),
    };
    let settings = match Settings::check(&line.arguments) {
        Ok(settings) => settings,
        Err(error) => return unfit(&error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program cannot start its threads ({error}): allow it more.");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        if line.command.is_some() {
            cc_lite::logging::start_beside_output(&settings.log);
        }
        match line.command {
            None => {
                let traces = cc_lite::traces::begin(&settings).map_err(|error| error.to_string())?;
                cc_lite::logging::start(&settings.log, traces.as_ref());
                cc_lite::serve::serve(settings, traces).await.map_err(|error| error.to_string())
            }
            Some(Command::Backup(asked)) => {
                let told = back_up(&settings, &asked).await;
                told.map(|told| print!("{told}")).map_err(|error| error.to_string())
            }
            Some(Command::Restore(asked)) => {
                let told = restore(&settings, &asked, &SystemClock).await;
                told.map(|told| print!("{told}")).map_err(|error| error.to_string())
            }
            Some(Command::Events(EventsCommand::Tail(asked))) => {
                tail(&settings, &asked, std::io::stdout()).await.map_err(|error| error.to_string())
            }
            Some(Command::Events(EventsCommand::Replay(asked))) => {
                let told = replay(&settings, &asked, &SystemClock).await;
                told.map(|told| print!("{told}")).map_err(|error| error.to_string())
            }
            Some(Command::Org(OrganizationCommand::Create(asked))) => {
                let told = create_organization(&settings, &asked, &SystemClock, &RandomIds).await;
                told.map(|told| print!("{told}")).map_err(|error| error.to_string())
            }
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn unfit(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::from(UNFIT)
}
