//! The list of calls: filters, orders and pages. Each filter is served by an index in the usual order, and each order
//! by one of its own; a range of times goes with the order by that time.

use super::StoreError;
use super::calls::call;
use super::listing::{ListQuery, Order, Position, SortKey, SortValue};
use crate::domain::call::{Call, CallStatus, Direction};
use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// Which calls are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Standing there.
    pub status: Option<CallStatus>,
    /// Begun by this side.
    pub direction: Option<Direction>,
    /// Part of this campaign.
    pub campaign_id: Option<String>,
    /// To or from this contact.
    pub contact_id: Option<String>,
    /// Handled by this agent.
    pub agent_id: Option<String>,
    /// Carried by this provider.
    pub provider: Option<String>,
    /// With this id at the provider.
    pub provider_call_id: Option<String>,
    /// Spoken in this language.
    pub language: Option<String>,
    /// From this number.
    pub from: Option<String>,
    /// To this number.
    pub to: Option<String>,
    /// At this time or later, by the time that is ordered by.
    pub since: Option<Timestamp>,
    /// Before this time, by the time that is ordered by.
    pub before: Option<Timestamp>,
}

/// What calls are ordered by. Those that lack it are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallKey {
    /// Their ids, which follow the time that they became known at.
    #[default]
    Id,
    /// When they became known.
    CreatedAt,
    /// When they began.
    StartedAt,
    /// When they ended.
    EndedAt,
    /// How long they took.
    Duration,
}

/// In which order calls are listed, and from where on.
pub type CallOrder = Order<CallKey>;

impl CallKey {
    /// What has to be there for a call to have the value.
    fn needs(self) -> Option<&'static str> {
        match self {
            Self::Id | Self::CreatedAt => None,
            Self::StartedAt => Some("started_at"),
            Self::EndedAt | Self::Duration => Some("ended_at"),
        }
    }

    /// The call's value, in microseconds.
    fn of(self, call: &Call) -> Option<i64> {
        match self {
            Self::Id => None,
            Self::CreatedAt => Some(call.created_at.as_microsecond()),
            Self::StartedAt => call.started_at.map(Timestamp::as_microsecond),
            Self::EndedAt => call.ended_at.map(Timestamp::as_microsecond),
            Self::Duration => Some(call.ended_at?.as_microsecond() - call.started_at?.as_microsecond()),
        }
    }
}

impl SortKey for CallKey {
    type Item = Call;

    fn sql(self) -> Option<&'static str> {
        match self {
            Self::Id => None,
            Self::CreatedAt => Some("created_at"),
            Self::StartedAt => Some("started_at"),
            Self::EndedAt => Some("ended_at"),
            Self::Duration => Some("(ended_at - started_at)"),
        }
    }

    fn position(self, call: &Call) -> Position {
        Position { value: self.of(call).map(SortValue::Number), id: call.id.clone() }
    }
}

/// The organisation's calls, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    filter: &CallFilter,
    order: &CallOrder,
    limit: i64,
) -> Result<Vec<Call>, StoreError> {
    query(organization_id, filter, order, limit).rows(connection).await?.iter().map(call).collect()
}

/// How the database would find them, in its own words: for tests.
pub async fn explain(
    connection: &mut AnyConnection,
    prefix: &str,
    organization_id: &str,
    filter: &CallFilter,
    order: &CallOrder,
) -> Result<Vec<AnyRow>, StoreError> {
    query(organization_id, filter, order, 21).explain(prefix, connection).await
}

fn query<'a>(
    organization_id: &'a str,
    filter: &'a CallFilter,
    order: &'a CallOrder,
    limit: i64,
) -> ListQuery<'a> {
    let mut query = ListQuery::of("calls", organization_id);
    query.text("status =", filter.status.map(CallStatus::as_str));
    query.text("direction =", filter.direction.map(Direction::as_str));
    query.text("campaign_id =", filter.campaign_id.as_deref());
    query.text("contact_id =", filter.contact_id.as_deref());
    query.text("agent_id =", filter.agent_id.as_deref());
    query.text("provider =", filter.provider.as_deref());
    query.text("provider_call_id =", filter.provider_call_id.as_deref());
    query.text("language =", filter.language.as_deref());
    query.text("from_number =", filter.from.as_deref());
    query.text("to_number =", filter.to.as_deref());
    if let Some(key) = order.key.sql() {
        query.number(&format!("{key} >="), filter.since.map(Timestamp::as_microsecond));
        query.number(&format!("{key} <"), filter.before.map(Timestamp::as_microsecond));
    }
    if let Some(column) = order.key.needs() {
        query.only(&format!("{column} IS NOT NULL"));
    }
    query.page(order, limit);
    query
}
