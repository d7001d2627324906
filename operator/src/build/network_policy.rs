//! Who may reach the pods.
//!
//! Two rules: the API's port for the gateway, or for everybody where tokens or a proof tell who is asking; the management
//! port for the operator and for who watches. Ports go by name, so that pods of the old and the new port are both reached
//! during a rollout. What pods reach is left open: a policy sees addresses and ports behind Services, which neither the
//! broker's address nor the database's tells.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::networking::v1::{
        NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use crate::decide::Plan;

use super::{
    labels,
    pod::{HTTP_PORT_NAME, MANAGEMENT_PORT_NAME},
    selector,
};

/// Label of the operator's pods, as its chart sets it.
const OPERATOR: &str = "comms-operator";

pub(super) fn network_policy(plan: &Plan) -> Option<NetworkPolicy> {
    let module = &plan.module;
    let api_peers = plan.api_peers.clone()?;
    let mut watchers: Vec<NetworkPolicyPeer> =
        plan.operator_namespace.as_deref().map(operator).into_iter().collect();
    watchers.extend(module.network.monitoring.allow_from.iter().map(NetworkPolicyPeer::from));
    let mut rules = vec![rule(HTTP_PORT_NAME, api_peers)];
    // A rule without peers would let everybody in.
    if !watchers.is_empty() {
        rules.push(rule(MANAGEMENT_PORT_NAME, watchers));
    }
    Some(NetworkPolicy {
        metadata: labels::owned(module, &module.name),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(matching(selector(&module.name))),
            policy_types: Some(vec!["Ingress".into()]),
            ingress: Some(rules),
            // Said, so that what somebody adds is taken away again.
            egress: Some(Vec::new()),
        }),
    })
}

/// Whether a rule is the one for the API's port.
pub(crate) fn api_rule(rule: &NetworkPolicyIngressRule) -> bool {
    let named = IntOrString::String(HTTP_PORT_NAME.into());
    rule.ports.iter().flatten().any(|port| port.port.as_ref() == Some(&named))
}

fn rule(port: &str, from: Vec<NetworkPolicyPeer>) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule {
        from: (!from.is_empty()).then_some(from),
        ports: Some(vec![NetworkPolicyPort {
            port: Some(IntOrString::String(port.into())),
            protocol: Some("TCP".into()),
            end_port: None,
        }]),
    }
}

fn operator(namespace: &str) -> NetworkPolicyPeer {
    let one = |key: &str, value: &str| matching([(key.to_owned(), value.to_owned())].into());
    NetworkPolicyPeer {
        namespace_selector: Some(one("kubernetes.io/metadata.name", namespace)),
        pod_selector: Some(one("app.kubernetes.io/name", OPERATOR)),
        ip_block: None,
    }
}

fn matching(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}
