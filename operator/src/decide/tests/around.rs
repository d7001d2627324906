//! Settings of network, broker and service.

use serde_json::json;

use super::*;

#[test]
fn half_of_the_volume_is_for_events_that_wait_unless_the_spec_says_otherwise() {
    let limit =
        |spec: Value| planned(&observed(spec, &[("s", "k", "postgres://h/d")])).module.events.backlog_limit;
    let embedded = |size: &str| json!({"database": {"embedded": {"size": size}}});
    assert_eq!(limit(json!({})).as_deref(), Some("524288Ki"));
    assert_eq!(limit(embedded("10G")).as_deref(), Some("4882812Ki"));
    assert_eq!(limit(embedded("1")).as_deref(), Some("1Ki"));
    assert_eq!(limit(json!({"events": {"backlogLimit": "off"}})).as_deref(), Some("off"));
    assert_eq!(limit(json!({"database": {"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}}})), None);
}

#[test]
fn the_address_is_that_of_the_outside_where_the_module_is_exposed() {
    let url = |spec: Value| planned(&observed(spec, &[])).module.url();
    let ingress = |more: Value| {
        let mut ingress = json!({"host": "v.example"});
        ingress.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        json!({ "ingress": ingress })
    };
    let route = |hosts: &[&str]| json!({"httpRoute": {"parentRefs": [{"name": "g"}], "hostnames": hosts}});
    for (spec, expected) in [
        (json!({}), "http://comms.tel.svc:3018"),
        (json!({"publicUrl": "https://p.example"}), "http://comms.tel.svc:3018"),
        (json!({"exposure": ingress(json!({})), "basePath": "/voice"}), "http://v.example/voice"),
        (json!({"exposure": ingress(json!({"tlsSecretName": "t"}))}), "https://v.example"),
        (
            json!({"exposure": route(&["*.example", "v.example"]), "basePath": "/voice"}),
            "https://v.example/voice",
        ),
        (json!({"exposure": route(&[])}), "http://comms.tel.svc:3018"),
        (json!({"exposure": route(&[]), "publicUrl": "https://p.example/"}), "https://p.example"),
    ] {
        assert_eq!(url(spec.clone()), expected, "{spec}");
    }
}

#[test]
fn entries_with_authorities_and_tokens_are_checked_and_never_told() {
    let authority = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n";
    let token = "0123456789abcdef";
    let account = json!({"accountSid": "AC0123456789abcdef0123456789abcdef", "authTokenSecretRef": {"name": "s", "key": "k"}});
    let broker = json!({"uri": "amqps://b", "caSecretRef": {"name": "s", "key": "k"}});
    let database =
        json!({"uriSecretRef": {"name": "d", "key": "k"}, "caSecretRef": {"name": "s", "key": "k"}});
    for (spec, field, good) in [
        (json!({"events": {"rabbitmq": broker}}), "spec.events.rabbitmq.caSecretRef", authority),
        (json!({"database": {"postgres": database}}), "spec.database.postgres.caSecretRef", authority),
        (
            json!({"publicUrl": "https://v.example", "providers": {"twilio": [account]}}),
            "spec.providers.twilio[0].authTokenSecretRef",
            token,
        ),
    ] {
        let with = |value| observed(spec.clone(), &[("s", "k", value), ("d", "k", "postgres://u:p@h/d")]);
        planned(&with(good));
        for bad in ["hidden", "-----BEGIN PRIVATE KEY-----", "with spaces in it, hidden"] {
            let (reason, message) = held(&with(bad));
            assert_eq!(reason, HoldReason::InvalidSecret, "{bad}");
            assert!(message.starts_with(&format!("key k of Secret s, named by {field}, ")), "{message}");
            assert!(!message.contains(bad), "{message}");
        }
        assert_eq!(
            held(&observed(spec.clone(), &[("d", "k", "postgres://h/d")])).0,
            HoldReason::SecretNotFound
        );
    }
}

#[test]
fn a_changed_token_rolls_pods_and_a_changed_authority_does_not() {
    let spec = json!({
        "publicUrl": "https://v.example",
        "providers": {"twilio": [{
            "accountSid": "AC0123456789abcdef0123456789abcdef", "authTokenSecretRef": {"name": "twilio", "key": "k"},
        }]},
        "events": {"rabbitmq": {"uri": "amqps://b", "caSecretRef": {"name": "ca", "key": "k"}}},
    });
    let hash = |token, authority| {
        hash_of(&observed(spec.clone(), &[("twilio", "k", token), ("ca", "k", authority)]))
    };
    let (one, two) = ("0123456789abcdef", "fedcba9876543210");
    let (old, new) = ("-----BEGIN CERTIFICATE-----old", "-----BEGIN CERTIFICATE-----new");
    assert_ne!(hash(one, old), hash(two, old));
    assert_eq!(hash(one, old), hash(one, new), "it is read for each connection");
}

#[test]
fn a_collector_of_traces_is_checked_as_the_service_checks_it() {
    let spec = |address: &str| observed(json!({ "otlpEndpoint": address }), &[]);
    let address = "http://collector.tracing:4318";
    assert_eq!(planned(&spec(address)).module.service.otlp_endpoint.as_deref(), Some(address));
    for bad in ["https://collector.tracing:4318", "http://user:hush@collector", "collector:4318"] {
        let (reason, message) = held(&spec(bad));
        assert_eq!(reason, HoldReason::InvalidSpec, "{bad}");
        assert!(
            message.contains("spec.otlpEndpoint: give the `http://` address of") && !message.contains("hush"),
            "{message}"
        );
    }
}
