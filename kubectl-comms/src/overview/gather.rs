//! What is read of a module and of what was made for it. A user who may see the module and not its pods is told so, and
//! sees the rest.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::{ResourceExt, api::ListParams};

use crate::{
    cluster::{Cluster, VIEW},
    failure::Failure,
    module::{Module, ModuleExt},
};

use super::{Overview, Volume, advice, pods};

/// Reads how a module is.
pub(super) async fn overview(cluster: &Cluster, module: &Module) -> Overview {
    let namespace = module.namespace().unwrap_or_default();
    let selector = ListParams::default().labels(&module.pod_selector());
    let claim = format!("{}-data", module.name_any());
    let pods = cluster.api_in::<Pod>(&namespace);
    let claims = cluster.api_in::<PersistentVolumeClaim>(&namespace);
    let (pods, claim) = tokio::join!(pods.list(&selector), claims.get_opt(&claim));
    let told = |what: &str, error: kube::Error| format!("{what}: {}", Failure::of_call(error, VIEW));
    of(
        module,
        pods.map(|pods| pods.items).map_err(|error| told("pods", error)),
        claim.map_err(|error| told("the volume", error)),
    )
}

/// How a module is, from what was read.
pub(super) fn of(
    module: &Module,
    pods: Result<Vec<Pod>, String>,
    claim: Result<Option<PersistentVolumeClaim>, String>,
) -> Overview {
    let status = module.status.clone().unwrap_or_default();
    let effective = status.effective.unwrap_or_default();
    let mut unread = Vec::new();
    let pods = pods.unwrap_or_else(|error| {
        unread.push(error);
        Vec::new()
    });
    let claim = claim.unwrap_or_else(|error| {
        unread.push(error);
        None
    });
    let mut overview = Overview {
        namespace: module.namespace().unwrap_or_default(),
        name: module.name_any(),
        mode: module.spec_text("/mode").unwrap_or("Standalone").to_owned(),
        created_at: module.metadata.creation_timestamp.as_ref().map(|time| time.0),
        deleting: module.metadata.deletion_timestamp.is_some(),
        observed: module.is_observed(),
        ready: module.is_observed()
            && module.condition("Ready").is_some_and(|condition| condition.status == "True"),
        ready_replicas: status.ready_replicas,
        replicas: status.replicas,
        url: status.url,
        image: status.image,
        // A claim of a module on PostgreSQL is one that it was left with.
        volume: claim.filter(|_| effective.database.as_deref() != Some("PostgreSQL")).map(volume),
        database: effective.database,
        password_secret: module.password_entry(),
        conditions: status.conditions,
        keys: status.keys,
        next_rotation: status.next_rotation_time,
        pods: pods::lines(&pods),
        unread,
        next: Vec::new(),
    };
    overview.next = advice::next(&overview);
    overview
}

fn volume(claim: PersistentVolumeClaim) -> Volume {
    let name = claim.name_any();
    let status = claim.status.unwrap_or_default();
    Volume {
        name,
        phase: status.phase.unwrap_or_else(|| "Pending".into()),
        size: status.capacity.and_then(|mut capacity| capacity.remove("storage")).map(|size| size.0),
        storage_class: claim.spec.and_then(|spec| spec.storage_class_name),
    }
}
