//! `DatabaseReady`: does the database answer the pods?

use crate::{
    build::names,
    decide::{Claim, Database, Module, claim_of},
    observe::Observed,
    pod_status::DatabaseState,
};

use super::{
    conditions::{Finding, State},
    publishing::unanswered,
    reason::Reason,
    switch::is_on_postgres,
};

pub(super) fn finding(module: &Module, observed: &Observed) -> Finding {
    let reports = &observed.reports;
    let kind = match &module.database {
        Database::Embedded { .. } => "embedded database",
        Database::Postgres(_) => "PostgreSQL database",
    };
    let answers = || reports.iter().filter_map(|report| Some((&report.pod, report.answer.as_ref().ok()?)));
    let broken = answers().find(|(_, answer)| answer.database.state == DatabaseState::Error);
    if let Some((pod, answer)) = broken {
        let error = answer.database.error.as_deref().unwrap_or("no reason given");
        return Finding::new(
            State::False,
            Reason::DatabaseUnavailable,
            format!("pod {pod} cannot use its {kind}: {error}"),
        );
    }
    if answers().next().is_some() {
        let left = left_behind(module, observed);
        Finding::new(State::True, Reason::Connected, format!("The {kind} answers.{left}"))
    } else {
        let left = left_behind(module, observed);
        Finding::new(State::Unknown, Reason::NotObserved, format!("{}{left}", unanswered(reports)))
    }
}

/// What is where the data was before, as far as it is seen.
fn left_behind(module: &Module, observed: &Observed) -> String {
    let volume = observed.children.volume.as_ref();
    match (&module.database, volume.map(|volume| claim_of(&volume.metadata, module))) {
        (Database::Postgres(_), Some(Claim::Retained)) => format!(
            " Volume {} still holds what was in the embedded database; nothing of it was copied.",
            names(&module.name).volume
        ),
        (Database::Postgres(_), Some(Claim::Ours)) => format!(
            " Volume {} goes once PostgreSQL serves, with what was in the embedded database, as its deletionPolicy was Delete.",
            names(&module.name).volume
        ),
        (Database::Embedded { .. }, _) if observed.pods.iter().any(is_on_postgres) => {
            " What was in PostgreSQL stays there; nothing of it was copied.".into()
        }
        _ => String::new(),
    }
}
