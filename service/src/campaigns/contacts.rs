//! The contacts of a campaign, one by one.

use super::{CampaignError, Campaigns, locked};
use crate::domain::campaign::{Campaign, CampaignRefusal};
use crate::domain::contact::{Attempt, Contact, ContactDetails, ContactStatus};
use crate::domain::hand_out::{Head, Wait, may_call, when};
use crate::identity::Identity;
use crate::ledger::Change;
use crate::store::contacts::ContactFilter;
use crate::store::{StoreError, attempts, campaigns, contacts, suppressions};
use jiff::Timestamp;
use sqlx::AnyConnection;
use std::collections::BTreeSet;

/// A contact with its attempts.
#[derive(Debug, Clone)]
pub struct ContactView {
    /// The contact.
    pub contact: Contact,
    /// Each time that it was handed out, in order.
    pub attempts: Vec<Attempt>,
    /// While it is pending, what keeps it from being called now, if anything does.
    pub wait: Option<Wait>,
}

impl Campaigns {
    /// Adds a contact to a campaign that has not ended.
    pub async fn add_contact(
        &self,
        identity: &Identity,
        campaign_id: &str,
        details: ContactDetails,
    ) -> Result<ContactView, CampaignError> {
        let unfit = details.unfit();
        if !unfit.is_empty() {
            return Err(CampaignError::Unfit(unfit));
        }
        let campaign_id = campaign_id.to_owned();
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let mut campaign = open_campaign(&mut change, &campaign_id).await?;
                    let number = details.number.clone();
                    let suppressed =
                        suppressions::find(change.tx, &change.actor.organization_id, &number).await?;
                    let contact = Contact::new(
                        change.next_id(),
                        campaign.organization_id.clone(),
                        campaign.id.clone(),
                        details,
                        suppressed.as_ref().map(|suppression| suppression.reason.as_str()),
                        change.now,
                    );
                    if contacts::insert(change.tx, std::slice::from_ref(&contact)).await?.is_empty() {
                        let id = contacts::id_of_number(change.tx, &campaign.id, &number).await?;
                        return Err(CampaignError::Known { id: id.unwrap_or_default() });
                    }
                    let zone = contact.details.time_zone.as_deref().unwrap_or_default();
                    contacts::add_time_zones(change.tx, &campaign.id, &BTreeSet::from([zone])).await?;
                    *campaign.counters.of(contact.status) += 1;
                    campaigns::update(change.tx, &campaign).await?;
                    Ok(view(change.tx, &campaign, contact, change.now).await?)
                })
            })
            .await
    }

    /// The campaign's contact with this id.
    pub async fn find_contact(
        &self,
        identity: &Identity,
        campaign_id: &str,
        id: &str,
    ) -> Result<ContactView, CampaignError> {
        let campaign = self.find(identity, campaign_id).await?;
        let mut connection = self.0.reader().await?;
        let contact = contacts::find(&mut connection, &campaign.id, id).await?;
        let contact = contact.ok_or(CampaignError::Unknown)?;
        Ok(view(&mut connection, &campaign, contact, self.0.now()).await?)
    }

    /// The campaign's contacts before the one with the id `before`, newest first, at most `limit`.
    pub async fn list_contacts(
        &self,
        identity: &Identity,
        campaign_id: &str,
        filter: ContactFilter<'_>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Contact>, CampaignError> {
        let campaign = self.find(identity, campaign_id).await?;
        let mut connection = self.0.reader().await?;
        Ok(contacts::list(&mut connection, &campaign.id, filter, before, limit).await?)
    }
}

/// The campaign, locked, if it takes contacts.
pub(super) async fn open_campaign(change: &mut Change<'_>, id: &str) -> Result<Campaign, CampaignError> {
    let campaign = locked(change, id).await?;
    if campaign.status.is_terminal() {
        return Err(CampaignRefusal::State { action: "take contacts", current: campaign.status }.into());
    }
    Ok(campaign)
}

/// The contact with its attempts, and with what keeps it from being called.
pub(super) async fn view(
    connection: &mut AnyConnection,
    campaign: &Campaign,
    contact: Contact,
    now: Timestamp,
) -> Result<ContactView, StoreError> {
    let attempts = attempts::of_contact(&mut *connection, &contact.id).await?;
    let wait = if contact.status == ContactStatus::Pending {
        let lease = contacts::first_lease_end(&mut *connection, &campaign.id).await?;
        let head = Head {
            contact_id: contact.id.clone(),
            time_zone: contact.details.time_zone.clone(),
            due_at: contact.due_at,
        };
        may_call(campaign, lease).and_then(|()| when(campaign, &head, now)).err()
    } else {
        None
    };
    Ok(ContactView { contact, attempts, wait })
}
