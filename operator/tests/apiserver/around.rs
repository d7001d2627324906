//! What is around the pods: ways in, who watches, and copies of others' Secrets. Made, repaired, and removed again.

use anyhow::{Context, Result, ensure};
use comms_operator::{
    api::CommsModule,
    kinds::{HttpRoute, ServiceMonitor},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Secret, Service},
    networking::v1::{Ingress, NetworkPolicy},
};
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use testbed::{upstream, wait::eventually};

use crate::trial::{SOON, Trial, condition};

const SID: &str = "AC0123456789abcdef0123456789abcdef";

fn everything() -> Value {
    json!({
        "publicUrl": "https://voice.example.com", "corsOrigins": ["https://app.example.com", "http://localhost:5173"],
        "trustedProxies": ["10.0.0.0/8"], "rateLimit": "600/1m", "staleCallTimeout": "2h",
        "allowAgentAudioSentiment": true,
        "providers": {"twilio": [
            {"accountSid": SID, "authTokenSecretRef": {"name": "twilio", "key": "token"}, "organizationId": "north"},
        ]},
        "events": {"backlogLimit": "64Mi", "rabbitmq": {
            "clusterRef": {"name": "broker"}, "caSecretRef": {"name": "authority", "key": "ca.crt"},
        }},
        "exposure": {"ingress": {
            "className": "nginx", "host": "voice.example.com", "tlsSecretName": "voice-tls",
            "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"},
        }},
        "monitoring": {"serviceMonitor": true, "labels": {"release": "prometheus"}},
    })
}

/// Takes [`everything`] away again.
fn nothing() -> Value {
    json!({
        "publicUrl": null, "corsOrigins": null, "trustedProxies": null, "rateLimit": null, "staleCallTimeout": "4h",
        "allowAgentAudioSentiment": false, "providers": null, "events": null, "exposure": null, "monitoring": null,
    })
}

/// The Secret of a `RabbitmqCluster`, as RabbitMQ's cluster operator makes it.
async fn default_user(trial: &Trial, password: &str) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "broker-default-user"},
        "stringData": {
            "host": format!("broker.{}.svc", trial.namespace), "port": "5671", "username": "default_user_x",
            "password": password, "provider": "rabbitmq", "type": "rabbitmq", "default_user.conf": "default_user = x",
        },
    });
    let forced = PatchParams::apply("rabbitmq-cluster-operator").force();
    trial.api::<Secret>().patch("broker-default-user", &forced, &Patch::Apply(secret)).await?;
    Ok(())
}

async fn prepared() -> Result<Trial> {
    let trial = Trial::begin().await?;
    trial.secret("twilio", "token", "0123456789abcdef0123456789abcdef").await?;
    trial
        .secret("authority", "ca.crt", "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n")
        .await?;
    default_user(&trial, "one").await?;
    Ok(trial)
}

fn environment(deployment: &Deployment) -> Result<Value> {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref()).context("no pod spec")?;
    let container = serde_json::to_value(pod.containers.first().context("no container")?)?;
    let all = container["env"].as_array().context("no environment")?;
    let pairs = all
        .iter()
        .map(|entry| (entry["name"].as_str().unwrap_or_default().to_owned(), entry["value"].clone()));
    Ok(Value::Object(pairs.collect()))
}

async fn text(trial: &Trial, secret: &str, key: &str) -> Result<String> {
    let data = trial.get::<Secret>(secret).await?.data.context("no data")?;
    Ok(String::from_utf8(data.get(key).with_context(|| format!("no {key}"))?.0.clone())?)
}

#[tokio::test]
async fn every_setting_reaches_its_place_and_taking_it_back_leaves_nothing_behind() -> Result<()> {
    let mut trial = prepared().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let original: Deployment = trial.get("comms").await?;

    trial.change("comms", everything()).await?;
    let env = trial
        .until_object::<Deployment, _>("comms", "has the new settings", |deployment| {
            let env = environment(deployment)?;
            ensure!(env["CC_LITE_RATE_LIMIT"] == "600/1m", "it has {env}");
            Ok(env)
        })
        .await?;
    for (name, value) in [
        ("CC_LITE_PUBLIC_URL", "https://voice.example.com"),
        ("CC_LITE_CORS_ORIGINS", "https://app.example.com,http://localhost:5173"),
        ("CC_LITE_TRUSTED_PROXIES", "10.0.0.0/8"),
        ("CC_LITE_STALE_CALL_TIMEOUT", "2h"),
        ("CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT", "true"),
        ("CC_LITE_TWILIO_ACCOUNTS_FILE", "/etc/cc-lite/providers/twilio"),
        ("EVENTS_BACKLOG_LIMIT", "64Mi"),
        ("RABBITMQ_URL_FILE", "/etc/cc-lite/rabbitmq/uri"),
        ("RABBITMQ_CA_FILE", "/etc/cc-lite/rabbitmq-ca/ca.crt"),
    ] {
        assert_eq!(env[name], json!(value), "{name}");
    }
    let address = format!("amqps://default_user_x:one@broker.{}.svc:5671/%2f", trial.namespace);
    assert_eq!(text(&trial, "comms-broker", "uri").await?, address);
    let accounts = format!("{SID}:0123456789abcdef0123456789abcdef:north\n");
    assert_eq!(text(&trial, "comms-providers", "twilio").await?, accounts);
    let ingress: Ingress =
        trial.until_object("comms", "is there", |ingress: &Ingress| Ok(ingress.clone())).await?;
    let annotations = ingress.metadata.annotations.clone().unwrap_or_default();
    assert_eq!(annotations.get("cert-manager.io/cluster-issuer").map(String::as_str), Some("letsencrypt"));
    assert_eq!(
        serde_json::to_value(&ingress.spec)?,
        json!({
            "ingressClassName": "nginx",
            "rules": [{"host": "voice.example.com", "http": {"paths": [{
                "path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "comms", "port": {"name": "http"}}},
            }]}}],
            "tls": [{"hosts": ["voice.example.com"], "secretName": "voice-tls"}],
        })
    );
    let monitor: ServiceMonitor =
        trial.until_object("comms", "is there", |one: &ServiceMonitor| Ok(one.clone())).await?;
    assert_eq!(
        monitor.metadata.labels.and_then(|labels| labels.get("release").cloned()).as_deref(),
        Some("prometheus")
    );
    // What the monitor selects is one Service, by the name of whose port metrics are asked for.
    let selector = monitor.spec.selector.match_labels.context("no labels")?;
    let selector: Vec<_> = selector.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    let found = trial.api::<Service>().list(&ListParams::default().labels(&selector.join(","))).await?;
    let ports: Vec<_> = found
        .items
        .iter()
        .flat_map(|one| one.spec.iter().flat_map(|spec| spec.ports.iter().flatten()))
        .collect();
    assert_eq!(
        ports.iter().map(|port| (port.name.as_deref(), port.port)).collect::<Vec<_>>(),
        [(Some("management"), 9018)]
    );
    assert_eq!(monitor.spec.endpoints[0].port.as_deref(), Some("management"));
    trial.until("comms", "Monitored", "True", "InPlace").await?;
    let module: CommsModule = trial.get("comms").await?;
    let status = module.status.context("no status")?;
    assert_eq!(status.url.as_deref(), Some("https://voice.example.com"));
    assert_eq!(status.effective.and_then(|effective| effective.backlog_limit).as_deref(), Some("64Mi"));

    let before = trial.settle("comms").await?;
    trial.stop_operator().await?;
    trial.start_operator().await?;
    trial.reconcile_once_more("comms").await?;
    assert_eq!(trial.writes()?, before, "a restarted operator writes nothing");

    trial.change("comms", nothing()).await?;
    trial.until_gone::<Ingress>("comms").await?;
    trial.until_gone::<ServiceMonitor>("comms").await?;
    trial.until_gone::<Service>("comms-metrics").await?;
    trial.until_gone::<Secret>("comms-broker").await?;
    trial.until_gone::<Secret>("comms-providers").await?;
    trial.until_it_has_its_spec_again(&original).await?;
    trial.settle("comms").await?;
    let module: CommsModule = trial.get("comms").await?;
    assert!(condition(&module, "Monitored").is_err() && condition(&module, "Exposed").is_err());
    Ok(())
}

#[tokio::test]
async fn each_of_them_is_put_right_when_it_is_changed_or_deleted_by_hand() -> Result<()> {
    let trial = prepared().await?;
    trial.create("comms", json!({})).await?;
    trial.change("comms", everything()).await?;
    trial.until("comms", "Monitored", "True", "InPlace").await?;
    trial.settle("comms").await?;
    let merge = |patch: Value| Patch::Merge(patch);
    let hand = PatchParams::default();

    let more = json!({"spec": {"rules": [{"host": "voice.example.com"}, {"host": "evil.example.com"}]}});
    trial.api::<Ingress>().patch("comms", &hand, &merge(more)).await?;
    trial
        .until_object::<Ingress, _>("comms", "is for its own host alone", |ingress| {
            let rules = ingress.spec.as_ref().and_then(|spec| spec.rules.clone()).unwrap_or_default();
            ensure!(rules.len() == 1 && rules[0].http.is_some(), "it has {rules:?}");
            Ok(())
        })
        .await?;
    let endpoints = json!({"spec": {"endpoints": [{"port": "http"}]}});
    trial.api::<ServiceMonitor>().patch("comms", &hand, &merge(endpoints)).await?;
    trial
        .until_object::<ServiceMonitor, _>("comms", "asks the management port again", |monitor| {
            let ports: Vec<_> =
                monitor.spec.endpoints.iter().map(|endpoint| endpoint.port.as_deref()).collect();
            ensure!(ports == [Some("management")], "it asks {ports:?}");
            Ok(())
        })
        .await?;
    for (secret, key) in [("comms-broker", "uri"), ("comms-providers", "twilio")] {
        let before = text(&trial, secret, key).await?;
        trial.api::<Secret>().patch(secret, &hand, &merge(json!({"stringData": {key: "by hand"}}))).await?;
        eventually(SOON, "the Secret is as it was", async || {
            ensure!(text(&trial, secret, key).await? == before, "{secret} is not");
            Ok(())
        })
        .await?;
    }
    trial.settle("comms").await?;

    trial.delete::<Ingress>("comms").await?;
    trial.until_object::<Ingress, _>("comms", "is back", |_| Ok(())).await?;
    trial.delete::<NetworkPolicy>("comms").await?;
    trial.until_object::<NetworkPolicy, _>("comms", "is back", |_| Ok(())).await?;
    trial.delete::<ServiceMonitor>("comms").await?;
    trial.until_object::<ServiceMonitor, _>("comms", "is back", |_| Ok(())).await?;
    trial.delete::<Service>("comms-metrics").await?;
    trial.until_object::<Service, _>("comms-metrics", "is back", |_| Ok(())).await?;
    for secret in ["comms-broker", "comms-providers"] {
        trial.delete::<Secret>(secret).await?;
        trial.until_object::<Secret, _>(secret, "is back", |_| Ok(())).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_route_follows_the_spec_and_tells_what_its_gateways_say() -> Result<()> {
    let trial = Trial::begin().await?;
    let route = json!({"parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https"}], "hostnames": ["v.example"]});
    trial.create("comms", json!({"basePath": "/voice", "exposure": {"httpRoute": route}})).await?;
    let live: HttpRoute =
        trial.until_object("comms", "is there", |route: &HttpRoute| Ok(route.clone())).await?;
    assert_eq!(live.spec.rules[0].matches[0].path.as_ref().map(|path| path.value.as_str()), Some("/voice"));
    assert_eq!(
        (live.spec.rules[0].backend_refs[0].name.as_str(), live.spec.rules[0].backend_refs[0].port),
        ("comms", Some(3018))
    );
    let message = trial.until("comms", "Exposed", "Unknown", "NotObserved").await?;
    assert!(message.contains("0 of 1 Gateways have taken it up"), "{message}");
    let module: CommsModule = trial.get("comms").await?;
    assert_eq!(module.status.and_then(|status| status.url).as_deref(), Some("https://v.example/voice"));

    let say = async |status: &str, reason: &str| {
        let conditions = json!([{"type": "Accepted", "status": status, "reason": reason, "message": "said the Gateway",
            "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
        let parent = json!({"parentRef": {"name": "public", "namespace": "edge"}, "controllerName": "example.com/gateway",
            "conditions": conditions});
        let patch = json!({"status": {"parents": [parent]}});
        trial.api::<HttpRoute>().patch_status("comms", &PatchParams::default(), &Patch::Merge(patch)).await
    };
    say("False", "NotAllowedByListeners").await?;
    let message = trial.until("comms", "Exposed", "False", "RouteRefused").await?;
    assert_eq!(
        message,
        "Gateway public does not take the HTTPRoute: NotAllowedByListeners: said the Gateway"
    );
    say("True", "Accepted").await?;
    trial.until("comms", "Exposed", "True", "InPlace").await?;
    trial.settle("comms").await?;

    trial.change("comms", json!({"port": 4000})).await?;
    trial
        .until_object::<HttpRoute, _>("comms", "leads to the new port", |route| {
            let port = route.spec.rules[0].backend_refs[0].port;
            ensure!(port == Some(4000), "it leads to {port:?}");
            Ok(())
        })
        .await?;
    let elsewhere = json!({"spec": {"hostnames": ["evil.example"]}});
    trial.api::<HttpRoute>().patch("comms", &PatchParams::default(), &Patch::Merge(elsewhere)).await?;
    trial
        .until_object::<HttpRoute, _>("comms", "has its own name again", |route| {
            ensure!(route.spec.hostnames == ["v.example"], "it is for {:?}", route.spec.hostnames);
            Ok(())
        })
        .await?;
    trial.delete::<HttpRoute>("comms").await?;
    trial.until_object::<HttpRoute, _>("comms", "is back", |_| Ok(())).await?;

    let ingress = json!({"httpRoute": null, "ingress": {"host": "v.example"}});
    trial.change("comms", json!({"exposure": ingress})).await?;
    trial.until_gone::<HttpRoute>("comms").await?;
    trial.until_object::<Ingress, _>("comms", "is there instead", |_| Ok(())).await
}

#[tokio::test]
async fn the_address_of_an_ingress_is_told_once_a_controller_gives_it() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"exposure": {"ingress": {"host": "v.example"}}})).await?;
    trial.until("comms", "Exposed", "Unknown", "NotObserved").await?;
    let status = json!({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}});
    trial.api::<Ingress>().patch_status("comms", &PatchParams::default(), &Patch::Merge(status)).await?;
    let message = trial.until("comms", "Exposed", "True", "InPlace").await?;
    assert_eq!(message, "http://v.example leads here, by 192.0.2.10.");
    Ok(())
}

#[tokio::test]
async fn a_name_that_somebody_else_has_taken_is_told_and_left_alone() -> Result<()> {
    let trial = Trial::begin().await?;
    let theirs = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "comms"},
        "spec": {"rules": [{"host": "theirs.example"}]},
    });
    let apply = PatchParams::apply("somebody").force();
    trial.api::<Ingress>().patch("comms", &apply, &Patch::Apply(theirs)).await?;
    trial.create("comms", json!({"exposure": {"ingress": {"host": "v.example"}}})).await?;
    let message = trial.until("comms", "Ready", "False", "NameTaken").await?;
    assert!(message.starts_with("Ingress comms exists and is not this module's"), "{message}");
    trial.change("comms", json!({"exposure": null})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let ingress: Ingress = trial.get("comms").await?;
    let rules = ingress.spec.and_then(|spec| spec.rules).unwrap_or_default();
    assert_eq!(rules[0].host.as_deref(), Some("theirs.example"));
    Ok(())
}

#[tokio::test]
async fn a_cluster_without_a_kind_is_told_so_and_the_kind_may_come_later() -> Result<()> {
    let trial = Trial::cluster_wide().await?;
    let route = json!({"parentRefs": [{"name": "public"}]});
    trial
        .create("comms", json!({"exposure": {"httpRoute": route}, "monitoring": {"serviceMonitor": true}}))
        .await?;
    let message = trial.until("comms", "Exposed", "False", "KindMissing").await?;
    assert!(message.starts_with("The cluster knows no HTTPRoutes: install the Gateway API"), "{message}");
    trial.until("comms", "Monitored", "False", "KindMissing").await?;
    trial.get::<Deployment>("comms").await?;

    for definitions in [upstream::gateway_api().await?, upstream::prometheus_operator().await?] {
        trial.server.access().apply(&definitions).await?;
    }
    trial.until_object::<HttpRoute, _>("comms", "is there", |_| Ok(())).await?;
    trial.until_object::<ServiceMonitor, _>("comms", "is there", |_| Ok(())).await?;
    trial.until("comms", "Exposed", "Unknown", "NotObserved").await?;
    trial.until("comms", "Monitored", "True", "InPlace").await?;
    trial.delete::<HttpRoute>("comms").await?;
    trial.until_object::<HttpRoute, _>("comms", "is back, since it is watched now", |_| Ok(())).await
}
