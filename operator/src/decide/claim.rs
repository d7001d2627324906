//! Whose the objects are that have our children's names.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::{build::labels::RETAINED_FOR, kinds::Kinds, observe::Children};

use super::{
    Broker, Hold, HoldReason, Module, Replicas, module::AdminPassword, module::Database, module::Identity,
};

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This module's.
    Ours,
    /// Kept for a module of this name.
    Retained,
    /// A deleted module's of the same name, about to be collected.
    Predecessors,
    /// Somebody else's.
    Foreign,
}

/// Whose an object is, by its owner references and the label that marks what was retained.
pub fn claim_of(meta: &ObjectMeta, module: &Module) -> Claim {
    let mut owners = meta.owner_references.iter().flatten();
    if owners.clone().any(|owner| owner.uid == module.owner.uid) {
        return Claim::Ours;
    }
    let retained_for = meta.labels.as_ref().and_then(|labels| labels.get(RETAINED_FOR));
    if retained_for == Some(&module.name) {
        return Claim::Retained;
    }
    if owners.any(|owner| owner.kind == module.owner.kind && owner.name == module.name) {
        Claim::Predecessors
    } else {
        Claim::Foreign
    }
}

/// A child as far as its name may be taken: its kind, whether it is needed, whether it can be retained, and what is there.
type Place<'a> = (&'static str, bool, bool, Option<&'a ObjectMeta>);

/// Refuses to go on while an object that the module needs has a name that is taken.
pub(super) fn check(
    module: &Module,
    replicas: &Replicas,
    kinds: Kinds,
    children: &Children,
) -> Result<(), Hold> {
    let standalone = match &module.identity {
        Identity::Standalone(standalone) => Some(standalone),
        Identity::Platform(_) => None,
    };
    let makes_keys = standalone.is_some();
    let makes_password = standalone.is_some_and(|auth| auth.admin_password == AdminPassword::Generated);
    let embedded = matches!(module.database, Database::Embedded { .. });
    let needed: [Place<'_>; 9] = [
        ("ServiceAccount", true, false, children.service_account.as_ref().map(|object| &object.metadata)),
        ("Secret", makes_keys, true, children.keys.as_ref().map(|object| &object.metadata)),
        ("Secret", makes_keys, true, children.keyring.as_ref().map(|object| &object.metadata)),
        ("Secret", makes_password, true, children.admin.as_ref().map(|object| &object.metadata)),
        ("PersistentVolumeClaim", embedded, true, children.volume.as_ref().map(|object| &object.metadata)),
        ("Service", true, false, children.service.as_ref().map(|object| &object.metadata)),
        ("Deployment", true, false, children.deployment.as_ref().map(|object| &object.metadata)),
        (
            "HorizontalPodAutoscaler",
            replicas.are_automatic(),
            false,
            children.autoscaler.as_ref().map(|object| &object.metadata),
        ),
        (
            "PodDisruptionBudget",
            replicas.need_disruption_budget(module),
            false,
            children.disruption_budget.as_ref().map(|object| &object.metadata),
        ),
    ];
    let needed = needed.into_iter().chain(around(module, kinds, children));
    for (kind, needed, retainable, meta) in needed {
        let Some(meta) = meta.filter(|_| needed) else { continue };
        let name = meta.name.as_deref().unwrap_or_default();
        match claim_of(meta, module) {
            Claim::Ours => {}
            Claim::Retained if retainable => {}
            Claim::Predecessors => {
                return Err(Hold::new(
                    HoldReason::PredecessorPresent,
                    format!(
                        "{kind} {name} belongs to a deleted CommsModule of the same name: \
                         wait until Kubernetes has collected it, or delete it"
                    ),
                ));
            }
            Claim::Retained | Claim::Foreign => {
                return Err(Hold::new(
                    HoldReason::NameTaken,
                    format!(
                        "{kind} {name} exists and is not this module's: \
                         delete or rename it, or give the CommsModule another name"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// What is around the pods: copies of others' Secrets, rules of the network, ways in, and who watches.
fn around<'a>(module: &Module, kinds: Kinds, children: &'a Children) -> [Place<'a>; 7] {
    let exposure = module.network.exposure.as_ref();
    let ingress = exposure.is_some_and(|exposure| exposure.ingress.is_some());
    let route = exposure.is_some_and(|exposure| exposure.http_route.is_some());
    let monitored = module.network.monitoring.service_monitor;
    let cluster = matches!(module.events.broker, Broker::Cluster(_));
    let twilio = !module.service.twilio.is_empty();
    [
        ("Secret", cluster, false, children.broker.as_ref().map(|object| &object.metadata)),
        ("Secret", twilio, false, children.providers.as_ref().map(|object| &object.metadata)),
        (
            "NetworkPolicy",
            module.network.policy,
            false,
            children.network_policy.as_ref().map(|object| &object.metadata),
        ),
        ("Service", monitored, false, children.metrics.as_ref().map(|object| &object.metadata)),
        ("Ingress", ingress, false, children.ingress.as_ref().map(|object| &object.metadata)),
        (
            "HTTPRoute",
            route && kinds.http_route,
            false,
            children.http_route.as_ref().map(|object| &object.metadata),
        ),
        (
            "ServiceMonitor",
            monitored && kinds.service_monitor,
            false,
            children.service_monitor.as_ref().map(|object| &object.metadata),
        ),
    ]
}
