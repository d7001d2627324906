//! Which events are about a module, by what they regard. Pods and `ReplicaSet`s are known by their names, for most of those
//! that events tell of are gone.

use k8s_openapi::api::events::v1::Event;

/// Objects that go by the module's own name.
const NAMESAKES: [&str; 9] = [
    "CommsModule",
    "Deployment",
    "Service",
    "ServiceAccount",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "Ingress",
    "HTTPRoute",
];

/// Whether an event is about the module or about something that was made for it.
pub(super) fn is_about(event: &Event, module: &str) -> bool {
    let Some(regarding) = &event.regarding else { return false };
    let (kind, name) = (regarding.kind.as_deref().unwrap_or(""), regarding.name.as_deref().unwrap_or(""));
    if name == module {
        return NAMESAKES.contains(&kind);
    }
    let Some(rest) = name.strip_prefix(module).and_then(|rest| rest.strip_prefix('-')) else { return false };
    let parts = rest.split('-').collect::<Vec<_>>();
    match (kind, parts.as_slice()) {
        ("Pod", ["image", "trial"]) | ("PersistentVolumeClaim", ["data"]) => true,
        ("Secret", [name]) => ["keys", "keyring", "admin", "broker"].contains(name),
        // A module whose name goes on in the same way has one part more.
        ("ReplicaSet", [hash]) => is_generated(hash),
        ("Pod", [hash, suffix]) => is_generated(hash) && is_generated(suffix),
        _ => false,
    }
}

/// Kubernetes makes names without vowels and without what looks like them.
fn is_generated(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_of_what_was_made_for_a_module_are_its_own_and_those_of_others_are_not() {
        let about = |kind: &str, name: &str| {
            let event: Event = serde_json::from_value(json!({
                "metadata": {}, "eventTime": null, "regarding": {"kind": kind, "name": name},
            }))
            .expect("an event");
            is_about(&event, "comms")
        };
        for (kind, name) in [
            ("CommsModule", "comms"),
            ("Deployment", "comms"),
            ("ReplicaSet", "comms-66b5c9d7f4"),
            ("Pod", "comms-66b5c9d7f4-x7k2p"),
            ("Pod", "comms-image-trial"),
            ("PersistentVolumeClaim", "comms-data"),
            ("Secret", "comms-keys"),
        ] {
            assert!(about(kind, name), "{kind} {name} is the module's");
        }
        for (kind, name) in [
            ("CommsModule", "comms-europe"),
            ("Pod", "comms"),
            ("Pod", "comms-europe-66b5c9d7f4-x7k2p"),
            ("Pod", "comms-europe-x7k2p"),
            ("ReplicaSet", "comms-europe-66b5c9d7f4"),
            ("Secret", "comms-broken"),
            ("ConfigMap", "comms"),
            ("Pod", "other-66b5c9d7f4-x7k2p"),
        ] {
            assert!(!about(kind, name), "{kind} {name} is not the module's");
        }
    }
}
