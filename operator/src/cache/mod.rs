//! What is known of the cluster without asking it, as watches tell.
//!
//! Of our own objects (by label) what the reconciler looks at is kept as packed JSON, which takes a fraction of the room of
//! the typed objects. Of Secrets only the versions of those that are ours or that modules read are kept, never a content
//! ([`versions`]). What is not found here may still be there: somebody else's, which carries no label of ours.

mod basis;
mod shelf;
mod slim;
pub mod versions;

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use k8s_openapi::{api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Resource, ResourceExt};
use serde::{Serialize, de::DeserializeOwned};

pub use basis::{Basis, Told};
pub(crate) use shelf::version_of;
pub use slim::{Kept, Slim};

use crate::watches::Scope;
use shelf::Shelf;
use versions::Versions;

/// What is known of the cluster.
#[derive(Debug)]
pub struct Cache {
    shelves: HashMap<String, RwLock<Shelf>>,
    /// Versions of objects whose contents are not kept.
    pub versions: Versions,
}

/// What the cache says of an object.
#[derive(Debug)]
pub enum Known<K> {
    /// It is there, in this version.
    Object(K, u64),
    /// No object of this name carries our label.
    Absent,
    /// Nothing: the kind is not watched, or not listed yet.
    Nothing,
}

impl Cache {
    /// An empty cache for these kinds of objects with our label, and for the versions of Secrets.
    pub fn new<'a>(kinds: impl IntoIterator<Item = &'a str>, scope: Scope) -> Self {
        let shelves = kinds.into_iter().map(|kind| (kind.to_owned(), RwLock::default()));
        Self { shelves: shelves.collect(), versions: Versions::new(scope) }
    }

    /// Looks an object up.
    pub fn get<K>(&self, namespace: &str, name: &str) -> Known<K>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        self.read::<K, _>(|kept| match kept.get(namespace, name) {
            Some(entry) => {
                kept.object(entry).map_or(Known::Nothing, |object| Known::Object(object, entry.stamp))
            }
            None => Known::Absent,
        })
        .unwrap_or(Known::Nothing)
    }

    /// The objects of a module, by its label, with one version for all of them; none where the kind is not watched or
    /// not listed yet.
    pub fn of_module<K>(&self, namespace: &str, module: &str) -> Option<(Vec<K>, u64)>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        self.read::<K, _>(|kept| {
            let found = kept.of_module(namespace, module);
            let objects = found.iter().map(|(_, entry)| kept.object(entry)).collect::<Result<_, _>>();
            Some((objects.ok()?, shelf::fold(&found)))
        })?
    }

    /// Looks up only in which version an object is kept.
    fn version(&self, kind: &str, namespace: &str, name: &str) -> Known<()> {
        let Some(kept) = self.shelves.get(kind).map(read).filter(|kept| kept.is_listed()) else {
            return Known::Nothing;
        };
        kept.get(namespace, name).map_or(Known::Absent, |entry| Known::Object((), entry.stamp))
    }

    /// The one version of all objects of a module that are kept.
    fn version_of_module(&self, kind: &str, namespace: &str, module: &str) -> Option<u64> {
        let kept = read(self.shelves.get(kind)?);
        kept.is_listed().then(|| shelf::fold(&kept.of_module(namespace, module)))
    }

    /// Takes note of an object as the API server has just told it, and leaves of it what is looked at.
    pub fn put<K: Noted>(&self, object: &mut K) -> Told {
        object.note(self)
    }

    /// Forgets an object that was deleted.
    pub fn forget<K: Resource<DynamicType = ()>>(&self, namespace: &str, name: &str) {
        if let Some(kept) = self.shelves.get(K::kind(&()).as_ref()) {
            write(kept).forget(namespace, name);
        }
    }

    /// Takes what a watch says, and gives the metadata of what has changed by it.
    pub fn hear<K>(&self, event: &kube::runtime::watcher::Event<Kept<K>>) -> Vec<ObjectMeta>
    where
        K: Slim + DeserializeOwned + Serialize,
    {
        let kept = self.shelves.get(K::kind(&()).as_ref());
        kept.map(|kept| write(kept).hear(event)).unwrap_or_default()
    }

    /// Whether these kinds, and the versions of Secrets, are listed.
    pub fn is_listed(&self, kinds: &[&str]) -> bool {
        let listed = |kind: &&str| self.shelves.get(*kind).is_some_and(|kept| read(kept).is_listed());
        self.versions.is_listed() && kinds.iter().all(listed)
    }

    fn read<K: Resource<DynamicType = ()>, T>(&self, look: impl FnOnce(&Shelf) -> T) -> Option<T> {
        let kept = read(self.shelves.get(K::kind(&()).as_ref())?);
        kept.is_listed().then(|| look(&kept))
    }
}

/// An object of which note is taken when it is written.
pub trait Noted: Resource<DynamicType = ()> {
    /// Takes note of it, and leaves of it what is looked at.
    fn note(&mut self, cache: &Cache) -> Told;
}

impl<K: Slim + Serialize> Noted for K {
    fn note(&mut self, cache: &Cache) -> Told {
        let Some(kept) = cache.shelves.get(K::kind(&()).as_ref()) else { return Told::Nothing };
        let Ok((json, stamp)) = slim::pack(self) else { return Told::Nothing };
        write(kept).put(self.meta(), stamp, &json);
        Told::Stamp(stamp)
    }
}

impl Noted for Secret {
    fn note(&mut self, cache: &Cache) -> Told {
        let (namespace, name) = (self.namespace().unwrap_or_default(), self.name_any());
        let version = version_of(&self.metadata);
        cache.versions.was_read(&namespace, &name, version);
        if cache.versions.covers(&namespace) { Told::Version(version) } else { Told::Nothing }
    }
}

fn read(shelf: &RwLock<Shelf>) -> std::sync::RwLockReadGuard<'_, Shelf> {
    shelf.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shelf: &RwLock<Shelf>) -> std::sync::RwLockWriteGuard<'_, Shelf> {
    shelf.write().unwrap_or_else(PoisonError::into_inner)
}
