//! Who may reach the pods, and by which way from outside.
//!
//! A module that trusts its network must never run without the rule that makes the network trustworthy. The rule is
//! written before the pods are; and it is not loosened before the last pod that relies on it is gone.

use k8s_openapi::api::{
    core::v1::Pod,
    networking::v1::{NetworkPolicy, NetworkPolicyPeer},
};

use crate::{
    api::{self, Exposure, Monitoring, Peer},
    build::network_policy::api_rule,
    observe::Observed,
};

use super::{Gateway, Identity, Module};

/// Environment variable by which a pod believes whoever reaches it.
pub(crate) const TRUST: &str = "CC_LITE_GATEWAY_TRUST_EVERYONE";

/// Who may reach the module, as the spec says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Whether a `NetworkPolicy` guards the pods.
    pub policy: bool,
    /// Who may reach the API; everybody where nobody is named.
    pub gateway: Vec<Peer>,
    /// The way in from outside.
    pub exposure: Option<Exposure>,
    /// Who watches.
    pub monitoring: Monitoring,
}

/// Why a spec's rules of the network cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// A rule without a policy.
    #[error(
        "spec.{0}.allowFrom is kept by a NetworkPolicy: set spec.networkPolicy.enabled to true, or remove spec.{0}.allowFrom"
    )]
    NoPolicy(&'static str),
    /// Open to the outside, which could claim to be anybody.
    #[error(
        "who comes in from outside could claim to be anybody: set spec.gateway.proofSecretRef, or remove spec.exposure"
    )]
    ExposedWithoutProof,
    /// None or two ways in.
    #[error(
        "a module is exposed in one way: set spec.exposure.ingress or spec.exposure.httpRoute, and not both"
    )]
    Exposure,
}

pub(super) fn network(spec: &api::CommsModuleSpec, identity: &Identity) -> Result<Network, InvalidNetwork> {
    let policy = spec.network_policy.clone().unwrap_or_default().enabled;
    let gateway = spec.gateway.as_ref().map(|gateway| gateway.allow_from.clone()).unwrap_or_default();
    let monitoring = spec.monitoring.clone().unwrap_or_default();
    if !policy && !gateway.is_empty() {
        return Err(InvalidNetwork::NoPolicy("gateway"));
    }
    if !policy && !monitoring.allow_from.is_empty() {
        return Err(InvalidNetwork::NoPolicy("monitoring"));
    }
    if let Some(exposure) = &spec.exposure {
        if matches!(identity, Identity::Platform(Gateway::Network | Gateway::Everyone)) {
            return Err(InvalidNetwork::ExposedWithoutProof);
        }
        if exposure.ingress.is_some() == exposure.http_route.is_some() {
            return Err(InvalidNetwork::Exposure);
        }
    }
    Ok(Network { policy, gateway, exposure: spec.exposure.clone(), monitoring })
}

/// Who may reach the API now; `None` where there is to be no policy. An empty list is everybody.
pub(super) fn api_peers(module: &Module, observed: &Observed) -> Option<Vec<NetworkPolicyPeer>> {
    let wanted: Vec<NetworkPolicyPeer> = module.network.gateway.iter().map(Into::into).collect();
    let everyone = module.identity == Identity::Platform(Gateway::Everyone);
    if wanted.is_empty() && !everyone {
        let live = observed.children.network_policy.as_ref().and_then(peers_of);
        if let Some(live) = live.filter(|_| observed.pods.iter().any(believes_everybody)) {
            return Some(live);
        }
    }
    module.network.policy.then_some(wanted)
}

/// Whom a policy lets reach the API, where it does not let everybody.
fn peers_of(policy: &NetworkPolicy) -> Option<Vec<NetworkPolicyPeer>> {
    let rules = policy.spec.as_ref()?.ingress.as_ref()?;
    rules.iter().find(|rule| api_rule(rule))?.from.clone().filter(|from| !from.is_empty())
}

fn believes_everybody(pod: &Pod) -> bool {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut environment = containers.flat_map(|container| container.env.iter().flatten());
    environment.any(|variable| variable.name == TRUST && variable.value.as_deref() == Some("true"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{decided, observed, planned};
    use super::super::{Decision, HoldReason};
    use crate::{build::build, observe::Observed};

    /// Whom the built policy lets reach the API; nothing where there is no policy.
    fn peers(observed: &Observed) -> Option<Value> {
        let policy = json!(build(&planned(observed)).network_policy?);
        Some(policy["spec"]["ingress"][0]["from"].clone())
    }

    fn gateway(pods: &str) -> Value {
        json!([{"podSelector": {"matchLabels": {"app": pods}}}])
    }

    /// A module that was known by rule and is asked for something else, with or without a pod of the former spec.
    fn after_a_rule(spec: Value, with_pod: bool) -> Observed {
        let rule = json!({"mode": "Platform", "gateway": {"allowFrom": gateway("gateway")}});
        let former = build(&planned(&observed(rule, &[])));
        let mut observed = observed(spec, &[("s", "k", "0123456789abcdef")]);
        observed.children.network_policy = former.network_policy;
        if with_pod {
            let spec = former.deployment.spec.and_then(|spec| spec.template.spec);
            observed.pods.push(k8s_openapi::api::core::v1::Pod { spec, ..Default::default() });
        }
        observed
    }

    #[test]
    fn a_rule_is_not_loosened_before_the_last_pod_that_relies_on_it_is_gone() {
        let proof = json!({"mode": "Platform", "gateway": {"proofSecretRef": {"name": "s", "key": "k"}}});
        for loosened in [proof, json!({}), json!({"networkPolicy": {"enabled": false}})] {
            assert_eq!(peers(&after_a_rule(loosened.clone(), true)), Some(gateway("gateway")), "{loosened}");
            let then = peers(&after_a_rule(loosened.clone(), false));
            assert!(then.is_none_or(|from| from.is_null()), "{loosened}");
        }
    }

    #[test]
    fn another_rule_and_trust_in_everyone_hold_at_once() {
        let other = json!({"mode": "Platform", "gateway": {"allowFrom": gateway("other")}});
        assert_eq!(peers(&after_a_rule(other, true)), Some(gateway("other")));
        let everyone = json!({"mode": "Platform", "gateway": {"trustEveryone": true}});
        assert_eq!(peers(&after_a_rule(everyone, true)), Some(Value::Null));
    }

    #[test]
    fn rules_that_nothing_would_keep_are_held() {
        let open = json!({"enabled": false});
        let ingress = json!({"ingress": {"host": "voice.example.com"}});
        for (spec, sentence) in [
            (
                json!({"mode": "Platform", "gateway": {"allowFrom": gateway("g")}, "networkPolicy": open}),
                "spec.gateway.allowFrom is kept by a NetworkPolicy",
            ),
            (
                json!({"monitoring": {"allowFrom": gateway("p")}, "networkPolicy": open}),
                "spec.monitoring.allowFrom is kept by a NetworkPolicy",
            ),
            (
                json!({"mode": "Platform", "gateway": {"allowFrom": gateway("g")}, "exposure": ingress}),
                "who comes in from outside could claim to be anybody",
            ),
            (
                json!({"mode": "Platform", "gateway": {"trustEveryone": true}, "exposure": ingress}),
                "who comes in from outside could claim to be anybody",
            ),
            (json!({"exposure": {}}), "a module is exposed in one way"),
        ] {
            let Decision::Hold(hold) = decided(&observed(spec.clone(), &[])) else {
                panic!("{spec} was to be held")
            };
            assert_eq!(hold.reason, HoldReason::InvalidSpec, "{spec}");
            assert!(hold.message.starts_with(sentence), "{spec}: {}", hold.message);
        }
    }
}
