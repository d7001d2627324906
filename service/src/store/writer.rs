//! Changes of the embedded database, in groups: what waits while one group is made safe becomes the next, so that many
//! changes cost one wait for the disk. Each of them is kept or not by itself.

use super::{StoreError, audit};
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many changes one group has at most, so that the first does not wait too long for the last.
const GROUP: usize = 128;
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

/// A change, whatever its result.
trait Job: Send {
    /// Does it within the open transaction; whether it is to be kept.
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, bool>;
    /// Tells whoever waits how it ended. `group` is what became of the group.
    fn settle(self: Box<Self>, group: Result<(), Arc<sqlx::Error>>);
}

struct Change<T, E, F> {
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
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            // A panic ends the one change; whoever waits for it sees that there is no outcome.
            self.outcome = AssertUnwindSafe(work(connection)).catch_unwind().await.ok();
            matches!(self.outcome, Some(Ok(_)))
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
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let closed = || E::from(StoreError::Database(sqlx::Error::PoolClosed));
        let (reply, answer) = oneshot::channel();
        let change = Change { work: Some(work), outcome: None, reply };
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
    // together does.
    connection.execute("BEGIN IMMEDIATE; SAVEPOINT one").await?;
    let mut entries = Vec::with_capacity(group.len());
    let last = group.len().saturating_sub(1);
    for (place, job) in group.iter_mut().enumerate() {
        let (kept, mut of_job) = audit::keeping_back(job.run(connection)).await;
        if kept {
            entries.append(&mut of_job);
        } else {
            connection.execute("ROLLBACK TO one").await?;
        }
        if place < last {
            connection.execute("RELEASE one; SAVEPOINT one").await?;
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
}
