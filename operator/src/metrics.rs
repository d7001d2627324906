//! What the operator measures of itself, in the `OpenMetrics` text format. No object names among the labels: their
//! number has no bound.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

/// How a reconcile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Result {
    /// The children are as planned.
    Applied,
    /// Something has to happen first.
    Held,
    /// The object is no `CommsModule`.
    Malformed,
    /// The object is gone.
    Gone,
    /// Somebody else had changed what was to be written.
    Outrun,
    /// It failed and will be tried again.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: Result,
}

/// The operator's metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reconciles: Family<Labels, Counter>,
    seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("comms_operator");
        let reconciles = Family::default();
        registry.register("reconciles", "Reconciles by how they ended", reconciles.clone());
        let seconds = Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]);
        registry.register("reconcile_seconds", "Time that reconciles took", seconds.clone());
        Self { registry, reconciles, seconds }
    }
}

impl Metrics {
    /// Counts a reconcile.
    pub fn reconciled(&self, result: Result, took: Duration) {
        self.reconciles.get_or_create(&Labels { result }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// All metrics as text.
    pub fn encode(&self) -> std::result::Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Metrics, Result};

    #[test]
    fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
        let metrics = Metrics::default();
        // A family without samples is not told of.
        metrics.reconciled(Result::Applied, Duration::ZERO);
        let text = metrics.encode().expect("the metrics can be told");
        testbed::chart_metrics::are_given("comms_operator_", &text).expect("the metrics are there");
    }
}
