//! `EventsReady`: does what is published reach the broker?

use crate::{
    decide::{Broker, Events},
    pod_status::{EventsState, PodReport},
};

use super::{
    conditions::{Finding, State},
    reason::Reason,
};

pub(super) fn finding(events: &Events, reports: &[PodReport]) -> Finding {
    match events.broker {
        Broker::Disabled => {
            return Finding::new(
                State::False,
                Reason::Disabled,
                "spec.events.enabled is false: events are kept but not published.",
            );
        }
        Broker::NotConfigured => {
            return Finding::new(
                State::False,
                Reason::NotConfigured,
                "No broker is given: set spec.events.rabbitmq to publish events.",
            );
        }
        Broker::Address(_) | Broker::Secret(_) | Broker::Cluster(_) => {}
    }
    let answers = || reports.iter().filter_map(|report| Some((&report.pod, report.answer.as_ref().ok()?)));
    let in_state = |state| answers().find(move |(_, answer)| answer.events.state == state);
    if let Some((pod, answer)) = in_state(EventsState::Connecting) {
        return match &answer.events.last_error {
            Some(error) => Finding::new(
                State::False,
                Reason::BrokerUnreachable,
                format!("pod {pod} cannot publish: {error}. Events are kept until the broker is back."),
            ),
            None => Finding::new(
                State::Unknown,
                Reason::Connecting,
                format!("pod {pod} is connecting to the broker."),
            ),
        };
    }
    if let Some((pod, _)) = in_state(EventsState::Disabled) {
        return Finding::new(
            State::False,
            Reason::BrokerNotInUse,
            format!(
                "pod {pod} runs with publishing switched off: it is of a former spec and will be replaced."
            ),
        );
    }
    if in_state(EventsState::Connected).is_some() {
        return Finding::new(
            State::True,
            Reason::Connected,
            format!("Events are published to exchange {}.", events.exchange),
        );
    }
    Finding::new(State::Unknown, Reason::NotObserved, unanswered(reports))
}

/// Why nothing is known.
pub(super) fn unanswered(reports: &[PodReport]) -> String {
    let failed = reports.iter().find_map(|report| Some((&report.pod, report.answer.as_ref().err()?)));
    match failed {
        Some((pod, why)) => format!("pod {pod} did not answer on its management port: {why}."),
        None => "No pod runs yet that could be asked.".into(),
    }
}
