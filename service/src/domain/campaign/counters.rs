//! How many contacts of a campaign stand where.

use crate::domain::contact::ContactStatus;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How many contacts of a campaign stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counters {
    /// Wait to be called.
    pub pending: i64,
    /// Have been handed out, and what came of it is not known yet.
    pub in_progress: i64,
    /// Were reached.
    pub reached: i64,
    /// Were not reached, and are not called any more.
    pub exhausted: i64,
    /// Must not be called.
    pub skipped: i64,
}

impl Counters {
    /// All contacts.
    pub fn total(&self) -> i64 {
        self.pending + self.in_progress + self.reached + self.exhausted + self.skipped
    }

    /// Whether there are contacts, and nothing is left to be done for any.
    pub fn are_done(&self) -> bool {
        self.total() > 0 && self.pending == 0 && self.in_progress == 0
    }

    /// How many contacts stand there.
    pub fn of(&mut self, status: ContactStatus) -> &mut i64 {
        match status {
            ContactStatus::Pending => &mut self.pending,
            ContactStatus::InProgress => &mut self.in_progress,
            ContactStatus::Reached => &mut self.reached,
            ContactStatus::Exhausted => &mut self.exhausted,
            ContactStatus::Skipped => &mut self.skipped,
        }
    }

    /// A contact goes from one place to another.
    pub fn pass(&mut self, from: ContactStatus, to: ContactStatus) {
        *self.of(from) -= 1;
        *self.of(to) += 1;
    }

    /// By name, with the total, as events tell them.
    pub(super) fn by_name(mut self) -> BTreeMap<String, i64> {
        let total = ("total".to_owned(), self.total());
        let each = ContactStatus::ALL.map(|status| (status.as_str().to_owned(), *self.of(status)));
        each.into_iter().chain([total]).collect()
    }
}
