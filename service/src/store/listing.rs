//! Lists: what they are ordered by, where a page of one begins, and the queries for them.

use super::StoreError;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};
use std::fmt::{Debug, Write};

/// A value that rows are ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// A number, such as microseconds since 1970.
    Number(i64),
    /// A text, in the database's order.
    Text(String),
}

/// The row that a page comes after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Its value; none where ids alone order the list.
    pub value: Option<SortValue>,
    /// Its id.
    pub id: String,
}

/// What a list can be ordered by; rows with equal values are ordered by their ids.
pub trait SortKey: Copy + Debug {
    /// What is listed.
    type Item;

    /// The column or expression; none where ids alone order the list.
    fn sql(self) -> Option<&'static str>;

    /// Whether its values are texts, and not numbers.
    fn is_text(self) -> bool {
        false
    }

    /// Where the item stands in the list.
    fn position(self, item: &Self::Item) -> Position;

    /// Whether a page can begin at such a value.
    fn takes(self, value: Option<&SortValue>) -> bool {
        match value {
            None => self.sql().is_none(),
            Some(SortValue::Number(_)) => self.sql().is_some() && !self.is_text(),
            Some(SortValue::Text(_)) => self.is_text(),
        }
    }
}

/// In which order a list comes, and from where on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order<K> {
    /// By what.
    pub key: K,
    /// Whether the least comes first.
    pub ascending: bool,
    /// What the page comes after.
    pub after: Option<Position>,
}

#[derive(Debug)]
enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// The query for a page of a list.
#[derive(Debug)]
pub(super) struct ListQuery<'a> {
    sql: String,
    values: Vec<Value<'a>>,
}

impl<'a> ListQuery<'a> {
    /// For the organisation's rows of `table`.
    pub(super) fn of(table: &str, organization_id: &'a str) -> Self {
        let sql = format!("SELECT * FROM {table} WHERE organization_id = $1");
        Self { sql, values: vec![Value::Text(organization_id)] }
    }

    /// Only those for which this holds.
    pub(super) fn only(&mut self, condition: &str) {
        let _ = write!(self.sql, " AND {condition}");
    }

    /// Only those with this text, where one is given; `condition` ends with the comparison.
    pub(super) fn text(&mut self, condition: &str, value: Option<&'a str>) {
        if let Some(value) = value {
            let place = self.place(Value::Text(value));
            let _ = write!(self.sql, " AND {condition} ${place}");
        }
    }

    /// Only those with such a number, where one is given; `condition` ends with the comparison.
    pub(super) fn number(&mut self, condition: &str, value: Option<i64>) {
        if let Some(value) = value {
            let place = self.place(Value::Number(value));
            let _ = write!(self.sql, " AND {condition} ${place}");
        }
    }

    /// At most `limit` of them, in this order.
    pub(super) fn page<K: SortKey>(&mut self, order: &'a Order<K>, limit: i64) {
        let (beyond, direction) = if order.ascending { (">", "ASC") } else { ("<", "DESC") };
        let key = order.key.sql();
        match &order.after {
            Some(Position { value: Some(value), id }) => {
                let value = self.place(match value {
                    SortValue::Number(number) => Value::Number(*number),
                    SortValue::Text(text) => Value::Text(text),
                });
                let id = self.place(Value::Text(id));
                let _ = write!(self.sql, " AND ({}, id) {beyond} (${value}, ${id})", key.unwrap_or("id"));
            }
            Some(Position { value: None, id }) => {
                let id = self.place(Value::Text(id));
                let _ = write!(self.sql, " AND id {beyond} ${id}");
            }
            None => {}
        }
        let key = key.map(|key| format!("{key} {direction}, ")).unwrap_or_default();
        let _ = write!(self.sql, " ORDER BY {key}id {direction} LIMIT {limit}");
    }

    /// At most `limit` of them, in the order of their ids.
    pub(super) fn newest_first(&mut self, limit: i64) {
        let _ = write!(self.sql, " ORDER BY id DESC LIMIT {limit}");
    }

    /// What the database finds.
    pub(super) async fn rows(self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, StoreError> {
        let query =
            self.values.into_iter().fold(sqlx::query(AssertSqlSafe(self.sql)), |query, value| match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            });
        Ok(query.fetch_all(connection).await?)
    }

    /// How the database would find them, in its own words, asked for by `prefix`.
    pub(super) async fn explain(
        mut self,
        prefix: &str,
        connection: &mut AnyConnection,
    ) -> Result<Vec<AnyRow>, StoreError> {
        self.sql = format!("{prefix} {}", self.sql);
        self.rows(connection).await
    }

    fn place(&mut self, value: Value<'a>) -> usize {
        self.values.push(value);
        self.values.len()
    }
}
