//! Which modules wait to be reconciled: only to be counted, for kube's scheduler keeps its own account and shows none.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::{metrics::QueueDepth, watches::ModuleRef};

/// Modules that were woken up and not yet begun with.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<HashSet<ModuleRef>>,
    depth: QueueDepth,
}

impl Queue {
    /// An empty queue that shows its depth.
    pub(crate) fn new(depth: QueueDepth) -> Self {
        depth.set(0);
        Self { waiting: Mutex::default(), depth }
    }

    /// A module was woken up.
    pub(crate) fn woken(&self, module: ModuleRef) {
        self.change(|waiting| waiting.insert(module));
    }

    /// A module is begun with, or is gone.
    pub(crate) fn begun(&self, module: &ModuleRef) {
        self.change(|waiting| waiting.remove(module));
    }

    fn change(&self, change: impl FnOnce(&mut HashSet<ModuleRef>) -> bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut waiting) {
            self.depth.set(i64::try_from(waiting.len()).unwrap_or(i64::MAX));
        }
    }
}
