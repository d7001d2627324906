//! What is counted, in the form that Prometheus reads.

use crate::events::backlog::Backlog;
use crate::events::dispatcher::DeliveryCounters;
use crate::identity::keys::KeyCounters;
use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// The media type of [`Metrics::text`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: RequestMetrics,
    pub(crate) delivery: DeliveryCounters,
    pub(crate) keys: KeyCounters,
    pub(crate) stream_listeners: Gauge,
    events: EventGauges,
}

/// Requests to the API.
#[derive(Debug, Clone)]
pub(crate) struct RequestMetrics {
    count: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
}

#[derive(Debug, Clone, Default)]
struct EventGauges {
    backlog: Gauge,
    parked: Gauge,
    limit: Gauge,
    full: Gauge,
    oldest_age: Gauge<f64, AtomicU64>,
    connected: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

impl RequestMetrics {
    /// Counts an answered request. `route` is the pattern that matched, not the path, so that ids make no new series.
    pub(crate) fn observe(&self, method: &str, route: &str, status: StatusCode, took: Duration) {
        let method = if matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") {
            method
        } else {
            "other"
        };
        let labels = RouteLabels { method: method.to_owned(), route: route.to_owned() };
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
        let RouteLabels { method, route } = labels;
        self.count.get_or_create(&RequestLabels { method, route, status: status.as_u16() }).inc();
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let requests = RequestMetrics {
            count: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
            }),
        };
        let (delivery, events) = (DeliveryCounters::default(), EventGauges::default());
        let keys = KeyCounters::default();
        let mut registry = Registry::with_prefix("cc_lite");
        registry.register("http_requests", "Answered requests", requests.count.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to an answer",
            Unit::Seconds,
            requests.seconds.clone(),
        );
        registry.register("events_published", "Events that the broker confirmed", delivery.published.clone());
        registry.register(
            "events_refused",
            "Attempts that the broker did not take",
            delivery.refused.clone(),
        );
        registry.register("events_backlog", "Events that wait to be published", events.backlog.clone());
        registry.register(
            "events_backlog_limit",
            "Events that may wait before changes are refused, 0 when that is not limited",
            events.limit.clone(),
        );
        registry.register(
            "events_backlog_full",
            "Whether changes are refused since too many events wait",
            events.full.clone(),
        );
        registry.register(
            "events_parked",
            "Events that the broker can never take as they are, and that stop those behind them",
            events.parked.clone(),
        );
        registry.register_with_unit(
            "events_oldest_age",
            "Age of the oldest event that waits, 0 when none does",
            Unit::Seconds,
            events.oldest_age.clone(),
        );
        registry.register("events_connected", "Whether the broker is connected", events.connected.clone());
        registry.register(
            "key_reloads",
            "Changes of the key directory, by what came of them",
            keys.reloads.clone(),
        );
        registry.register(
            "key_directory_in_error",
            "Whether what lies in the key directory now cannot be used, so that the keys in force stay",
            keys.in_error.clone(),
        );
        let stream_listeners = Gauge::default();
        registry.register("stream_listeners", "Open streams of events", stream_listeners.clone());
        Self { registry, requests, delivery, keys, stream_listeners, events }
    }

    /// Takes how many events wait.
    pub(crate) fn set_backlog(&self, backlog: &Backlog) {
        self.events.backlog.set(backlog.events());
        self.events.limit.set(backlog.limit().unwrap_or_default());
        self.events.full.set(i64::from(backlog.is_full()));
    }

    /// Takes what else is known of the events that wait.
    pub(crate) fn set_events(&self, parked: i64, oldest_age: f64, connected: bool) {
        self.events.parked.set(parked);
        self.events.oldest_age.set(oldest_age);
        self.events.connected.set(i64::from(connected));
    }

    /// Everything, as `OpenMetrics` text.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use axum::http::StatusCode;
    use std::time::Duration;

    #[test]
    fn alerts_and_dashboard_of_the_chart_ask_for_metrics_that_there_are() {
        let metrics = Metrics::new();
        // A family without samples is not told of.
        metrics.requests.observe("GET", "/calls", StatusCode::OK, Duration::ZERO);
        let text = metrics.text().expect("the metrics can be told");
        testbed::chart_metrics::are_given("cc_lite_", &text).expect("the metrics are there");
    }
}
