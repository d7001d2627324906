//! Contacts are handed out to be called: each to one taker, and back when nobody says what came of it.

use super::{CampaignError, Campaigns, complete_if_done, locked, ticked};
use crate::domain::campaign::{Campaign, CampaignStatus};
use crate::domain::contact::{Attempt, Contact, ContactOutcome, Report, SettledBy, Settlement, Taker};
use crate::domain::hand_out::{Hold, Wait, choose, may_call};
use crate::identity::Identity;
use crate::ledger::Change;
use crate::store::suppressions::{self, Suppression};
use crate::store::{StoreError, attempts, campaigns, contacts};

/// How many contacts one transaction skips, and how many it takes back, so that other writes get in between.
const AT_ONCE: i64 = 100;

/// A contact to be called, or why there is none.
#[derive(Debug, Clone)]
pub enum NextContact {
    /// Call this one.
    Contact(Box<(Contact, Attempt)>),
    /// There is none for now.
    None {
        /// Why.
        wait: Wait,
        /// Where the campaign stands.
        status: CampaignStatus,
    },
}

impl Campaigns {
    /// Hands out the contact that is to be called next. A request with a `request_id` that the same user has used
    /// before gets what it got then, until the result of that is known.
    pub async fn next(
        &self,
        identity: &Identity,
        campaign_id: &str,
        request_id: Option<&str>,
    ) -> Result<NextContact, CampaignError> {
        let taker = Taker { user_id: identity.user_id.clone(), request_id: request_id.map(str::to_owned) };
        loop {
            let (campaign_id, taker) = (campaign_id.to_owned(), taker.clone());
            let next = self
                .0
                .change(identity.into(), move |mut change| {
                    Box::pin(async move { take(&mut change, &campaign_id, &taker).await })
                })
                .await?;
            // Otherwise some were skipped, and there are more to look at.
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }
}

/// The next contact, or why there is none; `None` when so many were skipped that another transaction has to go on.
async fn take(
    change: &mut Change<'_>,
    campaign_id: &str,
    taker: &Taker,
) -> Result<Option<NextContact>, CampaignError> {
    let campaign = locked(change, campaign_id).await?;
    let mut campaign = ticked(change, campaign).await?;
    take_back(change, &mut campaign).await?;
    if let Some(request_id) = &taker.request_id
        && let Some(attempt) =
            attempts::of_request(change.tx, &campaign.id, &taker.user_id, request_id).await?
    {
        let contact = contacts::find(change.tx, &campaign.id, &attempt.contact_id).await?;
        let contact = contact.ok_or(StoreError::Content("contact_id"))?;
        return Ok(Some(NextContact::Contact(Box::new((contact, attempt)))));
    }
    let mut found = None;
    for _ in 0..AT_ONCE {
        let lease = contacts::first_lease_end(change.tx, &campaign.id).await?;
        found = match may_call(&campaign, lease) {
            Err(wait) => Some(Err(wait)),
            Ok(()) => hand_out_or_skip(change, &mut campaign, taker).await?,
        };
        if found.is_some() {
            break;
        }
    }
    let campaign = complete_if_done(change, campaign).await?;
    Ok(found.map(|found| match found {
        Ok(handed_out) => NextContact::Contact(Box::new(handed_out)),
        Err(wait) if campaign.status == CampaignStatus::Running => {
            NextContact::None { wait, status: campaign.status }
        }
        Err(wait) => {
            let wait = Wait { hold: Hold::CampaignNotRunning, ..wait };
            NextContact::None { wait, status: campaign.status }
        }
    }))
}

/// Hands out the next contact, or says why there is none; `None` when it was one that must not be called.
async fn hand_out_or_skip(
    change: &mut Change<'_>,
    campaign: &mut Campaign,
    taker: &Taker,
) -> Result<Option<Result<(Contact, Attempt), Wait>>, StoreError> {
    let heads = contacts::heads(change.tx, &campaign.id).await?;
    let head = match choose(campaign, &heads, change.now) {
        Ok(head) => head,
        Err(wait) => return Ok(Some(Err(wait))),
    };
    let contact = contacts::find(change.tx, &campaign.id, &head.contact_id).await?;
    let contact = contact.ok_or(StoreError::Content("contact_id"))?;
    let suppressed =
        suppressions::find(change.tx, &campaign.organization_id, &contact.details.number).await?;
    let handed_out = if let Some(suppression) = suppressed {
        let skipped = contact.suppressed(&suppression.reason, change.now);
        campaign.counters.pass(contact.status, skipped.status);
        contacts::update(change.tx, &skipped).await?;
        None
    } else {
        let (next, attempt) = contact.hand_out(change.next_id(), taker, &campaign.details, change.now);
        campaign.counters.pass(contact.status, next.status);
        contacts::update(change.tx, &next).await?;
        attempts::insert(change.tx, &next, &attempt).await?;
        Some(Ok((next, attempt)))
    };
    campaigns::update(change.tx, campaign).await?;
    Ok(handed_out)
}

/// Takes back contacts that nobody has said anything of in time; whether there were any. Those with whom somebody
/// talks stay out.
pub(super) async fn take_back(change: &mut Change<'_>, campaign: &mut Campaign) -> Result<bool, StoreError> {
    let expired = attempts::expired(change.tx, &campaign.id, change.now, AT_ONCE).await?;
    for mut attempt in expired.iter().cloned() {
        if contacts::has_open_call(change.tx, &campaign.organization_id, &attempt.contact_id).await? {
            attempt.lease_until = change.now.saturating_add(campaign.details.lease()).unwrap_or(change.now);
            attempts::update(change.tx, &attempt).await?;
            continue;
        }
        let contact = contacts::find(change.tx, &campaign.id, &attempt.contact_id).await?;
        let contact = contact.ok_or(StoreError::Content("contact_id"))?;
        let report = Report { outcome: ContactOutcome::LeaseExpired, by: SettledBy::Lease, call_id: None };
        if let Settlement::Change(settled) =
            contact.settle(&attempt, &report, &campaign.details.retry, change.now)
        {
            apply(change, campaign, &contact, &settled).await?;
        }
    }
    Ok(!expired.is_empty())
}

/// Keeps what a report made of a contact.
pub(super) async fn apply(
    change: &mut Change<'_>,
    campaign: &mut Campaign,
    before: &Contact,
    (contact, attempt): &(Contact, Attempt),
) -> Result<(), StoreError> {
    campaign.counters.pass(before.status, contact.status);
    contacts::update(change.tx, contact).await?;
    attempts::update(change.tx, attempt).await?;
    campaigns::update(change.tx, campaign).await?;
    if attempt.outcome == Some(ContactOutcome::DoNotCall) {
        let suppression = Suppression {
            id: change.next_id(),
            organization_id: campaign.organization_id.clone(),
            number: contact.details.number.clone(),
            reason: ContactOutcome::DoNotCall.as_str().to_owned(),
            user_id: change.actor.user_id.clone(),
            created_at: change.now,
        };
        suppressions::insert(change.tx, &suppression).await?;
    }
    Ok(())
}
