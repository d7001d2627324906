//! What can be done with campaigns and their contacts: the domain's decisions, kept together with the events that tell
//! of them. Whatever changes a campaign or one of its contacts holds the campaign's row locked.

mod contacts;
mod hand_out;
pub mod import;
mod results;
mod rows;
mod schedule;
pub mod statistics;
mod suppressions;

pub use contacts::ContactView;
pub use hand_out::NextContact;
pub use results::{ResultReport, lock_for_call, on_call_ended};
pub use rows::RowsError;
pub use schedule::CAMPAIGNS_INTERVAL;

use crate::domain::campaign::{
    Campaign, CampaignAction, CampaignChange, CampaignDetails, CampaignRefusal, CampaignStatus,
};
use crate::domain::contact::ContactStatus;
use crate::domain::event::EventData;
use crate::domain::unfit::Unfit;
use crate::identity::Identity;
use crate::ledger::{Change, Expected, Ledger};
use crate::store::outbox::SubjectState;
use crate::store::{StoreError, campaigns, contact_imports};
use crate::wording::{Sentence, Spoken, say, shown_in_english};

/// Why nothing was made or changed.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The organisation has no such campaign, or the campaign no such contact or import.
    Unknown,
    /// It has been changed since.
    Stale {
        /// Its version now.
        current: i64,
    },
    /// The campaign's state does not allow it.
    Refused {
        /// Why.
        refusal: CampaignRefusal,
        /// Where the campaign stands.
        status: CampaignStatus,
    },
    /// Fields do not fit.
    Unfit(Vec<Unfit>),
    /// The campaign has the number already.
    Known {
        /// The contact that has it.
        id: String,
    },
    /// The contact has not been handed out, or somebody said something else of it before.
    NoAttempt(ContactStatus),
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for CampaignError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::Stale { current } => say!("campaign-stale", version = *current),
            Self::Refused { refusal, .. } => refusal.sentence(),
            Self::Unfit(_) => say!("fields-unfit"),
            Self::Known { id } => say!("contact-known", id = id.clone()),
            Self::NoAttempt(status) => {
                let next = match status {
                    ContactStatus::Pending => say!("contact-take-first"),
                    ContactStatus::InProgress => say!("contact-name-attempt"),
                    _ => say!("contact-result-stands"),
                };
                say!("contact-no-attempt", current = status.as_str(), next = next)
            }
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(CampaignError);

impl From<CampaignRefusal> for CampaignError {
    fn from(refusal: CampaignRefusal) -> Self {
        match refusal {
            CampaignRefusal::Unfit(unfit) => Self::Unfit(unfit),
            CampaignRefusal::State { current, .. } => Self::Refused { refusal, status: current },
        }
    }
}

/// The campaigns of all organisations.
#[derive(Debug, Clone)]
pub struct Campaigns(Ledger);

impl Campaigns {
    /// Kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Makes a campaign, a draft without contacts.
    pub async fn create(
        &self,
        identity: &Identity,
        details: CampaignDetails,
    ) -> Result<Campaign, CampaignError> {
        let unfit = details.unfit();
        if !unfit.is_empty() {
            return Err(CampaignError::Unfit(unfit));
        }
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let details = details.in_microseconds();
                    let campaign = Campaign::new(change.next_id(), organization, details, change.now);
                    change.is_about(format!("/campaigns/{}", campaign.id));
                    campaigns::insert(change.tx, &campaign).await?;
                    Ok(campaign)
                })
            })
            .await
    }

    /// The organisation's campaign with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Campaign, CampaignError> {
        let mut connection = self.0.reader().await?;
        let campaign = campaigns::find(&mut connection, &identity.organization_id, id).await?;
        campaign.ok_or(CampaignError::Unknown)
    }

    /// The organisation's campaigns before the one with the id `before`, newest first, at most `limit`.
    pub async fn list(
        &self,
        identity: &Identity,
        status: Option<CampaignStatus>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Campaign>, CampaignError> {
        let mut connection = self.0.reader().await?;
        Ok(campaigns::list(&mut connection, &identity.organization_id, status, before, limit).await?)
    }

    /// Changes where a campaign stands, and writes the events of it, both or neither.
    pub async fn act(
        &self,
        identity: &Identity,
        id: &str,
        expected: &Expected,
        action: CampaignAction,
    ) -> Result<Campaign, CampaignError> {
        let (id, expected) = (id.to_owned(), expected.clone());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let campaign = expected_campaign(&mut change, &id, &expected).await?;
                    let (next, events) = campaign.on(&action, change.now)?;
                    keep(&mut change, &next, &events).await?;
                    Ok(complete_if_done(&mut change, next).await?)
                })
            })
            .await
    }

    /// Changes what a campaign is.
    pub async fn change(
        &self,
        identity: &Identity,
        id: &str,
        expected: &Expected,
        wanted: CampaignChange,
    ) -> Result<Campaign, CampaignError> {
        let (id, expected) = (id.to_owned(), expected.clone());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let campaign = expected_campaign(&mut change, &id, &expected).await?;
                    let next = campaign.changed_by(wanted, change.now)?;
                    campaigns::update(change.tx, &next).await?;
                    Ok(next)
                })
            })
            .await
    }
}

/// The campaign, locked.
async fn locked(change: &mut Change<'_>, id: &str) -> Result<Campaign, CampaignError> {
    let campaign = campaigns::lock(change.tx, &change.actor.organization_id, id).await?;
    campaign.ok_or(CampaignError::Unknown)
}

/// The campaign, locked, if it is at a version that is expected.
async fn expected_campaign(
    change: &mut Change<'_>,
    id: &str,
    expected: &Expected,
) -> Result<Campaign, CampaignError> {
    let campaign = locked(change, id).await?;
    if expected.fits(campaign.version) {
        Ok(campaign)
    } else {
        Err(CampaignError::Stale { current: campaign.version })
    }
}

/// Keeps a campaign that was locked, and the events that tell of its change.
async fn keep(change: &mut Change<'_>, campaign: &Campaign, events: &[EventData]) -> Result<(), StoreError> {
    campaigns::update(change.tx, campaign).await?;
    let state = SubjectState { event_sequence: campaign.event_sequence, version: campaign.version };
    change.tell(events, state).await
}

/// The campaign after what the time makes of it; kept.
async fn ticked(change: &mut Change<'_>, campaign: Campaign) -> Result<Campaign, StoreError> {
    let Some((next, events)) = campaign.tick(change.now) else { return Ok(campaign) };
    keep(change, &next, &events).await?;
    Ok(next)
}

/// The campaign, completed if nothing is left to be done in it and no more contacts are on their way into it; kept if
/// so.
async fn complete_if_done(change: &mut Change<'_>, campaign: Campaign) -> Result<Campaign, StoreError> {
    let Some((next, events)) = campaign.exhausted(change.now) else { return Ok(campaign) };
    if contact_imports::any_running(change.tx, &campaign.id).await? {
        return Ok(campaign);
    }
    keep(change, &next, &events).await?;
    Ok(next)
}
