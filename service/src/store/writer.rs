//! Changes of the embedded database, in groups: what waits while one group is made safe becomes the next, so that many
//! changes cost one wait for the disk. Each of them is kept or not by itself.

use super::{Extent, Outlives, StoreError, audit};
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many changes one group has at most, so that the first does not wait too long for the last.
const GROUP: usize = 128;
/// Keeps what came since the savepoint.
const NEXT: &str = "RELEASE one; SAVEPOINT one";
/// As far as `synchronous` goes: `NORMAL` does not wait for the disk when a transaction ends, and the next that does makes
/// safe what came before it.
const BEGIN: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; SAVEPOINT one";
const BEGIN_WITHOUT_WAIT: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; SAVEPOINT one";
/// How many changes wait at most; who comes then waits for a place.
const QUEUE: usize = 1024;

/// Where changes are handed in. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Message>);

enum Message {
    Change(Box<dyn Job>),
    /// What was handed in before is done; nothing comes after it.
    Stop(oneshot::Sender<()>),
}

/// How a change ended, before its group is made safe.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Kept,
    Refused,
    Panicked,
}

/// A change, whatever its result.
trait Job: Send {
    /// What it may do.
    fn extent(&self) -> Extent;
    /// What it has to outlive.
    fn outlives(&self) -> Outlives;
    /// Does it within the open transaction.
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, End>;
    /// Tells whoever waits how it ended. `group` is what became of the group.
    fn settle(self: Box<Self>, group: Result<(), Arc<sqlx::Error>>);
}

struct Change<T, E, F> {
    extent: Extent,
    outlives: Outlives,
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Change<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
{
    fn extent(&self) -> Extent {
        self.extent
    }

    fn outlives(&self) -> Outlives {
        self.outlives
    }

    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, End> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return End::Refused };
            // A panic ends the one change; whoever waits for it sees that there is no outcome.
            self.outcome = AssertUnwindSafe(work(connection)).catch_unwind().await.ok();
            match self.outcome {
                Some(Ok(_)) => End::Kept,
                Some(Err(_)) => End::Refused,
                None => End::Panicked,
            }
        })
    }

    fn settle(self: Box<Self>, group: Result<(), Arc<sqlx::Error>>) {
        let outcome = match (self.outcome, group) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(StoreError::NotKept(error).into()),
            (None, Ok(())) => Err(StoreError::Panicked.into()),
        };
        // Whoever waited may have gone.
        let _ = self.reply.send(outcome);
    }
}

impl Writer {
    /// Writes on the pool's one connection.
    pub(super) fn start(pool: AnyPool) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(pool, receiver));
        Self(sender)
    }

    /// Hands in a change and waits until it is safe.
    pub(super) async fn write<T, E, F>(&self, extent: Extent, outlives: Outlives, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let closed = || E::from(StoreError::Database(sqlx::Error::PoolClosed));
        let (reply, answer) = oneshot::channel();
        let change = Change { extent, outlives, work: Some(work), outcome: None, reply };
        self.0.send(Message::Change(Box::new(change))).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Takes no more changes, and waits until those that were handed in are done.
    pub(super) async fn stop(&self) {
        let (done, all_done) = oneshot::channel();
        if self.0.send(Message::Stop(done)).await.is_ok() {
            let _ = all_done.await;
        }
    }
}

async fn run(pool: AnyPool, mut receiver: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut messages, GROUP).await > 0 {
        let mut group = Vec::with_capacity(messages.len());
        let mut stop = None;
        for message in messages.drain(..) {
            match message {
                Message::Change(job) => group.push(job),
                Message::Stop(done) => stop = Some(done),
            }
        }
        if !group.is_empty() {
            write_group(&pool, group).await;
        }
        if let Some(done) = stop {
            receiver.close();
            let _ = done.send(());
        }
    }
}

async fn write_group(pool: &AnyPool, mut group: Vec<Box<dyn Job>>) {
    let outcome = match pool.acquire().await {
        Ok(mut connection) => {
            let outcome = try_group(&mut connection, &mut group).await;
            if outcome.is_err() {
                // Whatever is left of the transaction ends with the connection.
                let _ = connection.detach().close().await;
            }
            outcome
        }
        Err(error) => Err(error),
    };
    let outcome = outcome.map_err(Arc::new);
    for job in group {
        job.settle(outcome.clone());
    }
}

async fn try_group(connection: &mut AnyConnection, group: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    // Every statement is a way to the database's thread and back, which costs more than most of them: so what can go
    // together does, and what can be left out is.
    let waits = group.iter().any(|job| job.outlives() == Outlives::PowerCut);
    connection.execute(if waits { BEGIN } else { BEGIN_WITHOUT_WAIT }).await?;
    let mut entries = Vec::with_capacity(group.len());
    // Whether there are changes since the savepoint that are to be kept.
    let mut kept_since = false;
    for job in group {
        let extent = job.extent();
        // There is nothing to take back of a change by one statement.
        if extent == Extent::Any && kept_since {
            connection.execute(NEXT).await?;
            kept_since = false;
        }
        let (end, mut of_job) = audit::keeping_back(job.run(connection)).await;
        match (end, extent) {
            (End::Kept, _) => {
                entries.append(&mut of_job);
                kept_since = true;
            }
            (End::Refused | End::Panicked, Extent::Any) => {
                connection.execute("ROLLBACK TO one").await?;
            }
            // It fails where the database's failure has ended the transaction.
            (End::Refused, Extent::OneStatement) => {
                connection.execute(NEXT).await?;
                kept_since = false;
            }
            // It may have come after the statement, which is one with what others have changed.
            (End::Panicked, Extent::OneStatement) => {
                return Err(sqlx::Error::Protocol("a change of the group panicked".into()));
            }
        }
    }
    if !entries.is_empty() {
        audit::insert(connection, &entries).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Entry;
    use crate::settings::DatabaseSettings;
    use crate::store::Store;
    use crate::store::audit::AuditFilter;
    use futures::future::join_all;
    use jiff::Timestamp;
    use sqlx::Row;

    async fn add(store: &Store, number: i64) -> Result<i64, StoreError> {
        store
            .write(move |tx| {
                Box::pin(async move {
                    let row = "INSERT INTO organizations (id, created_at) VALUES ($1, $2)";
                    sqlx::query(row).bind(format!("o{number}")).bind(number).execute(tx).await?;
                    match number % 3 {
                        0 => Ok(number),
                        1 => Err(StoreError::Content("refused")),
                        _ => panic!("a change that panics"),
                    }
                })
            })
            .await
    }

    fn entry(user: i64) -> Entry {
        Entry {
            organization_id: "o".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            user_id: user.to_string(),
            action: "POST /calls".to_owned(),
            object: "/calls".to_owned(),
            status: 0,
            count: 1,
            request_id: "r".to_owned(),
        }
    }

    /// What `synchronous` is where it is asked.
    fn level(tx: &mut AnyConnection) -> BoxFuture<'_, Result<i32, StoreError>> {
        Box::pin(async move { Ok(sqlx::query("PRAGMA synchronous").fetch_one(tx).await?.get::<i32, _>(0)) })
    }

    #[tokio::test]
    async fn only_what_has_to_outlive_a_power_cut_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let (full, normal) = (2, 1);
        let asked = async |outlives: Outlives| match outlives {
            Outlives::PowerCut => store.write(level).await.unwrap(),
            Outlives::Process => store.write_repeatable(level).await.unwrap(),
        };
        for (outlives, expected) in
            [(Outlives::PowerCut, full), (Outlives::Process, normal), (Outlives::PowerCut, full)]
        {
            assert_eq!(asked(outlives).await, expected, "{outlives:?}");
        }
        // In a group that waits all do, and the first that comes has a group of its own.
        let of_each = |number| if number % 2 == 0 { Outlives::Process } else { Outlives::PowerCut };
        let levels = join_all((0..60).map(|number| asked(of_each(number)))).await;
        let hasty =
            (0..60).filter(|number| of_each(*number) == Outlives::PowerCut && levels[*number] == normal);
        assert_eq!(hasty.count(), 0, "{levels:?}");
        assert!(levels[1..].contains(&full), "{levels:?}");
    }

    #[tokio::test]
    async fn a_change_that_is_kept_is_entered_in_the_audit_log_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let entered = |number: i64| {
            let store = &store;
            async move {
                store
                    .write(move |tx| {
                        Box::pin(async move {
                            audit::append(tx, format!("e{number:03}"), entry(number)).await?;
                            if number % 2 == 0 { Ok(()) } else { Err(StoreError::Content("refused")) }
                        })
                    })
                    .await
            }
        };
        let outcomes = join_all((0..200).map(entered)).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
        let mut reader = store.reader().await.unwrap();
        let kept = audit::list(&mut reader, "o", &AuditFilter::default(), None, 300).await.unwrap();
        let expected: Vec<(String, Entry)> =
            (0..200).rev().filter(|number| number % 2 == 0).map(|n| (format!("e{n:03}"), entry(n))).collect();
        assert_eq!(kept, expected);
    }

    #[tokio::test]
    async fn each_change_of_a_group_is_kept_or_not_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let outcomes = join_all((0..300).map(|number| add(&store, number))).await;
        for (number, outcome) in (0..).zip(&outcomes) {
            let expected = match number % 3 {
                0 => matches!(outcome, Ok(value) if *value == number),
                1 => matches!(outcome, Err(StoreError::Content("refused"))),
                _ => matches!(outcome, Err(StoreError::Panicked)),
            };
            assert!(expected, "{number}: {outcome:?}");
        }
        let mut reader = store.reader().await.unwrap();
        let row = sqlx::query("SELECT COUNT(*), SUM(created_at) FROM organizations").fetch_one(&mut *reader);
        let row = row.await.unwrap();
        let (count, sum): (i64, i64) = (row.get(0), row.get(1));
        assert_eq!((count, sum), (100, (0..300).step_by(3).sum()));
        drop(reader);
        store.close().await;
        assert!(matches!(add(&store, 900).await, Err(StoreError::Database(sqlx::Error::PoolClosed))));
    }

    /// Adds the organisation `o<number>` by one statement; then `end` says how the change ends.
    async fn add_by(
        store: &Store,
        extent: Extent,
        number: i64,
        end: fn(bool) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        store
            .write_within(extent, move |tx| {
                Box::pin(async move {
                    let row =
                        "INSERT INTO organizations (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
                    let done = sqlx::query(row).bind(format!("o{number}")).bind(number).execute(tx).await?;
                    end(done.rows_affected() == 1)
                })
            })
            .await
    }

    async fn numbers(store: &Store) -> Vec<i64> {
        let rows = sqlx::query("SELECT created_at FROM organizations ORDER BY created_at");
        let rows = rows.fetch_all(&mut *store.reader().await.unwrap()).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn refused() -> StoreError {
        StoreError::Content("refused")
    }

    #[tokio::test]
    async fn changes_by_one_statement_stand_beside_others_that_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let new = |is_new: bool| if is_new { Ok(()) } else { Err(refused()) };
        add_by(&store, Extent::OneStatement, 1000, new).await.unwrap();
        let changes = (0..300).map(|number| match number % 5 {
            0 => add_by(&store, Extent::OneStatement, number, new),
            // It is there already, and so nothing is changed.
            1 => add_by(&store, Extent::OneStatement, 1000, new),
            2 => add_by(&store, Extent::Any, number, |_| Err(refused())),
            3 => add_by(&store, Extent::Any, number, new),
            _ => add_by(&store, Extent::Any, number, |_| panic!("a change that panics")),
        });
        let outcomes = join_all(changes).await;
        let kept: Vec<i64> = (0..300).zip(&outcomes).filter(|(_, end)| end.is_ok()).map(|(n, _)| n).collect();
        let expected: Vec<i64> = (0..300).filter(|number| matches!(number % 5, 0 | 3)).collect();
        assert_eq!(kept, expected);
        assert_eq!(numbers(&store).await, [expected, vec![1000]].concat());
    }

    #[tokio::test]
    async fn a_panic_after_the_one_statement_leaves_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let changes = (0..100).map(|number| {
            let end: fn(bool) -> Result<(), StoreError> =
                if number == 50 { |_| panic!("a change that panics") } else { |_| Ok(()) };
            add_by(&store, Extent::OneStatement, number, end)
        });
        let outcomes = join_all(changes).await;
        assert!(outcomes[50].is_err(), "it panicked");
        // Others of its group are told that they are not kept, and may try again.
        let kept: Vec<i64> = (0..100).zip(&outcomes).filter(|(_, end)| end.is_ok()).map(|(n, _)| n).collect();
        assert_eq!(numbers(&store).await, kept);
        add_by(&store, Extent::OneStatement, 50, |_| Ok(())).await.unwrap();
    }
}
