//! The communications module as a program of its own.

use cc_lite::settings::{Arguments, NoArguments, Settings};
use std::process::ExitCode;

/// The command line or a setting does not fit.
const UNFIT: u8 = 2;

fn main() -> ExitCode {
    let settings = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => Settings::check(&arguments).map_err(|error| error.to_string()),
        Err(NoArguments::Asked(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(NoArguments::Unreadable(sentence)) => Err(sentence),
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(sentence) => {
            eprintln!("{sentence}");
            return ExitCode::from(UNFIT);
        }
    };
    cc_lite::logging::start(&settings.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program cannot start its threads ({error}): allow it more.");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cc_lite::serve::serve(settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
