//! What the operator measures of itself, in the `OpenMetrics` text format. No object names among the labels: their
//! number has no bound.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::key_metrics::KeyMetrics;

/// How a reconcile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Result {
    /// The children are as planned.
    Applied,
    /// Nothing had changed since the last one.
    Unchanged,
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

/// A call of the API server. The values of each label come from a list that the cluster's kinds bound.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ApiCall {
    /// The verb, as RBAC calls it.
    pub(crate) verb: &'static str,
    /// The kind's name in paths, with its subresource.
    pub(crate) resource: String,
    /// The HTTP status, or `none` where there was no answer.
    pub(crate) code: String,
}

/// Counts calls of the API server.
#[derive(Clone, Debug, Default)]
pub struct ApiCalls(Family<ApiCall, Counter>);

impl ApiCalls {
    pub(crate) fn count(&self, call: &ApiCall) {
        self.0.get_or_create(call).inc();
    }
}

/// How many modules wait to be reconciled.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueDepth(Gauge);

impl QueueDepth {
    pub(crate) fn set(&self, depth: i64) {
        self.0.set(depth);
    }
}

/// The operator's metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reconciles: Family<Labels, Counter>,
    seconds: Histogram,
    api_calls: ApiCalls,
    queue_depth: QueueDepth,
    leader: Gauge,
    keys: KeyMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("comms_operator");
        let reconciles = Family::default();
        registry.register("reconciles", "Reconciles by how they ended", reconciles.clone());
        let seconds = Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]);
        registry.register("reconcile_seconds", "Time that reconciles took", seconds.clone());
        let api_calls = ApiCalls::default();
        let help = "Calls of the API server by verb, resource and HTTP status, leases included";
        registry.register("api_calls", help, api_calls.0.clone());
        let queue_depth = QueueDepth::default();
        let help = "Modules that something has happened to and whose reconcile has not begun";
        registry.register("queue_depth", help, queue_depth.0.clone());
        let leader = Gauge::default();
        registry.register(
            "leader",
            "1 where this replica looks after modules, 0 on standbys",
            leader.clone(),
        );
        let keys = KeyMetrics::new(&mut registry);
        Self { registry, reconciles, seconds, api_calls, queue_depth, leader, keys }
    }
}

impl Metrics {
    /// Counts a reconcile.
    pub fn reconciled(&self, result: Result, took: Duration) {
        self.reconciles.get_or_create(&Labels { result }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// Says whether this replica looks after modules.
    pub fn set_leader(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Counts calls of the API server.
    pub fn api_calls(&self) -> ApiCalls {
        self.api_calls.clone()
    }

    pub(crate) fn queue_depth(&self) -> QueueDepth {
        self.queue_depth.clone()
    }

    pub(crate) fn keys(&self) -> &KeyMetrics {
        &self.keys
    }

    /// All metrics as text.
    pub fn encode(&self, now: Timestamp) -> std::result::Result<String, std::fmt::Error> {
        self.keys.refresh(now);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::jiff::Timestamp;

    use super::{Metrics, Result};

    #[test]
    fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
        let metrics = Metrics::default();
        // A family without samples is not told of.
        metrics.reconciled(Result::Applied, Duration::ZERO);
        let text = metrics.encode(Timestamp::UNIX_EPOCH).expect("the metrics can be told");
        testbed::chart_metrics::are_given("comms_operator_", &text).expect("the metrics are there");
    }
}
