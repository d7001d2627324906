//! Whole objects, as snapshots.

mod around;

use insta::{assert_json_snapshot, with_settings};
use serde_json::{Value, json};

use super::{Desired, build};
use crate::decide::tests::{observed, planned};

/// The children of a module with this spec, and with Secret `s` whose key `k` is `value`. What is random or secret by
/// nature is replaced.
fn built(spec: Value, value: &str) -> Value {
    let Desired {
        service_account,
        keys,
        admin,
        volume,
        service,
        deployment,
        autoscaler,
        disruption_budget,
        ..
    } = build(&planned(&observed(spec, &[("s", "k", value)])));
    let secret = |secret: Option<k8s_openapi::api::core::v1::Secret>| {
        let mut secret = json!(secret);
        for value in secret["data"].as_object_mut().into_iter().flatten().map(|(_, value)| value) {
            *value = json!("…");
        }
        secret
    };
    let mut deployment = json!(deployment);
    deployment["spec"]["template"]["metadata"]["annotations"]["comms.kraliki.com/config-hash"] = json!("…");
    let mut all =
        vec![json!(service_account), secret(keys), secret(admin), json!(volume), json!(service), deployment];
    all.extend([json!(autoscaler), json!(disruption_budget)].into_iter().filter(|child| !child.is_null()));
    Value::Array(all)
}

#[test]
fn the_children_of_an_empty_spec() {
    with_settings!({ omit_expression => true }, { assert_json_snapshot!(built(json!({}), "")) });
}

#[test]
fn the_children_of_a_platform_module_on_postgresql_with_everything_said() {
    let secret = json!({"name": "s", "key": "k"});
    let spec = json!({
        "mode": "Platform", "gateway": {"trustEveryone": true},
        "image": "registry.example:5000/cc-lite:2.0", "imagePullPolicy": "Always", "imagePullSecrets": [{"name": "pull"}],
        "port": 8080, "basePath": "/voice", "logLevel": "warn",
        "database": {"postgres": {"uriSecretRef": secret}},
        "events": {"exchange": "my.events", "retention": "1h", "rabbitmq": {"uri": "amqp://broker:5672/$(POD_UID)"}},
        "resources": {"requests": {"cpu": 1, "memory": "64Mi"}, "limits": {"memory": "1Gi"}},
    });
    with_settings!({ omit_expression => true }, { assert_json_snapshot!(built(spec, "postgres://u:p@host/db")) });
}

#[test]
fn an_autoscaled_module_says_nothing_of_its_replicas_and_has_an_autoscaler_and_a_budget() {
    let spec = json!({
        "database": {"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}}, "replicas": 2,
        "autoscaling": {"minReplicas": 2, "maxReplicas": 5},
    });
    let children = built(spec, "postgres://u:p@host/db");
    let deployment = &children[5];
    assert_eq!(deployment["spec"]["replicas"], Value::Null);
    assert_eq!(deployment["metadata"]["annotations"], json!({"comms.kraliki.com/overruled-replicas": "2"}));
    with_settings!({ omit_expression => true }, { assert_json_snapshot!(json!([children[6], children[7]])) });
}

#[test]
fn a_budget_is_for_several_pods() {
    let kinds = |spec: Value| -> Vec<String> {
        let mut spec = spec;
        spec["database"] = json!({"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}});
        let children = built(spec, "postgres://u:p@host/db");
        let more = children.as_array().into_iter().flatten().skip(6);
        more.map(|child| child["kind"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(kinds(json!({"replicas": 2})), ["PodDisruptionBudget"]);
    assert_eq!(kinds(json!({"replicas": 1})), Vec::<String>::new());
    assert_eq!(
        kinds(json!({"replicas": 2, "podDisruptionBudget": {"enabled": false}})),
        Vec::<String>::new()
    );
    assert_eq!(kinds(json!({"autoscaling": {"maxReplicas": 1}})), ["HorizontalPodAutoscaler"]);
}

#[test]
fn the_settings_and_mounts_of_a_module_with_secrets_of_the_users() {
    let spec = json!({
        "auth": {"issuer": "me", "admin": {"email": "a@b", "passwordSecretRef": {"name": "s", "key": "k"}}},
        "database": {"embedded": {"deletionPolicy": "Delete", "storageClassName": "fast"}},
        "events": {"enabled": false, "rabbitmq": {"uri": "amqp://broker"}},
    });
    let children = built(spec, "correct horse");
    let pod = &children[5]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    with_settings!({ omit_expression => true }, {
        assert_json_snapshot!(json!({
            "metadata": [children[1]["metadata"], children[2], children[3]["metadata"]],
            "env": container["env"], "mounts": container["volumeMounts"], "volumes": pod["volumes"],
        }));
    });
}

#[test]
fn secrets_of_broker_and_gateway_are_mounted_as_files_and_never_in_the_environment() {
    let spec = json!({
        "mode": "Platform", "gateway": {"proofSecretRef": {"name": "s", "key": "k"}},
    });
    let children = built(spec, "0123456789abcdef");
    let text = children.to_string();
    assert!(!text.contains("0123456789abcdef"), "{text}");
    let container = &children[5]["spec"]["template"]["spec"]["containers"][0];
    let env = container["env"].as_array().expect("an environment");
    assert!(
        env.contains(&json!({"name": "CC_LITE_GATEWAY_SECRET_FILE", "value": "/etc/cc-lite/gateway/proof"}))
    );
    let mounts = container["volumeMounts"].as_array().expect("mounts");
    assert!(
        mounts.contains(&json!({"name": "gateway", "mountPath": "/etc/cc-lite/gateway", "readOnly": true}))
    );
}
