//! Stage 5: what is told. The status is worked out purely; writing it, and events about what changed in it, needs the
//! client. Nothing is written where nothing changed.

mod around;
mod conditions;
mod event;
mod keys;
mod malformed;
mod pods;
mod publishing;
mod readiness;
mod reason;
mod status;
mod storage;
mod switch;
pub mod telling;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workload_tests;

use k8s_openapi::{api::apps::v1::Deployment, jiff::Timestamp};
use kube::{Api, Client, Resource, ResourceExt, api::Patch};
use serde_json::json;

use crate::{
    api::CommsModule,
    api::FIELD_MANAGER,
    api_error::ApiError,
    apply::applied_by,
    decide::{Hold, Module, Plan, Replicas, Trial, Volume},
    lean::Lean,
    rotation::Report,
};

pub use keys::report_keys;
pub use malformed::report_malformed;
pub use status::{status, unreadable};
pub use switch::{Switch, report_switches, switches};
pub use telling::Telling;

/// How the stages before ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// The children are as planned.
    Applied {
        /// The plan.
        plan: &'a Plan,
        /// The Deployment afterwards.
        deployment: Box<Deployment>,
    },
    /// The API server refused a child, and would again.
    Refused {
        /// The plan.
        plan: &'a Plan,
        /// A permission is missing.
        forbidden: bool,
        /// What was refused, and why.
        message: String,
    },
    /// Another image is being tried.
    Trying(&'a Trial),
    /// Changes wait until the resource is no longer paused.
    Paused(Paused<'a>),
    /// Something has to happen first.
    Held(&'a Hold),
}

/// A module whose changes wait.
#[derive(Debug)]
pub struct Paused<'a> {
    module: &'a Module,
    volume: Option<&'a Volume>,
    replicas: Option<Replicas>,
    keys: Option<Box<Report>>,
    waiting: Vec<String>,
}

impl<'a> Paused<'a> {
    /// A module that could run, with the kind and name of each child that would be changed.
    pub fn of_plan(plan: &'a Plan, waiting: Vec<String>) -> Self {
        Self {
            module: &plan.module,
            volume: plan.volume.as_ref(),
            replicas: Some(plan.replicas),
            keys: plan.keys.as_ref().and_then(|keys| keys.state.clone()),
            waiting,
        }
    }

    /// A module whose next image would have to be tried first.
    pub fn of_trial(trial: &'a Trial) -> Self {
        let waiting = vec![format!("image {}", trial.module.image)];
        Self { module: &trial.module, volume: None, replicas: None, keys: trial.keys.clone(), waiting }
    }
}

/// What could not be told.
#[derive(Debug, thiserror::Error)]
#[error("the status of CommsModule {name} could not be written: {source}")]
pub struct ReportError {
    name: String,
    /// What the API server answered.
    pub source: ApiError,
}

/// Writes the status if it changed, and events about what a person would want to know. Gives the module as it was written.
pub async fn report(
    client: &Client,
    telling: &Telling,
    module: &CommsModule,
    status: crate::api::CommsModuleStatus,
    now: Timestamp,
) -> Result<Option<CommsModule>, ReportError> {
    if module.status.as_ref() == Some(&status) {
        return Ok(None);
    }
    let name = module.name_any();
    let api: Api<Lean<CommsModule>> =
        Api::namespaced(client.clone(), &module.namespace().unwrap_or_default());
    let apply = json!({
        "apiVersion": CommsModule::api_version(&()),
        "kind": CommsModule::kind(&()),
        // With the version that was observed: a status worked out from an older state must not win.
        "metadata": { "name": name, "resourceVersion": module.resource_version() },
        "status": status,
    });
    let forced = applied_by(FIELD_MANAGER);
    let Lean(written) = api
        .patch_status(&name, &forced, &Patch::Apply(apply))
        .await
        .map_err(|error| ReportError { name: name.clone(), source: error.into() })?;
    let before = module.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    event::publish(client, telling, &module.object_ref(&()), before, &status.conditions, now).await;
    Ok(Some(written))
}
