//! The versions of Secrets, so that one is read again only when it has changed, and not at all where none is. Contents are
//! never kept, and nothing is of Secrets that neither carry our label nor are read by a module.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Resource, runtime::watcher::Event};

use super::shelf::{Key, key, version_of};
use crate::{
    build::labels::is_managed,
    watches::{ModuleRef, Scope},
};

/// The modules that read an object, and the newest version that is known of it, be it gone or not.
#[derive(Debug, Default)]
struct Entry {
    version: u64,
    is_there: bool,
    /// It carries our label, as far as the watch has told.
    is_ours: bool,
    readers: Vec<ModuleRef>,
}

impl Entry {
    fn is_worth_keeping(&self) -> bool {
        (self.is_there && self.is_ours) || !self.readers.is_empty()
    }
}

/// Versions of the objects that modules read, or that are ours.
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
        self.state().read_by(namespace, name, reader).version
    }

    /// The version in which an object of ours is known to be gone, or not to have been yet, where it is: a module rests on
    /// that from now on. Somebody else's may have the name all the same.
    pub fn absent(&self, namespace: &str, name: &str, reader: &ModuleRef) -> Option<u64> {
        let mut state = self.state();
        if !(state.listed && self.scope.covers(namespace)) {
            return None;
        }
        let entry = state.read_by(namespace, name, reader);
        (!entry.is_there).then_some(entry.version)
    }

    /// Takes note of the version that was read; zero where there was no object.
    pub fn was_read(&self, namespace: &str, name: &str, version: u64) {
        if let Some(entry) = self.state().entries.get_mut(&(namespace.into(), name.into()))
            && entry.version < version
        {
            (entry.version, entry.is_there) = (version, true);
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
            entry.is_worth_keeping()
        });
    }

    /// Takes what the watch says, and gives the modules that read what has changed by it.
    pub fn hear<K: Resource>(&self, event: &Event<K>) -> Vec<ModuleRef> {
        let mut state = self.state();
        match event {
            Event::Apply(secret) => state.told(key(secret.meta()), secret.meta()),
            Event::Delete(secret) => state.deleted(&key(secret.meta()), version_of(secret.meta())),
            Event::Init => {
                state.listing = HashSet::new();
                Vec::new()
            }
            Event::InitApply(secret) => {
                let key = key(secret.meta());
                let readers = state.told(key.clone(), secret.meta());
                if state.entries.contains_key(&key) {
                    state.listing.insert(key);
                }
                readers
            }
            Event::InitDone => state.drop_unlisted(),
        }
    }
}

impl State {
    fn read_by(&mut self, namespace: &str, name: &str, reader: &ModuleRef) -> &Entry {
        let entry = self.entries.entry((namespace.into(), name.into())).or_default();
        if !entry.readers.contains(reader) {
            // There is hardly ever more than one.
            entry.readers.reserve_exact(1);
            entry.readers.push(reader.clone());
        }
        entry
    }

    fn told(&mut self, key: Key, meta: &ObjectMeta) -> Vec<ModuleRef> {
        let entry = if is_managed(meta) {
            Some(self.entries.entry(key).or_default())
        } else {
            self.entries.get_mut(&key)
        };
        match entry {
            Some(entry) if entry.version < version_of(meta) => {
                (entry.version, entry.is_there, entry.is_ours) = (version_of(meta), true, is_managed(meta));
                entry.readers.clone()
            }
            _ => Vec::new(),
        }
    }

    fn deleted(&mut self, key: &Key, version: u64) -> Vec<ModuleRef> {
        // One that was made after that deletion stays.
        let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.version < version) else {
            return Vec::new();
        };
        (entry.version, entry.is_there) = (version, false);
        let readers = entry.readers.clone();
        if readers.is_empty() {
            self.entries.remove(key);
        }
        readers
    }

    /// What a complete list does not hold may be gone, never have been, or have been made since: it is looked at again.
    fn drop_unlisted(&mut self) -> Vec<ModuleRef> {
        let first = !std::mem::replace(&mut self.listed, true);
        let listed = std::mem::take(&mut self.listing);
        let mut readers = Vec::new();
        self.entries.retain(|key, entry| {
            if !first && !listed.contains(key) {
                (entry.version, entry.is_there) = (entry.version + 1, false);
                readers.extend(entry.readers.iter().cloned());
            }
            entry.is_worth_keeping()
        });
        readers
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use kube::{api::PartialObjectMeta, runtime::reflector::ObjectRef};
    use serde_json::json;

    use super::*;

    type Told = Event<PartialObjectMeta<Secret>>;

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
        assert_eq!(woken(&versions.hear(&Told::Apply(secret("s", 5)))), [""; 0], "that version was read");
        assert_eq!(woken(&versions.hear(&Told::Apply(secret("other", 6)))), [""; 0], "nobody reads it");
        assert_eq!(woken(&versions.hear(&Told::Apply(secret("s", 7)))), ["a"]);
        assert_eq!(versions.newest("tel", "s"), Some(7));
        assert_eq!(woken(&versions.hear(&Told::Delete(secret("s", 8)))), ["a"]);
        assert_eq!(versions.newest("tel", "other"), None, "nothing is kept of what nobody reads");
    }

    #[test]
    fn a_change_while_the_secret_is_read_is_seen_by_its_version() {
        let versions = Versions::new(Scope::Cluster);
        versions.about_to_read("tel", "s", &reader("a"));
        versions.hear(&Told::Apply(secret("s", 6)));
        versions.was_read("tel", "s", 5);
        assert_eq!(versions.newest("tel", "s"), Some(6), "what was read is no longer the newest");
    }

    #[test]
    fn a_deletion_that_no_watch_told_shows_in_the_next_list() {
        let versions = Versions::new(Scope::Cluster);
        versions.hear(&Told::Init);
        versions.hear(&Told::InitDone);
        assert!(versions.covers("tel"));
        versions.about_to_read("tel", "s", &reader("a"));
        versions.was_read("tel", "s", 5);
        versions.hear(&Told::Init);
        assert_eq!(woken(&versions.hear(&Told::InitDone)), ["a"]);
        assert_ne!(versions.newest("tel", "s"), Some(5));
    }

    #[test]
    fn what_is_managed_is_known_to_be_there_before_anybody_reads_it_and_until_it_is_gone() {
        let ours = |version| {
            let mut secret = secret("ours", version);
            secret.metadata.labels =
                Some([("app.kubernetes.io/managed-by".into(), "comms-operator".into())].into());
            secret
        };
        let versions = Versions::new(Scope::Namespace("tel".into()));
        assert_eq!(versions.absent("tel", "ours", &reader("a")), None, "nothing is listed yet");
        versions.hear(&Told::Init);
        versions.hear(&Told::InitApply(ours(3)));
        versions.hear(&Told::InitApply(secret("theirs", 4)));
        versions.hear(&Told::InitDone);
        let absent = |name| versions.absent("tel", name, &reader("a"));
        assert_eq!((absent("ours"), absent("theirs"), absent("none")), (None, Some(0), Some(0)));
        assert_eq!(versions.absent("lab", "none", &reader("a")), None, "it is not looked after");
        assert_eq!(woken(&versions.hear(&Told::Delete(ours(5)))), ["a"]);
        assert_eq!(absent("ours"), Some(5));
        assert_eq!(woken(&versions.hear(&Told::Apply(ours(4)))), [""; 0], "it was told late");
        versions.was_read("tel", "ours", 6);
        assert_eq!(absent("ours"), None, "it was written anew");
        assert_eq!(woken(&versions.hear(&Told::Apply(ours(6)))), [""; 0], "the echo");
        versions.forget(&reader("a"));
        versions.hear(&Told::Delete(ours(7)));
        assert_eq!(versions.newest("tel", "ours"), None, "nothing is left of it");
    }

    #[test]
    fn a_module_that_is_gone_is_not_woken_and_leaves_nothing_behind() {
        let versions = Versions::new(Scope::Cluster);
        for module in ["a", "b"] {
            versions.about_to_read("tel", "s", &reader(module));
        }
        versions.forget(&reader("a"));
        assert_eq!(woken(&versions.hear(&Told::Apply(secret("s", 7)))), ["b"]);
        versions.forget(&reader("b"));
        assert_eq!(versions.newest("tel", "s"), None);
    }

    #[test]
    fn other_namespaces_are_not_covered_where_one_is_looked_after() {
        let versions = Versions::new(Scope::Namespace("tel".into()));
        assert!(!versions.covers("tel"), "not listed yet");
        versions.hear(&Told::InitDone);
        assert!(versions.covers("tel") && !versions.covers("lab"));
    }
}
