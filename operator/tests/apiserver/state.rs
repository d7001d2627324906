//! All that there is of a module, without what differs from one module to the next.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use comms_operator::api::CommsModule;
use k8s_openapi::{api::rbac::v1::Role, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{
    Api, Discovery, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams},
    discovery::Scope,
};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::trial::Trial;

/// The kinds of objects that the operator has the right to make, events apart: whatever is added is among them.
pub(crate) async fn kinds(trial: &Trial) -> Result<&'static [ApiResource]> {
    static KINDS: OnceCell<Vec<ApiResource>> = OnceCell::const_new();
    let find = async || {
        let rules = trial.get::<Role>("comms-operator").await?.rules.context("the Role has no rules")?;
        let may_make = |resource: &ApiResource| {
            let has = |names: &Option<Vec<String>>, name: &str| names.iter().flatten().any(|one| one == name);
            resource.kind != "Event"
                && rules.iter().any(|rule| {
                    has(&rule.api_groups, &resource.group)
                        && has(&rule.resources, &resource.plural)
                        && rule.verbs.iter().any(|verb| verb == "create")
                })
        };
        let discovery = Discovery::new(trial.client.clone()).run().await?;
        let known = discovery.groups().flat_map(kube::discovery::ApiGroup::recommended_resources);
        let namespaced = known.filter(|(_, capabilities)| capabilities.scope == Scope::Namespaced);
        Ok::<_, anyhow::Error>(namespaced.map(|(resource, _)| resource).filter(may_make).collect())
    };
    Ok(KINDS.get_or_try_init(find).await?)
}

/// The objects of these kinds that the operator has made for a module.
pub(crate) async fn children(
    trial: &Trial,
    resource: &ApiResource,
    module: &str,
) -> Result<Vec<DynamicObject>> {
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, resource);
    let ours = ListParams::default()
        .labels(&format!("app.kubernetes.io/instance={module},app.kubernetes.io/managed-by=comms-operator"));
    let all = api.list(&ours).await?.items.into_iter();
    // What a controller has made of a child is no child.
    let ours =
        |object: &DynamicObject| object.owner_references().iter().all(|owner| owner.kind == "CommsModule");
    Ok(all.filter(ours).collect())
}

/// The same object as somebody else might have made it.
pub(crate) fn nobodys(mut child: DynamicObject) -> DynamicObject {
    child.metadata = ObjectMeta { name: child.metadata.name, ..ObjectMeta::default() };
    if let Some(spec) = child.data.get_mut("spec").and_then(Value::as_object_mut) {
        // The API server gives these away.
        spec.retain(|field, _| !["clusterIP", "clusterIPs"].contains(&field.as_str()));
    }
    child
}

/// What is chosen anew for each object, or says when something was done to it.
const CHANCE: [&str; 12] = [
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "clusterIP",
    "clusterIPs",
    "time",
    "lastTransitionTime",
    "observedGeneration",
    "deployment.kubernetes.io/revision",
    // Over the UIDs of the owner and of Secrets.
    "comms.kraliki.com/applied-hash",
    "comms.kraliki.com/config-hash",
];

/// The children of a module and what its status says, in a form in which two modules can be compared.
pub(crate) async fn state(trial: &Trial, module: &str) -> Result<Value> {
    let resource: CommsModule = trial.get(module).await?;
    let status = resource.status.unwrap_or_default();
    let conditions = status
        .conditions
        .iter()
        .map(|condition| json!([condition.type_, condition.status, condition.reason, condition.message]));
    let mut all = json!({
        "conditions": conditions.collect::<Vec<_>>(),
        "effective": status.effective,
    });
    for resource in kinds(trial).await? {
        all[&resource.plural] = json!(children(trial, resource, module).await?);
    }
    simplify(&mut all, module);
    Ok(all)
}

fn simplify(value: &mut Value, module: &str) {
    match value {
        Value::Object(fields) => simplify_fields(fields, module),
        Value::Array(items) => items.iter_mut().for_each(|item| simplify(item, module)),
        Value::String(text) => *text = text.replace(module, "NAME"),
        _ => {}
    }
}

fn simplify_fields(fields: &mut Map<String, Value>, module: &str) {
    let of_kind = |fields: &Map<String, Value>| fields.contains_key("metadata");
    if of_kind(fields) {
        // The cluster's, not the operator's.
        fields.remove("status");
        let data = fields.get_mut("data").and_then(Value::as_object_mut);
        for (_, secret) in data.into_iter().flatten() {
            *secret = json!("SECRET");
        }
    }
    fields.retain(|key, _| !CHANCE.contains(&key.as_str()));
    // Others' entries depend on who was quicker; the operator's own say what it would take away again.
    if let Some(Value::Array(entries)) = fields.get_mut("managedFields") {
        entries.retain(|entry| entry["manager"] == "comms-operator");
        for entry in entries {
            entry["fieldsV1"] = json!("FIELDS");
        }
    }
    fields.values_mut().for_each(|value| simplify(value, module));
}

/// Where two values differ: each place as a JSON Pointer, with what is there and what was expected.
pub(crate) fn differences(is: &Value, expected: &Value) -> Vec<String> {
    fn compare(place: &str, is: &Value, expected: &Value, found: &mut Vec<String>) {
        match (is, expected) {
            (Value::Object(one), Value::Object(other)) => {
                let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    let at = format!("{place}/{key}");
                    compare(&at, &is[key.as_str()], &expected[key.as_str()], found);
                }
            }
            (Value::Array(one), Value::Array(other)) => {
                for index in 0..one.len().max(other.len()) {
                    compare(&format!("{place}/{index}"), &is[index], &expected[index], found);
                }
            }
            _ if is == expected => {}
            _ => found.push(format!("{place} is {is} instead of {expected}")),
        }
    }
    let mut found = Vec::new();
    compare("", is, expected, &mut found);
    found
}
