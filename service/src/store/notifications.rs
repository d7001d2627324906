//! Word from one process to the others of the same database, where that is PostgreSQL.

use super::{DatabaseKind, Store, StoreError};
use secrecy::ExposeSecret;
use sqlx::AnyConnection;
use sqlx::postgres::PgListener;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Sessions were ended, or access tokens are refused.
    Revocations,
    /// Events got their positions in the stream.
    Positions,
}

impl Channel {
    fn name(self) -> &'static str {
        match self {
            Self::Revocations => "cc_lite_revocations",
            Self::Positions => "cc_lite_positions",
        }
    }
}

/// Tells the other processes once this transaction is kept.
pub async fn notify(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
    channel: Channel,
) -> Result<(), StoreError> {
    match kind {
        // The embedded database has one process.
        DatabaseKind::Sqlite => {}
        DatabaseKind::Postgres => {
            sqlx::query("SELECT pg_notify($1, '')").bind(channel.name()).execute(connection).await?;
        }
    }
    Ok(())
}

/// Hears what other processes tell, on a connection of its own.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Listens from now on; none where there are no other processes.
    pub async fn listen(store: &Store, channel: Channel) -> Result<Option<Self>, StoreError> {
        let Some(url) = store.server() else { return Ok(None) };
        let mut listener = PgListener::connect(url.expose_secret()).await?;
        listener.listen(channel.name()).await?;
        Ok(Some(Self(listener)))
    }

    /// Waits until something is told. A connection that is lost is made again, and counts as being told.
    async fn heard(&mut self) -> Result<(), StoreError> {
        self.0.try_recv().await?;
        Ok(())
    }

    /// Waits until something is told to a listener, where there is one, which is let go when it hears no more.
    pub async fn heard_by(listener: &mut Option<Self>) {
        let heard = match listener {
            Some(listener) => listener.heard().await,
            None => std::future::pending().await,
        };
        if heard.is_err() {
            *listener = None;
        }
    }
}
