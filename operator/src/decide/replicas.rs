//! How many pods the Deployment is told to have.
//!
//! Turning an autoscaler on or off never scales. While it is on, the operator says nothing of the number and writes on the
//! Deployment which `spec.replicas` is overruled. When it goes, the number that it left is kept for as long as
//! `spec.replicas` is that same one: whoever changes it, with the removal or later, says how many there are again.

use k8s_openapi::api::apps::v1::Deployment;

use crate::observe::Children;

use super::{Module, Scaling};

/// On the Deployment: the `spec.replicas` that an autoscaler overrules or has overruled.
pub const OVERRULED: &str = "comms.kraliki.com/overruled-replicas";
/// On the Deployment: the number of pods that an autoscaler has left.
pub const KEPT: &str = "comms.kraliki.com/kept-replicas";

/// How many pods the Deployment is told to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// As the spec says.
    Fixed(i32),
    /// As an autoscaler has left them.
    Kept {
        /// So many.
        number: i32,
        /// `spec.replicas`, which does not count until it changes.
        overruled: i32,
    },
    /// As the autoscaler says.
    Automatic {
        /// Where it begins when there are no pods.
        start: i32,
        /// `spec.replicas`, which does not count.
        overruled: i32,
        /// Most pods.
        max: i32,
    },
}

impl Replicas {
    /// Whether an autoscaler says how many.
    pub fn are_automatic(&self) -> bool {
        matches!(self, Self::Automatic { .. })
    }

    /// Whether a disruption budget has something to protect. An autoscaler's range decides, not its present choice, so
    /// that the budget does not come and go.
    pub fn need_disruption_budget(&self, module: &Module) -> bool {
        let most = match self {
            Self::Fixed(number) | Self::Kept { number, .. } => *number,
            Self::Automatic { max, .. } => *max,
        };
        module.disruption_budget && most > 1
    }
}

pub(super) fn decide(module: &Module, children: &Children) -> Replicas {
    match module.scaling {
        Scaling::Automatic { overruled, min, max, .. } => {
            Replicas::Automatic { start: overruled.clamp(min, max), overruled, max }
        }
        Scaling::Fixed(asked) => {
            let left = children.deployment.as_ref().filter(|live| number(live, OVERRULED) == Some(asked));
            let left = left.and_then(|live| number(live, KEPT).or(live.spec.as_ref()?.replicas));
            // The embedded database is for one pod, whatever PostgreSQL had allowed.
            match left.filter(|left| *left != asked && module.database.is_shared()) {
                Some(number) => Replicas::Kept { number, overruled: asked },
                None => Replicas::Fixed(asked),
            }
        }
    }
}

fn number(deployment: &Deployment, annotation: &str) -> Option<i32> {
    deployment.metadata.annotations.as_ref()?.get(annotation)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        super::tests::{observed, planned},
        Replicas,
    };

    /// What is decided for this spec on PostgreSQL while the Deployment has these annotations and five replicas.
    fn decided(mut spec: Value, annotations: &Value) -> Replicas {
        spec["database"] = json!({"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}});
        let mut observed = observed(spec, &[("s", "k", "postgres://u:p@host/db")]);
        let deployment = json!({
            "metadata": {"name": "comms", "annotations": annotations, "ownerReferences": [{
                "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "name": "comms",
                "uid": "11111111-2222-3333-4444-555555555555",
            }]},
            "spec": {"replicas": 5, "selector": {}, "template": {}},
        });
        observed.children.deployment = Some(serde_json::from_value(deployment).expect("a Deployment"));
        planned(&observed).replicas
    }

    #[test]
    fn the_spec_says_how_many_where_no_autoscaler_did() {
        assert_eq!(decided(json!({"replicas": 2}), &json!({})), Replicas::Fixed(2));
    }

    #[test]
    fn an_autoscaler_begins_where_the_spec_is_within_its_range() {
        for (replicas, start) in [(1, 2), (3, 3), (9, 4)] {
            let spec = json!({"replicas": replicas, "autoscaling": {"minReplicas": 2, "maxReplicas": 4}});
            let expected = Replicas::Automatic { start, overruled: replicas, max: 4 };
            assert_eq!(decided(spec, &json!({})), expected);
        }
    }

    #[test]
    fn what_an_autoscaler_left_is_kept_until_the_spec_changes() {
        let overruled = json!({"comms.kraliki.com/overruled-replicas": "2"});
        let kept = Replicas::Kept { number: 5, overruled: 2 };
        assert_eq!(decided(json!({"replicas": 2}), &overruled), kept);
        assert_eq!(decided(json!({"replicas": 3}), &overruled), Replicas::Fixed(3));
        assert_eq!(decided(json!({"replicas": 5}), &overruled), Replicas::Fixed(5));
    }

    #[test]
    fn a_kept_number_changed_by_hand_is_put_right() {
        let annotations =
            json!({"comms.kraliki.com/overruled-replicas": "2", "comms.kraliki.com/kept-replicas": "4"});
        assert_eq!(decided(json!({"replicas": 2}), &annotations), Replicas::Kept { number: 4, overruled: 2 });
    }
}
