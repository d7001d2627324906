//! The status as a value: what was observed and decided in, conditions out.

#![expect(clippy::needless_pass_by_value, reason = "objects are written in place")]

use k8s_openapi::{api::apps::v1::Deployment, jiff::Timestamp};
use serde_json::{Value, json};

use super::{Outcome, event::worth_telling, status};
use crate::{
    api::CommsModuleStatus,
    decide::{
        Decision,
        tests::{decided, observed, planned},
    },
    observe::Observed,
    pod_status::{Answer, PodReport},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn deployment(status: Value) -> Box<Deployment> {
    Box::new(
        serde_json::from_value(json!({
            "metadata": {"name": "comms", "generation": 2},
            "spec": {"replicas": 1, "selector": {}, "template": {}},
            "status": status,
        }))
        .expect("a Deployment"),
    )
}

fn pod(name: &str, second: i64, status: Value) -> k8s_openapi::api::core::v1::Pod {
    let created = at(second).to_string();
    serde_json::from_value(
        json!({"metadata": {"name": name, "creationTimestamp": created}, "status": status}),
    )
    .expect("a pod")
}

/// The status after everything was applied.
fn applied(observed: &Observed, deployment_status: Value) -> CommsModuleStatus {
    let plan = planned(observed);
    status(observed, &Outcome::Applied { plan: &plan, deployment: deployment(deployment_status) }, at(100))
}

/// State, reason and message of a condition.
fn said<'a>(status: &'a CommsModuleStatus, type_: &str) -> (&'a str, &'a str, &'a str) {
    let condition = status.conditions.iter().find(|condition| condition.type_ == type_).expect(type_);
    (&condition.status, &condition.reason, &condition.message)
}

fn serving() -> Value {
    json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1})
}

#[test]
fn a_module_is_ready_only_when_all_its_pods_are_of_the_present_spec_and_ready() {
    let observed = observed(json!({}), &[]);
    assert_eq!(
        said(&applied(&observed, serving()), "Ready"),
        ("True", "Serving", "1 of 1 pods are ready with cc-lite:1.2.3.")
    );
    for not_yet in [
        json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}),
        json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "readyReplicas": 2}),
        json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 0, "readyReplicas": 1}),
        json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1}),
        Value::Null,
    ] {
        let status = applied(&observed, not_yet.clone());
        assert_eq!(said(&status, "Ready").1, "RollingOut", "{not_yet}");
        assert_eq!(said(&status, "Progressing").0, "True", "{not_yet}");
    }
}

#[test]
fn the_newest_pod_with_a_problem_tells_why() {
    let mut observed = observed(json!({}), &[]);
    let waiting = |reason: &str, message: &str| {
        json!({"containerStatuses": [{
            "name": "cc-lite", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": reason, "message": message}},
        }]})
    };
    let nowhere = json!({"conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes are available"},
    ]});
    observed.pods = vec![pod("old", 1, waiting("CrashLoopBackOff", "back-off")), pod("new", 2, nowhere)];
    let status = applied(&observed, json!({"observedGeneration": 2}));
    let told = ("False", "Unschedulable", "pod new finds no node: 0/2 nodes are available");
    assert_eq!(said(&status, "Ready"), told);
    assert_eq!(said(&status, "Progressing"), told);

    observed.pods = vec![pod("new", 3, waiting("ContainerCreating", ""))];
    assert_eq!(said(&applied(&observed, json!({"observedGeneration": 2})), "Ready").1, "RollingOut");
    observed.pods = vec![pod("new", 3, waiting("CreateContainerConfigError", "secret \"s\" not found"))];
    assert_eq!(
        said(&applied(&observed, json!({"observedGeneration": 2})), "Ready"),
        ("False", "CreateContainerConfigError", "pod new does not start: secret \"s\" not found")
    );
}

#[test]
fn a_rollout_that_makes_no_pods_tells_why() {
    let stuck = json!({"observedGeneration": 2, "conditions": [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"},
    ]});
    assert_eq!(
        said(&applied(&observed(json!({}), &[]), stuck), "Ready"),
        ("False", "FailedCreate", "0 of 1 pods are ready: exceeded quota")
    );
}

#[test]
fn pods_that_were_ready_and_are_no_longer_are_told_apart_from_a_rollout() {
    let fallen = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ]});
    assert_eq!(
        said(&applied(&observed(json!({}), &[]), fallen), "Ready"),
        ("False", "PodsNotReady", "0 of 1 pods are ready: see DatabaseReady, and kubectl describe pods.")
    );
}

#[test]
fn what_pods_answer_becomes_events_ready_and_database_ready() {
    let mut observed = observed(json!({"events": {"rabbitmq": {"uri": "amqp://broker"}}}), &[]);
    let report = |pod: &str, state: &str, error: Value, database: Value| {
        let answer = json!({"events": {"state": state, "last_error": error}, "database": database});
        PodReport {
            pod: pod.into(),
            answer: Ok(serde_json::from_value::<Answer>(answer).expect("an answer")),
        }
    };
    let sound = json!({"kind": "sqlite", "state": "ok", "error": null});
    let silent = PodReport { pod: "c".into(), answer: Err("connection refused".into()) };
    for (reports, events, database) in [
        (vec![], ("Unknown", "NotObserved"), ("Unknown", "NotObserved")),
        (vec![silent.clone()], ("Unknown", "NotObserved"), ("Unknown", "NotObserved")),
        (
            vec![report("a", "connected", Value::Null, sound.clone()), silent],
            ("True", "Connected"),
            ("True", "Connected"),
        ),
        (
            vec![report("a", "connecting", Value::Null, sound.clone())],
            ("Unknown", "Connecting"),
            ("True", "Connected"),
        ),
        (
            vec![
                report("a", "connected", Value::Null, json!({"state": "error", "error": "disk full"})),
                report("b", "connecting", json!("refused"), sound.clone()),
            ],
            ("False", "BrokerUnreachable"),
            ("False", "DatabaseUnavailable"),
        ),
        (
            vec![report("a", "disabled", Value::Null, sound)],
            ("False", "BrokerNotInUse"),
            ("True", "Connected"),
        ),
    ] {
        observed.reports = reports;
        let status = applied(&observed, serving());
        let (state, reason, _) = said(&status, "EventsReady");
        assert_eq!((state, reason), events, "{:?}", observed.reports);
        let (state, reason, _) = said(&status, "DatabaseReady");
        assert_eq!((state, reason), database, "{:?}", observed.reports);
        assert_eq!(said(&status, "Ready").0, "True", "events and database do not make a module unready");
    }
}

#[test]
fn publishing_that_is_not_asked_for_is_told_as_such() {
    let spec = json!({"events": {"enabled": false, "rabbitmq": {"uri": "amqp://broker"}}});
    assert_eq!(said(&applied(&observed(spec, &[]), serving()), "EventsReady").1, "Disabled");
    assert_eq!(said(&applied(&observed(json!({}), &[]), serving()), "EventsReady").1, "NotConfigured");
}

#[test]
fn a_refusal_and_a_hold_are_told_in_ready_and_progressing() {
    let observed_now = observed(json!({}), &[]);
    let plan = planned(&observed_now);
    let refused = Outcome::Refused { plan: &plan, forbidden: true, message: "no right".into() };
    let status_now = status(&observed_now, &refused, at(1));
    assert_eq!(said(&status_now, "Ready"), ("False", "Forbidden", "no right"));
    assert_eq!(said(&status_now, "Progressing"), ("False", "Forbidden", "no right"));
    assert_eq!(status_now.keys, [], "keys that were not stored are nobody's");

    let invalid = observed(json!({"port": 9018}), &[]);
    let Decision::Hold(hold) = decided(&invalid) else { panic!("it is not valid") };
    let told = status(&invalid, &Outcome::Held(&hold), at(1));
    assert_eq!(said(&told, "Ready").1, "InvalidSpec");
    for type_ in ["KeysReady", "EventsReady", "DatabaseReady"] {
        assert_eq!(said(&told, type_).0, "Unknown", "{type_}");
    }
    assert_eq!((told.effective, told.url), (None, None));
}

#[test]
fn the_same_observation_gives_the_same_status_whatever_the_time() {
    let mut observed = observed(json!({}), &[]);
    let first = applied(&observed, serving());
    observed.module.status = Some(first.clone());
    let plan = planned(&observed);
    let again =
        status(&observed, &Outcome::Applied { plan: &plan, deployment: deployment(serving()) }, at(9999));
    assert_eq!(again.conditions, first.conditions);
}

#[test]
fn events_are_for_new_problems_and_their_end() {
    let status_of = |port: Value, deployment_status: Value| {
        let observed = observed(json!({ "port": port }), &[]);
        match decided(&observed) {
            Decision::Hold(hold) => status(&observed, &Outcome::Held(&hold), at(1)),
            Decision::Run(_) => applied(&observed, deployment_status),
            Decision::Try(trial) => status(&observed, &Outcome::Trying(&trial), at(1)),
        }
    };
    let told = |before: &CommsModuleStatus, after: &CommsModuleStatus| -> Vec<String> {
        worth_telling(&before.conditions, &after.conditions)
            .map(|condition| condition.reason.clone())
            .collect()
    };
    let none = CommsModuleStatus::default();
    let rolling = status_of(json!(3018), Value::Null);
    let ready = status_of(json!(3018), serving());
    let invalid = status_of(json!(9018), Value::Null);
    assert_eq!(told(&none, &rolling), Vec::<String>::new());
    assert_eq!(told(&rolling, &ready), ["Serving"]);
    assert_eq!(told(&ready, &ready), Vec::<String>::new());
    assert_eq!(told(&ready, &invalid), ["InvalidSpec"]);
    assert_eq!(told(&invalid, &ready), ["Serving"]);
}
