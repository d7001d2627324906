//! The bounded queue before the collector. The SDK's own is behind it and has as many places, so that what finds none is
//! counted here.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};

use crate::{
    outage::{News, Outage},
    sender::Failure,
};

/// Spans that may wait; more are dropped.
const PLACES: usize = 2048;

#[derive(Debug, Default)]
struct Count {
    waiting: AtomicUsize,
    dropped: AtomicU64,
}

/// The queue's entrance.
#[derive(Debug)]
pub(crate) struct Queue {
    batches: BatchSpanProcessor,
    count: Arc<Count>,
}

impl Queue {
    /// A queue before this exporter, which a thread of its own serves.
    pub(crate) fn before(exporter: opentelemetry_otlp::SpanExporter, failure: Failure) -> Self {
        let count = Arc::<Count>::default();
        let watched = Watched { exporter, failure, count: Arc::clone(&count), outage: Mutex::default() };
        let config = BatchConfigBuilder::default().with_max_queue_size(PLACES).build();
        Self { batches: BatchSpanProcessor::builder(watched).with_batch_config(config).build(), count }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.count.waiting.fetch_add(1, Ordering::Relaxed) < PLACES {
            self.batches.on_end(span);
        } else {
            self.count.waiting.fetch_sub(1, Ordering::Relaxed);
            self.count.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// The queue's exit.
#[derive(Debug)]
struct Watched {
    exporter: opentelemetry_otlp::SpanExporter,
    failure: Failure,
    count: Arc<Count>,
    outage: Mutex<Outage>,
}

impl Watched {
    fn note(&self, count: usize, outcome: &OTelSdkResult) {
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failure.take().unwrap_or_else(|| error.to_string())),
        };
        let dropped = self.count.dropped.swap(0, Ordering::Relaxed);
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match outage.observe(u64::try_from(count).unwrap_or(u64::MAX), dropped, outcome) {
            Some(News::Begins(reason)) => tracing::warn!(
                reason,
                "the collector takes no traces; they are dropped until it does, and everything else goes on"
            ),
            Some(News::Overrun) => {
                tracing::warn!("the collector takes fewer traces than there are; the others are dropped");
            }
            Some(News::Over(lost)) => tracing::info!(lost, "the collector takes all traces again"),
            None => {}
        }
    }
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        self.count.waiting.fetch_sub(count, Ordering::Relaxed);
        let outcome = self.exporter.export(batch).await;
        self.note(count, &outcome);
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
