//! The list of calls: filters, orders and pages. Each filter is served by an index in the usual order, and each order
//! by one of its own; a range of times goes with the order by that time.

use super::StoreError;
use super::calls::call;
use crate::domain::call::{Call, CallStatus, Direction};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};
use std::fmt::Write;

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

impl CallKey {
    fn sql(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::StartedAt => "started_at",
            Self::EndedAt => "ended_at",
            Self::Duration => "(ended_at - started_at)",
        }
    }

    /// What has to be there for a call to have the value.
    fn needs(self) -> Option<&'static str> {
        match self {
            Self::Id | Self::CreatedAt => None,
            Self::StartedAt => Some("started_at"),
            Self::EndedAt | Self::Duration => Some("ended_at"),
        }
    }

    /// The call's value, in microseconds.
    pub fn of(self, call: &Call) -> Option<i64> {
        match self {
            Self::Id => None,
            Self::CreatedAt => Some(call.created_at.as_microsecond()),
            Self::StartedAt => call.started_at.map(Timestamp::as_microsecond),
            Self::EndedAt => call.ended_at.map(Timestamp::as_microsecond),
            Self::Duration => Some(call.ended_at?.as_microsecond() - call.started_at?.as_microsecond()),
        }
    }
}

/// In which order calls are listed, and from where on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallOrder {
    /// By what.
    pub key: CallKey,
    /// Whether the least comes first.
    pub ascending: bool,
    /// The value and the id of the call that the page comes after.
    pub after: Option<(Option<i64>, String)>,
}

/// A value in a query.
enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// The organisation's calls, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    filter: &CallFilter,
    order: &CallOrder,
    limit: i64,
) -> Result<Vec<Call>, StoreError> {
    let (sql, values) = query(organization_id, filter, order, limit);
    rows(connection, sql, values).await?.iter().map(call).collect()
}

/// How the database would find them, in its own words: for tests.
pub async fn explain(
    connection: &mut AnyConnection,
    prefix: &'static str,
    organization_id: &str,
    filter: &CallFilter,
    order: &CallOrder,
) -> Result<Vec<AnyRow>, StoreError> {
    let (sql, values) = query(organization_id, filter, order, 21);
    rows(connection, format!("{prefix} {sql}"), values).await
}

async fn rows(
    connection: &mut AnyConnection,
    sql: String,
    values: Vec<Value<'_>>,
) -> Result<Vec<AnyRow>, StoreError> {
    let query = values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
    });
    Ok(query.fetch_all(connection).await?)
}

fn query<'a>(
    organization_id: &'a str,
    filter: &'a CallFilter,
    order: &'a CallOrder,
    limit: i64,
) -> (String, Vec<Value<'a>>) {
    let key = order.key.sql();
    let mut sql = "SELECT * FROM calls WHERE organization_id = $1".to_owned();
    let mut values = vec![Value::Text(organization_id)];
    let mut and = |condition: &str, value: Value<'a>| {
        values.push(value);
        let _ = write!(sql, " AND {condition} ${}", values.len());
    };
    let texts = [
        ("status =", filter.status.map(CallStatus::as_str)),
        ("direction =", filter.direction.map(Direction::as_str)),
        ("campaign_id =", filter.campaign_id.as_deref()),
        ("contact_id =", filter.contact_id.as_deref()),
        ("agent_id =", filter.agent_id.as_deref()),
        ("provider =", filter.provider.as_deref()),
        ("provider_call_id =", filter.provider_call_id.as_deref()),
        ("language =", filter.language.as_deref()),
        ("from_number =", filter.from.as_deref()),
        ("to_number =", filter.to.as_deref()),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            and(condition, Value::Text(value));
        }
    }
    let range = [(">=", filter.since), ("<", filter.before)];
    for (comparison, time) in range {
        if let (Some(time), true) = (time, order.key != CallKey::Id) {
            and(&format!("{key} {comparison}"), Value::Number(time.as_microsecond()));
        }
    }
    let (beyond, direction) = if order.ascending { (">", "ASC") } else { ("<", "DESC") };
    match &order.after {
        Some((Some(value), id)) => {
            values.push(Value::Number(*value));
            values.push(Value::Text(id));
            let count = values.len();
            let _ = write!(sql, " AND ({key}, id) {beyond} (${}, ${count})", count - 1);
        }
        Some((None, id)) => {
            values.push(Value::Text(id));
            let _ = write!(sql, " AND id {beyond} ${}", values.len());
        }
        None => {}
    }
    if let Some(column) = order.key.needs() {
        let _ = write!(sql, " AND {column} IS NOT NULL");
    }
    let value = if order.key == CallKey::Id { String::new() } else { format!("{key} {direction}, ") };
    let _ = write!(sql, " ORDER BY {value}id {direction} LIMIT {limit}");
    (sql, values)
}
