//! What the chart's roles let the operator do, as the API server answers the operator itself.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{
    authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec},
    rbac::v1::{PolicyRule, Role},
};
use kube::{Api, Client, api::PostParams};
use testbed::{product::repository, wait::eventually};

use crate::trial::{SOON, Trial, server};

/// Group, resource, subresource and verb.
type Right = (&'static str, &'static str, &'static str, &'static str);

/// What no operator may do anywhere: each of these would give it more than the chart says.
const NEVER: [Right; 14] = [
    ("", "pods", "exec", "create"),
    ("", "pods", "attach", "create"),
    ("", "pods", "ephemeralcontainers", "patch"),
    ("", "pods", "", "update"),
    ("", "pods", "status", "patch"),
    ("", "nodes", "", "get"),
    ("", "namespaces", "", "delete"),
    ("", "serviceaccounts", "token", "create"),
    ("", "users", "", "impersonate"),
    ("rbac.authorization.k8s.io", "roles", "", "escalate"),
    ("rbac.authorization.k8s.io", "rolebindings", "", "create"),
    ("rbac.authorization.k8s.io", "clusterroles", "", "bind"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies", "", "delete"),
    ("comms.kraliki.com", "commsmodules", "", "delete"),
];

/// Whether who asks may do something; everywhere where no namespace is given.
async fn may(client: &Client, namespace: Option<&str>, right: (&str, &str, &str, &str)) -> Result<bool> {
    let (group, resource, subresource, verb) = right;
    let attributes = ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        subresource: Some(subresource.to_owned()),
        verb: Some(verb.to_owned()),
        namespace: namespace.map(ToOwned::to_owned),
        ..ResourceAttributes::default()
    };
    let spec = SelfSubjectAccessReviewSpec {
        resource_attributes: Some(attributes),
        ..SelfSubjectAccessReviewSpec::default()
    };
    let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
    let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let answer = api.create(&PostParams::default(), &review).await?;
    Ok(answer.status.context("the review has no status")?.allowed)
}

async fn may_never(client: &Client, namespace: Option<&str>) -> Result<()> {
    for right in NEVER {
        ensure!(!may(client, namespace, right).await?, "it may {right:?} in {namespace:?}");
    }
    Ok(())
}

/// Each single right of some rules.
fn each(rules: &[PolicyRule]) -> Vec<(String, String, String, String)> {
    let mut rights = Vec::new();
    for rule in rules {
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                for verb in &rule.verbs {
                    rights.push((group.clone(), resource.to_owned(), subresource.to_owned(), verb.clone()));
                }
            }
        }
    }
    rights
}

fn as_strs(
    (group, resource, subresource, verb): &(String, String, String, String),
) -> (&str, &str, &str, &str) {
    (group, resource, subresource, verb)
}

#[tokio::test]
async fn an_operator_for_one_namespace_has_its_rights_there_and_none_elsewhere() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let user = format!("system:serviceaccount:{}:comms-operator", trial.namespace);
    let client = trial.server.client_for(&user, None).await?;
    let role: Role = trial.get("comms-operator").await?;
    let rights = each(&role.rules.context("the role has no rules")?);
    ensure!(!rights.is_empty(), "the role gives no rights");
    eventually(SOON, "the role is in force", async || {
        let right = ("", "secrets", "", "get");
        ensure!(may(&client, Some(&trial.namespace), right).await?, "it may not {right:?}");
        Ok(())
    })
    .await?;
    for right in &rights {
        let right = as_strs(right);
        ensure!(may(&client, Some(&trial.namespace), right).await?, "it may not {right:?} in its namespace");
        ensure!(!may(&client, Some("kube-system"), right).await?, "it may {right:?} in another namespace");
        ensure!(!may(&client, None, right).await?, "it may {right:?} in all namespaces");
    }
    may_never(&client, Some(&trial.namespace)).await?;
    may_never(&client, None).await
}

#[tokio::test]
async fn an_operator_for_all_namespaces_has_the_same_rights_in_each_and_no_more() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let access = trial.server.access();
    let chart = repository().join("charts/comms-operator").display().to_string();
    // Another release, so that its cluster-wide objects have names of their own.
    let release = format!("wide-{}", trial.namespace);
    let arguments = ["template", &release, &chart, "--namespace", &trial.namespace];
    let shown = ["--show-only=templates/serviceaccount.yaml", "--show-only=templates/rbac.yaml"];
    access.apply(&access.helm(&[&arguments[..], &shown].concat()).await?).await?;
    let user = format!("system:serviceaccount:{}:{release}-comms-operator", trial.namespace);
    let client = trial.server.client_for(&user, None).await?;
    let role: Role = trial.get("comms-operator").await?;
    eventually(SOON, "the role is in force", async || {
        ensure!(may(&client, None, ("", "secrets", "", "get")).await?, "it may not read Secrets");
        Ok(())
    })
    .await?;
    for right in each(&role.rules.context("the role has no rules")?) {
        let right = as_strs(&right);
        // Leases and the like stay with the release.
        if right.0 == "coordination.k8s.io" {
            continue;
        }
        ensure!(may(&client, None, right).await?, "it may not {right:?} in all namespaces");
        ensure!(may(&client, Some("kube-system"), right).await?, "it may not {right:?} in another namespace");
    }
    may_never(&client, None).await
}

#[tokio::test]
async fn no_role_of_the_chart_has_a_wildcard() -> Result<()> {
    let chart = repository().join("charts/comms-operator").display().to_string();
    let access = server().await?.access();
    for values in ["watchNamespace=", "watchNamespace=telephony"] {
        let arguments = ["template", "comms-operator", &chart, "--set", values];
        let shown = ["--show-only=templates/userroles.yaml", "--show-only=templates/rbac.yaml"];
        let manifests = access.helm(&[&arguments[..], &shown].concat()).await?;
        ensure!(manifests.contains("verbs:"), "there is no role in {manifests}");
        let wild: Vec<_> = manifests.lines().filter(|line| line.contains('*')).collect();
        ensure!(wild.is_empty(), "with {values}: {wild:?}");
    }
    Ok(())
}
