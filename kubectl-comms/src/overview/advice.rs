//! What to do next, from how a module is. Pure.

use super::Overview;

/// What a person would do next, the most pressing first. The conditions' own sentences are not repeated.
pub(super) fn next(overview: &Overview) -> Vec<String> {
    let Overview { namespace, name, .. } = overview;
    let kubectl = format!("kubectl -n {namespace}");
    if overview.deleting {
        return vec![format!(
            "It is being deleted. What deletionPolicy Retain keeps: {kubectl} get pvc,secret -l \
             comms.kraliki.com/retained-for={name}"
        )];
    }
    if !overview.observed {
        return vec![
            "The operator has not taken up the newest spec. If this lasts, see that it runs: kubectl get pods -A -l \
             app.kubernetes.io/name=comms-operator"
                .to_owned(),
        ];
    }
    let mut next = Vec::new();
    let is = |type_: &str, status: &str| {
        overview.condition(type_).is_some_and(|condition| condition.status == status)
    };
    let reason = |type_: &str| overview.condition(type_).map_or("", |condition| condition.reason.as_str());
    if is("Paused", "True") {
        next.push(format!(
            "Changes are held back: {kubectl} patch comms {name} --type merge -p '{{\"spec\":{{\"paused\":false}}}}' lets \
             them through."
        ));
    }
    if !overview.ready {
        next.push(match reason("Ready") {
            "RollingOut" => format!("Watch it: {kubectl} rollout status deployment/{name}"),
            "TryingImage" => format!("Watch it: {kubectl} get pod {name}-image-trial --watch"),
            "SecretNotFound" | "InvalidSecret" | "InvalidKeys" | "NameTaken" | "InvalidSpec" | "Malformed" => {
                "Do what the message of Ready says; the operator goes on by itself.".to_owned()
            }
            "Forbidden" | "ChildRefused" => {
                "The operator is not allowed to go on: give the message of Ready to who installed it.".to_owned()
            }
            _ => format!("See what pods say: {kubectl} logs deployment/{name}; kubectl comms -n {namespace} events {name}"),
        });
    }
    match reason("EventsReady") {
        "NotConfigured" => next.push(
            "Nothing is published: set spec.events.rabbitmq to have other modules hear of calls.".to_owned(),
        ),
        "BrokerUnreachable" => next.push(
            "Events wait in the database until the broker is reached: the message of EventsReady has its words."
                .to_owned(),
        ),
        _ => {}
    }
    if overview.ready {
        next.push(format!("Read its API: kubectl comms -n {namespace} open {name}"));
        if overview.password_secret.is_some() {
            next.push(format!(
                "First administrator's password: kubectl comms -n {namespace} password {name}"
            ));
        }
    }
    next
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::super::{Overview, gather};

    /// How a module with these conditions is, as type, status and reason.
    pub(in super::super) fn overview(conditions: &[(&str, &str, &str)]) -> Overview {
        let conditions: Vec<Value> = conditions
            .iter()
            .map(|(type_, status, reason)| {
                json!({
                    "type": type_, "status": status, "reason": reason, "message": format!("{reason} it is."),
                    "lastTransitionTime": "2026-02-02T02:00:00Z",
                })
            })
            .collect();
        let module = serde_json::from_value(json!({
            "metadata": {
                "name": "comms", "namespace": "acme", "generation": 2, "creationTimestamp": "2026-02-01T00:00:00Z",
            },
            "spec": {"mode": "Standalone"},
            "status": {
                "observedGeneration": 2, "conditions": conditions, "replicas": 1, "readyReplicas": 1,
                "url": "http://comms.acme.svc:3018/", "image": "cc-lite:1",
                "effective": {"database": "Embedded", "basePath": "/", "adminPassword": "comms-admin/password"},
                "keys": [{"kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "phase": "Active",
                          "createdAt": "2026-02-01T00:00:00Z"}],
            },
        }))
        .expect("a module");
        gather::of(&module, Ok(Vec::new()), Ok(None))
    }

    #[test]
    fn a_module_that_serves_can_be_opened() {
        let ready = overview(&[("Ready", "True", "Serving"), ("EventsReady", "True", "Connected")]);
        assert_eq!(
            ready.next,
            [
                "Read its API: kubectl comms -n acme open comms",
                "First administrator's password: kubectl comms -n acme password comms",
            ]
        );
    }

    #[test]
    fn a_module_that_waits_is_told_of_what_it_waits_for() {
        let held =
            overview(&[("Ready", "False", "SecretNotFound"), ("EventsReady", "False", "NotConfigured")]);
        assert_eq!(
            held.next,
            [
                "Do what the message of Ready says; the operator goes on by itself.",
                "Nothing is published: set spec.events.rabbitmq to have other modules hear of calls.",
            ]
        );
        let rolling = overview(&[("Ready", "False", "RollingOut")]);
        assert_eq!(rolling.next, ["Watch it: kubectl -n acme rollout status deployment/comms"]);
        let crashing = overview(&[("Ready", "False", "CrashLoopBackOff")]);
        assert_eq!(
            crashing.next,
            ["See what pods say: kubectl -n acme logs deployment/comms; kubectl comms -n acme events comms"]
        );
    }

    #[test]
    fn a_module_that_nobody_looks_after_says_so() {
        let module = serde_json::from_value(json!({
            "metadata": {"name": "comms", "namespace": "acme", "generation": 1}, "spec": {},
        }))
        .expect("a module");
        let overview = gather::of(&module, Err("pods: no".into()), Ok(None));
        assert!(!overview.ready && !overview.observed);
        assert!(overview.next[0].contains("see that it runs: kubectl get pods -A"), "{:?}", overview.next);
        assert_eq!(overview.unread, ["pods: no"]);
    }
}
