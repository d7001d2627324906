//! A stored object that is no `CommsModule`: it is told, and waits for its fix.

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
};
use serde_json::json;

use crate::{
    api::{CommsModule, FIELD_MANAGER},
    api_error::ApiError,
    watches::Malformed,
};

use super::{
    ReportError, Telling,
    conditions::{Finding, READY, State},
    event,
    reason::Reason,
};

/// Says in `Ready` what is wrong with the object.
pub async fn report_malformed(
    client: &Client,
    telling: &Telling,
    malformed: &Malformed,
    now: Timestamp,
) -> Result<(), ReportError> {
    let Malformed { namespace, name, error: wrong } = malformed;
    let failed = |error: kube::Error| ReportError { name: name.clone(), source: error.into() };
    let resource = ApiResource::erase::<CommsModule>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource);
    let Some(stored) = api.get_opt(name).await.map_err(failed)? else { return Ok(()) };
    let before: Vec<Condition> = stored
        .data
        .pointer("/status/conditions")
        .and_then(|conditions| serde_json::from_value(conditions.clone()).ok())
        .unwrap_or_default();
    let finding = Finding::new(
        State::False,
        Reason::Malformed,
        format!("this is no CommsModule: {wrong}; correct the field, or delete the object"),
    );
    let ready = finding.into_condition(READY, &before, stored.metadata.generation, now);
    if before.contains(&ready) {
        return Ok(());
    }
    let mut conditions: Vec<_> =
        before.iter().filter(|condition| condition.type_ != READY).cloned().collect();
    conditions.push(ready);
    // A merge patch: server-side apply would have to understand the object first.
    let patch =
        json!({ "status": { "observedGeneration": stored.metadata.generation, "conditions": conditions } });
    let params = PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() };
    tracing::warn!(namespace, name = stored.name_any(), "malformed: {wrong}");
    let told = api.patch_status(name, &params, &Patch::Merge(patch)).await;
    event::publish(client, telling, &stored.object_ref(&resource), &before, &conditions, now).await;
    match told.map_err(ApiError::from) {
        Err(source) if !source.needs_a_person() => Err(ReportError { name: name.clone(), source }),
        // The API server may refuse even the status of an object that it can make no sense of: the event has to do.
        Ok(_) | Err(_) => Ok(()),
    }
}
