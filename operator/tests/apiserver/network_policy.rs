//! What the `NetworkPolicies` let pass, as stored by the API server and worked out by cyclonus. No network keeps them here.

use anyhow::{Context, Result};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use serde_json::{Value, json};
use testbed::cyclonus::{Connection, Peer, passes};

use crate::trial::Trial;

const API: (u16, &str) = (3018, "http");
const MANAGEMENT: (u16, &str) = (9018, "management");

/// Connections to the module's pod, each with whether it passes.
async fn judge(trial: &Trial, cases: &[(&str, Peer, (u16, &'static str), bool)]) -> Result<()> {
    let policy: NetworkPolicy = trial.get("comms").await?;
    let mut policy = serde_json::to_value(policy)?;
    policy["metadata"] = json!({"name": "comms", "namespace": trial.namespace});
    let to = Peer::pod(
        &trial.namespace,
        &[("app.kubernetes.io/name", "cc-lite"), ("app.kubernetes.io/instance", "comms")],
    );
    let connections: Vec<_> = cases
        .iter()
        .map(|(_, from, (port, port_name), _)| Connection {
            from: from.clone(),
            to: to.clone(),
            port: *port,
            port_name,
        })
        .collect();
    let verdicts = passes(&[policy], &connections).await?;
    for ((what, _, (port, _), expected), passes) in cases.iter().zip(verdicts) {
        assert_eq!(passes, *expected, "{what}, port {port}");
    }
    Ok(())
}

async fn applied(spec: Value) -> Result<Trial> {
    let trial = Trial::begin().await?;
    trial.secret("gateway", "proof", "0123456789abcdef").await?;
    trial.create("comms", spec).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    Ok(trial)
}

/// The operator's pod, as the chart labels it.
fn operator(namespace: &str) -> Peer {
    Peer::pod(
        namespace,
        &[("app.kubernetes.io/name", "comms-operator"), ("app.kubernetes.io/instance", "comms-operator")],
    )
}

fn somebody(namespace: &str) -> Peer {
    Peer::pod(namespace, &[("app", "somebody")])
}

#[tokio::test]
async fn tokens_are_asked_of_everybody_and_the_management_port_is_the_operators_alone() -> Result<()> {
    let trial = applied(json!({})).await?;
    let own = trial.namespace.as_str();
    judge(
        &trial,
        &[
            ("a pod beside it", somebody(own), API, true),
            ("a pod elsewhere", somebody("elsewhere"), API, true),
            ("the outside", Peer::Outside("198.51.100.7"), API, true),
            // In these tests the operator's own namespace is the trial's.
            ("the operator", operator(own), MANAGEMENT, true),
            ("another pod of the operator's namespace", somebody(own), MANAGEMENT, false),
            ("a pod that wears the operator's label elsewhere", operator("elsewhere"), MANAGEMENT, false),
            ("the outside", Peer::Outside("198.51.100.7"), MANAGEMENT, false),
            ("a pod beside it", somebody(own), (22, "ssh"), false),
        ],
    )
    .await
}

#[tokio::test]
async fn in_platform_mode_only_the_gateway_reaches_the_api_where_it_is_named() -> Result<()> {
    let from = json!([
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}},
         "podSelector": {"matchLabels": {"app": "gateway"}}},
        {"podSelector": {"matchLabels": {"app": "bff"}}},
        {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25"]}},
    ]);
    let trial = applied(json!({"mode": "Platform", "gateway": {"allowFrom": from}})).await?;
    let own = trial.namespace.as_str();
    judge(
        &trial,
        &[
            ("the gateway", Peer::pod("edge", &[("app", "gateway")]), API, true),
            ("another pod of the gateway's namespace", somebody("edge"), API, false),
            (
                "a pod that wears the gateway's label elsewhere",
                Peer::pod("elsewhere", &[("app", "gateway")]),
                API,
                false,
            ),
            ("the named pod beside it", Peer::pod(own, &[("app", "bff")]), API, true),
            ("another pod beside it", somebody(own), API, false),
            ("the named pod's like elsewhere", Peer::pod("elsewhere", &[("app", "bff")]), API, false),
            ("a named address", Peer::Outside("192.0.2.7"), API, true),
            ("an address that is left out", Peer::Outside("192.0.2.200"), API, false),
            ("another address", Peer::Outside("198.51.100.7"), API, false),
            ("the gateway", Peer::pod("edge", &[("app", "gateway")]), MANAGEMENT, false),
            ("the operator", operator(own), MANAGEMENT, true),
            ("the operator", operator(own), API, false),
        ],
    )
    .await
}

#[tokio::test]
async fn a_gateway_that_proves_itself_is_reached_from_everywhere_unless_a_rule_says_otherwise() -> Result<()>
{
    let proof = json!({"proofSecretRef": {"name": "gateway", "key": "proof"}});
    let trial = applied(json!({"mode": "Platform", "gateway": proof})).await?;
    judge(&trial, &[("a pod elsewhere", somebody("elsewhere"), API, true)]).await?;

    let rule = json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]);
    trial.change("comms", json!({"gateway": {"allowFrom": rule}})).await?;
    trial
        .until_object::<NetworkPolicy, _>("comms", "names the gateway", |policy| {
            let rules = policy.spec.as_ref().and_then(|spec| spec.ingress.as_ref()).context("no rules")?;
            rules.first().and_then(|rule| rule.from.as_ref()).context("everybody is let in").map(drop)
        })
        .await?;
    let own = trial.namespace.as_str();
    judge(
        &trial,
        &[
            ("the gateway", Peer::pod(own, &[("app", "gateway")]), API, true),
            ("a pod elsewhere", somebody("elsewhere"), API, false),
        ],
    )
    .await
}

#[tokio::test]
async fn who_watches_reaches_the_management_port_and_nothing_else_new() -> Result<()> {
    let prometheus = json!([{
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
    }]);
    let rule = json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]);
    let spec =
        json!({"mode": "Platform", "gateway": {"allowFrom": rule}, "monitoring": {"allowFrom": prometheus}});
    let trial = applied(spec).await?;
    let watcher = |namespace: &str| Peer::pod(namespace, &[("app.kubernetes.io/name", "prometheus")]);
    judge(
        &trial,
        &[
            ("Prometheus", watcher("monitoring"), MANAGEMENT, true),
            ("Prometheus", watcher("monitoring"), API, false),
            ("another Prometheus", watcher("elsewhere"), MANAGEMENT, false),
            ("a pod beside Prometheus", somebody("monitoring"), MANAGEMENT, false),
        ],
    )
    .await
}

#[tokio::test]
async fn what_somebody_lets_in_by_hand_is_shut_out_again() -> Result<()> {
    let rule = json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]);
    let trial = applied(json!({"mode": "Platform", "gateway": {"allowFrom": rule}})).await?;
    let before: NetworkPolicy = trial.get("comms").await?;
    let edits = [
        json!({"spec": {"ingress": [{}]}}),
        json!({"spec": {"podSelector": {"matchLabels": {"nobody": "wears-this"}}}}),
        json!({"spec": {"policyTypes": ["Egress"]}}),
        json!({"spec": {"egress": [{}], "policyTypes": ["Ingress", "Egress"]}}),
    ];
    for edit in edits {
        let patch = kube::api::Patch::Merge(edit.clone());
        trial.api::<NetworkPolicy>().patch("comms", &kube::api::PatchParams::default(), &patch).await?;
        trial
            .until_object::<NetworkPolicy, _>("comms", "is as it was", |policy| {
                anyhow::ensure!(policy.spec == before.spec, "after {edit} it is {:?}", policy.spec);
                Ok(())
            })
            .await?;
    }
    trial.settle("comms").await.map(drop)
}

#[tokio::test]
async fn a_module_may_go_without_a_policy_and_take_it_back() -> Result<()> {
    let trial = applied(json!({})).await?;
    trial.change("comms", json!({"networkPolicy": {"enabled": false}})).await?;
    trial.until_gone::<NetworkPolicy>("comms").await?;
    trial.change("comms", json!({"networkPolicy": null})).await?;
    trial.until_object::<NetworkPolicy, _>("comms", "is back", |_| Ok(())).await
}
