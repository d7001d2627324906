//! What can be done with calls: the domain's decisions, kept together with the events that tell of them.

use crate::domain::call::{Call, CallAction, CallDetails, CallRefusal, CallReport, CallStatus, Reported};
use crate::domain::event::{Actor, EventData};
use crate::identity::Identity;
use crate::ledger::{Change, Expected, Ledger};
use crate::store::outbox::SubjectState;
use crate::store::{StoreError, calls};

/// Why a call was not made or changed.
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
    /// The provider's id is that of another call.
    #[error("The provider's call is known already: it is the call {id}.")]
    Known {
        /// The call that has it.
        id: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The calls of all organisations.
#[derive(Debug, Clone)]
pub struct Calls(Ledger);

impl Calls {
    /// Kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Makes a call, which waits to be started.
    pub async fn create(&self, identity: &Identity, details: CallDetails) -> Result<Call, CallError> {
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let call = Call::new(change.next_id(), organization, details, change.now);
                    if calls::insert(change.tx, &call).await? {
                        return Ok(call);
                    }
                    let id = known(&mut change, &call.details).await?;
                    Err(CallError::Known { id: id.unwrap_or_default() })
                })
            })
            .await
    }

    /// The organisation's call with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Call, CallError> {
        let mut connection = self.0.reader().await?;
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
        let (id, expected, action) = (id.to_owned(), expected.clone(), action.clone());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let call = calls::lock(change.tx, &change.actor.organization_id, &id).await?;
                    let call = call.ok_or(CallError::Unknown)?;
                    if !expected.fits(call.version) {
                        return Err(CallError::Stale { current: call.version });
                    }
                    let (next, events) = call
                        .on(&action, change.now)
                        .map_err(|refusal| CallError::Refused { refusal, status: call.status })?;
                    keep(&mut change, &next, &events).await?;
                    Ok(next)
                })
            })
            .await
    }

    /// Takes in what a provider says of its call. A call that is not known yet becomes known by it. `details` must
    /// hold the provider and its id.
    pub async fn report(
        &self,
        actor: Actor,
        details: CallDetails,
        report: CallReport,
    ) -> Result<Call, StoreError> {
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let new = Call::new(change.next_id(), organization, details, change.now);
                    let call = if calls::insert(change.tx, &new).await? {
                        new
                    } else {
                        let id = known(&mut change, &new.details).await?;
                        let id = id.ok_or(StoreError::Content("provider_call_id"))?;
                        let call = calls::lock(change.tx, &new.organization_id, &id).await?;
                        call.ok_or(StoreError::Content("provider_call_id"))?
                    };
                    match call.report(&report, change.now) {
                        Reported::Nothing => Ok(call),
                        Reported::Change(next, events) => {
                            keep(&mut change, &next, &events).await?;
                            Ok(*next)
                        }
                    }
                })
            })
            .await
    }
}

/// Id of the call that has the provider's id.
async fn known(change: &mut Change<'_>, details: &CallDetails) -> Result<Option<String>, StoreError> {
    let (Some(provider), Some(id)) = (&details.provider, &details.provider_call_id) else { return Ok(None) };
    calls::id_at_provider(change.tx, &change.actor.organization_id, provider, id).await
}

/// Keeps a call that was locked, and the events that tell of its change.
async fn keep(change: &mut Change<'_>, call: &Call, events: &[EventData]) -> Result<(), StoreError> {
    calls::update(change.tx, call).await?;
    let state = SubjectState { event_sequence: call.event_sequence, version: call.version };
    change.tell(events, state).await
}
