//! How a campaign goes, in numbers.

use super::{CampaignError, Campaigns};
use crate::domain::call::CallStatus;
use crate::domain::campaign::Campaign;
use crate::domain::contact::ContactOutcome;
use crate::domain::statistics::CampaignCounts;
use crate::identity::Identity;
use crate::store::campaign_statistics;
use jiff::Timestamp;

/// How a campaign goes.
#[derive(Debug, Clone)]
pub struct CampaignStatistics {
    /// When this was counted.
    pub at: Timestamp,
    /// The campaign, with what its contacts are at.
    pub campaign: Campaign,
    /// Its calls that began and ended.
    pub calls: CampaignCounts,
    /// Its calls that have not ended, by status.
    pub under_way: Vec<(CallStatus, i64)>,
    /// Its attempts by what came of them; none while that is not known.
    pub attempts: Vec<(Option<ContactOutcome>, i64)>,
}

impl Campaigns {
    /// How the campaign goes.
    pub async fn statistics(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<CampaignStatistics, CampaignError> {
        let campaign = self.find(identity, id).await?;
        let mut reader = self.0.reader().await?;
        let organization = &identity.organization_id;
        Ok(CampaignStatistics {
            at: self.0.now(),
            calls: campaign_statistics::calls(&mut reader, id).await?,
            under_way: campaign_statistics::under_way(&mut reader, organization, id).await?,
            attempts: campaign_statistics::attempts(&mut reader, id).await?,
            campaign,
        })
    }
}
