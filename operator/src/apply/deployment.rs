//! The Deployment, whose number of pods may be an autoscaler's.
//!
//! By server-side apply, a field that its only owner leaves out is removed, and the API server then puts the default in its
//! place: one pod. So before the operator leaves `spec.replicas` to an autoscaler, it has the live number owned under a
//! second name, which never says anything else. The autoscaler takes the field from there with its first change.

use k8s_openapi::{api::apps::v1::Deployment, apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry};
use kube::{Resource, ResourceExt, api::Patch};
use serde_json::json;

use crate::{api::FIELD_MANAGER, decide::Replicas, lean::Lean};

use super::{ApplyError, Writer, applied_by, difference, failed};

/// Who owns the number of pods between the operator and an autoscaler.
const HANDOVER_MANAGER: &str = "comms-operator-handover";

impl Writer<'_> {
    /// Applies the Deployment and gives the outcome.
    pub(super) async fn apply_deployment(
        &self,
        desired: Deployment,
        replicas: Replicas,
        live: Option<&Deployment>,
    ) -> Result<Deployment, ApplyError> {
        match (replicas, live) {
            (Replicas::Fixed(_), _) | (Replicas::Kept { .. }, None) => {
                Ok(self.apply_over(desired, live, None).await?.into_owned())
            }
            (Replicas::Kept { .. }, Some(live)) => {
                // An autoscaler that is going may have changed the number since it was read.
                let version = if owns_replicas(live) { None } else { live.resource_version() };
                Ok(self.apply_over(desired, Some(live), version).await?.into_owned())
            }
            (Replicas::Automatic { start, .. }, None) => {
                let mut first = desired.clone();
                first.spec.get_or_insert_default().replicas = Some(start);
                let made = self.apply_over(first, None, None).await?;
                Box::pin(self.leave_replicas(desired, start, &made)).await
            }
            (Replicas::Automatic { start, .. }, Some(live)) => {
                Box::pin(self.leave_replicas(desired, start, live)).await
            }
        }
    }

    /// Applies a Deployment without a number of pods over one that keeps the number it has.
    async fn leave_replicas(
        &self,
        desired: Deployment,
        start: i32,
        live: &Deployment,
    ) -> Result<Deployment, ApplyError> {
        let leaving = live.metadata.deletion_timestamp.is_some();
        if leaving || !(owns_replicas(live) || count(live) == 0) {
            return Ok(self.apply_over(desired, Some(live), None).await?.into_owned());
        }
        // No autoscaler starts from nothing.
        let number = if count(live) == 0 { start } else { count(live) };
        let name = desired.name_any();
        tracing::info!(kind = "Deployment", name, number, "leaving the number of pods to the autoscaler");
        let handover = json!({
            "apiVersion": Deployment::api_version(&()),
            "kind": Deployment::kind(&()),
            "metadata": {"name": name, "resourceVersion": live.resource_version()},
            "spec": {"replicas": number},
        });
        let forced = applied_by(HANDOVER_MANAGER);
        let handed_over = self.api().patch(&name, &forced, &Patch::Apply(handover)).await;
        let Lean(handed_over) = handed_over.map_err(failed::<Deployment>(&name, "handed over"))?;
        self.unsettle::<Deployment>(&name);
        Ok(self.apply_over(desired, Some(&handed_over), None).await?.into_owned())
    }
}

/// Whether this operator is among those who say how many pods there are.
fn owns_replicas(deployment: &Deployment) -> bool {
    let ours = |entry: &&ManagedFieldsEntry| entry.manager.as_deref() == Some(FIELD_MANAGER);
    let entries = deployment.metadata.managed_fields.iter().flatten().filter(ours);
    let mut fields = entries.filter_map(|entry| entry.fields_v1.as_ref());
    fields.any(|fields| fields.0.pointer("/f:spec/f:replicas").is_some())
}

fn count(deployment: &Deployment) -> i32 {
    deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)
}

/// Whether applying would change anything.
pub(super) fn is_outstanding(mut desired: Deployment, replicas: Replicas, live: &Deployment) -> bool {
    difference::seal(&mut desired);
    !difference::is_applied(&desired, live) || (replicas.are_automatic() && owns_replicas(live))
}
