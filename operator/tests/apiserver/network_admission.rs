//! Wrong settings of network, broker and service are refused with what to write instead, and writing that passes.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    admission::{Case, refused_and_mended},
    trial::Trial,
};

fn gateway(pods: &str) -> Value {
    json!([{"podSelector": {"matchLabels": {"app": pods}}}])
}

fn service_cases() -> Vec<Case> {
    let with = |field: &str, value: Value| json!({ field: value });
    let url = |url: &str| with("publicUrl", json!(url));
    let collector = |url: &str| with("otlpEndpoint", json!(url));
    let rate = |rate: &str| with("rateLimit", json!(rate));
    let origins = |origin: &str| with("corsOrigins", json!([origin]));
    let rate_sentence = "write spec.rateLimit as requests and a time, such as 600/1m";
    let origin_sentence = "write each of spec.corsOrigins as an origin, such as https://app.example.com";
    vec![
        (
            url("voice.example.com"),
            "write spec.publicUrl as https://host/path",
            url("https://voice.example.com"),
        ),
        (
            url("https://u:p@voice.example.com"),
            "without a user name and password",
            url("https://voice.example.com/api"),
        ),
        (
            url("https://voice.example.com/?a"),
            "without query and fragment",
            url("http://voice.example.com:8080"),
        ),
        (
            collector("https://collector.tracing:4318"),
            "write spec.otlpEndpoint as http://host:port, such as http://collector.tracing:4318",
            collector("http://collector.tracing:4318"),
        ),
        (
            collector("collector.tracing:4318"),
            "write spec.otlpEndpoint as http://host:port, such as http://collector.tracing:4318",
            collector("http://collector.tracing.svc.cluster.local:4318/tenant"),
        ),
        (
            collector("http://user:hush@collector.tracing:4318"),
            "write spec.otlpEndpoint without a user name and password",
            collector("http://[fd00::1]:4318"),
        ),
        (
            collector("http://collector.tracing:4318?a"),
            "without query and fragment",
            collector("http://192.0.2.7:4318"),
        ),
        (collector("http://"), "spec.otlpEndpoint does not parse", collector("http://collector")),
        (
            with("trustedProxies", json!(["10.0.0.0/8", "proxy"])),
            "write each of spec.trustedProxies as an address or a network",
            with("trustedProxies", json!(["10.0.0.0/8", "192.0.2.7", "::1"])),
        ),
        (origins("https://app.example.com/"), origin_sentence, origins("https://app.example.com")),
        (origins("https://app.example.com:443"), origin_sentence, origins("http://app.example.com:443")),
        (origins("*"), origin_sentence, origins("http://localhost:5173")),
        (rate("600"), rate_sentence, rate("600/1m")),
        (rate("600/0s"), rate_sentence, rate("600/10s")),
        (rate("1000001/1m"), rate_sentence, rate("1000000/1m")),
        (rate("600/25h"), rate_sentence, rate("600/24h")),
        (
            with("staleCallTimeout", json!("30s")),
            "a call is ended after 1m to 744h without news",
            with("staleCallTimeout", json!("1m")),
        ),
        (
            with("staleCallTimeout", json!("745h")),
            "a call is ended after 1m to 744h without news",
            with("staleCallTimeout", json!("744h")),
        ),
        (
            json!({"events": {"backlogLimit": "50%"}}),
            "write spec.events.backlogLimit as a number of events such as 1000000",
            json!({"events": {"backlogLimit": "512Mi"}}),
        ),
        (
            json!({"events": {"backlogLimit": "0"}}),
            "write spec.events.backlogLimit as a number of events such as 1000000",
            json!({"events": {"backlogLimit": "off"}}),
        ),
    ]
}

fn provider_cases() -> Vec<Case> {
    let token = json!({"name": "twilio", "key": "token"});
    let sid = "AC0123456789abcdef0123456789abcdef";
    let account = json!({"accountSid": sid, "authTokenSecretRef": token});
    let of_north = json!({"accountSid": sid, "authTokenSecretRef": token, "organizationId": "north"});
    let twilio =
        |account: &Value| json!({"publicUrl": "https://v.example", "providers": {"twilio": [account]}});
    let in_platform = |account: &Value| {
        json!({
            "mode": "Platform", "gateway": {"allowFrom": gateway("gateway")}, "publicUrl": "https://v.example",
            "providers": {"twilio": [account]},
        })
    };
    vec![
        (
            json!({"providers": {"twilio": [account]}}),
            "set spec.publicUrl to the API's address",
            twilio(&account),
        ),
        (
            twilio(&json!({"accountSid": "AC0123456789abcdef0123456789abcde_", "authTokenSecretRef": token})),
            "write accountSid as Twilio's console shows it",
            twilio(&account),
        ),
        (
            in_platform(&account),
            "Platform mode has no organisation of its own: set organizationId",
            in_platform(&of_north),
        ),
    ]
}

fn broker_cases() -> Vec<Case> {
    let secret = json!({"name": "s", "key": "k"});
    let rabbitmq = |rabbitmq: Value| json!({"events": {"rabbitmq": rabbitmq}});
    let cluster = |cluster: Value| rabbitmq(json!({ "clusterRef": cluster }));
    vec![
        (
            rabbitmq(json!({"uri": "amqp://b", "clusterRef": {"name": "b"}})),
            "keep one of spec.events.rabbitmq.uri, spec.events.rabbitmq.uriSecretRef and spec.events.rabbitmq.clusterRef",
            cluster(json!({"name": "b"})),
        ),
        (
            rabbitmq(json!({"caSecretRef": secret})),
            "the broker's address is missing",
            rabbitmq(json!({"caSecretRef": secret, "uriSecretRef": secret})),
        ),
        (
            rabbitmq(json!({"uri": "amqp://b", "caSecretRef": secret})),
            "write spec.events.rabbitmq.uri as amqps://host:port/vhost",
            rabbitmq(json!({"uri": "amqps://b", "caSecretRef": secret})),
        ),
        (
            cluster(json!({"name": "My Cluster"})),
            "write spec.events.rabbitmq.clusterRef.name as the name of a RabbitmqCluster",
            cluster(json!({"name": "my-cluster"})),
        ),
        (
            cluster(json!({"name": "b", "namespace": "a.b"})),
            "write spec.events.rabbitmq.clusterRef.namespace as the name of a namespace",
            cluster(json!({"name": "b", "namespace": "a-b"})),
        ),
    ]
}

fn gateway_cases() -> Vec<Case> {
    let secret = json!({"name": "s", "key": "k"});
    let platform = |gateway: Value| json!({"mode": "Platform", "gateway": gateway});
    let from = |peer: Value| platform(json!({ "allowFrom": [peer] }));
    let ours = || from(json!({"podSelector": {"matchLabels": {"app": "gateway"}}}));
    let cidr = |cidr: &str| from(json!({"ipBlock": {"cidr": cidr}}));
    vec![
        (platform(json!({"allowFrom": []})), "should have at least 1 items", ours()),
        (
            platform(json!({"trustEveryone": false})),
            "spec.gateway.allowFrom to the pods of your gateway",
            platform(json!({"trustEveryone": true})),
        ),
        (
            platform(json!({"allowFrom": gateway("g"), "trustEveryone": true})),
            "remove spec.gateway.allowFrom or spec.gateway.trustEveryone",
            platform(json!({"allowFrom": gateway("g"), "proofSecretRef": secret})),
        ),
        (from(json!({})), "a peer without a selector is nobody", ours()),
        (
            from(json!({"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}})),
            "a peer is pods or addresses",
            from(json!({"namespaceSelector": {}, "podSelector": {}})),
        ),
        (cidr("10.0.0.7"), "write cidr as a network", cidr("10.0.0.7/32")),
        (
            from(json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["192.168.0.0/16"]}})),
            "write each of except as a part of cidr",
            from(json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}})),
        ),
        (
            json!({
                "mode": "Platform", "gateway": {"allowFrom": gateway("g")}, "networkPolicy": {"enabled": false},
            }),
            "set spec.networkPolicy.enabled to true, or remove spec.gateway.allowFrom",
            json!({"mode": "Platform", "gateway": {"allowFrom": gateway("g")}, "networkPolicy": {}}),
        ),
        (
            json!({"monitoring": {"allowFrom": gateway("p")}, "networkPolicy": {"enabled": false}}),
            "set spec.networkPolicy.enabled to true, or remove spec.monitoring.allowFrom",
            json!({"monitoring": {"allowFrom": gateway("p")}}),
        ),
        (
            json!({"monitoring": {"labels": {"release": "prometheus"}}}),
            "set spec.monitoring.serviceMonitor to true, or remove spec.monitoring.labels",
            json!({"monitoring": {"serviceMonitor": true, "labels": {"release": "prometheus"}}}),
        ),
        (
            json!({"monitoring": {"serviceMonitor": true, "labels": {"app.kubernetes.io/name": "mine"}}}),
            "remove them from spec.monitoring.labels",
            json!({"monitoring": {"serviceMonitor": true, "labels": {"example.com/name": "mine"}}}),
        ),
    ]
}

fn exposure_cases() -> Vec<Case> {
    let ingress = json!({"host": "voice.example.com"});
    let route = json!({"parentRefs": [{"name": "public"}]});
    let exposed = |exposure: Value| json!({ "exposure": exposure });
    let named = |host: &str| exposed(json!({"ingress": {"host": host}}));
    let good = || named("voice.example.com");
    let in_platform =
        |gateway: Value| json!({"mode": "Platform", "gateway": gateway, "exposure": {"ingress": ingress}});
    let proven = || in_platform(json!({"proofSecretRef": {"name": "s", "key": "k"}}));
    vec![
        (
            exposed(json!({"ingress": ingress, "httpRoute": route})),
            "keep spec.exposure.ingress or spec.exposure.httpRoute",
            exposed(json!({"httpRoute": route})),
        ),
        (
            exposed(json!({})),
            "set spec.exposure.ingress or spec.exposure.httpRoute, or remove spec.exposure",
            good(),
        ),
        (named("https://voice.example.com"), "write spec.exposure.ingress.host as one name", good()),
        (named("*.example.com"), "write spec.exposure.ingress.host as one name", good()),
        (named("192.0.2.7"), "write spec.exposure.ingress.host as one name", good()),
        (
            exposed(
                json!({"ingress": {"host": "a.b", "annotations": {"comms.kraliki.com/applied-hash": "x"}}}),
            ),
            "remove them from spec.exposure.ingress.annotations",
            exposed(
                json!({"ingress": {"host": "a.b", "annotations": {"cert-manager.io/cluster-issuer": "x"}}}),
            ),
        ),
        (
            exposed(json!({"httpRoute": {"parentRefs": []}})),
            "should have at least 1 items",
            exposed(json!({"httpRoute": route})),
        ),
        (
            exposed(json!({"httpRoute": {"parentRefs": [{"name": "public"}], "hostnames": ["a.b/c"]}})),
            "write each of spec.exposure.httpRoute.hostnames as a name",
            exposed(
                json!({"httpRoute": {"parentRefs": [{"name": "public"}], "hostnames": ["a.b", "*.c.d"]}}),
            ),
        ),
        (
            in_platform(json!({"trustEveryone": true})),
            "who comes in from outside could claim to be anybody",
            proven(),
        ),
        (
            in_platform(json!({"allowFrom": gateway("gateway")})),
            "set spec.gateway.proofSecretRef, so that only the gateway is believed",
            in_platform(
                json!({"allowFrom": gateway("gateway"), "proofSecretRef": {"name": "s", "key": "k"}}),
            ),
        ),
    ]
}

#[tokio::test]
async fn each_wrong_setting_of_network_broker_and_service_is_refused_with_what_to_write_and_that_passes()
-> Result<()> {
    let cases = [service_cases(), provider_cases(), broker_cases(), gateway_cases(), exposure_cases()];
    refused_and_mended(cases.concat()).await
}

#[tokio::test]
async fn kubectl_refuses_a_field_that_does_not_exist_and_warns_of_it_where_it_may_only_warn() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("module.json");
    let module = json!({
        "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule", "metadata": {"name": "comms"},
        "spec": {"networkPolicy": {"enable": false}},
    });
    std::fs::write(&path, module.to_string())?;
    let apply = async |validate: &str| {
        let mut kubectl = trial.server.access().command("kubectl");
        kubectl.args(["apply", "--namespace", &trial.namespace, validate, "--filename"]).arg(&path);
        let output = kubectl.output().await.context("kubectl")?;
        anyhow::Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    };
    let (taken, said) = apply("--validate=true").await?;
    assert!(!taken && said.contains("unknown field \"spec.networkPolicy.enable\""), "{said}");
    let (taken, said) = apply("--validate=warn").await?;
    assert!(taken && said.contains("Warning: unknown field \"spec.networkPolicy.enable\""), "{said}");
    Ok(())
}

#[tokio::test]
async fn sections_without_values_say_their_defaults() -> Result<()> {
    let trial = Trial::without_operator().await?;
    trial.create("comms", json!({})).await?;
    trial.change("comms", json!({"networkPolicy": {}, "monitoring": {}})).await?;
    let sections = "jsonpath={.spec.networkPolicy}{.spec.monitoring}";
    let get = ["get", "comms/comms", "--namespace", &trial.namespace, "--output", sections];
    let stored = trial.server.kubectl(&get).await?;
    assert_eq!(stored, r#"{"enabled":true}{"serviceMonitor":false}"#);
    Ok(())
}
