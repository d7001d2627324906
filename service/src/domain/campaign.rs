//! A campaign's life: which action is possible when, and what it leads to. Pure: time comes in, events go out.

mod counters;
mod details;
mod progress;

pub use counters::Counters;
pub use details::{CampaignChange, CampaignDetails, RetryDelays, RetryRules};

use super::event::{CampaignCompleted, EventData};
use super::time_zone::time_zone;
use super::unfit::Unfit;
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// Being prepared.
    Draft,
    /// Begins by itself.
    Scheduled,
    /// Contacts are handed out.
    Running,
    /// No contacts are handed out for the time being.
    Paused,
    /// Ended as it was meant to.
    Completed,
    /// Ended before it was meant to, by somebody.
    Canceled,
    /// Ended by a fault.
    Failed,
}

impl CampaignStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Scheduled,
        Self::Running,
        Self::Paused,
        Self::Completed,
        Self::Canceled,
        Self::Failed,
    ];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the campaign has ended.
    pub fn is_terminal(self) -> bool {
        self.allowed_actions().is_empty()
    }

    /// The actions that are possible from here, by their names in paths.
    pub fn allowed_actions(self) -> &'static [&'static str] {
        match self {
            Self::Draft => &["schedule", "start", "cancel"],
            Self::Scheduled => &["start", "cancel"],
            Self::Running => &["pause", "complete", "cancel"],
            Self::Paused => &["resume", "complete", "cancel"],
            Self::Completed | Self::Canceled | Self::Failed => &[],
        }
    }
}

/// What can be asked of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignAction {
    /// Begin by itself: at this time, or at the one that it has.
    Schedule(Option<Timestamp>),
    /// Begin now.
    Start,
    /// Hand out no contacts for the time being.
    Pause,
    /// Hand out contacts again.
    Resume,
    /// End as it was meant to; why, in the caller's words.
    Complete(Option<String>),
    /// End before it was meant to; why, in the caller's words.
    Cancel(Option<String>),
}

impl CampaignAction {
    fn name(&self) -> &'static str {
        match self {
            Self::Schedule(_) => "schedule",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Complete(_) => "complete",
            Self::Cancel(_) => "cancel",
        }
    }
}

/// Why an action or a change is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CampaignRefusal {
    /// The campaign's state does not allow it.
    State {
        /// The action.
        action: &'static str,
        /// Where the campaign stands.
        current: CampaignStatus,
    },
    /// Fields do not fit.
    Unfit(Vec<Unfit>),
}

impl Spoken for CampaignRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::State { action, current } => {
                let allowed = match current.allowed_actions() {
                    [] => say!("campaign-has-ended"),
                    actions => say!("campaign-can", actions = actions.to_vec()),
                };
                say!("campaign-state", current = current.as_str(), action = *action, allowed = allowed)
            }
            Self::Unfit(_) => say!("fields-unfit"),
        }
    }
}

shown_in_english!(CampaignRefusal);

impl CampaignRefusal {
    fn field(pointer: &'static str, detail: Sentence) -> Self {
        Self::Unfit(vec![Unfit { pointer, detail }])
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// `UUIDv7`.
    pub id: String,
    /// The organisation that it belongs to.
    pub organization_id: String,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Counts its changes, not those of its contacts; the first is 1.
    pub version: i64,
    /// How many events it has had.
    pub event_sequence: i64,
    /// What was said of it from outside.
    pub details: CampaignDetails,
    /// How many of its contacts stand where.
    pub counters: Counters,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed last, apart from its contacts.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A campaign after a step, and the events that tell of it, in order.
pub type Step = (Campaign, Vec<EventData>);

impl Campaign {
    /// A new campaign, without contacts.
    pub fn new(id: String, organization_id: String, details: CampaignDetails, now: Timestamp) -> Self {
        Self {
            id,
            organization_id,
            status: CampaignStatus::Draft,
            version: 1,
            event_sequence: 0,
            details,
            counters: Counters::default(),
            end_reason: None,
            created_at: now,
            updated_at: now,
            started_at: None,
            ended_at: None,
        }
    }

    /// What the action makes of the campaign at the time `now`.
    pub fn on(&self, action: &CampaignAction, now: Timestamp) -> Result<Step, CampaignRefusal> {
        let now = now.max(self.updated_at);
        let name = action.name();
        if !self.status.allowed_actions().contains(&name) {
            return Err(CampaignRefusal::State { action: name, current: self.status });
        }
        let mut next = self.clone();
        match action {
            CampaignAction::Schedule(starts_at) => {
                next.details.starts_at = starts_at.or(self.details.starts_at);
                next.details = next.details.in_microseconds();
                next.check_schedule(now)?;
                next.status = CampaignStatus::Scheduled;
            }
            CampaignAction::Start | CampaignAction::Resume => {
                next.check_end(now)?;
                next.run(now);
            }
            CampaignAction::Pause => next.status = CampaignStatus::Paused,
            CampaignAction::Complete(reason) => {
                let reason = reason.as_deref().unwrap_or("completed");
                return Ok(self.ended(CampaignStatus::Completed, reason, now));
            }
            CampaignAction::Cancel(reason) => {
                let reason = reason.as_deref().unwrap_or("canceled");
                return Ok(self.ended(CampaignStatus::Canceled, reason, now));
            }
        }
        next.changed(now);
        Ok((next, Vec::new()))
    }

    /// What the time makes of the campaign, if anything: it begins or ends by itself.
    pub fn tick(&self, now: Timestamp) -> Option<Step> {
        let due = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
        match self.status {
            CampaignStatus::Scheduled | CampaignStatus::Running
                if time_zone(&self.details.time_zone).is_none() =>
            {
                // It was known once: another release may know it no more, and nobody knows when to call.
                Some(self.ended(CampaignStatus::Failed, "time_zone_unknown", now))
            }
            CampaignStatus::Running | CampaignStatus::Paused if due(self.details.ends_at) => {
                Some(self.ended(CampaignStatus::Completed, "ends_at", now))
            }
            CampaignStatus::Scheduled if due(self.details.ends_at) => {
                Some(self.ended(CampaignStatus::Canceled, "ends_at", now))
            }
            CampaignStatus::Scheduled if due(self.details.starts_at) => {
                let mut next = self.clone();
                next.run(now);
                next.changed(now);
                Some((next, Vec::new()))
            }
            _ => None,
        }
    }

    /// The campaign after its end, if it runs and nothing is left to be done for any of its contacts.
    pub fn exhausted(&self, now: Timestamp) -> Option<Step> {
        let done = self.status == CampaignStatus::Running && self.counters.are_done();
        done.then(|| self.ended(CampaignStatus::Completed, "contacts_exhausted", now))
    }

    /// The campaign after a change of its details.
    pub fn changed_by(&self, change: CampaignChange, now: Timestamp) -> Result<Self, CampaignRefusal> {
        if self.status.is_terminal() {
            return Err(CampaignRefusal::State { action: "change", current: self.status });
        }
        let mut next = self.clone();
        next.details = change.applied_to(&self.details);
        let mut unfit = next.details.unfit();
        if self.started_at.is_some() && next.details.starts_at != self.details.starts_at {
            unfit.push(Unfit { pointer: "#/starts_at", detail: say!("give-no-start") });
        }
        if self.status == CampaignStatus::Scheduled && next.details.starts_at.is_none() {
            unfit.push(Unfit { pointer: "#/starts_at", detail: say!("give-start-scheduled") });
        }
        if !unfit.is_empty() {
            return Err(CampaignRefusal::Unfit(unfit));
        }
        next.changed(now);
        Ok(next)
    }

    fn check_schedule(&self, now: Timestamp) -> Result<(), CampaignRefusal> {
        if self.details.starts_at.is_none() {
            return Err(CampaignRefusal::field("#/starts_at", say!("give-start")));
        }
        self.check_end(now)?;
        match self.details.unfit() {
            unfit if unfit.is_empty() => Ok(()),
            unfit => Err(CampaignRefusal::Unfit(unfit)),
        }
    }

    fn check_end(&self, now: Timestamp) -> Result<(), CampaignRefusal> {
        if self.details.ends_at.is_some_and(|end| end <= now) {
            return Err(CampaignRefusal::field("#/ends_at", say!("give-end-in-future")));
        }
        Ok(())
    }

    fn run(&mut self, now: Timestamp) {
        self.status = CampaignStatus::Running;
        self.started_at = self.started_at.or(Some(now));
    }

    fn changed(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now.max(self.updated_at);
    }

    fn ended(&self, status: CampaignStatus, reason: &str, now: Timestamp) -> Step {
        let mut next = self.clone();
        next.changed(now);
        next.status = status;
        next.event_sequence += 1;
        next.end_reason = Some(reason.to_owned());
        next.ended_at = Some(next.updated_at);
        let event = EventData::CampaignCompleted(CampaignCompleted {
            campaign_id: next.id.clone(),
            outcome: status.as_str().to_owned(),
            end_reason: reason.to_owned(),
            counters: next.counters.by_name(),
            started_at: next.started_at,
            ended_at: next.updated_at,
        });
        (next, vec![event])
    }
}

#[cfg(test)]
mod tests;
