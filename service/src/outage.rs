//! What goes wrong again and again is said once when it begins, and once when it is over.

use crate::store::StoreError;

/// Whether something goes wrong at present.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    failing: bool,
}

impl Outage {
    /// Takes in how it went this time. `begins` is said when it goes wrong for the first time, `over` when it goes well
    /// again.
    pub(crate) fn observe<T>(&mut self, outcome: &Result<T, StoreError>, begins: &str, over: &str) {
        match outcome {
            Ok(_) if self.failing => tracing::info!("{over}"),
            Err(error) if !self.failing => tracing::warn!(%error, "{begins}"),
            _ => {}
        }
        self.failing = outcome.is_err();
    }

    /// Whether it went wrong the last time.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing
    }
}
