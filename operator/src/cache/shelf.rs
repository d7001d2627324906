//! The objects of one kind, each in the newest version that anybody told of.

use std::collections::{HashMap, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Resource, api::PartialObjectMeta, runtime::watcher::Event};
use serde::{Serialize, de::DeserializeOwned};

use super::{Kept, Slim, slim::News};
use crate::{
    build::labels::INSTANCE,
    packed::{Model, Packed},
};

/// Namespace and name.
pub(super) type Key = (Box<str>, Box<str>);

/// An object.
#[derive(Debug)]
pub(super) struct Entry {
    version: u64,
    /// Changes when something changes that is looked at.
    pub(super) stamp: u64,
    /// The module that it is of, by its label.
    module: Option<Box<str>>,
    /// All but its version, as JSON.
    packed: Packed,
}

/// The objects of one kind.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    listed: bool,
    model: Model,
    objects: HashMap<Key, Entry>,
    /// What a list that is under way has told so far.
    listing: HashSet<Key>,
}

/// The version of an object as a number: Kubernetes defines that versions of one kind can be compared as such (KEP-5504).
/// Zero where there is none.
pub(crate) fn version_of(meta: &ObjectMeta) -> u64 {
    meta.resource_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or_default()
}

/// Namespace and name of an object.
pub(super) fn key(meta: &ObjectMeta) -> Key {
    (meta.namespace.as_deref().unwrap_or_default().into(), meta.name.as_deref().unwrap_or_default().into())
}

/// One number that changes with any of the objects.
pub(super) fn fold(objects: &[(&str, &Entry)]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    for (name, entry) in objects {
        (name, entry.stamp).hash(&mut hash);
    }
    hash.finish()
}

impl Shelf {
    pub(super) fn is_listed(&self) -> bool {
        self.listed
    }

    /// An object of this shelf in its typed form.
    pub(super) fn object<K>(&self, entry: &Entry) -> serde_json::Result<K>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        let mut object: K = serde_json::from_str(&self.model.unpack(&entry.packed))?;
        object.meta_mut().resource_version = Some(entry.version.to_string());
        Ok(object)
    }

    /// An object.
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Entry> {
        self.objects.get(&(namespace.into(), name.into()))
    }

    /// Name and object of each object of a module, in the order of their names.
    pub(super) fn of_module(&self, namespace: &str, module: &str) -> Vec<(&str, &Entry)> {
        let mut found: Vec<_> = self
            .objects
            .iter()
            .filter(|((in_namespace, _), entry)| {
                in_namespace.as_ref() == namespace && entry.module.as_deref() == Some(module)
            })
            .map(|((_, name), entry)| (name.as_ref(), entry))
            .collect();
        found.sort_unstable_by_key(|(name, _)| *name);
        found
    }

    /// Keeps an object unless a newer version of it is kept already, and says whether anything has changed by that.
    pub(super) fn put(&mut self, meta: &ObjectMeta, stamp: u64, json: &str) -> bool {
        let version = version_of(meta);
        let key = key(meta);
        let before = self.objects.get(&key);
        if before.is_some_and(|kept| kept.version >= version) {
            return false;
        }
        let changed = before.is_none_or(|kept| kept.stamp != stamp);
        let module =
            meta.labels.as_ref().and_then(|labels| labels.get(INSTANCE)).map(|name| name.as_str().into());
        self.objects.insert(key, Entry { version, stamp, module, packed: self.model.pack(json) });
        changed
    }

    pub(super) fn forget(&mut self, namespace: &str, name: &str) {
        self.objects.remove(&(namespace.into(), name.into()));
    }

    /// Takes what a watch says. What is known already, such as the echo of the operator's own writes, is no change.
    pub(super) fn hear<K>(&mut self, event: &Event<Kept<K>>) -> Vec<ObjectMeta>
    where
        K: Slim + DeserializeOwned + Serialize,
    {
        match event {
            Event::Apply(object) => self.take(object),
            Event::Delete(object) => self.drop_deleted(object),
            Event::Init => {
                self.listing = HashSet::new();
                Vec::new()
            }
            Event::InitApply(object) => {
                self.listing.insert(key(&object.metadata));
                self.take(object)
            }
            Event::InitDone => self.drop_unlisted(),
        }
    }

    fn take<K: Slim + DeserializeOwned + Serialize>(&mut self, object: &Kept<K>) -> Vec<ObjectMeta> {
        let is_news = |kept: &Entry| kept.version < version_of(&object.metadata);
        if !self.objects.get(&key(&object.metadata)).is_none_or(is_news) {
            return Vec::new();
        }
        let News { metadata, stamp, json } = match object.read() {
            Ok(news) => news,
            // Whoever needs it asks for it, and then tells what is wrong with it.
            Err(error) => {
                let ObjectMeta { namespace, name, .. } = &object.metadata;
                tracing::error!(kind = %K::kind(&()), namespace, name, "not kept, for it cannot be read: {error}");
                return Vec::new();
            }
        };
        if self.put(&metadata, stamp, &json) { vec![metadata] } else { Vec::new() }
    }

    fn drop_deleted<K: Slim + DeserializeOwned + Serialize>(&mut self, object: &Kept<K>) -> Vec<ObjectMeta> {
        let key = key(&object.metadata);
        // One that was made after that deletion stays.
        if self.objects.get(&key).is_some_and(|kept| kept.version > version_of(&object.metadata)) {
            return Vec::new();
        }
        self.objects.remove(&key);
        object.read().map(|news| news.metadata).into_iter().collect()
    }

    /// What a complete list does not hold is gone, or was made since: then the watch will tell of it.
    fn drop_unlisted(&mut self) -> Vec<ObjectMeta> {
        self.listed = true;
        let listed = std::mem::take(&mut self.listing);
        let gone: Vec<Key> = self.objects.keys().filter(|key| !listed.contains(*key)).cloned().collect();
        let entries = gone.iter().filter_map(|key| self.objects.remove(key));
        entries
            .filter_map(|entry| {
                serde_json::from_str::<PartialObjectMeta>(&self.model.unpack(&entry.packed)).ok()
            })
            .map(|object| object.metadata)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Service;
    use serde_json::json;

    use super::*;

    fn service(name: &str, version: u64) -> Kept<Service> {
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "namespace": "tel", "name": name, "resourceVersion": version.to_string(),
                "labels": {INSTANCE: "comms"}, "managedFields": [{"manager": "kubectl"}],
                "annotations": {"change": version.to_string()},
            },
        }))
        .expect("a Service")
    }

    fn version(shelf: &Shelf, name: &str) -> Option<u64> {
        shelf.objects.get(&("tel".into(), name.into())).map(|kept| kept.version)
    }

    fn names(changed: &[ObjectMeta]) -> Vec<&str> {
        changed.iter().filter_map(|meta| meta.name.as_deref()).collect()
    }

    #[test]
    fn the_newest_version_is_kept_whoever_tells_it_and_echoes_change_nothing() {
        let mut shelf = Shelf::default();
        let written = service("a", 7).read().expect("a Service");
        assert!(shelf.put(&written.metadata, written.stamp, &written.json));
        assert_eq!(names(&shelf.hear(&Event::Apply(service("a", 6)))), [""; 0], "older");
        assert_eq!(names(&shelf.hear(&Event::Apply(service("a", 7)))), [""; 0], "the echo");
        assert_eq!(version(&shelf, "a"), Some(7));
        assert_eq!(names(&shelf.hear(&Event::Apply(service("a", 8)))), ["a"]);
        assert_eq!(version(&shelf, "a"), Some(8));
    }

    #[test]
    fn what_cannot_be_read_is_not_kept_and_holds_nothing_up() {
        let mut shelf = Shelf::default();
        let meta = json!({"namespace": "tel", "name": "b", "resourceVersion": "8"});
        let broken = serde_json::from_value::<Kept<Service>>(json!({"metadata": meta, "spec": 3}));
        let broken = broken.expect("its name is read");
        assert_eq!(names(&shelf.hear(&Event::Apply(broken.clone()))), [""; 0]);
        assert_eq!(version(&shelf, "b"), None);
        assert_eq!(names(&shelf.hear(&Event::Apply(service("a", 9)))), ["a"]);
        assert_eq!(names(&shelf.hear(&Event::Delete(broken))), [""; 0]);
    }

    #[test]
    fn another_version_with_the_same_content_is_kept_and_is_no_change() {
        let touched = |version: u64| {
            let meta = json!({"namespace": "tel", "name": "a", "resourceVersion": version.to_string()});
            serde_json::from_value::<Kept<Service>>(json!({"metadata": meta})).expect("a Service")
        };
        let mut shelf = Shelf::default();
        assert_eq!(names(&shelf.hear(&Event::Apply(touched(3)))), ["a"]);
        let stamp = shelf.get("tel", "a").map(|entry| entry.stamp);
        assert_eq!(names(&shelf.hear(&Event::Apply(touched(4)))), [""; 0]);
        let kept = shelf.get("tel", "a").expect("it is kept");
        assert_eq!(Some(kept.stamp), stamp);
        let service: Service = shelf.object(kept).expect("a Service");
        assert_eq!(service.metadata.resource_version.as_deref(), Some("4"), "for preconditions");
    }

    #[test]
    fn the_late_news_of_a_deletion_does_not_take_the_successor_away() {
        let mut shelf = Shelf::default();
        shelf.hear(&Event::Apply(service("a", 9)));
        assert_eq!(names(&shelf.hear(&Event::Delete(service("a", 8)))), [""; 0]);
        assert_eq!(version(&shelf, "a"), Some(9));
        assert_eq!(names(&shelf.hear(&Event::Delete(service("a", 10)))), ["a"]);
        assert_eq!(version(&shelf, "a"), None);
    }

    #[test]
    fn what_a_new_list_does_not_hold_is_gone_and_told() {
        let mut shelf = Shelf::default();
        assert!(!shelf.is_listed());
        for event in [
            Event::Init,
            Event::InitApply(service("a", 1)),
            Event::InitApply(service("b", 2)),
            Event::InitDone,
        ] {
            shelf.hear(&event);
        }
        assert!(shelf.is_listed());
        shelf.hear::<Service>(&Event::Init);
        assert_eq!(names(&shelf.hear(&Event::InitApply(service("b", 2)))), [""; 0], "nothing new");
        assert_eq!(version(&shelf, "a"), Some(1), "it is known until the list is complete");
        assert_eq!(names(&shelf.hear::<Service>(&Event::InitDone)), ["a"]);
        assert_eq!((version(&shelf, "a"), version(&shelf, "b")), (None, Some(2)));
    }

    #[test]
    fn objects_are_found_by_their_module_and_without_what_nobody_reads() {
        let mut shelf = Shelf::default();
        shelf.hear(&Event::Apply(service("b", 2)));
        shelf.hear(&Event::Apply(service("a", 1)));
        let found = shelf.of_module("tel", "comms");
        assert_eq!(found.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["a", "b"]);
        let kept: Service = shelf.object(found[0].1).expect("a Service");
        assert_eq!(kept.metadata.managed_fields, None);
        assert!(shelf.of_module("tel", "other").is_empty() && shelf.of_module("lab", "comms").is_empty());
        let before = fold(&found);
        shelf.hear(&Event::Apply(service("a", 3)));
        assert_ne!(fold(&shelf.of_module("tel", "comms")), before);
    }
}
