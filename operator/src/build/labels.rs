//! Labels, owner references and what else the metadata of all children share.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::{api::DeletionPolicy, decide::Module};

/// On objects that outlive their module: the name of the module that may take them up again.
pub const RETAINED_FOR: &str = "comms.kraliki.com/retained-for";
/// On all children: the name of their module.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The program that is run.
const NAME: &str = "cc-lite";
/// On all children and their pods: who made them. The operator watches by it.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Who made them.
const OPERATOR: &str = "comms-operator";

/// Longest value of a label.
const MAX_VALUE: usize = 63;

/// What the Deployment and the Service select by. A Deployment's selector can never change.
pub fn selector(name: &str) -> BTreeMap<String, String> {
    labels([("app.kubernetes.io/name", NAME), (INSTANCE, name)])
}

/// What is watched of the cluster: our own objects, as a query.
pub fn managed_selector() -> String {
    format!("{MANAGED_BY}={OPERATOR}")
}

/// Whether an object is among those that are watched.
pub fn is_managed(meta: &ObjectMeta) -> bool {
    meta.labels.as_ref().and_then(|labels| labels.get(MANAGED_BY)).is_some_and(|live| live == OPERATOR)
}

/// [`selector`] as a query.
pub fn pod_selector(name: &str) -> String {
    let pairs: Vec<_> = selector(name).into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

/// The recommended labels but the version.
fn recommended(module: &Module) -> BTreeMap<String, String> {
    let mut all = selector(&module.name);
    all.append(&mut labels([
        ("app.kubernetes.io/component", "communications"),
        ("app.kubernetes.io/part-of", "ocelot"),
        (MANAGED_BY, OPERATOR),
    ]));
    all
}

/// The recommended labels, the version among them where the image's tag is one. For Deployment and pods only: the other
/// children are the same for every version, and another image must not write them all.
pub(super) fn versioned(module: &Module) -> BTreeMap<String, String> {
    let mut all = recommended(module);
    if let Some(tag) = tag(&module.image) {
        all.insert("app.kubernetes.io/version".into(), tag.into());
    }
    all
}

/// Metadata of a child that goes with the module.
pub(super) fn owned(module: &Module, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(module.namespace.clone()),
        labels: Some(recommended(module)),
        owner_references: Some(vec![module.owner.clone()]),
        ..ObjectMeta::default()
    }
}

/// Metadata of a child that goes with the module or outlives it, as the deletion policy says.
pub(super) fn retainable(module: &Module, name: &str) -> ObjectMeta {
    let mut meta = owned(module, name);
    if module.deletion() == DeletionPolicy::Retain {
        meta.owner_references = None;
        meta.labels.get_or_insert_default().insert(RETAINED_FOR.into(), module.name.clone());
    }
    meta
}

fn labels<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The tag of an image reference, where it can be a label.
fn tag(image: &str) -> Option<&str> {
    let without_digest = image.split('@').next().unwrap_or(image);
    let (repository, tag) = without_digest.rsplit_once(':')?;
    // A colon further left belongs to the registry's port.
    let is_tag = !tag.contains('/') && !repository.is_empty();
    let edge = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    (is_tag && tag.len() <= MAX_VALUE && edge(tag.chars().next()) && edge(tag.chars().last())).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn the_version_label_is_the_tag_where_there_is_one() {
        assert_eq!(tag("cc-lite:1.2.3"), Some("1.2.3"));
        assert_eq!(tag("registry.example:5000/ocelot/cc-lite:v1"), Some("v1"));
        assert_eq!(tag("registry.example:5000/ocelot/cc-lite"), None);
        assert_eq!(tag("cc-lite"), None);
        assert_eq!(tag("cc-lite:1.0@sha256:0123"), Some("1.0"));
        assert_eq!(tag("cc-lite@sha256:0123"), None);
        assert_eq!(tag("cc-lite:1.0-"), None, "a label must end with a letter or digit");
    }
}
