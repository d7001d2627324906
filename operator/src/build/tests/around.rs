//! What is around the pods, as snapshots.

use insta::{assert_json_snapshot, with_settings};
use serde_json::{Value, json};

use super::super::build;
use crate::{
    decide::tests::{observed, planned},
    observe::Observed,
};

fn asked(spec: Value) -> Observed {
    let authority = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----";
    observed(
        spec,
        &[
            ("database", "uri", "postgres://u:p@host/db"),
            ("authority", "ca.crt", authority),
            ("twilio", "token", "0123456789abcdef"),
            ("gateway", "proof", "0123456789abcdef"),
        ],
    )
}

#[test]
fn an_empty_spec_has_a_policy_and_nothing_else_around_its_pods() {
    let desired = build(&planned(&asked(json!({}))));
    with_settings!({ omit_expression => true }, { assert_json_snapshot!(json!(desired.network_policy)) });
    let absent = [
        json!(desired.broker),
        json!(desired.providers),
        json!(desired.metrics),
        json!(desired.ingress),
        json!(desired.http_route),
        json!(desired.service_monitor),
    ];
    assert!(absent.iter().all(Value::is_null), "{absent:?}");
}

#[test]
fn everything_around_a_module_behind_a_gateway() {
    let entry = |name: &str, key: &str| json!({"name": name, "key": key});
    let spec = json!({
        "mode": "Platform", "publicUrl": "https://voice.example.com/api/communications",
        "gateway": {
            "proofSecretRef": entry("gateway", "proof"),
            "allowFrom": [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}},
                 "podSelector": {"matchLabels": {"app": "gateway"}}},
                {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25"]}},
            ],
        },
        "providers": {"twilio": [{
            "accountSid": "AC0123456789abcdef0123456789abcdef", "authTokenSecretRef": entry("twilio", "token"),
            "organizationId": "north",
        }]},
        "trustedProxies": ["10.0.0.0/8", "::1"], "corsOrigins": ["https://a.example", "https://b.example"],
        "rateLimit": "600/1m", "staleCallTimeout": "2h", "allowAgentAudioSentiment": true,
        "otlpEndpoint": "http://collector.tracing:4318",
        "database": {"postgres": {
            "uriSecretRef": entry("database", "uri"), "caSecretRef": entry("authority", "ca.crt"),
        }},
        "events": {"backlogLimit": "1000", "rabbitmq": {
            "uri": "amqps://broker", "caSecretRef": entry("authority", "ca.crt"),
        }},
        "exposure": {"httpRoute": {
            "parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https", "port": 443}],
            "hostnames": ["voice.example.com"],
        }},
        "monitoring": {
            "serviceMonitor": true, "labels": {"release": "prometheus"},
            "allowFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
        },
    });
    let desired = build(&planned(&asked(spec)));
    let pod = json!(desired.deployment)["spec"]["template"]["spec"].clone();
    with_settings!({ omit_expression => true }, {
        assert_json_snapshot!(json!({
            "env": pod["containers"][0]["env"], "mounts": pod["containers"][0]["volumeMounts"], "volumes": pod["volumes"],
            "around": [
                desired.network_policy, desired.metrics, desired.http_route, desired.service_monitor,
            ],
        }));
    });
}

#[test]
fn kinds_that_the_cluster_lacks_are_not_made() {
    let exposure = json!({"httpRoute": {"parentRefs": [{"name": "public"}]}});
    let mut observed = asked(json!({"exposure": exposure, "monitoring": {"serviceMonitor": true}}));
    observed.kinds = crate::kinds::Kinds::default();
    let desired = build(&planned(&observed));
    assert!(desired.http_route.is_none() && desired.service_monitor.is_none());
    assert!(desired.metrics.is_some(), "the Service needs no definition");
}

#[test]
fn where_the_operator_is_no_pod_nobody_reaches_the_management_port() {
    let mut plan = planned(&asked(json!({})));
    plan.operator_namespace = None;
    let policy = json!(build(&plan).network_policy);
    assert_eq!(policy["spec"]["ingress"], json!([{"ports": [{"port": "http", "protocol": "TCP"}]}]));
}
