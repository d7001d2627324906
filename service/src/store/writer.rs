//! Changes of the embedded database, in groups: what waits while one group is made safe becomes the next, so that many
//! changes cost one wait for the disk. Each of them is kept or not by itself.

use super::{Outlives, StoreError, audit, calls};
use crate::audit::Entry;
use crate::domain::call::Call;
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
    Call(Box<NewCall>),
    /// What was handed in before is done; nothing comes after it.
    Stop(oneshot::Sender<()>),
}

/// A change, whatever its result.
trait Job: Send {
    /// What it has to outlive.
    fn outlives(&self) -> Outlives;
    /// Does it within the open transaction; whether it is to be kept.
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, bool>;
    /// Tells whoever waits how it ended. `group` is what became of the group.
    fn settle(self: Box<Self>, group: Result<(), Arc<sqlx::Error>>);
}

struct Change<T, E, F> {
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
    fn outlives(&self) -> Outlives {
        self.outlives
    }

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

/// A call that is to be added, and nothing else with it than an entry in the audit log. Most changes of a busy module are
/// such: they go to the database all at once, where others go statement by statement.
struct NewCall {
    call: Call,
    entry: Option<(String, Entry)>,
    added: bool,
    reply: oneshot::Sender<Result<bool, StoreError>>,
}

impl NewCall {
    /// Tells whoever waits what became of it and its group.
    fn settle(self, group: Result<(), Arc<sqlx::Error>>) {
        // Whoever waited may have gone.
        let _ = self.reply.send(group.map(|()| self.added).map_err(StoreError::NotKept));
    }
}

/// What is made safe together.
#[derive(Default)]
struct Group {
    changes: Vec<Box<dyn Job>>,
    calls: Vec<NewCall>,
}

impl Writer {
    /// Writes on the pool's one connection.
    pub(super) fn start(pool: AnyPool) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(pool, receiver));
        Self(sender)
    }

    /// Hands in a change and waits until it is safe.
    pub(super) async fn write<T, E, F>(&self, outlives: Outlives, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut AnyConnection) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change = Change { outlives, work: Some(work), outcome: None, reply };
        self.hand_in(Message::Change(Box::new(change)), answer).await?
    }

    /// Hands in a call, and its entry in the audit log, and waits until they are safe; `false` where another call has its
    /// provider's id, and it was not added.
    pub(super) async fn add_call(
        &self,
        call: Call,
        entry: Option<(String, Entry)>,
    ) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        let new = NewCall { call, entry, added: false, reply };
        self.hand_in(Message::Call(Box::new(new)), answer).await?
    }

    async fn hand_in<T>(&self, message: Message, answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
        let closed = || StoreError::Database(sqlx::Error::PoolClosed);
        self.0.send(message).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())
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
        let mut group = Group::default();
        let mut stop = None;
        for message in messages.drain(..) {
            match message {
                Message::Change(job) => group.changes.push(job),
                Message::Call(call) => group.calls.push(*call),
                Message::Stop(done) => stop = Some(done),
            }
        }
        if !(group.changes.is_empty() && group.calls.is_empty()) {
            write_group(&pool, group).await;
        }
        if let Some(done) = stop {
            receiver.close();
            let _ = done.send(());
        }
    }
}

async fn write_group(pool: &AnyPool, mut group: Group) {
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
    for job in group.changes {
        job.settle(outcome.clone());
    }
    for call in group.calls {
        call.settle(outcome.clone());
    }
}

async fn try_group(connection: &mut AnyConnection, group: &mut Group) -> Result<(), sqlx::Error> {
    // Every statement is a way to the database's thread and back, which costs more than most of them: so what can go
    // together does, and what can be left out is.
    let waits =
        !group.calls.is_empty() || group.changes.iter().any(|job| job.outlives() == Outlives::PowerCut);
    connection.execute(if waits { BEGIN } else { BEGIN_WITHOUT_WAIT }).await?;
    let mut entries = change_one_by_one(connection, &mut group.changes).await?;
    if !group.calls.is_empty() {
        let calls: Vec<&Call> = group.calls.iter().map(|new| &new.call).collect();
        let added = calls::insert_all(connection, &calls).await?;
        for new in &mut group.calls {
            new.added = added.contains(&new.call.id);
            entries.extend(new.entry.take_if(|_| new.added));
        }
    }
    if !entries.is_empty() {
        audit::insert(connection, &entries).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

/// Makes the changes behind a savepoint each, so that one that is refused takes none with it; what of them is to be
/// entered in the audit log.
async fn change_one_by_one(
    connection: &mut AnyConnection,
    changes: &mut [Box<dyn Job>],
) -> Result<Vec<(String, Entry)>, sqlx::Error> {
    let mut entries = Vec::with_capacity(changes.len());
    // Whether there are changes since the savepoint that are to be kept.
    let mut kept_since = false;
    for job in changes {
        if kept_since {
            connection.execute(NEXT).await?;
        }
        let (kept, mut of_job) = audit::keeping_back(job.run(connection)).await;
        kept_since = kept;
        if kept {
            entries.append(&mut of_job);
        } else {
            connection.execute("ROLLBACK TO one").await?;
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::DatabaseSettings;
    use crate::store::Store;
    use crate::store::audit::AuditFilter;
    use futures::future::{join, join_all};
    use jiff::Timestamp;
    use serde_json::json;
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

    fn call(number: i64, provider_call_id: Option<&str>) -> Call {
        let details = json!({
            "direction": "inbound", "from": "+420601123456", "to": "+420222333444",
            "provider": provider_call_id.map(|_| "twilio"), "provider_call_id": provider_call_id,
        });
        let details = serde_json::from_value(details).unwrap();
        Call::new(format!("c{number:03}"), "o".to_owned(), details, Timestamp::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn calls_are_added_at_once_beside_changes_that_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings::Sqlite { file: folder.path().join("voice.db") };
        let store = Store::open(&settings).await.unwrap();
        let added = |number: i64, provider_call_id: Option<&'static str>| {
            let store = &store;
            async move {
                let entry = (format!("e{number:03}"), entry(number));
                store.add_call(call(number, provider_call_id), Some(entry)).await.unwrap()
            }
        };
        assert!(added(900, Some("known")).await);
        let calls = join_all((0..300).map(|number| {
            added(
                number,
                match number % 3 {
                    0 => None,
                    1 => Some("known"),
                    // The first of those that come at once has it.
                    _ => Some("new"),
                },
            )
        }));
        let (calls, changes) = join(calls, join_all((0..300).map(|number| add(&store, number)))).await;
        let expected = |number: i64| number % 3 == 0 || number == 2;
        for (number, was_added) in (0..).zip(calls) {
            assert_eq!(was_added, expected(number), "call {number}");
        }
        assert_eq!(changes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
        let mut reader = store.reader().await.unwrap();
        let rows = sqlx::query("SELECT id FROM calls ORDER BY id").fetch_all(&mut *reader).await.unwrap();
        let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let numbers = (0..300).filter(|number| expected(*number)).chain([900]);
        assert_eq!(ids, numbers.clone().map(|number| format!("c{number:03}")).collect::<Vec<_>>());
        let entries = audit::list(&mut reader, "o", &AuditFilter::default(), None, 900).await.unwrap();
        let entered: Vec<String> = entries.into_iter().rev().map(|(id, _)| id).collect();
        assert_eq!(entered, numbers.map(|number| format!("e{number:03}")).collect::<Vec<_>>());
    }
}
