//! Modules as the operator has written or read them itself, until the watch has caught up: so that it does not decide again
//! on what was before its own write.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    api::CommsModule,
    cache::version_of,
    watches::{ModuleRef, module_ref},
};

/// What is newer than what the watch has told.
#[derive(Debug, Default)]
pub(crate) struct Newest(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    modules: HashMap<ModuleRef, CommsModule>,
    doubted: HashMap<ModuleRef, Doubt>,
}

/// What is not believed, since a write was refused that was decided on what is no longer so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// The module.
    Module,
    /// The module and all that belongs to it.
    Everything,
}

impl Newest {
    /// The newest that is known of a module.
    pub(crate) fn of(&self, watched: CommsModule) -> CommsModule {
        let mut state = self.lock();
        let reference = module_ref(&watched);
        match state.modules.get(&reference) {
            Some(own) if version_of(&own.metadata) > version_of(&watched.metadata) => own.clone(),
            _ => {
                state.modules.remove(&reference);
                watched
            }
        }
    }

    /// Takes note of a module as the API server has just told it.
    pub(crate) fn put(&self, module: CommsModule) {
        self.lock().modules.insert(module_ref(&module), module);
    }

    /// Has the API server itself asked at the next look.
    pub(crate) fn doubt(&self, module: &ModuleRef, doubt: Doubt) {
        let mut state = self.lock();
        let doubted = state.doubted.entry(module.clone()).or_insert(doubt);
        *doubted = doubt.max(*doubted);
    }

    /// What is not believed about this module, this time.
    pub(crate) fn take_doubt(&self, module: &ModuleRef) -> Option<Doubt> {
        self.lock().doubted.remove(module)
    }

    /// Forgets a module.
    pub(crate) fn forget(&self, module: &ModuleRef) {
        let mut state = self.lock();
        state.modules.remove(module);
        state.doubted.remove(module);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn module(version: u64) -> CommsModule {
        serde_json::from_value(json!({
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
            "metadata": {"namespace": "tel", "name": "comms", "uid": "u", "resourceVersion": version.to_string()},
            "spec": {},
        }))
        .expect("a module")
    }

    #[test]
    fn the_own_write_counts_until_the_watch_has_caught_up() {
        let newest = Newest::default();
        newest.put(module(7));
        assert_eq!(version_of(&newest.of(module(6)).metadata), 7);
        assert_eq!(version_of(&newest.of(module(8)).metadata), 8);
        assert_eq!(
            version_of(&newest.of(module(6)).metadata),
            6,
            "it was dropped when the watch had caught up"
        );
    }

    #[test]
    fn a_conflict_is_followed_by_one_look_past_the_cache() {
        let newest = Newest::default();
        let reference = module_ref(&module(1));
        newest.doubt(&reference, Doubt::Everything);
        newest.doubt(&reference, Doubt::Module);
        assert_eq!(
            [newest.take_doubt(&reference), newest.take_doubt(&reference)],
            [Some(Doubt::Everything), None]
        );
    }
}
