//! The versions of Secrets that modules read, so that a Secret is read again only when it has changed. Contents are never
//! kept, and of Secrets that no module reads nothing is.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::core::v1::Secret;
use kube::{api::PartialObjectMeta, runtime::watcher::Event};

use super::version_of;
use crate::watches::{ModuleRef, Scope};

type Key = (Box<str>, Box<str>);

/// The modules that read an object, and the newest version that is known of it, be it gone or not.
#[derive(Debug, Default)]
struct Entry {
    version: u64,
    readers: Vec<ModuleRef>,
}

/// Versions of the objects that modules read.
#[derive(Debug)]
pub struct Versions {
    scope: Scope,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    listed: bool,
    entries: HashMap<Key, Entry>,
    listing: HashSet<Key>,
}

impl Versions {
    /// Nothing is known of objects in this scope.
    pub(super) fn new(scope: Scope) -> Self {
        Self { scope, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is in a namespace is watched.
    pub fn covers(&self, namespace: &str) -> bool {
        self.scope.covers(namespace) && self.is_listed()
    }

    /// Whether the first list is complete.
    pub fn is_listed(&self) -> bool {
        self.state().listed
    }

    /// Says that a module is about to read an object, and gives the version known so far.
    pub fn about_to_read(&self, namespace: &str, name: &str, reader: &ModuleRef) -> u64 {
        let mut state = self.state();
        let entry = state.entries.entry((namespace.into(), name.into())).or_default();
        if !entry.readers.contains(reader) {
            entry.readers.push(reader.clone());
        }
        entry.version
    }

    /// Takes note of the version that was read; zero where there was no object.
    pub fn was_read(&self, namespace: &str, name: &str, version: u64) {
        if let Some(entry) = self.state().entries.get_mut(&(namespace.into(), name.into())) {
            entry.version = entry.version.max(version);
        }
    }

    /// The newest version known of an object that a module reads.
    pub fn newest(&self, namespace: &str, name: &str) -> Option<u64> {
        self.state().entries.get(&(namespace.into(), name.into())).map(|entry| entry.version)
    }

    /// Forgets a module that is gone.
    pub fn forget(&self, reader: &ModuleRef) {
        self.state().entries.retain(|_, entry| {
            entry.readers.retain(|other| other != reader);
            !entry.readers.is_empty()
        });
    }

    /// Takes what the watch says, and gives the modules that read what has changed by it.
    pub fn hear(&self, event: &Event<PartialObjectMeta<Secret>>) -> Vec<ModuleRef> {
        let key = |secret: &PartialObjectMeta<Secret>| -> Key {
            let meta = &secret.metadata;
            (
                meta.namespace.as_deref().unwrap_or_default().into(),
                meta.name.as_deref().unwrap_or_default().into(),
            )
        };
        let mut state = self.state();
        match event {
            Event::Apply(secret) | Event::Delete(secret) => {
                state.changed(&key(secret), version_of(&secret.metadata))
            }
            Event::Init => {
                state.listing = HashSet::new();
                Vec::new()
            }
            Event::InitApply(secret) => {
                let key = key(secret);
                let readers = state.changed(&key, version_of(&secret.metadata));
                if state.entries.contains_key(&key) {
                    state.listing.insert(key);
                }
                readers
            }
            Event::InitDone => {
                let first = !std::mem::replace(&mut state.listed, true);
                let listed = std::mem::take(&mut state.listing);
                let gone = state.entries.iter_mut().filter(|(key, _)| !first && !listed.contains(*key));
                gone.flat_map(|(_, entry)| {
                    // It may be gone, or never have been: it is looked at again.
                    entry.version += 1;
                    entry.readers.clone()
                })
                .collect()
            }
        }
    }
}

impl State {
    fn changed(&mut self, key: &Key, version: u64) -> Vec<ModuleRef> {
        match self.entries.get_mut(key) {
            Some(entry) if entry.version < version => {
                entry.version = version;
                entry.readers.clone()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::runtime::reflector::ObjectRef;
    use serde_json::json;

    use super::*;

    fn secret(name: &str, version: u64) -> PartialObjectMeta<Secret> {
        serde_json::from_value(json!({
            "metadata": {"namespace": "tel", "name": name, "resourceVersion": version.to_string()},
        }))
        .expect("metadata")
    }

    fn reader(name: &str) -> ModuleRef {
        ObjectRef::new(name).within("tel")
    }

    fn woken(modules: &[ModuleRef]) -> Vec<&str> {
        modules.iter().map(|module| module.name.as_str()).collect()
    }

    #[test]
    fn a_changed_secret_wakes_those_that_read_it_and_no_others() {
        let versions = Versions::new(Scope::Cluster);
        assert_eq!(versions.about_to_read("tel", "s", &reader("a")), 0);
        versions.was_read("tel", "s", 5);
        assert_eq!(woken(&versions.hear(&Event::Apply(secret("s", 5)))), [""; 0], "that version was read");
        assert_eq!(woken(&versions.hear(&Event::Apply(secret("other", 6)))), [""; 0], "nobody reads it");
        assert_eq!(woken(&versions.hear(&Event::Apply(secret("s", 7)))), ["a"]);
        assert_eq!(versions.newest("tel", "s"), Some(7));
        assert_eq!(woken(&versions.hear(&Event::Delete(secret("s", 8)))), ["a"]);
        assert_eq!(versions.newest("tel", "other"), None, "nothing is kept of what nobody reads");
    }

    #[test]
    fn a_change_while_the_secret_is_read_is_seen_by_its_version() {
        let versions = Versions::new(Scope::Cluster);
        versions.about_to_read("tel", "s", &reader("a"));
        versions.hear(&Event::Apply(secret("s", 6)));
        versions.was_read("tel", "s", 5);
        assert_eq!(versions.newest("tel", "s"), Some(6), "what was read is no longer the newest");
    }

    #[test]
    fn a_deletion_that_no_watch_told_shows_in_the_next_list() {
        let versions = Versions::new(Scope::Cluster);
        versions.hear(&Event::Init);
        versions.hear(&Event::InitDone);
        assert!(versions.covers("tel"));
        versions.about_to_read("tel", "s", &reader("a"));
        versions.was_read("tel", "s", 5);
        versions.hear(&Event::Init);
        assert_eq!(woken(&versions.hear(&Event::InitDone)), ["a"]);
        assert_ne!(versions.newest("tel", "s"), Some(5));
    }

    #[test]
    fn a_module_that_is_gone_is_not_woken_and_leaves_nothing_behind() {
        let versions = Versions::new(Scope::Cluster);
        for module in ["a", "b"] {
            versions.about_to_read("tel", "s", &reader(module));
        }
        versions.forget(&reader("a"));
        assert_eq!(woken(&versions.hear(&Event::Apply(secret("s", 7)))), ["b"]);
        versions.forget(&reader("b"));
        assert_eq!(versions.newest("tel", "s"), None);
    }

    #[test]
    fn other_namespaces_are_not_covered_where_one_is_looked_after() {
        let versions = Versions::new(Scope::Namespace("tel".into()));
        assert!(!versions.covers("tel"), "not listed yet");
        versions.hear(&Event::InitDone);
        assert!(versions.covers("tel") && !versions.covers("lab"));
    }
}
