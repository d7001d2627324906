//! Whether another image has to show that it runs before the pod that serves gives way to it.
//!
//! The embedded database is for one pod alone, so the old pod ends before the new one begins. An image that cannot be
//! pulled or started would leave nothing that serves; so it is tried first, in a pod of its own. With PostgreSQL the
//! rollout itself keeps the old pod until the new one is ready.

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ContainerStatus, Pod},
};

use crate::{build::container_of, observe::Children};

use super::{Claim, Database, Hold, HoldReason, Module, claim_of};

/// What the trial says.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The image may take over: there is nothing to lose, or it has shown that it runs.
    GoOn,
    /// It has to be tried, or is being tried.
    Try,
    /// It cannot be used.
    Refuse(Hold),
}

pub(super) fn verdict(module: &Module, children: &Children) -> Verdict {
    let serving = children.deployment.as_ref().filter(|deployment| serves(deployment));
    let replaced = serving.and_then(image_of).filter(|image| *image != module.image);
    if replaced.is_none() || !matches!(module.database, Database::Embedded { .. }) {
        return Verdict::GoOn;
    }
    let Some(trial) = &children.image_trial else { return Verdict::Try };
    if claim_of(&trial.metadata, module) != Claim::Ours {
        let name = trial.metadata.name.as_deref().unwrap_or_default();
        return Verdict::Refuse(Hold::new(
            HoldReason::NameTaken,
            format!(
                "pod {name} exists and is not this module's: delete it, or give the CommsModule another name"
            ),
        ));
    }
    let tried =
        trial.spec.as_ref().and_then(|spec| spec.containers.first()).and_then(|one| one.image.as_deref());
    if tried != Some(module.image.as_str()) || trial.metadata.deletion_timestamp.is_some() {
        return Verdict::Try;
    }
    outcome(module, trial)
}

fn outcome(module: &Module, trial: &Pod) -> Verdict {
    let status = trial.status.clone().unwrap_or_default();
    let container = status.container_statuses.iter().flatten().next();
    match status.phase.as_deref() {
        Some("Succeeded") => Verdict::GoOn,
        Some("Failed") => {
            let name = trial.metadata.name.as_deref().unwrap_or_default();
            let why = container.and_then(ended).unwrap_or_else(|| "it gave no reason".into());
            refuse(
                module,
                &format!("it does not run ({why})"),
                &format!(", or delete pod {name} to try again"),
            )
        }
        _ => match container.and_then(cannot_start) {
            Some(why) => refuse(module, &format!("it does not start ({why})"), ""),
            None => Verdict::Try,
        },
    }
}

fn refuse(module: &Module, what: &str, or: &str) -> Verdict {
    Verdict::Refuse(Hold::new(
        HoldReason::ImageUnusable,
        format!(
            "image {} was tried and {what}; what runs is left alone: correct spec.image{or}",
            module.image
        ),
    ))
}

fn ended(container: &ContainerStatus) -> Option<String> {
    let ended = container.state.as_ref()?.terminated.as_ref()?;
    let last =
        ended.message.as_deref().and_then(|said| said.lines().map(str::trim).rfind(|line| !line.is_empty()));
    Some(last.map_or_else(|| format!("exit code {}", ended.exit_code), ToOwned::to_owned))
}

/// The kubelet's reason, unless it will pass by itself.
fn cannot_start(container: &ContainerStatus) -> Option<String> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().filter(|reason| *reason != "ContainerCreating")?;
    Some(waiting.message.clone().unwrap_or_else(|| reason.to_owned()))
}

fn serves(deployment: &Deployment) -> bool {
    deployment.status.as_ref().and_then(|status| status.ready_replicas).is_some_and(|ready| ready > 0)
}

fn image_of(deployment: &Deployment) -> Option<&str> {
    container_of(deployment)?.image.as_deref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{
        Decision, HoldReason,
        tests::{decided, observed},
    };
    use crate::observe::Observed;

    /// A module that serves with `cc-lite:1`, asked for `cc-lite:2`, with this trial of it.
    fn changed(spec: Value, trial: Option<Value>) -> Observed {
        let mut observed = observed(spec, &[]);
        let owner = json!([{
            "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "name": "comms",
            "uid": "11111111-2222-3333-4444-555555555555",
        }]);
        let deployment = json!({
            "metadata": {"name": "comms", "ownerReferences": owner},
            "spec": {"selector": {}, "template": {"spec": {"containers": [{"name": "cc-lite", "image": "cc-lite:1"}]}}},
            "status": {"readyReplicas": 1},
        });
        observed.children.deployment = Some(serde_json::from_value(deployment).expect("a Deployment"));
        observed.children.image_trial = trial.map(|status| {
            let pod = json!({
                "metadata": {"name": "comms-image-trial", "ownerReferences": owner},
                "spec": {"containers": [{"name": "cc-lite", "image": "cc-lite:2"}]}, "status": status,
            });
            serde_json::from_value(pod).expect("a pod")
        });
        observed
    }

    fn embedded(trial: Option<Value>) -> Decision {
        decided(&changed(json!({"image": "cc-lite:2"}), trial))
    }

    #[test]
    fn another_image_is_tried_before_the_only_pod_gives_way() {
        assert!(matches!(embedded(None), Decision::Try(_)));
        assert!(matches!(embedded(Some(json!({"phase": "Pending"}))), Decision::Try(_)));
        assert!(matches!(embedded(Some(json!({"phase": "Succeeded"}))), Decision::Run(_)));
    }

    #[test]
    fn an_image_that_cannot_be_used_is_refused_with_the_kubelets_words() {
        let waiting = json!({"phase": "Pending", "containerStatuses": [{
            "name": "cc-lite", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}},
        }]});
        let failed = json!({"phase": "Failed", "containerStatuses": [{
            "name": "cc-lite", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"terminated": {"exitCode": 127, "message": "no such program\n"}},
        }]});
        for (trial, sentence) in [
            (
                waiting,
                "image cc-lite:2 was tried and it does not start (no such image); what runs is left alone: correct spec.image",
            ),
            (
                failed,
                "image cc-lite:2 was tried and it does not run (no such program); what runs is left alone: correct \
                 spec.image, or delete pod comms-image-trial to try again",
            ),
        ] {
            let Decision::Hold(hold) = embedded(Some(trial)) else { panic!("it was to be held") };
            assert_eq!((hold.reason, hold.message.as_str()), (HoldReason::ImageUnusable, sentence));
        }
    }

    #[test]
    fn nothing_is_tried_where_nothing_can_be_lost() {
        let nothing_serves = {
            let mut observed = changed(json!({"image": "cc-lite:2"}), None);
            observed.children.deployment.as_mut().expect("a Deployment").status = None;
            observed
        };
        let same_image = changed(json!({"image": "cc-lite:1"}), None);
        assert!(matches!(decided(&nothing_serves), Decision::Run(_)));
        assert!(matches!(decided(&same_image), Decision::Run(_)));
    }
}
