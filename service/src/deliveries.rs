//! How the delivery of single events stands, and events that are parked: an administrator has them tried again.

use crate::events::backlog::Backlog;
use crate::identity::Identity;
use crate::ledger::Ledger;
use crate::store::StoreError;
use crate::store::parked::{self, Delivered};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use std::sync::Arc;
use tokio::sync::Notify;

/// Why an event is not tried again.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The organisation has no such event.
    Unknown,
    /// It is not parked.
    NotParked(String),
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for DeliveryError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::NotParked(delivery) => say!("event-not-parked", current = delivery.clone()),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(DeliveryError);

/// The delivery of events.
#[derive(Debug, Clone)]
pub struct Deliveries {
    ledger: Ledger,
    backlog: Backlog,
    /// Told of events that are to be tried again.
    retried: Arc<Notify>,
}

impl Deliveries {
    /// Of the events in `ledger`; `retried` is told of those that are to be tried again.
    pub fn new(ledger: Ledger, backlog: Backlog, retried: Arc<Notify>) -> Self {
        Self { ledger, backlog, retried }
    }

    /// The organisation's event with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Delivered, DeliveryError> {
        let mut reader = self.ledger.reader().await?;
        let found = parked::find(&mut reader, &identity.organization_id, id).await?;
        found.ok_or(DeliveryError::Unknown)
    }

    /// The organisation's parked events, newest first.
    pub async fn list_parked(
        &self,
        identity: &Identity,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Delivered>, StoreError> {
        parked::list(&mut *self.ledger.reader().await?, &identity.organization_id, before, limit).await
    }

    /// Has a parked event tried again, and those behind it go on when it is published.
    pub async fn retry(&self, identity: &Identity, id: &str) -> Result<Delivered, DeliveryError> {
        let id = id.to_owned();
        let retried = self
            .ledger
            .change(identity.into(), move |change| {
                Box::pin(async move {
                    let organization = &change.actor.organization_id;
                    let done = parked::retry(change.tx, organization, &id, change.now).await?;
                    let event = parked::find(change.tx, organization, &id).await?;
                    let event = event.ok_or(DeliveryError::Unknown)?;
                    if done { Ok(event) } else { Err(DeliveryError::NotParked(event.delivery)) }
                })
            })
            .await?;
        self.backlog.added(1);
        self.retried.notify_one();
        Ok(retried)
    }
}
