//! Which of several processes does what only one may do.

use super::{Store, StoreError};
use sqlx::{AnyConnection, Connection, Row};

/// PostgreSQL's advisory lock of who publishes events.
const DISPATCH_LOCK: i64 = 0x6363_6c69_7465_0001;

/// The sole right to publish events, among the processes of one database.
#[derive(Debug)]
pub struct DispatchRight {
    store: Store,
    /// Has the lock, or asks for it. The lock ends with the connection.
    connection: Option<AnyConnection>,
    held: bool,
}

impl DispatchRight {
    /// The right over the events in `store`; not held yet.
    pub fn new(store: Store) -> Self {
        Self { store, connection: None, held: false }
    }

    /// Takes the right, or makes sure that it is still held; `false` while another process has it.
    pub async fn hold(&mut self) -> Result<bool, StoreError> {
        let outcome = self.ask().await;
        if outcome.is_err() {
            self.connection = None;
            self.held = false;
        }
        outcome
    }

    async fn ask(&mut self) -> Result<bool, StoreError> {
        if self.connection.is_none() {
            // The embedded database has one process anyway, and makes no connections of one's own.
            let Some(connection) = self.store.connection_of_its_own().await? else { return Ok(true) };
            self.connection = Some(connection);
        }
        let Some(connection) = &mut self.connection else { return Ok(false) };
        if self.held {
            connection.ping().await?;
        } else {
            let row = sqlx::query("SELECT pg_try_advisory_lock($1)").bind(DISPATCH_LOCK);
            self.held = row.fetch_one(connection).await?.try_get(0)?;
        }
        Ok(self.held)
    }

    /// Gives the right back.
    pub async fn give_back(self) {
        if let Some(connection) = self.connection {
            // Whether or not the server hears the farewell, it drops the lock with the connection.
            let _ = connection.close().await;
        }
    }
}
