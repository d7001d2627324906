//! What a reconcile rested on, to find out without asking anybody whether the next one would come to the same.

use std::{
    borrow::Cow,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Cache, Known};

/// Everything that was read for a decision, in the versions that were read.
#[derive(Debug, Default)]
pub struct Basis(Mutex<Reads>);

/// There is one for each module, so it is kept small: most of the names are the same few.
#[derive(Debug, Default)]
struct Reads {
    /// Names and namespaces, one after the other.
    text: String,
    all: Vec<Read>,
}

#[derive(Debug)]
struct Read {
    kind: Cow<'static, str>,
    namespace: Part,
    name: Part,
    what: What,
}

/// A part of the text.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: u32,
    length: u32,
}

impl Reads {
    /// The part of the text that says this.
    fn part(&mut self, word: &str) -> Part {
        let start = self.text.find(word).unwrap_or_else(|| {
            self.text.push_str(word);
            self.text.len() - word.len()
        });
        // No name is longer than 253 characters.
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Part { start: number(start), length: number(word.len()) }
    }

    fn word(&self, Part { start, length }: Part) -> &str {
        let (start, length) = (start as usize, length as usize);
        self.text.get(start..start + length).unwrap_or_default()
    }

    fn add(&mut self, kind: Cow<'static, str>, namespace: &str, name: &str, what: What) {
        let (namespace, name) = (self.part(namespace), self.part(name));
        self.all.push(Read { kind, namespace, name, what });
    }

    /// Forgets what was read of an object.
    fn forget(&mut self, kind: &str, namespace: &str, name: &str) {
        let mut all = std::mem::take(&mut self.all);
        all.retain(|read| {
            !(read.kind == kind && self.word(read.namespace) == namespace && self.word(read.name) == name)
        });
        self.all = all;
    }
}

#[derive(Debug)]
enum What {
    /// An object of the cache; none where it was absent.
    Kept(Option<u64>),
    /// The objects of a module, by its label.
    OfModule(u64),
    /// One whose version alone is watched.
    Version(u64),
    /// One of a kind that the cluster did not have.
    Lacking,
    /// One that no watch tells of.
    Unwatched,
}

/// What there is to tell an object that was written from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is kept, under this stamp.
    Stamp(u64),
    /// Its version is watched.
    Version(u64),
    /// Nothing is.
    Nothing,
}

impl Basis {
    /// An object was written: that counts in place of what was read of it.
    pub fn written(&self, kind: Cow<'static, str>, namespace: &str, name: &str, told: Told) {
        let what = match told {
            Told::Stamp(stamp) => What::Kept(Some(stamp)),
            Told::Version(version) => What::Version(version),
            Told::Nothing => What::Unwatched,
        };
        let mut reads = self.reads();
        reads.forget(&kind, namespace, name);
        reads.add(kind, namespace, name, what);
    }

    /// An object of the cache was read, or was not there.
    pub fn kept(&self, kind: Cow<'static, str>, namespace: &str, name: &str, version: Option<u64>) {
        self.add(kind, namespace, name, What::Kept(version));
    }

    /// The objects of a module were read from the cache.
    pub fn of_module(&self, kind: Cow<'static, str>, namespace: &str, module: &str, version: u64) {
        self.add(kind, namespace, module, What::OfModule(version));
    }

    /// An object was read of which the version is watched.
    pub fn version(&self, kind: Cow<'static, str>, namespace: &str, name: &str, version: u64) {
        self.add(kind, namespace, name, What::Version(version));
    }

    /// The cluster did not have the kind, so that there was nothing to read.
    pub fn lacking(&self, kind: Cow<'static, str>, namespace: &str, name: &str) {
        self.add(kind, namespace, name, What::Lacking);
    }

    /// Something was read that no watch tells of, so that it has to be read again each time.
    pub fn unwatched(&self, kind: Cow<'static, str>, namespace: &str, name: &str) {
        self.add(kind, namespace, name, What::Unwatched);
    }

    fn add(&self, kind: Cow<'static, str>, namespace: &str, name: &str, what: What) {
        self.reads().add(kind, namespace, name, what);
    }

    fn reads(&self) -> MutexGuard<'_, Reads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back the room that it does not need.
    pub fn shrink(&self) {
        let mut reads = self.reads();
        reads.text.shrink_to_fit();
        reads.all.shrink_to_fit();
    }

    /// Whether all of it is as it was, as far as the watches have told.
    pub fn still_holds(&self, cache: &Cache) -> bool {
        let reads = self.reads();
        reads.all.iter().all(|read| {
            let (kind, namespace, name) = (&read.kind, reads.word(read.namespace), reads.word(read.name));
            match &read.what {
                What::Kept(before) => match cache.version(kind, namespace, name) {
                    Known::Object((), now) => *before == Some(now),
                    Known::Absent => before.is_none(),
                    Known::Nothing => false,
                },
                What::OfModule(version) => cache.version_of_module(kind, namespace, name) == Some(*version),
                What::Version(version) => cache.versions.newest(namespace, name) == Some(*version),
                What::Lacking => matches!(cache.version(kind, namespace, name), Known::Nothing),
                What::Unwatched => false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Service;
    use kube::runtime::watcher::Event;
    use serde_json::json;

    use super::*;
    use crate::{
        cache::Kept,
        watches::{ModuleRef, Scope},
    };

    fn service(version: u64) -> Kept<Service> {
        serde_json::from_value(json!({
            "metadata": {
                "namespace": "tel", "name": "comms", "resourceVersion": version.to_string(),
                "labels": {"app.kubernetes.io/instance": "comms"}, "annotations": {"change": version.to_string()},
            },
        }))
        .expect("a Service")
    }

    #[test]
    fn it_holds_until_something_that_was_read_changes() {
        let cache = Cache::new(["Service"], Scope::Cluster);
        let (basis, absent, of_module) = (Basis::default(), Basis::default(), Basis::default());
        let stamp = service(3).read().expect("a Service").stamp;
        basis.kept("Service".into(), "tel", "comms", Some(stamp));
        absent.kept("Service".into(), "tel", "other", None);
        assert!(!basis.still_holds(&cache) && !absent.still_holds(&cache), "nothing is listed yet");

        cache.hear(&Event::Apply(service(3)));
        cache.hear::<Service>(&Event::Init);
        cache.hear(&Event::InitApply(service(3)));
        cache.hear::<Service>(&Event::InitDone);
        of_module.of_module(
            "Service".into(),
            "tel",
            "comms",
            cache.of_module::<Service>("tel", "comms").expect("listed").1,
        );
        assert!(basis.still_holds(&cache) && absent.still_holds(&cache) && of_module.still_holds(&cache));

        cache.hear(&Event::Apply(service(4)));
        assert!(!basis.still_holds(&cache) && absent.still_holds(&cache) && !of_module.still_holds(&cache));
    }

    #[test]
    fn what_was_written_counts_in_place_of_what_was_read_of_it() {
        let cache = Cache::new(["Service"], Scope::Cluster);
        cache.hear::<Service>(&Event::Init);
        cache.hear::<Service>(&Event::InitDone);
        let basis = Basis::default();
        basis.kept("Service".into(), "tel", "comms", None);
        let mut written: Service = serde_json::from_value(json!({
            "metadata": {"namespace": "tel", "name": "comms", "resourceVersion": "3"},
        }))
        .expect("a Service");
        let told = cache.put(&mut written);
        assert!(!basis.still_holds(&cache), "it is there now");
        basis.written("Service".into(), "tel", "comms", told);
        assert!(basis.still_holds(&cache));
        cache.forget::<Service>("tel", "comms");
        assert!(!basis.still_holds(&cache), "it is gone again, as it was when it was read");
        basis.written("Service".into(), "tel", "comms", Told::Nothing);
        assert!(!basis.still_holds(&cache));
    }

    #[test]
    fn a_kind_that_the_cluster_lacks_holds_until_its_objects_are_listed() {
        let cache = Cache::new(["Service"], Scope::Cluster);
        let lacking = Basis::default();
        lacking.lacking("Service".into(), "tel", "comms");
        assert!(lacking.still_holds(&cache));
        cache.hear::<Service>(&Event::Init);
        cache.hear::<Service>(&Event::InitDone);
        assert!(!lacking.still_holds(&cache));
    }

    #[test]
    fn what_no_watch_tells_of_never_holds_and_versions_do_until_they_change() {
        let cache = Cache::new([""; 0], Scope::Cluster);
        let (unwatched, version) = (Basis::default(), Basis::default());
        unwatched.unwatched("Secret".into(), "lab", "s");
        assert!(!unwatched.still_holds(&cache));

        let reader = ModuleRef::new("comms").within("tel");
        cache.versions.about_to_read("tel", "s", &reader);
        cache.versions.was_read("tel", "s", 5);
        version.version("Secret".into(), "tel", "s", 5);
        assert!(version.still_holds(&cache));
        cache.versions.was_read("tel", "s", 6);
        assert!(!version.still_holds(&cache));
    }
}
