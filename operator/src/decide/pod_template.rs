//! What the pods are like: the built template with the user's `spec.podTemplate` merged over it, where that leaves what
//! has to stay.

mod merge;
mod restricted;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use crate::{
    api::PodTemplate,
    build::{CONTAINER, KEYS_PATH, KEYS_VOLUME, labels::MANAGED_BY, pod_template, selector},
};

use super::{Hold, HoldReason, Module, Release};

/// Annotations that begin like this are the operator's.
const OWN_ANNOTATIONS: &str = "comms.kraliki.com/";

/// The template of the pods.
pub(super) fn decide(module: &Module, config_hash: &str, release: &Release) -> Result<PodTemplateSpec, Hold> {
    let built = pod_template(module, config_hash);
    let Some(overrides) = &module.pod_template else { return Ok(built) };
    let template =
        merged(&built, overrides, module).map_err(|sentence| Hold::new(HoldReason::InvalidSpec, sentence))?;
    let violations = restricted::violations(&template);
    if violations.is_empty() || release.allow_unrestricted_pods {
        return Ok(template);
    }
    Err(Hold::new(
        HoldReason::UnrestrictedPod,
        format!(
            "spec.podTemplate leaves the restricted Pod Security profile: {}; change that, or have the operator run with \
             --allow-unrestricted-pods",
            violations.join("; ")
        ),
    ))
}

/// The merged template, or a sentence that says why there is none.
fn merged(
    built: &PodTemplateSpec,
    PodTemplate(overrides): &PodTemplate,
    module: &Module,
) -> Result<PodTemplateSpec, String> {
    let overrides = Value::Object(overrides.clone());
    check_own(&overrides, module)?;
    let before = serde_json::to_value(built).unwrap_or_default();
    let mut after = before.clone();
    merge::merge(&mut after, &overrides);
    let template: PodTemplateSpec = serde_path_to_error::deserialize(&after).map_err(|error| {
        format!("spec.podTemplate.{} does not fit: {}; correct it", error.path(), error.inner())
    })?;
    let understood = serde_json::to_value(&template).unwrap_or_default();
    if let Some(unknown) = merge::lost(&after, &understood) {
        return Err(format!(
            "spec.podTemplate{unknown} is no field of a pod that this operator knows: correct its spelling, or remove it"
        ));
    }
    check_kept(&before, &after)?;
    Ok(template)
}

/// Refuses to override what the operator has fields or uses of its own for.
fn check_own(overrides: &Value, module: &Module) -> Result<(), String> {
    let fields = |pointer: &str| overrides.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    if let Some((field, _)) = fields("").find(|(field, _)| !matches!(field.as_str(), "metadata" | "spec")) {
        return Err(format!(
            "spec.podTemplate.{field} is no part of a pod: write metadata and spec below it"
        ));
    }
    let known = |field: &str| matches!(field, "labels" | "annotations");
    if let Some((field, _)) = fields("/metadata").find(|(field, _)| !known(field)) {
        return Err(format!(
            "spec.podTemplate.metadata.{field} has no use: pods take labels and annotations only, so remove it"
        ));
    }
    let selector = selector(&module.name);
    for (label, value) in fields("/metadata/labels") {
        let stays = selector.contains_key(label) || label == MANAGED_BY;
        if stays && selector.get(label).map(String::as_str) != value.as_str() {
            return Err(format!(
                "pods are found by their label {label}: remove it from spec.podTemplate.metadata.labels"
            ));
        }
    }
    if let Some((own, _)) =
        fields("/metadata/annotations").find(|(annotation, _)| annotation.starts_with(OWN_ANNOTATIONS))
    {
        return Err(format!(
            "annotation {own} is the operator's: remove it from spec.podTemplate.metadata.annotations"
        ));
    }
    for list in ["containers", "initContainers"] {
        let Some(containers) = overrides.pointer(&format!("/spec/{list}")) else { continue };
        for container in containers.as_array().into_iter().flatten() {
            match container["name"].as_str() {
                None => {
                    return Err(format!(
                        "each of spec.podTemplate.spec.{list} needs a name: {CONTAINER} for the module's own container"
                    ));
                }
                Some(CONTAINER) if !container["image"].is_null() => {
                    return Err(format!(
                        "the image of container {CONTAINER} is spec.image's: remove it from spec.podTemplate, and set spec.image"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// Refuses a template that has lost what a module needs.
fn check_kept(before: &Value, after: &Value) -> Result<(), String> {
    let own = |template: &Value| found(&template["spec"]["containers"], "name", CONTAINER);
    let (Some(built), Some(container)) = (own(before), own(after)) else {
        return Err(format!(
            "spec.podTemplate takes away container {CONTAINER}: leave spec.containers as a list of containers with names"
        ));
    };
    for port in built["ports"].as_array().into_iter().flatten() {
        let same =
            |live: &Value| live["name"] == port["name"] && live["containerPort"] == port["containerPort"];
        if !container["ports"].as_array().into_iter().flatten().any(same) {
            return Err(format!(
                "the Service and the probes lead to port {}: leave it as it is in spec.podTemplate, and set spec.port instead",
                port["name"].as_str().unwrap_or_default()
            ));
        }
    }
    let volume = |template: &Value| found(&template["spec"]["volumes"], "name", KEYS_VOLUME);
    let mount = |container: &Value| found(&container["volumeMounts"], "mountPath", KEYS_PATH);
    if volume(before) != volume(after) || mount(&built) != mount(&container) {
        return Err(format!(
            "the signing keys are mounted from volume {KEYS_VOLUME} at {KEYS_PATH}: leave both as they are in spec.podTemplate"
        ));
    }
    Ok(())
}

/// The element of a list whose `key` is `value`.
fn found(list: &Value, key: &str, value: &str) -> Option<Value> {
    list.as_array()?.iter().find(|element| element[key] == value).cloned()
}

#[cfg(test)]
mod tests;
