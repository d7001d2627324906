//! A right that the operator lacks is named where its user looks, and nothing needs a restart once it is granted.

use anyhow::{Context, Result, ensure};
use comms_operator::api::CommsModule;
use k8s_openapi::api::{
    authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec},
    rbac::v1::{PolicyRule, Role},
};
use kube::{
    Api,
    api::{DynamicObject, PostParams},
};
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::{
    state::{children, kinds, nobodys},
    trial::{SOON, Trial},
};

/// A module that makes the operator use a right on this kind of child, and one that has none of what may go.
fn specs(resource: &str) -> (Value, Value) {
    let postgres = json!({"database": {"postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}}, "replicas": 2});
    let with = |base: &Value, section: &str, value: Value| {
        let mut spec = base.clone();
        spec[section] = value;
        spec
    };
    let embedded = json!({});
    match resource {
        "horizontalpodautoscalers" => (with(&postgres, "autoscaling", json!({"maxReplicas": 3})), postgres),
        "poddisruptionbudgets" => {
            let without = with(&postgres, "podDisruptionBudget", json!({"enabled": false}));
            (postgres, without)
        }
        "httproutes" => {
            let route = json!({"httpRoute": {"parentRefs": [{"name": "gateway"}]}});
            (with(&embedded, "exposure", route), embedded)
        }
        "ingresses" => {
            let ingress = json!({"ingress": {"host": "voice.example.com"}});
            (with(&embedded, "exposure", ingress), embedded)
        }
        "servicemonitors" | "services" => {
            (with(&embedded, "monitoring", json!({"serviceMonitor": true})), embedded)
        }
        "networkpolicies" => {
            let without = with(&embedded, "networkPolicy", json!({"enabled": false}));
            (embedded, without)
        }
        "secrets" => {
            let twilio = json!({
                "publicUrl": "https://voice.example.com",
                "providers": {"twilio": [{
                    "accountSid": "AC0123456789abcdef0123456789abcdef",
                    "authTokenSecretRef": {"name": "twilio", "key": "token"},
                }]},
            });
            (twilio, embedded)
        }
        _ => (embedded.clone(), embedded),
    }
}

/// Each right that a module of [`specs`] makes use of.
fn rights(rules: &[PolicyRule]) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for rule in rules {
        let groups = rule.api_groups.iter().flatten();
        let resources = rule.resources.iter().flatten();
        let pairs =
            groups.flat_map(|group| resources.clone().map(move |resource| (group.clone(), resource.clone())));
        for (group, resource) in pairs {
            // Events and owner references need no telling; pods are read from the cache, and made for a trial only.
            if group == "comms.kraliki.com" || ["events", "pods", "replicasets"].contains(&resource.as_str())
            {
                continue;
            }
            let verbs = rule.verbs.iter().filter(|verb| match verb.as_str() {
                "get" | "create" | "patch" => true,
                // A volume goes only when another database serves.
                "delete" => resource != "persistentvolumeclaims",
                _ => false,
            });
            all.extend(verbs.map(|verb| (group.clone(), resource.clone(), verb.clone())));
        }
    }
    all
}

struct Rights<'a> {
    trial: &'a Trial,
    all: Vec<PolicyRule>,
}

impl Rights<'_> {
    async fn set(&self, rules: Vec<PolicyRule>) -> Result<()> {
        let mut role: Role = self.trial.get("comms-operator").await?;
        role.rules = Some(rules);
        self.trial.api::<Role>().replace("comms-operator", &PostParams::default(), &role).await?;
        Ok(())
    }

    async fn take(&self, group: &str, resource: &str, verb: &str) -> Result<()> {
        let mut rules = Vec::new();
        for rule in &self.all {
            // One rule for each resource, so that others keep the verb.
            for one in rule.resources.iter().flatten() {
                let mut rule = rule.clone();
                rule.resources = Some(vec![one.clone()]);
                if one == resource && rule.api_groups.iter().flatten().any(|other| other == group) {
                    rule.verbs.retain(|other| other != verb);
                }
                if !rule.verbs.is_empty() {
                    rules.push(rule);
                }
            }
        }
        self.set(rules).await?;
        self.until_allowed(group, resource, verb, false).await
    }

    async fn give_back(&self, group: &str, resource: &str, verb: &str) -> Result<()> {
        self.set(self.all.clone()).await?;
        self.until_allowed(group, resource, verb, true).await
    }

    /// The API server hears of roles by a watch of its own.
    async fn until_allowed(&self, group: &str, resource: &str, verb: &str, expected: bool) -> Result<()> {
        let reviews: Api<SubjectAccessReview> = Api::all(self.trial.client.clone());
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(self.trial.user()),
                resource_attributes: Some(ResourceAttributes {
                    namespace: Some(self.trial.namespace.clone()),
                    group: Some(group.to_owned()),
                    resource: Some(resource.to_owned()),
                    verb: Some(verb.to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        eventually(SOON, &format!("{verb} {resource} is allowed: {expected}"), async || {
            let allowed =
                reviews.create(&PostParams::default(), &review).await?.status.context("no status")?.allowed;
            ensure!(allowed == expected, "it is {allowed}");
            Ok(())
        })
        .await
    }
}

#[tokio::test]
async fn each_right_that_is_taken_away_is_named_and_given_back_the_module_goes_on() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    trial.secret("twilio", "token", "0123456789abcdef0123456789abcdef").await?;
    let all = trial.get::<Role>("comms-operator").await?.rules.context("the Role has no rules")?;
    let of_operator = rights(&all);
    assert!(of_operator.len() > 30, "{of_operator:?}");
    let role = Rights { trial: &trial, all };
    for (number, (group, resource, verb)) in of_operator.iter().enumerate() {
        let mut name = format!("lacking-{number}");
        let (with, without) = specs(resource);
        let mut afterwards = "RollingOut";
        if verb == "get" && resource != "secrets" {
            // Asked for by name is only what turns out to have a name that a child was to have.
            trial.create(&name, with.clone()).await?;
            trial.until(&name, "Ready", "False", "RollingOut").await?;
            let taken = format!("{name}-taken");
            take_a_name(&trial, resource, &name, &taken).await?;
            trial.delete::<CommsModule>(&name).await?;
            (name, afterwards) = (taken, "NameTaken");
            role.take(group, resource, verb).await?;
            trial.create(&name, with).await?;
        } else if verb == "delete" {
            trial.create(&name, with.clone()).await?;
            trial.until(&name, "Ready", "False", "RollingOut").await?;
            role.take(group, resource, verb).await?;
            trial.change(&name, from_to(&with, &without)).await?;
        } else {
            role.take(group, resource, verb).await?;
            trial.create(&name, with).await?;
        }
        let message = trial
            .until(&name, "Ready", "False", "Forbidden")
            .await
            .with_context(|| format!("without the right to {verb} {resource}"))?;
        let named = format!("cannot {verb} resource \"{resource}\"");
        assert!(message.contains(&named), "{named} is not in: {message}");
        assert!(message.contains("grant the operator's ServiceAccount that verb"), "{message}");
        role.give_back(group, resource, verb).await?;
        trial.until(&name, "Ready", "False", afterwards).await?;
        trial.delete::<CommsModule>(&name).await?;
    }
    Ok(())
}

/// Gives an object of nobody's the name that a child of the module `next` will be to have, after a child of `module`.
async fn take_a_name(trial: &Trial, resource: &str, module: &str, next: &str) -> Result<()> {
    let kind = kinds(trial).await?.iter().find(|kind| kind.plural == resource);
    let kind = kind.with_context(|| format!("the cluster has no {resource}"))?;
    let child = children(trial, kind, module).await?.pop();
    let mut object = nobodys(child.with_context(|| format!("{module} has none of the {resource}"))?);
    object.metadata.name = object.metadata.name.map(|name| name.replace(module, next));
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, kind);
    api.create(&PostParams::default(), &object).await?;
    Ok(())
}

/// A merge patch that leads from one spec to another.
fn from_to(from: &Value, to: &Value) -> Value {
    let mut patch = to.clone();
    for key in from.as_object().into_iter().flat_map(|from| from.keys()) {
        if to[key].is_null() {
            patch[key] = Value::Null;
        }
    }
    patch
}
