//! What can be done with calls: the domain's decisions, kept together with the events that tell of them.

use crate::clock::Clock;
use crate::domain::call::{Call, CallAction, CallRefusal, CallStatus, Direction};
use crate::domain::event::Actor;
use crate::identity::Identity;
use crate::ids::IdSource;
use crate::store::outbox::{self, Delivery, SubjectState};
use crate::store::{Store, StoreError, calls};
use std::sync::Arc;
use tokio::sync::Notify;

/// How often a change is decided anew when others change the same call at the same time.
const ATTEMPTS: usize = 8;

/// What a call is known by when it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCall {
    /// Which side began it.
    pub direction: Direction,
    /// The calling number, E.164.
    pub from: String,
    /// The called number, E.164.
    pub to: String,
    /// The campaign that it is part of.
    pub campaign_id: Option<String>,
    /// The agent who handles it.
    pub agent_id: Option<String>,
    /// The telephony provider that carries it.
    pub provider: Option<String>,
    /// Its id at the provider.
    pub provider_call_id: Option<String>,
    /// Language spoken, a BCP 47 tag.
    pub language: Option<String>,
    /// What else the caller wants kept with it.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// Which version of a call a change is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whichever there is.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

/// Why a call was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The organisation has no such call.
    #[error("There is no call with this id.")]
    Unknown,
    /// It has been changed since.
    #[error("The call has changed since: it is at version {current} now. Read it again.")]
    Stale {
        /// Its version now.
        current: i64,
    },
    /// Its state does not allow it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: CallRefusal,
        /// Where the call stands.
        status: CallStatus,
    },
    /// Others keep changing it at the same time.
    #[error("The call is being changed by others at the same time: try again.")]
    Contended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The calls of all organisations.
#[derive(Clone)]
pub struct Calls {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    delivery: Delivery,
    new_events: Arc<Notify>,
}

impl Calls {
    /// Events are written for `delivery`, and told of by `new_events`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        delivery: Delivery,
        new_events: Arc<Notify>,
    ) -> Self {
        Self { store, clock, ids, delivery, new_events }
    }

    /// Makes a call, which waits to be started.
    pub async fn create(&self, identity: &Identity, new: NewCall) -> Result<Call, CallError> {
        let now = self.clock.now();
        let call = Call {
            id: self.ids.next_id().to_string(),
            organization_id: identity.organization_id.clone(),
            status: CallStatus::Queued,
            version: 1,
            event_sequence: 0,
            direction: new.direction,
            from: new.from,
            to: new.to,
            campaign_id: new.campaign_id,
            agent_id: new.agent_id,
            provider: new.provider,
            provider_call_id: new.provider_call_id,
            language: new.language,
            metadata: new.metadata,
            outcome: None,
            created_at: now,
            updated_at: now,
            started_at: None,
            answered_at: None,
            ended_at: None,
        };
        let kept = call.clone();
        self.store
            .write::<_, StoreError, _>(move |tx| Box::pin(async move { calls::insert(tx, &kept).await }))
            .await?;
        Ok(call)
    }

    /// The organisation's call with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Call, CallError> {
        let mut connection = self.store.reader().await?;
        calls::find(&mut connection, &identity.organization_id, id).await?.ok_or(CallError::Unknown)
    }

    /// Changes a call and writes the events of it, both or neither.
    pub async fn act(
        &self,
        identity: &Identity,
        id: &str,
        expected: &Expected,
        action: &CallAction,
    ) -> Result<Call, CallError> {
        for _ in 0..ATTEMPTS {
            if let Some(call) = self.attempt(identity, id, expected, action).await? {
                self.new_events.notify_one();
                return Ok(call);
            }
        }
        Err(CallError::Contended)
    }

    /// `None` when someone else changed the call in between.
    async fn attempt(
        &self,
        identity: &Identity,
        id: &str,
        expected: &Expected,
        action: &CallAction,
    ) -> Result<Option<Call>, CallError> {
        let now = self.clock.now();
        let (ids, delivery) = (Arc::clone(&self.ids), self.delivery);
        let (id, expected, action) = (id.to_owned(), expected.clone(), action.clone());
        let actor =
            Actor { organization_id: identity.organization_id.clone(), user_id: identity.user_id.clone() };
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let call =
                        calls::find(tx, &actor.organization_id, &id).await?.ok_or(CallError::Unknown)?;
                    if let Expected::Versions(versions) = &expected
                        && !versions.contains(&call.version)
                    {
                        return Err(CallError::Stale { current: call.version });
                    }
                    let (next, events) = call
                        .on(&action, now)
                        .map_err(|refusal| CallError::Refused { refusal, status: call.status })?;
                    if !calls::update(tx, &next, call.version).await? {
                        return Ok(None);
                    }
                    let state = SubjectState { event_sequence: next.event_sequence, version: next.version };
                    outbox::append(tx, &*ids, &actor, &events, state, delivery, now).await?;
                    Ok(Some(next))
                })
            })
            .await
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}
