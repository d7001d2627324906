//! Numbers that nobody of an organisation may call.

use super::{CampaignError, Campaigns};
use crate::identity::Identity;
use crate::store::suppressions::{self, Suppression};

impl Campaigns {
    /// Adds a number, with a reason that may be empty. When it is there already, it stays as it is: then `false`.
    pub async fn suppress(
        &self,
        identity: &Identity,
        number: &str,
        reason: &str,
    ) -> Result<(Suppression, bool), CampaignError> {
        let (number, reason) = (number.to_owned(), reason.to_owned());
        self.0
            .change(identity.into(), move |change| {
                Box::pin(async move {
                    let new = Suppression {
                        id: change.next_id(),
                        organization_id: change.actor.organization_id.clone(),
                        number,
                        reason,
                        user_id: change.actor.user_id.clone(),
                        created_at: change.now,
                    };
                    if suppressions::insert(change.tx, &new).await? {
                        return Ok((new, true));
                    }
                    let known = suppressions::find(change.tx, &new.organization_id, &new.number).await?;
                    Ok((known.ok_or(CampaignError::Unknown)?, false))
                })
            })
            .await
    }

    /// The entry of a number.
    pub async fn find_suppression(
        &self,
        identity: &Identity,
        number: &str,
    ) -> Result<Suppression, CampaignError> {
        let mut connection = self.0.reader().await?;
        let found = suppressions::find(&mut connection, &identity.organization_id, number).await?;
        found.ok_or(CampaignError::Unknown)
    }

    /// Removes a number: contacts that are added from now on may have it.
    pub async fn lift_suppression(&self, identity: &Identity, number: &str) -> Result<(), CampaignError> {
        let number = number.to_owned();
        self.0
            .change(identity.into(), move |change| {
                Box::pin(async move {
                    let organization_id = &change.actor.organization_id;
                    if suppressions::delete(change.tx, organization_id, &number).await? {
                        Ok(())
                    } else {
                        Err(CampaignError::Unknown)
                    }
                })
            })
            .await
    }

    /// The organisation's numbers that were added before the one with the id `before`, newest first, at most `limit`.
    pub async fn list_suppressions(
        &self,
        identity: &Identity,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Suppression>, CampaignError> {
        let mut connection = self.0.reader().await?;
        Ok(suppressions::list(&mut connection, &identity.organization_id, before, limit).await?)
    }
}
