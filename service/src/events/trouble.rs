//! What goes wrong with delivering, so that it is said once when it begins and once when it is over.

use std::collections::HashSet;

/// What goes wrong.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// In words, until it goes well again.
    pub(super) current: Option<String>,
    /// Types of events that the broker does not take.
    refused: HashSet<String>,
}

impl Trouble {
    pub(super) fn begins(&mut self, reason: &str) {
        if self.current.is_none() {
            tracing::warn!(
                reason,
                "events are not delivered; they are kept and delivered as soon as that works"
            );
        }
        self.current = Some(reason.to_owned());
    }

    /// No queue takes events of this type.
    pub(super) fn unroutable(&mut self, event_type: &str, reason: &str) {
        if self.refused.insert(event_type.to_owned()) {
            tracing::warn!(
                event_type,
                reason,
                "no queue takes these events; they are kept and tried again: bind a queue to the exchange"
            );
        }
        self.current = Some(format!("{event_type}: {reason}"));
    }

    /// The broker did not take an event of this type.
    pub(super) fn refused(&mut self, event_type: &str, reason: &str) {
        if self.refused.insert(event_type.to_owned()) {
            tracing::warn!(
                event_type,
                reason,
                "the broker does not take such an event; it is kept and tried again"
            );
        }
        self.current = Some(format!("{event_type}: {reason}"));
    }

    /// Events of this type are taken, or none of them is tried any more.
    pub(super) fn taken(&mut self, event_type: &str) {
        if !self.refused.is_empty() && self.refused.remove(event_type) {
            tracing::info!(event_type, "the broker takes these events again");
        }
    }

    /// Another process tells of what the broker does not take.
    pub(super) fn is_anothers(&mut self) {
        self.refused.clear();
        self.is_over();
    }

    /// All goes well, but for what the broker does not take.
    pub(super) fn is_over(&mut self) {
        if self.refused.is_empty() && self.current.take().is_some() {
            tracing::info!("events are delivered again");
        }
    }
}
