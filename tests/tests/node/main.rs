//! The product on real nodes: installed by its chart, in its images, with RabbitMQ and PostgreSQL beside it.
//!
//! All tests share one cluster, which starts with the first of them and ends with the last; each has a namespace of
//! its own that enforces the restricted profile.

mod around;
mod changes;
mod chart;
mod deletion;
mod faults;
mod fields;
mod keys;
mod load;
mod outage;
mod plugin;
mod recording;
mod running;
mod soak;
mod stage;
mod workload;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use stage::{Body, Theatre};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Pods share two cores with the tests: more at once would only wait for each other.
    arguments.test_threads.get_or_insert(3);
    let theatre = Arc::new(Theatre::default());
    let tests = [
        running::tests(),
        changes::tests(),
        keys::tests(),
        deletion::tests(),
        faults::tests(),
        chart::tests(),
        workload::tests(),
        around::tests(),
        fields::tests(),
        outage::tests(),
        plugin::tests(),
        soak::tests(),
    ]
    .concat();
    let trials = tests.into_iter().map(|(name, body): (&str, Body)| {
        let theatre = Arc::clone(&theatre);
        Trial::test(name, move || theatre.play(name, body).map_err(|error| format!("{error:?}").into()))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(theatre);
    conclusion.exit_code()
}
