//! What happens by itself: campaigns begin and end at their times, contacts that nobody reports on go back, and imports
//! that have fallen silent count as interrupted.

use super::hand_out::take_back;
use super::{Campaigns, complete_if_done, ticked};
use crate::domain::contact_import::{ContactImport, ImportState};
use crate::domain::event::Actor;
use crate::store::{StoreError, attempts, campaigns, contact_imports};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often it is looked after. Several processes may do so at once: each decides on what it has locked.
pub const CAMPAIGNS_INTERVAL: Duration = Duration::from_secs(2);
/// How many are looked up at once.
const AT_ONCE: i64 = 200;
/// How long an import may get nowhere. One that is alive is heard of more often, however slow it is.
const SILENCE: SignedDuration = SignedDuration::from_mins(2);
/// Who does it, in events.
const USER: &str = "system:scheduler";

impl Campaigns {
    /// Does what is due by now.
    pub async fn tend(&self) -> Result<(), StoreError> {
        let now = self.0.now();
        let mut connection = self.0.reader().await?;
        let due = campaigns::due(&mut connection, now, AT_ONCE).await?;
        let expired = attempts::expired_anywhere(&mut connection, now, AT_ONCE).await?;
        let before = now.saturating_sub(SILENCE).unwrap_or(now);
        let silent = contact_imports::silent(&mut connection, before, AT_ONCE).await?;
        // Those below take connections of their own.
        drop(connection);
        for (organization_id, id) in due.into_iter().chain(expired).collect::<BTreeSet<_>>() {
            self.tend_to(organization_id, id).await?;
        }
        for import in silent {
            self.give_up(import, before).await?;
        }
        Ok(())
    }

    async fn tend_to(&self, organization_id: String, id: String) -> Result<(), StoreError> {
        let actor = Actor { organization_id, user_id: USER.to_owned() };
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    let campaign = campaigns::lock(change.tx, &change.actor.organization_id, &id).await?;
                    let Some(campaign) = campaign else { return Ok(()) };
                    let mut campaign = ticked(&mut change, campaign).await?;
                    take_back(&mut change, &mut campaign).await?;
                    complete_if_done(&mut change, campaign).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn give_up(&self, import: ContactImport, before: jiff::Timestamp) -> Result<(), StoreError> {
        let actor = Actor { organization_id: import.organization_id.clone(), user_id: USER.to_owned() };
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    let organization_id = &import.organization_id;
                    let campaign = campaigns::lock(change.tx, organization_id, &import.campaign_id).await?;
                    let now =
                        contact_imports::find(change.tx, organization_id, &import.campaign_id, &import.id);
                    let (Some(campaign), Some(import)) = (campaign, now.await?) else { return Ok(()) };
                    if import.state == ImportState::Running && import.updated_at < before {
                        let ended = import.ended(Some("process_ended"), change.now);
                        contact_imports::update(change.tx, &ended).await?;
                        complete_if_done(&mut change, campaign).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
