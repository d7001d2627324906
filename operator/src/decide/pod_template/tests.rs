//! Overrides of the pods' template as values.

use serde_json::{Value, json};

use super::super::{
    Decision, HoldReason, Release, decide,
    tests::{decided, observed, planned},
};
use rand::{SeedableRng, rngs::StdRng};

/// The template of the pods with these overrides.
fn template(overrides: &Value) -> Value {
    json!(planned(&observed(json!({ "podTemplate": overrides }), &[])).template)
}

fn held(overrides: &Value) -> (HoldReason, String) {
    match decided(&observed(json!({ "podTemplate": overrides }), &[])) {
        Decision::Hold(hold) => (hold.reason, hold.message),
        other => panic!("{overrides} was to be held: {other:?}"),
    }
}

fn container(template: &Value) -> Value {
    template["spec"]["containers"][0].clone()
}

/// A sidecar under the restricted profile.
fn sidecar(more: &Value) -> Value {
    let mut sidecar = json!({
        "name": "sidecar", "image": "proxy:1",
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        sidecar[field] = value.clone();
    }
    sidecar
}

#[test]
fn no_overrides_and_empty_ones_change_nothing() {
    let built = json!(planned(&observed(json!({}), &[])).template);
    assert_eq!(template(&json!({})), built);
    assert_eq!(template(&json!({"metadata": {}, "spec": {"containers": []}})), built);
}

#[test]
fn maps_are_merged_and_named_things_are_merged_by_their_names() {
    let built = template(&json!({}));
    let merged = template(&json!({
        "metadata": {"labels": {"team": "voice"}, "annotations": {"note": "1"}},
        "spec": {
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"key": "voice", "operator": "Exists"}],
            "priorityClassName": "high",
            "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "extra", "emptyDir": {}}],
            "containers": [
                {
                    "name": "cc-lite",
                    "env": [{"name": "RUST_LOG", "value": "debug"}, {"name": "TZ", "value": "UTC"}],
                    "volumeMounts": [{"name": "extra", "mountPath": "/extra"}],
                    "resources": {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}},
                    "livenessProbe": {"periodSeconds": 30},
                },
                sidecar(&json!({})),
            ],
        },
    }));
    let (before, after) = (container(&built), container(&merged));
    assert_eq!(merged["metadata"]["labels"]["team"], "voice");
    assert_eq!(merged["metadata"]["labels"]["app.kubernetes.io/name"], "cc-lite");
    assert_eq!(merged["metadata"]["annotations"]["note"], "1");
    assert_eq!(
        merged["metadata"]["annotations"]["comms.kraliki.com/config-hash"],
        built["metadata"]["annotations"]["comms.kraliki.com/config-hash"]
    );
    assert_eq!(merged["spec"]["nodeSelector"], json!({"disk": "fast"}));
    assert_eq!(merged["spec"]["priorityClassName"], "high");
    assert_eq!(merged["spec"]["containers"][1], sidecar(&json!({})));
    let volumes = merged["spec"]["volumes"].as_array().expect("volumes");
    assert_eq!(volumes.len(), built["spec"]["volumes"].as_array().expect("volumes").len() + 1);
    assert!(volumes.contains(&json!({"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}})), "{volumes:?}");
    let env = after["env"].as_array().expect("an environment");
    assert_eq!(env.len(), before["env"].as_array().expect("an environment").len() + 1);
    assert!(env.contains(&json!({"name": "RUST_LOG", "value": "debug"})), "{env:?}");
    assert_eq!(
        after["resources"],
        json!({"requests": {"cpu": "1", "memory": "32Mi"}, "limits": {"memory": "1Gi"}})
    );
    assert_eq!(after["livenessProbe"]["periodSeconds"], 30);
    assert_eq!(after["livenessProbe"]["httpGet"], before["livenessProbe"]["httpGet"]);
    assert_eq!(after["image"], before["image"]);
}

#[test]
fn null_takes_away_and_a_source_takes_the_place_of_another() {
    let merged = template(&json!({"spec": {
        "terminationGracePeriodSeconds": null,
        "containers": [{
            "name": "cc-lite", "startupProbe": null,
            "env": [{"name": "RUST_LOG", "valueFrom": {"configMapKeyRef": {"name": "log", "key": "level"}}}],
        }],
    }}));
    assert_eq!(merged["spec"]["terminationGracePeriodSeconds"], Value::Null);
    assert_eq!(container(&merged)["startupProbe"], Value::Null);
    let level =
        json!({"name": "RUST_LOG", "valueFrom": {"configMapKeyRef": {"name": "log", "key": "level"}}});
    assert!(container(&merged)["env"].as_array().expect("an environment").contains(&level));
}

#[test]
fn what_a_module_needs_is_not_overridden() {
    let own = |container: Value| {
        let mut container = container;
        container["name"] = json!("cc-lite");
        json!({"spec": {"containers": [container]}})
    };
    for (overrides, sentence) in [
        (
            json!({"specs": {}}),
            "spec.podTemplate.specs is no part of a pod: write metadata and spec below it",
        ),
        (
            json!({"metadata": {"name": "x"}}),
            "spec.podTemplate.metadata.name has no use: pods take labels and annotations only, so remove it",
        ),
        (
            json!({"metadata": {"labels": {"app.kubernetes.io/instance": "other"}}}),
            "pods are found by their label app.kubernetes.io/instance: remove it from spec.podTemplate.metadata.labels",
        ),
        (
            json!({"metadata": {"annotations": {"comms.kraliki.com/config-hash": "x"}}}),
            "annotation comms.kraliki.com/config-hash is the operator's: remove it from \
             spec.podTemplate.metadata.annotations",
        ),
        (
            json!({"spec": {"containers": [{"env": []}]}}),
            "each of spec.podTemplate.spec.containers needs a name: cc-lite for the module's own container",
        ),
        (
            own(json!({"image": "other:1"})),
            "the image of container cc-lite is spec.image's: remove it from spec.podTemplate, and set spec.image",
        ),
        (
            json!({"spec": {"volumes": [{"name": "keys", "emptyDir": {}}]}}),
            "the signing keys are mounted from volume keys at /etc/cc-lite/keys: leave both as they are in \
             spec.podTemplate",
        ),
        (
            own(json!({"volumeMounts": [{"name": "tmp", "mountPath": "/etc/cc-lite/keys"}]})),
            "the signing keys are mounted from volume keys at /etc/cc-lite/keys: leave both as they are in \
             spec.podTemplate",
        ),
        (
            own(json!({"ports": [{"containerPort": 3018, "name": "web"}]})),
            "the Service and the probes lead to port http: leave it as it is in spec.podTemplate, and set spec.port \
             instead",
        ),
        (
            json!({"spec": {"containers": null}}),
            "spec.podTemplate takes away container cc-lite: leave spec.containers as a list of containers with names",
        ),
        (
            json!({"spec": {"tolerances": []}}),
            "spec.podTemplate.spec.tolerances is no field of a pod that this operator knows: correct its spelling, or \
             remove it",
        ),
        (
            own(json!({"livenessProbe": {"period": 1}})),
            "spec.podTemplate.spec.containers[0].livenessProbe.period is no field of a pod that this operator knows: \
             correct its spelling, or remove it",
        ),
    ] {
        assert_eq!(held(&overrides), (HoldReason::InvalidSpec, sentence.to_owned()), "{overrides}");
    }
    let (reason, message) = held(&json!({"spec": {"nodeSelector": {"a": 1}}}));
    assert_eq!(reason, HoldReason::InvalidSpec);
    assert!(message.starts_with("spec.podTemplate.spec.nodeSelector.a does not fit: "), "{message}");
    // The same value is no change.
    template(&json!({"metadata": {"labels": {"app.kubernetes.io/instance": "comms"}}}));
}

#[test]
fn leaving_the_restricted_profile_needs_the_operators_leave() {
    let own =
        |security: Value| json!({"spec": {"containers": [{"name": "cc-lite", "securityContext": security}]}});
    let pod = |security: Value| json!({"spec": {"securityContext": security}});
    let beside = |sidecar: Value| json!({"spec": {"containers": [sidecar]}});
    for (overrides, told) in [
        (json!({"spec": {"hostNetwork": true}}), "hostNetwork is true"),
        (json!({"spec": {"hostPID": true}}), "hostPID is true"),
        (json!({"spec": {"hostIPC": true}}), "hostIPC is true"),
        (pod(json!({"runAsUser": 0})), "securityContext.runAsUser is 0"),
        (pod(json!({"runAsNonRoot": false})), "securityContext.runAsNonRoot is false"),
        (pod(json!({"seccompProfile": {"type": "Unconfined"}})), "seccompProfile is Unconfined"),
        (pod(json!({"seccompProfile": null})), "seccompProfile is not set, nor is the pod's"),
        (pod(json!({"runAsNonRoot": null})), "runAsNonRoot is not true, nor is the pod's"),
        (pod(json!({"appArmorProfile": {"type": "Unconfined"}})), "appArmorProfile is Unconfined"),
        (pod(json!({"seLinuxOptions": {"type": "spc_t"}})), "seLinuxOptions sets more"),
        (pod(json!({"seLinuxOptions": {"user": "me"}})), "seLinuxOptions sets more"),
        (pod(json!({"windowsOptions": {"hostProcess": true}})), "windowsOptions.hostProcess is true"),
        (pod(json!({"sysctls": [{"name": "kernel.msgmax", "value": "1"}]})), "sysctl kernel.msgmax"),
        (own(json!({"privileged": true})), "container cc-lite's securityContext.privileged is true"),
        (own(json!({"allowPrivilegeEscalation": true})), "allowPrivilegeEscalation is not false"),
        (own(json!({"capabilities": {"drop": []}})), "capabilities.drop lacks ALL"),
        (own(json!({"capabilities": {"add": ["SYS_ADMIN"]}})), "capabilities.add has more"),
        (own(json!({"procMount": "Unmasked"})), "procMount is Unmasked"),
        (
            json!({"spec": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}}),
            "volume host is a hostPath",
        ),
        (
            json!({"metadata": {"annotations":
                {"container.apparmor.security.beta.kubernetes.io/cc-lite": "unconfined"}}}),
            "cc-lite is unconfined",
        ),
        (
            beside(json!({"name": "bare", "image": "i"})),
            "container bare's securityContext.allowPrivilegeEscalation",
        ),
        (
            beside(sidecar(&json!({"ports": [{"containerPort": 1, "hostPort": 1}]}))),
            "container sidecar has a hostPort",
        ),
        (
            beside(sidecar(&json!({"livenessProbe": {"httpGet": {"host": "other", "port": 1}}}))),
            "a probe or lifecycle hook of container sidecar names a host",
        ),
        (
            beside(sidecar(&json!({"lifecycle": {"preStop": {"tcpSocket": {"host": "other", "port": 1}}}}))),
            "a probe or lifecycle hook of container sidecar names a host",
        ),
        (
            json!({"spec": {"initContainers": [{"name": "first", "image": "i", "securityContext": {"privileged": true}}]}}),
            "container first's securityContext.privileged is true",
        ),
    ] {
        let (reason, message) = held(&overrides);
        assert_eq!(reason, HoldReason::UnrestrictedPod, "{overrides}: {message}");
        assert!(message.contains(told), "expected {told:?} in {message:?}");
        assert!(message.ends_with("have the operator run with --allow-unrestricted-pods"), "{message}");

        let lenient =
            Release { image: "cc-lite:1.2.3".into(), allow_unrestricted_pods: true, namespace: None };
        let allowed = decide(
            &observed(json!({"podTemplate": overrides}), &[]),
            &lenient,
            k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            &mut StdRng::seed_from_u64(7),
        );
        assert!(matches!(allowed, Decision::Run(_)), "{overrides}: {allowed:?}");
    }
    // The profile leaves room.
    template(&json!({"spec": {
        "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_keepalive_time", "value": "60"}], "runAsUser": 1000},
        "containers": [{"name": "cc-lite", "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}],
        "volumes": [{"name": "config", "configMap": {"name": "c"}}],
    }}));
}
