//! Which of several processes publishes the events of which subjects.
//!
//! Subjects fall into shards by a hash. On PostgreSQL a process publishes those of the shards that it has claimed, by
//! advisory locks of one session: so a process that ends, however it ends, gives its claims free with its connection,
//! and the others share them anew within a second or two. On SQLite there is one process, which has them all.
//!
//! **What is left.** A claim ends with the connection to the database, and no broker asks for it. A process that is
//! paused, or cut off from the database alone, may have one event of a subject under way while another process, to whom
//! the server has given the claim, publishes the same one. So an event may come twice, by one id; but not out of order:
//! the second process begins with the oldest event that is not marked, and marks come after the broker's confirmation,
//! so that whatever comes late from the first is a repetition of what the second has published. Once it notices, the
//! first offers nothing more of what it lost.

use super::{Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, Row};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How many shards there are. Changing it changes where subjects belong: all processes have to agree.
const SHARDS: i64 = 64;
/// PostgreSQL's advisory lock of all who publish events. Releases that knew no shards held it alone, which kept others
/// from publishing; this one shares it, so that both never publish at once. Its holders are counted.
const DISPATCH_LOCK: i64 = 0x6363_6c69_7465_0001;
/// The first half of the advisory locks of shards; the other half is the shard.
const SHARD_LOCKS: i32 = 0x6363_6c73;
/// Has the server notice within seconds that the machine at the other end is gone.
const NOTICE_SOON: &str =
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

/// The shard of a subject (FNV-1a, which is the same in every process and release).
pub fn shard_of(subject: &str) -> i64 {
    let hash = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash >> 1).unwrap_or_default() % SHARDS
}

/// Whose events a process publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// All subjects'.
    All,
    /// Those of the subjects in these shards.
    Shards(BTreeSet<i64>),
}

impl Claimed {
    /// Nobody's.
    pub fn nothing() -> Self {
        Self::Shards(BTreeSet::new())
    }

    /// Whether it is nobody's.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Shards(shards) if shards.is_empty())
    }

    /// Whether the subject's events are among them.
    pub fn includes(&self, subject: &str) -> bool {
        match self {
            Self::All => true,
            Self::Shards(shards) => shards.contains(&shard_of(subject)),
        }
    }

    /// Whether these have some that `before` had not.
    pub fn adds_to(&self, before: &Self) -> bool {
        match (self, before) {
            (_, Self::All) => false,
            (Self::All, _) => true,
            (Self::Shards(now), Self::Shards(before)) => !now.is_subset(before),
        }
    }

    /// As a condition in SQL, beginning with `AND`. Rows that other releases wrote have no shard: those have to be asked
    /// [`includes`](Self::includes).
    pub(super) fn condition(&self) -> String {
        let Self::Shards(shards) = self else { return String::new() };
        let mut list = String::new();
        for shard in shards {
            let _ = write!(list, "{shard}, ");
        }
        format!(" AND (this.shard IN ({list}-1) OR this.shard IS NULL)")
    }
}

/// What this process has claimed.
#[derive(Debug)]
pub struct SubjectClaims {
    store: Store,
    /// Holds the locks, which end with it.
    connection: Option<AnyConnection>,
    held: BTreeSet<i64>,
    /// Of those held, what is given free once nothing of it is under way.
    leaving: BTreeSet<i64>,
}

impl SubjectClaims {
    /// Claims over the events in `store`; none yet.
    pub fn new(store: Store) -> Self {
        Self { store, connection: None, held: BTreeSet::new(), leaving: BTreeSet::new() }
    }

    /// Makes sure of what is claimed, and claims or gives free what is needed for a fair share. Of `in_use` there is
    /// something under way: such a shard is claimed no more once it is to be shared, but not given free yet. After an
    /// error nothing is claimed.
    pub async fn tend(&mut self, in_use: &BTreeSet<i64>) -> Result<Claimed, StoreError> {
        let outcome = self.share(in_use).await;
        if outcome.is_err() {
            self.forget();
        }
        outcome
    }

    /// Takes it that the connection is lost.
    pub fn forget(&mut self) {
        self.connection = None;
        self.held.clear();
        self.leaving.clear();
    }

    async fn share(&mut self, in_use: &BTreeSet<i64>) -> Result<Claimed, StoreError> {
        if self.connection.is_none() {
            // The embedded database has one process anyway, and makes no connections of one's own.
            let Some(mut connection) = self.store.connection_of_its_own().await? else {
                return Ok(Claimed::All);
            };
            connection.execute(NOTICE_SOON).await?;
            let asked = sqlx::query("SELECT pg_try_advisory_lock_shared($1)").bind(DISPATCH_LOCK);
            if !asked.fetch_one(&mut connection).await?.try_get::<bool, _>(0)? {
                // Another release publishes alone.
                let _ = connection.close().await;
                return Ok(Claimed::nothing());
            }
            self.connection = Some(connection);
        }
        let Some(connection) = &mut self.connection else { return Ok(Claimed::nothing()) };
        let (processes, taken) = holders(connection).await?;
        let share = fair_share(processes);

        for shard in self.leaving.clone() {
            if !in_use.contains(&shard) {
                unlock(connection, shard).await?;
                self.leaving.remove(&shard);
                self.held.remove(&shard);
            }
        }
        let kept = self.held.len() - self.leaving.len();
        if kept > share {
            let idle = self.held.iter().filter(|shard| !in_use.contains(shard));
            let busy = self.held.iter().filter(|shard| in_use.contains(shard));
            let surplus = idle.chain(busy).filter(|shard| !self.leaving.contains(shard)).copied();
            let surplus: Vec<i64> = surplus.take(kept - share).collect();
            self.leaving.extend(surplus);
        } else {
            let from = rand::random_range(0..SHARDS);
            let free = (0..SHARDS).map(|n| (from + n) % SHARDS).filter(|shard| !taken.contains(shard));
            for shard in free {
                if self.held.len() - self.leaving.len() >= share {
                    break;
                }
                if lock(connection, shard).await? {
                    self.held.insert(shard);
                }
            }
        }
        Ok(Claimed::Shards(self.held.difference(&self.leaving).copied().collect()))
    }

    /// Gives everything free.
    pub async fn give_back(self) {
        if let Some(connection) = self.connection {
            // Whether or not the server hears the farewell, it drops the locks with the connection.
            let _ = connection.close().await;
        }
    }
}

/// How many shards each of so many processes has at most.
fn fair_share(processes: usize) -> usize {
    usize::try_from(SHARDS).unwrap_or_default().div_ceil(processes.max(1))
}

/// How many processes share in this, and which shards are taken.
async fn holders(connection: &mut AnyConnection) -> Result<(usize, BTreeSet<i64>), StoreError> {
    let (whole, part) = (DISPATCH_LOCK >> 32, DISPATCH_LOCK & 0xffff_ffff);
    let sql = format!(
        "SELECT objsubid::bigint AS kind, objid::bigint AS shard FROM pg_locks \
         WHERE locktype = 'advisory' AND granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND ((objsubid = 1 AND classid::bigint = {whole} AND objid::bigint = {part}) \
              OR (objsubid = 2 AND classid::bigint = {SHARD_LOCKS}))"
    );
    let (mut processes, mut taken) = (0, BTreeSet::new());
    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await? {
        if row.try_get::<i64, _>("kind")? == 1 {
            processes += 1;
        } else {
            taken.insert(row.try_get("shard")?);
        }
    }
    Ok((processes, taken))
}

async fn lock(connection: &mut AnyConnection, shard: i64) -> Result<bool, StoreError> {
    let sql = format!("SELECT pg_try_advisory_lock({SHARD_LOCKS}, {shard})");
    Ok(sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await?.try_get(0)?)
}

async fn unlock(connection: &mut AnyConnection, shard: i64) -> Result<(), StoreError> {
    let sql = format!("SELECT pg_advisory_unlock({SHARD_LOCKS}, {shard})");
    sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_spread_evenly_over_the_shards_and_always_fall_into_the_same() {
        assert_eq!(shard_of("0199b2a4-0000-7000-8000-000000000000"), 37);
        let mut counts = [0_usize; 64];
        for n in 0..6400_u32 {
            let subject = format!("0199b2a4-0000-7000-8000-{n:012x}");
            counts[usize::try_from(shard_of(&subject)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (50..=150).contains(count)), "{counts:?}");
    }

    #[test]
    fn shares_cover_all_shards_whatever_the_number_of_processes() {
        for processes in 1..100 {
            assert!(fair_share(processes) * processes >= 64, "{processes}");
        }
        assert_eq!((fair_share(0), fair_share(1), fair_share(3), fair_share(64)), (64, 64, 22, 1));
    }

    #[test]
    fn what_is_claimed_says_what_is_new_in_it() {
        let shards = |list: &[i64]| Claimed::Shards(list.iter().copied().collect());
        assert!(shards(&[1, 2]).adds_to(&shards(&[1])));
        assert!(!shards(&[1]).adds_to(&shards(&[1, 2])));
        assert!(Claimed::All.adds_to(&Claimed::nothing()) && !Claimed::All.adds_to(&Claimed::All));
        assert_eq!(shards(&[1, 2]).condition(), " AND (this.shard IN (1, 2, -1) OR this.shard IS NULL)");
        assert_eq!(Claimed::All.condition(), "");
    }
}
