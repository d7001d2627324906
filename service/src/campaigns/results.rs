//! What came of contacts that were handed out: as somebody says, or as their calls ended.

use super::contacts::view;
use super::hand_out::apply;
use super::{CampaignError, Campaigns, ContactView, complete_if_done, locked};
use crate::domain::call::Call;
use crate::domain::contact::{ContactOutcome, Report, SettledBy, Settlement};
use crate::identity::Identity;
use crate::ledger::Change;
use crate::store::{StoreError, attempts, calls, campaigns, contacts};
use jiff::SignedDuration;

/// How far the clocks of replicas may be apart.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

/// What somebody says came of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultReport {
    /// What came of it.
    pub outcome: ContactOutcome,
    /// The attempt; by default the contact's last one.
    pub attempt_id: Option<String>,
    /// The call.
    pub call_id: Option<String>,
}

impl Campaigns {
    /// Takes in what came of a contact. Saying the same again changes nothing.
    pub async fn report(
        &self,
        identity: &Identity,
        campaign_id: &str,
        contact_id: &str,
        said: ResultReport,
    ) -> Result<ContactView, CampaignError> {
        let (campaign_id, contact_id) = (campaign_id.to_owned(), contact_id.to_owned());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let mut campaign = locked(&mut change, &campaign_id).await?;
                    let contact = contacts::find(change.tx, &campaign.id, &contact_id).await?;
                    let contact = contact.ok_or(CampaignError::Unknown)?;
                    let all = attempts::of_contact(change.tx, &contact.id).await?;
                    let attempt = match &said.attempt_id {
                        Some(id) => {
                            all.iter().find(|attempt| attempt.id == *id).ok_or(CampaignError::Unknown)?
                        }
                        None => all.last().ok_or(CampaignError::NoAttempt(contact.status))?,
                    };
                    let report =
                        Report { outcome: said.outcome, by: SettledBy::Report, call_id: said.call_id };
                    let settlement = contact.settle(attempt, &report, &campaign.details.retry, change.now);
                    let contact = match settlement {
                        Settlement::Refused => return Err(CampaignError::NoAttempt(contact.status)),
                        Settlement::Nothing => contact,
                        Settlement::Change(settled) => {
                            apply(&mut change, &mut campaign, &contact, &settled).await?;
                            settled.0
                        }
                    };
                    let campaign = complete_if_done(&mut change, campaign).await?;
                    Ok(view(change.tx, &campaign, contact, change.now).await?)
                })
            })
            .await
    }
}

/// Locks the campaign of the call with this id, if it has one: for who is going to lock the call and may end it, since
/// campaigns are locked before calls.
pub async fn lock_for_call(change: &mut Change<'_>, call_id: &str) -> Result<(), StoreError> {
    let organization_id = &change.actor.organization_id;
    if let Some(call) = calls::find(change.tx, organization_id, call_id).await?
        && let (Some(campaign_id), Some(_)) = (&call.details.campaign_id, &call.details.contact_id)
    {
        campaigns::lock(change.tx, organization_id, campaign_id).await?;
    }
    Ok(())
}

/// Takes in what came of a contact by how its call ended: to be called in the transaction in which it ends. A result
/// that somebody gave stands, and nothing is changed by a call that is about no contact, or about one that was not
/// handed out.
pub async fn on_call_ended(change: &mut Change<'_>, call: &Call) -> Result<(), StoreError> {
    let (Some(campaign_id), Some(contact_id)) = (&call.details.campaign_id, &call.details.contact_id) else {
        return Ok(());
    };
    let Some(outcome) = ContactOutcome::of_call(call.status, call.outcome.as_deref()) else { return Ok(()) };
    let Some(mut campaign) = campaigns::lock(change.tx, &call.organization_id, campaign_id).await? else {
        return Ok(());
    };
    let Some(contact) = contacts::find(change.tx, campaign_id, contact_id).await? else { return Ok(()) };
    let known = call.created_at.saturating_add(CLOCK_TOLERANCE).unwrap_or(call.created_at);
    let all = attempts::of_contact(change.tx, &contact.id).await?;
    // The attempt that led to the call is the last one before it.
    let Some(attempt) = all.iter().rfind(|attempt| attempt.dialled_at <= known) else { return Ok(()) };
    let report = Report { outcome, by: SettledBy::Call, call_id: Some(call.id.clone()) };
    match contact.settle(attempt, &report, &campaign.details.retry, change.now) {
        Settlement::Change(settled) => {
            apply(change, &mut campaign, &contact, &settled).await?;
            complete_if_done(change, campaign).await?;
        }
        Settlement::Nothing if attempt.call_id.is_none() => {
            let mut attempt = attempt.clone();
            attempt.call_id = Some(call.id.clone());
            attempts::update(change.tx, &attempt).await?;
        }
        Settlement::Nothing | Settlement::Refused => {}
    }
    Ok(())
}
