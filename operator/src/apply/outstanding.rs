//! What applying would change, for a module whose changes wait.

use kube::{Resource, ResourceExt};
use serde::Serialize;

use crate::{
    build::Desired,
    decide::{Claim, Module, Plan, claim_of},
    observe::Children,
};

use super::{deployment, difference, has_metadata, serves};

/// Kind and name of each child that [`apply`](super::apply) would write or delete.
pub fn outstanding(plan: &Plan, desired: Desired, live: &Children) -> Vec<String> {
    let module = &plan.module;
    let mut found = Found { module, names: Vec::new() };
    found.applied(Some(desired.service_account), live.service_account.as_ref());
    let made_once =
        [(desired.keyring, &live.keyring), (desired.keys, &live.keys), (desired.admin, &live.admin)];
    for (desired, live) in made_once {
        match (desired, live) {
            (Some(desired), Some(live)) if has_metadata(&live.metadata, &desired.metadata) => {}
            (Some(desired), _) => found.add(&desired),
            (None, live) => found.pruned(live.as_ref()),
        }
    }
    found.applied(desired.broker, live.broker.as_ref());
    found.applied(desired.providers, live.providers.as_ref());
    found.applied(desired.network_policy, live.network_policy.as_ref());
    found.applied(desired.metrics, live.metrics.as_ref());
    found.applied(desired.ingress, live.ingress.as_ref());
    found.applied(desired.http_route, live.http_route.as_ref());
    found.applied(desired.service_monitor, live.service_monitor.as_ref());
    if desired.volume.is_some() || live.deployment.as_ref().is_some_and(serves) {
        found.applied(desired.volume, live.volume.as_ref());
    }
    found.applied(Some(desired.service), live.service.as_ref());
    let deployed = live
        .deployment
        .as_ref()
        .filter(|live| !deployment::is_outstanding(desired.deployment.clone(), plan.replicas, live));
    if deployed.is_none() {
        found.add(&desired.deployment);
    }
    found.applied(desired.autoscaler, live.autoscaler.as_ref());
    found.applied(desired.disruption_budget, live.disruption_budget.as_ref());
    found.pruned(live.image_trial.as_ref());
    found.names
}

struct Found<'a> {
    module: &'a Module,
    names: Vec<String>,
}

impl Found<'_> {
    fn add<K: Resource<DynamicType = ()>>(&mut self, object: &K) {
        self.names.push(format!("{} {}", K::kind(&()), object.name_any()));
    }

    fn applied<K: Resource<DynamicType = ()> + Serialize>(&mut self, desired: Option<K>, live: Option<&K>) {
        let Some(mut desired) = desired else { return self.pruned(live) };
        difference::seal(&mut desired);
        if !live.is_some_and(|live| difference::is_applied(&desired, live)) {
            self.add(&desired);
        }
    }

    fn pruned<K: Resource<DynamicType = ()>>(&mut self, live: Option<&K>) {
        if let Some(live) = live.filter(|live| claim_of(live.meta(), self.module) == Claim::Ours) {
            self.add(live);
        }
    }
}
