//! The database: the embedded SQLite, or PostgreSQL, with the same migrations and queries.

pub mod attempts;
pub mod audit;
pub mod backup;
pub mod call_list;
pub mod calls;
pub mod campaign_statistics;
pub mod campaigns;
pub mod claims;
pub mod contact_imports;
pub mod contacts;
pub mod erasures;
pub mod history;
pub mod idempotency;
pub mod known_addresses;
pub mod listing;
pub mod login_limits;
mod migrations;
pub mod notifications;
pub mod organizations;
pub mod outbox;
pub mod outgoing;
mod parameters;
pub mod parked;
mod postgres;
pub mod retention_policies;
pub mod sentiments;
pub mod sessions;
mod sqlite;
pub mod statistics;
pub mod stream;
pub mod suppressions;
pub mod transcript_search;
pub mod transcripts;
pub mod users;
mod writer;

use crate::audit::Entry;
use crate::domain::call::Call;
use crate::settings::DatabaseSettings;
use crate::wording::{Sentence, Spoken, say};
use futures::future::BoxFuture;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyConnection, AnyPool, Connection, Row, pool::PoolConnection};
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use writer::Writer;

/// How long a request waits for a connection before it is told that the database is not there.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections to PostgreSQL one process opens at most.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How many connections read SQLite beside the one that writes.
const SQLITE_READERS: u32 = 4;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// The embedded database.
    Sqlite,
    /// A server.
    Postgres,
}

impl DatabaseKind {
    /// The name in the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Why the database cannot be used at start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the embedded database open.
    #[error("The database `{0}` is in use by another process: stop that one, or give another DATABASE_URL.")]
    InUse(PathBuf),
    /// The file of the embedded database, or its folder, cannot be made or opened.
    #[error(
        "The database file `{path}` cannot be opened ({source}): let this user write there, or give another \
         DATABASE_URL."
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The path of the embedded database is not text.
    #[error("The database file `{0}` has a name that is not UTF-8: give another DATABASE_URL.")]
    Name(PathBuf),
    /// The database refuses, or does not answer.
    #[error("The database cannot be used ({0}): check DATABASE_URL and that the server lets this user in.")]
    Connect(#[source] sqlx::Error),
    /// Its tables cannot be brought to the form that this release needs.
    #[error(
        "The database cannot be brought up to date ({0}): restore it from a backup, or ask for help with this."
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// What a database says that cannot be written to just now: SQLite's `SQLITE_BUSY` with its extensions; PostgreSQL's
/// connections used up, shutting down and starting up.
const AWAY: [&str; 8] = ["5", "261", "517", "773", "53300", "57P01", "57P02", "57P03"];
/// What a database says that has no room: SQLite's `SQLITE_FULL` and `SQLITE_IOERR_SHMSIZE` (the index of its log of
/// changes could not grow), PostgreSQL's `disk_full`.
const FULL: [&str; 3] = ["13", "4874", "53100"];

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the connection to it failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The change was made together with others, and none of them could be kept.
    #[error("the database could not keep the change: {0}")]
    NotKept(#[source] Arc<sqlx::Error>),
    /// The caller's key was used before: this is a repetition, and nothing was changed.
    #[error("the request was made before under the same key")]
    Repeated,
    /// So many events wait to be published that no more may be added; nothing was changed.
    #[error("too many events wait to be published")]
    BacklogFull,
    /// The change ended in a panic, and was not kept.
    #[error("the change panicked")]
    Panicked,
    /// What it holds is not what this release writes.
    #[error("the database holds a `{0}` that this release cannot read")]
    Content(&'static str),
}

/// For whoever asked: what happened in detail is none of their business, and stands in the log.
impl Spoken for StoreError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Repeated => say!("idempotency-key-in-use"),
            Self::BacklogFull => say!("events-backlog-full"),
            error if error.is_unavailable() => say!("database-away"),
            error if error.is_full() => say!("storage-full"),
            _ => say!("failed"),
        }
    }
}

impl StoreError {
    /// Whether the database is away or overloaded, so that trying again may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self.driver_error(),
            Some(
                sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::WorkerCrashed
            )
        ) || self.code().is_some_and(|code| AWAY.contains(&code.as_ref()))
    }

    /// Whether there is no room for what was to be kept.
    pub fn is_full(&self) -> bool {
        self.code().is_some_and(|code| FULL.contains(&code.as_ref()))
    }

    fn driver_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) => Some(error),
            Self::NotKept(error) => Some(error),
            Self::Panicked | Self::Repeated | Self::BacklogFull | Self::Content(_) => None,
        }
    }

    /// SQLite's result code or PostgreSQL's SQLSTATE.
    fn code(&self) -> Option<Cow<'_, str>> {
        self.driver_error()?.as_database_error()?.code()
    }
}

/// What a change has to outlive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outlives {
    /// The end of this process, in whatever way, and of the machine's power.
    PowerCut,
    /// The end of this process. With the machine's power it may be lost, as a whole, unless a change that waits for the disk
    /// has come after it.
    Process,
}

/// The open database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    kind: DatabaseKind,
    /// Has one connection on SQLite, where writers exclude each other anyway.
    writers: AnyPool,
    /// Makes groups of changes, on SQLite.
    grouped: Option<Writer>,
    readers: AnyPool,
    /// The server's address, for connections of one's own.
    server: Option<SecretString>,
    /// Held for as long as the embedded database is open, by whichever clone.
    lock: Arc<Mutex<Option<sqlite::FileLock>>>,
}

impl Store {
    /// Opens the database, makes it when it is a file that does not exist, and brings its tables up to date.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        let lock = match settings {
            DatabaseSettings::Sqlite { file } => Some(sqlite::prepare(file).await?),
            DatabaseSettings::Postgres { .. } => None,
        };
        let store = Self::connect(settings, lock).await?;
        migrations::run(&store.writers, store.kind).await?;
        Ok(store)
    }

    /// Opens the database also while a service has the embedded one open: for commands that add something and end.
    /// They must not end or change what that service holds in memory.
    pub async fn open_beside(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        match Self::open(settings).await {
            // The service has brought the tables up to date.
            Err(OpenError::InUse(_)) => Self::connect(settings, None).await,
            outcome => outcome,
        }
    }

    async fn connect(settings: &DatabaseSettings, lock: Option<sqlite::FileLock>) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        Ok(match settings {
            DatabaseSettings::Sqlite { file } => {
                let url = sqlite::url(file)?;
                let writers = sqlite::pool(&url, 1).await.map_err(OpenError::Connect)?;
                let readers = sqlite::pool(&url, SQLITE_READERS).await.map_err(OpenError::Connect)?;
                Self {
                    kind: DatabaseKind::Sqlite,
                    grouped: Some(Writer::start(writers.clone())),
                    writers,
                    readers,
                    server: None,
                    lock: Arc::new(Mutex::new(lock)),
                }
            }
            DatabaseSettings::Postgres { url } => {
                let pool = postgres::pool(url).await.map_err(OpenError::Connect)?;
                Self {
                    kind: DatabaseKind::Postgres,
                    grouped: None,
                    writers: pool.clone(),
                    readers: pool,
                    server: Some(url.clone()),
                    lock: Arc::default(),
                }
            }
        })
    }

    /// Which database it is.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// A connection to read with.
    pub async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        Ok(self.readers.acquire().await?)
    }

    /// Does `work` in one transaction: all of it is kept when it returns `Ok`, none of it otherwise. The work must not
    /// wait for anything but the database.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        self.keep(Outlives::PowerCut, work).await
    }

    /// Adds a call, and its entry with this id in the audit log, unless another call has its provider's id: then `false`.
    pub async fn add_call(&self, call: Call, entry: Option<(String, Entry)>) -> Result<bool, StoreError> {
        if let Some(writer) = &self.grouped {
            return writer.add_call(call, entry).await;
        }
        self.write(move |tx| {
            Box::pin(async move {
                let added = calls::insert(tx, &call).await?;
                if let Some((id, entry)) = entry.filter(|_| added) {
                    audit::append(tx, id, entry).await?;
                }
                Ok(added)
            })
        })
        .await
    }

    /// The same for a change that is made again where it is lost with the machine's power: it does not wait for the disk.
    pub(crate) async fn write_repeatable<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        self.keep(Outlives::Process, work).await
    }

    async fn keep<T, E, F>(&self, outlives: Outlives, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        if let Some(writer) = &self.grouped {
            return writer.write(outlives, work).await;
        }
        let mut transaction = self.writers.begin().await.map_err(StoreError::from)?;
        if outlives == Outlives::Process {
            sqlx::query("SET LOCAL synchronous_commit = off")
                .execute(&mut *transaction)
                .await
                .map_err(StoreError::from)?;
        }
        let outcome = work(&mut transaction).await;
        if outcome.is_ok() {
            transaction.commit().await.map_err(StoreError::from)?;
        } else {
            transaction.rollback().await.map_err(StoreError::from)?;
        }
        outcome
    }

    /// Does `work` in one transaction after the other, so that other writes get in between, until there is nothing more
    /// to be done; how much there was. The work says how much it did.
    pub async fn in_chunks<F>(&self, work: F) -> Result<u64, StoreError>
    where
        F: for<'a> Fn(&'a mut AnyConnection) -> BoxFuture<'a, Result<u64, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        let mut all = 0;
        loop {
            let done = self.write(work.clone()).await?;
            if done == 0 {
                return Ok(all);
            }
            all += done;
        }
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&mut *self.reader().await?).await?;
        Ok(())
    }

    /// Closes all connections, after what is under way on them; then the embedded database is free for another process.
    pub async fn close(&self) {
        if let Some(writer) = &self.grouped {
            writer.stop().await;
        }
        self.readers.close().await;
        self.writers.close().await;
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Address of the server, where the database is one.
    fn server(&self) -> Option<&SecretString> {
        self.server.as_ref()
    }

    /// A connection outside the pools, where the database is a server.
    async fn connection_of_its_own(&self) -> Result<Option<AnyConnection>, StoreError> {
        match self.server() {
            None => Ok(None),
            Some(url) => Ok(Some(AnyConnection::connect(url.expose_secret()).await?)),
        }
    }
}

/// Whether what is deleted from here on is overwritten as well, where the database would leave it in its file. PostgreSQL
/// has no such choice: there a vacuum removes it.
pub(crate) async fn overwrite(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
    wanted: bool,
) -> Result<(), StoreError> {
    if kind == DatabaseKind::Sqlite {
        let pragma = if wanted { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" };
        sqlx::query(pragma).fetch_all(connection).await?;
    }
    Ok(())
}

fn pool_options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT)
}

fn quiet(options: AnyConnectOptions) -> AnyConnectOptions {
    use sqlx::ConnectOptions;
    options.disable_statement_logging()
}

/// Reads a column of times.
fn time(row: &AnyRow, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(row.try_get(column)?).map_err(|_| StoreError::Content(column))
}

/// Reads a column of times that may be empty.
fn optional_time(row: &AnyRow, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|time| Timestamp::from_microsecond(time).map_err(|_| StoreError::Content(column)))
        .transpose()
}
