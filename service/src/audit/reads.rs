//! Reads, gathered until they are written down: the same read by the same user within a second is one entry.

use super::Entry;
use crate::ids::IdSource;
use crate::store::{Store, StoreError, audit};
use jiff::Timestamp;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// How many entries are gathered at most; who reads then waits until they are written down.
const FULL: usize = 10_000;
/// How many entries one transaction writes down.
const CHUNK: usize = 500;

/// Reads that are to be written down. Clones share them.
#[derive(Clone)]
pub struct ReadLog {
    store: Store,
    ids: Arc<dyn IdSource>,
    gathered: Arc<Mutex<HashMap<Read, Times>>>,
}

/// What makes reads the same.
#[derive(PartialEq, Eq, Hash)]
struct Read {
    organization_id: String,
    user_id: String,
    action: String,
    object: String,
    status: i64,
}

/// The first of them, and how many there were.
struct Times {
    at: Timestamp,
    request_id: String,
    count: i64,
}

impl ReadLog {
    /// To be written to `store`.
    pub fn new(store: Store, ids: Arc<dyn IdSource>) -> Self {
        Self { store, ids, gathered: Arc::default() }
    }

    /// Takes in a read.
    pub async fn add(&self, entry: Entry) {
        if self.gather(entry) >= FULL
            && let Err(error) = self.write_down().await
        {
            tracing::warn!(%error, "who read what cannot be written down for now");
        }
    }

    /// How many entries are gathered after it.
    fn gather(&self, entry: Entry) -> usize {
        let Entry { organization_id, at, user_id, action, object, status, count, request_id } = entry;
        let read = Read { organization_id, user_id, action, object, status };
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.entry(read).and_modify(|times| times.count += count).or_insert(Times {
            at,
            request_id,
            count,
        });
        gathered.len()
    }

    /// Writes down what was gathered. What cannot be written down stays gathered.
    pub async fn write_down(&self) -> Result<(), StoreError> {
        let gathered = mem::take(&mut *self.gathered.lock().unwrap_or_else(PoisonError::into_inner));
        let mut entries: Vec<Entry> = gathered.into_iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.at);
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
            let rows: Vec<(String, Entry)> =
                chunk.iter().map(|entry| (self.ids.next_id().to_string(), entry.clone())).collect();
            let written = self
                .store
                .write::<_, StoreError, _>(move |tx| {
                    Box::pin(async move { Ok(audit::insert(tx, &rows).await?) })
                })
                .await;
            if let Err(error) = written {
                for entry in rest {
                    self.gather(entry.clone());
                }
                return Err(error);
            }
            rest = after;
        }
        Ok(())
    }
}

fn entry((read, times): (Read, Times)) -> Entry {
    let Read { organization_id, user_id, action, object, status } = read;
    let Times { at, request_id, count } = times;
    Entry { organization_id, at, user_id, action, object, status, count, request_id }
}

impl std::fmt::Debug for ReadLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadLog").finish_non_exhaustive()
    }
}
