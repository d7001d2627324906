//! An event that is with the publisher.

use super::publisher::{EventPublisher, PublishError};
use crate::store::outgoing::PendingEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a publisher may take over one event, whatever it does.
const PUBLISH_TIME: Duration = Duration::from_mins(1);

/// An event that was offered, and what came of it.
pub(super) type Offer = BoxFuture<'static, (PendingEvent, Result<(), PublishError>)>;

/// Offers the event. What a host's publisher does wrong ends this one attempt.
pub(super) fn begin(publisher: Arc<dyn EventPublisher>, event: PendingEvent) -> Offer {
    let attempt = async move {
        let work = AssertUnwindSafe(publisher.publish(&event.message)).catch_unwind();
        let outcome = match timeout(PUBLISH_TIME, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(PublishError::Refused("the publisher panicked".to_owned())),
            Err(_) => Err(PublishError::Unavailable(format!("no answer within {PUBLISH_TIME:?}"))),
        };
        (event, outcome)
    };
    attempt.boxed()
}
