//! Modules of which nothing has changed since they were reconciled last: they are not reconciled again, whatever woke them
//! up, so that nothing is read for them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use crate::{
    api::{CommsModule, CommsModuleStatus},
    cache::{Basis, Cache},
    pod_status::PodReport,
    watches::{ModuleRef, module_ref},
};

/// What the last reconcile of a module rested on.
#[derive(Debug)]
struct Settled {
    uid: Option<String>,
    generation: Option<i64>,
    /// The status that was told, as a hash.
    status: u64,
    basis: Basis,
    outcome: Outcome,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The answers of its pods that were reported.
    pub(crate) reports: Vec<PodReport>,
    /// When it is looked at again at the latest.
    pub(crate) at_last: Duration,
    /// When its keys are due, whether anything else changes or not.
    pub(crate) keys_due: Option<Timestamp>,
}

/// What the last reconcile of each module rested on.
#[derive(Debug, Default)]
pub(crate) struct AllSettled(Mutex<HashMap<ModuleRef, Settled>>);

impl AllSettled {
    /// Remembers what a reconcile rested on that has ended well and wrote this status.
    pub(crate) fn remember(
        &self,
        module: &CommsModule,
        status: &CommsModuleStatus,
        basis: Basis,
        outcome: Outcome,
    ) {
        basis.shrink();
        let settled = Settled {
            uid: module.uid(),
            generation: module.metadata.generation,
            status: fingerprint(Some(status)),
            basis,
            outcome,
        };
        self.lock().insert(module_ref(module), settled);
    }

    /// What came of the last reconcile, where nothing has changed since but maybe what its pods say.
    pub(crate) fn outcome_if_unchanged(&self, module: &CommsModule, cache: &Cache) -> Option<Outcome> {
        let all = self.lock();
        let settled = all.get(&module_ref(module))?;
        let unchanged = settled.uid == module.uid()
            && settled.generation == module.metadata.generation
            && settled.status == fingerprint(module.status.as_ref())
            && settled.basis.still_holds(cache);
        unchanged.then(|| settled.outcome.clone())
    }

    /// Forgets a module.
    pub(crate) fn forget(&self, module: &ModuleRef) {
        self.lock().remove(module);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ModuleRef, Settled>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(status: Option<&CommsModuleStatus>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    serde_json::to_string(&status).unwrap_or_default().hash(&mut hash);
    hash.finish()
}
