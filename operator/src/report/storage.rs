//! `DatabaseReady`: does the database answer the pods?

use crate::{
    decide::Database,
    pod_status::{DatabaseState, PodReport},
};

use super::{
    conditions::{Finding, State},
    publishing::unanswered,
    reason::Reason,
};

pub(super) fn finding(database: &Database, reports: &[PodReport]) -> Finding {
    let kind = match database {
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
        Finding::new(State::True, Reason::Connected, format!("The {kind} answers."))
    } else {
        Finding::new(State::Unknown, Reason::NotObserved, unanswered(reports))
    }
}
