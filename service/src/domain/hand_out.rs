//! Which contact is to be called next, or why none is. Pure.

use super::calling_window::next_open;
use super::campaign::{Campaign, CampaignStatus};
use super::time_zone::time_zone;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Why no contact can be called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The campaign does not run.
    CampaignNotRunning,
    /// As many contacts are on their way as may be.
    MaxConcurrency,
    /// It is not the time to call those who wait.
    OutsideCallingWindow,
    /// Those who wait were called lately.
    RetryDelay,
    /// No contact waits.
    NoneWaiting,
}

/// Why no contact can be called now, and when one may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Why.
    pub hold: Hold,
    /// When to ask again, where that is known.
    pub until: Option<Timestamp>,
}

/// The pending contact of one time zone that has been due for longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The contact.
    pub contact_id: String,
    /// Its own zone; none for the campaign's.
    pub time_zone: Option<String>,
    /// When it may be called again.
    pub due_at: Timestamp,
}

/// Whether the campaign lets another contact be called now. `first_lease_ends` is when the first of the contacts that
/// are on their way will be back at the latest.
pub fn may_call(campaign: &Campaign, first_lease_ends: Option<Timestamp>) -> Result<(), Wait> {
    match campaign.status {
        CampaignStatus::Running if campaign.counters.in_progress >= campaign.details.max_concurrency => {
            Err(Wait { hold: Hold::MaxConcurrency, until: first_lease_ends })
        }
        CampaignStatus::Running => Ok(()),
        CampaignStatus::Scheduled => {
            Err(Wait { hold: Hold::CampaignNotRunning, until: campaign.details.starts_at })
        }
        _ => Err(Wait { hold: Hold::CampaignNotRunning, until: None }),
    }
}

/// When the contact may be called, and why not now.
pub fn when(campaign: &Campaign, head: &Head, now: Timestamp) -> Result<(), Wait> {
    let details = &campaign.details;
    let zone = time_zone(head.time_zone.as_deref().unwrap_or(&details.time_zone));
    let open = |from| zone.as_ref().and_then(|zone| next_open(&details.calling_windows, zone, from));
    let until = open(now.max(head.due_at));
    if open(now) != Some(now) {
        Err(Wait { hold: Hold::OutsideCallingWindow, until })
    } else if head.due_at > now {
        Err(Wait { hold: Hold::RetryDelay, until })
    } else {
        Ok(())
    }
}

/// Which of the contacts that wait, one of each time zone, is to be called now.
pub fn choose<'a>(campaign: &Campaign, heads: &'a [Head], now: Timestamp) -> Result<&'a Head, Wait> {
    let mut chosen: Option<&Head> = None;
    let mut wait = Wait { hold: Hold::NoneWaiting, until: None };
    for head in heads {
        match when(campaign, head, now) {
            Ok(()) => {
                let key = |head: &Head| (head.due_at, head.contact_id.clone());
                if chosen.is_none_or(|other| key(head) < key(other)) {
                    chosen = Some(head);
                }
            }
            Err(other) => {
                let sooner =
                    other.until.is_some() && wait.until.is_none_or(|until| other.until < Some(until));
                if wait.hold == Hold::NoneWaiting || sooner {
                    wait = other;
                }
            }
        }
    }
    chosen.ok_or(wait)
}
