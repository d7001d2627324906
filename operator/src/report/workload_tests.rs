//! The status of modules that are scaled, paused or switched, as values.

use k8s_openapi::{api::apps::v1::Deployment, jiff::Timestamp};
use serde_json::{Value, json};

use super::{Outcome, Paused, Switch, status, switches};
use crate::{
    api::CommsModuleStatus,
    build::build,
    decide::tests::{observed, planned},
    observe::Observed,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn said<'a>(status: &'a CommsModuleStatus, type_: &str) -> (&'a str, &'a str, &'a str) {
    let condition = status.conditions.iter().find(|condition| condition.type_ == type_).expect(type_);
    (&condition.status, &condition.reason, &condition.message)
}

fn on_postgres(more: &Value) -> Observed {
    let mut spec = more.clone();
    spec["database"] = json!({"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}});
    observed(spec, &[("s", "k", "postgres://u:p@host/db")])
}

/// The module's own Deployment with this number of pods, all of which serve.
fn serving(observed: &Observed, replicas: i32) -> Deployment {
    let mut deployment = build(&planned(observed)).deployment;
    deployment.spec.get_or_insert_default().replicas = Some(replicas);
    deployment.metadata.generation = Some(1);
    deployment.status = serde_json::from_value(json!({
        "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
    }))
    .expect("a status");
    deployment
}

fn ready(observed: &Observed, replicas: i32) -> CommsModuleStatus {
    let plan = planned(observed);
    status(
        observed,
        &Outcome::Applied { plan: &plan, deployment: Box::new(serving(observed, replicas)) },
        NOW,
    )
}

#[test]
fn who_chose_the_number_of_pods_is_told_where_it_is_not_the_spec() {
    let automatic = on_postgres(&json!({"autoscaling": {"maxReplicas": 4}}));
    assert_eq!(
        said(&ready(&automatic, 3), "Ready").2,
        "3 of 3 pods are ready with cc-lite:1.2.3. The autoscaler chooses their number."
    );
    let mut kept = on_postgres(&json!({"replicas": 2}));
    let mut left = serving(&kept, 5);
    left.metadata.annotations = Some([("comms.kraliki.com/overruled-replicas".into(), "2".into())].into());
    kept.children.deployment = Some(left);
    assert_eq!(
        said(&ready(&kept, 5), "Ready"),
        (
            "True",
            "Serving",
            "5 of 5 pods are ready with cc-lite:1.2.3. The autoscaler left so many; spec.replicas, which is 2, counts \
             again when it is changed."
        )
    );
}

#[test]
fn a_module_without_pods_is_as_its_spec_says() {
    let stopped = observed(json!({"replicas": 0}), &[]);
    let told = ready(&stopped, 0);
    assert_eq!(
        said(&told, "Ready"),
        ("True", "ScaledToZero", "No pod runs, for spec.replicas is 0: set it to 1 to serve again.")
    );
    assert_eq!(said(&told, "Progressing").0, "False");
}

#[test]
fn a_paused_module_is_ready_only_while_no_change_waits() {
    let mut paused = observed(json!({"paused": true}), &[]);
    paused.children.deployment = Some(serving(&paused, 1));
    let plan = planned(&paused);
    let told = |waiting: &[&str]| {
        let waiting = waiting.iter().map(|&name| name.to_owned()).collect();
        status(&paused, &Outcome::Paused(Paused::of_plan(&plan, waiting)), NOW)
    };
    let settled = told(&[]);
    assert_eq!(said(&settled, "Ready").1, "Serving");
    assert_eq!(
        said(&settled, "Paused"),
        ("True", "Paused", "spec.paused is true: nothing is changed until it is false.")
    );
    let waiting = told(&["Service comms", "Deployment comms"]);
    let message = "spec.paused is true, and these are not as the spec says: Service comms, Deployment comms. Set \
                   spec.paused to false to have them changed.";
    assert_eq!(said(&waiting, "Ready"), ("False", "Paused", message));
    assert_eq!(said(&waiting, "Progressing"), ("False", "Paused", message));
    assert_eq!((waiting.ready_replicas, waiting.keys.len()), (1, 0));
}

#[test]
fn a_switch_tells_what_happens_to_the_data() {
    let switched = |from: &Observed, to: &Observed, children: Value| {
        let mut live = to.children.clone();
        live.deployment = Some(serving(from, 1));
        let object = |name: &str| children.get(name).cloned();
        live.volume = object("volume").map(|volume| serde_json::from_value(volume).expect("a claim"));
        live.keys = object("keys").map(|keys| serde_json::from_value(keys).expect("a Secret"));
        switches(&planned(to).module, &live)
    };
    let references = json!([{
        "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "name": "comms",
        "uid": "11111111-2222-3333-4444-555555555555",
    }]);
    let owned = |name: &str| json!({"metadata": {"name": name, "ownerReferences": references}});
    let retained =
        json!({"metadata": {"name": "comms-data", "labels": {"comms.kraliki.com/retained-for": "comms"}}});
    let embedded = observed(json!({}), &[]);
    let postgres = on_postgres(&json!({}));
    let platform = observed(json!({"mode": "Platform", "gateway": {"trustEveryone": true}}), &[]);

    assert_eq!(switched(&embedded, &embedded, json!({})), []);
    for (from, to, children, reason, part) in [
        (
            &embedded,
            &postgres,
            json!({ "volume": retained }),
            "DatabaseChanged",
            "is retained on volume comms-data and taken up again where spec.database.postgres is removed.",
        ),
        (
            &embedded,
            &postgres,
            json!({ "volume": owned("comms-data") }),
            "DatabaseChanged",
            "is deleted with volume comms-data once PostgreSQL serves, as deletionPolicy Delete says.",
        ),
        (&postgres, &embedded, json!({}), "DatabaseChanged", "what is in PostgreSQL stays there."),
        (&embedded, &platform, json!({}), "ModeChanged", "Secrets comms-keys and comms-admin are retained."),
        (
            &embedded,
            &platform,
            json!({ "keys": owned("comms-keys") }),
            "ModeChanged",
            "Secrets comms-keys and comms-admin are deleted, as deletionPolicy Delete says.",
        ),
        (&platform, &embedded, json!({}), "ModeChanged", "the gateway's headers are worth nothing."),
    ] {
        let told = switched(from, to, children);
        let [Switch { reason: told, note }] = told.as_slice() else { panic!("one was expected: {told:?}") };
        assert_eq!(*told, reason);
        assert!(note.ends_with(part), "expected {part:?} at the end of {note:?}");
    }
}
