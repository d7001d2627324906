//! What can be done with calls: the domain's decisions, kept together with the events that tell of them.

use crate::campaigns;
use crate::domain::call::{
    Call, CallAction, CallChange, CallDetails, CallRefusal, CallReport, CallStatus, Reported,
};
use crate::domain::event::{Actor, EventData};
use crate::identity::Identity;
use crate::ledger::{Change, Expected, Ledger};
use crate::store::call_list::{self, CallFilter, CallOrder};
use crate::store::outbox::SubjectState;
use crate::store::{StoreError, calls};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use crate::{sentiments, transcripts};
use jiff::SignedDuration;
use sqlx::AnyConnection;
use std::time::Duration;

/// How many stale calls are looked up at once.
const STALE_AT_ONCE: i64 = 200;

/// Why a call was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The organisation has no such call.
    Unknown,
    /// It has been changed since.
    Stale {
        /// Its version now.
        current: i64,
    },
    /// Its state does not allow it.
    Refused {
        /// Why.
        refusal: CallRefusal,
        /// Where the call stands.
        status: CallStatus,
    },
    /// The provider's id is that of another call.
    Known {
        /// The call that has it.
        id: String,
    },
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for CallError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::Stale { current } => say!("call-stale", version = *current),
            Self::Refused { refusal, .. } => refusal.sentence(),
            Self::Known { id } => say!("call-known", id = id.clone()),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(CallError);

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
        let call = Call::new(self.0.next_id(), identity.organization_id.clone(), details, self.0.now());
        if self.0.add_call(identity.into(), call.clone()).await? {
            return Ok(call);
        }
        let mut reader = self.0.reader().await?;
        let id = known(&mut reader, &call).await?;
        Err(CallError::Known { id: id.unwrap_or_default() })
    }

    /// The organisation's call with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Call, CallError> {
        let mut connection = self.0.reader().await?;
        calls::find(&mut connection, &identity.organization_id, id).await?.ok_or(CallError::Unknown)
    }

    /// The organisation's calls that `filter` names, in this order.
    pub async fn list(
        &self,
        identity: &Identity,
        filter: &CallFilter,
        order: &CallOrder,
        limit: i64,
    ) -> Result<Vec<Call>, CallError> {
        let mut connection = self.0.reader().await?;
        Ok(call_list::list(&mut connection, &identity.organization_id, filter, order, limit).await?)
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
                    if matches!(action, CallAction::End { .. }) {
                        campaigns::lock_for_call(&mut change, &id).await?;
                    }
                    let call = expected_call(&mut change, &id, &expected).await?;
                    let (next, events) = call
                        .on(&action, change.now)
                        .map_err(|refusal| CallError::Refused { refusal, status: call.status })?;
                    keep(&mut change, &next, &events).await?;
                    Ok(next)
                })
            })
            .await
    }

    /// Says something anew of a call, whatever its state.
    pub async fn change(
        &self,
        identity: &Identity,
        id: &str,
        expected: &Expected,
        said: CallChange,
    ) -> Result<Call, CallError> {
        let (id, expected) = (id.to_owned(), expected.clone());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let call = expected_call(&mut change, &id, &expected).await?;
                    let next = call.with(said, change.now);
                    calls::update(change.tx, &next).await?;
                    Ok(next)
                })
            })
            .await
    }

    /// Takes in what a provider says of its call. It is the call that `id` names, if there is one without a provider's
    /// id or with this one; else the call with the provider's id; else it becomes known by this. `details` must hold
    /// the provider and its id.
    pub async fn report(
        &self,
        actor: Actor,
        id: Option<String>,
        details: CallDetails,
        report: CallReport,
    ) -> Result<Call, StoreError> {
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    let call = match id {
                        Some(id) => named(&mut change, &id, &details).await?,
                        None => None,
                    };
                    let call = match call {
                        Some(call) => call,
                        None => reported(&mut change, details).await?,
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

    /// Ends the calls of all organisations of which there has been no news for `timeout`; how many there were.
    pub async fn give_up_stale(&self, timeout: Duration) -> Result<usize, StoreError> {
        let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
        let Ok(before) = self.0.now().checked_sub(timeout) else { return Ok(0) };
        let mut count = 0;
        loop {
            let stale = calls::stale(&mut *self.0.reader().await?, before, STALE_AT_ONCE).await?;
            let mut ended = 0;
            for (organization_id, id) in &stale {
                ended += usize::from(self.give_up(organization_id, id, timeout).await?);
            }
            count += ended;
            // None: others were quicker, or what is left changed meanwhile.
            if ended == 0 {
                return Ok(count);
            }
        }
    }

    async fn give_up(
        &self,
        organization_id: &str,
        id: &str,
        timeout: SignedDuration,
    ) -> Result<bool, StoreError> {
        let actor =
            Actor { organization_id: organization_id.to_owned(), user_id: "system:watchdog".to_owned() };
        let id = id.to_owned();
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    campaigns::lock_for_call(&mut change, &id).await?;
                    let call = calls::lock(change.tx, &change.actor.organization_id, &id).await?;
                    let Some((next, events)) = call.and_then(|call| call.give_up(timeout, change.now)) else {
                        return Ok(false);
                    };
                    keep(&mut change, &next, &events).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// The call, locked, if it is at a version that is expected.
async fn expected_call(change: &mut Change<'_>, id: &str, expected: &Expected) -> Result<Call, CallError> {
    let call = calls::lock(change.tx, &change.actor.organization_id, id).await?;
    let call = call.ok_or(CallError::Unknown)?;
    if expected.fits(call.version) { Ok(call) } else { Err(CallError::Stale { current: call.version }) }
}

/// The call that whoever dialled named to the provider, locked; it takes the provider's id.
async fn named(change: &mut Change<'_>, id: &str, details: &CallDetails) -> Result<Option<Call>, StoreError> {
    campaigns::lock_for_call(change, id).await?;
    let Some(mut call) = calls::lock(change.tx, &change.actor.organization_id, id).await? else {
        return Ok(None);
    };
    let known = &mut call.details;
    if known.provider_call_id.is_some() {
        let same =
            (&known.provider, &known.provider_call_id) == (&details.provider, &details.provider_call_id);
        return Ok(same.then_some(call));
    }
    // Another call may have the id already: then that one is meant.
    let (Some(provider), Some(provider_call_id)) = (&details.provider, &details.provider_call_id) else {
        return Ok(None);
    };
    if !calls::set_provider(change.tx, &call.id, provider, provider_call_id).await? {
        return Ok(None);
    }
    known.provider.clone_from(&details.provider);
    known.provider_call_id.clone_from(&details.provider_call_id);
    Ok(Some(call))
}

/// The call with the provider's id, locked; it is made when there is none.
async fn reported(change: &mut Change<'_>, details: CallDetails) -> Result<Call, StoreError> {
    let organization = change.organization_id().to_owned();
    let new = Call::new(change.next_id(), organization, details, change.now);
    if calls::insert(change.tx, &new).await? {
        return Ok(new);
    }
    let id = known(change.tx, &new).await?.ok_or(StoreError::Content("provider_call_id"))?;
    campaigns::lock_for_call(change, &id).await?;
    let call = calls::lock(change.tx, &new.organization_id, &id).await?;
    call.ok_or(StoreError::Content("provider_call_id"))
}

/// Id of the call that has the provider's id.
async fn known(connection: &mut AnyConnection, call: &Call) -> Result<Option<String>, StoreError> {
    let details = &call.details;
    let (Some(provider), Some(id)) = (&details.provider, &details.provider_call_id) else { return Ok(None) };
    calls::id_at_provider(connection, &call.organization_id, provider, id).await
}

/// Keeps a call that was locked, and the events that tell of its change.
async fn keep(change: &mut Change<'_>, call: &Call, events: &[EventData]) -> Result<(), StoreError> {
    calls::update(change.tx, call).await?;
    let state = SubjectState { event_sequence: call.event_sequence, version: call.version };
    change.tell(events, state).await?;
    // What waited for the end comes after it.
    if call.ended_at.is_some() {
        campaigns::on_call_ended(change, call).await?;
        let mut waiting = transcripts::on_call_ended(change, call).await?;
        waiting.extend(sentiments::on_call_ended(change, call).await?);
        tell_beside(change, call, &waiting).await?;
    }
    Ok(())
}

/// Writes events of a call that come about beside its own changes. The call must be locked.
pub(crate) async fn tell_beside(
    change: &mut Change<'_>,
    call: &Call,
    events: &[EventData],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(events.len()).unwrap_or_default();
    let event_sequence = calls::count_events(change.tx, &call.id, count).await?;
    change.tell(events, SubjectState { event_sequence, version: call.version }).await
}
