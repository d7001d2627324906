//! Settings of network, broker and service, as the running service takes them.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;
use testbed::subscriber::Subscriber;
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![
    settings_of_the_service_take_effect,
    twilios_callbacks_count_by_the_token_in_the_secret,
    a_broker_of_another_namespace_gets_the_events_once_that_grants_it,
    a_broker_and_a_database_are_trusted_by_the_given_authorities,
    a_gateway_that_is_known_by_rule_is_believed,
    ways_in_and_monitors_are_made_where_the_cluster_knows_their_kinds,
];

const CALL: fn() -> Value =
    || json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});

async fn settings_of_the_service_take_effect(room: &Room<'_>) -> Result<()> {
    let spec = json!({
        "corsOrigins": ["https://app.example.com"], "rateLimit": "3/1h", "allowAgentAudioSentiment": true,
    });
    room.apply("comms", &spec).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let http = reqwest::Client::new();
    let ask = async |origin: &str| -> Result<reqwest::Response> {
        let request =
            http.get(format!("{}/auth/me", module.base())).bearer_auth(&token).header("Origin", origin);
        Ok(request.send().await?)
    };

    let from_app = ask("https://app.example.com").await?;
    assert_eq!(
        from_app.headers().get("access-control-allow-origin").context("no origin is let in")?,
        "https://app.example.com"
    );
    assert_eq!(
        from_app.headers().get("ratelimit-policy").context("there is no limit")?,
        "\"default\";q=3;w=3600"
    );
    let from_elsewhere = ask("https://evil.example.com").await?;
    assert_eq!(from_elsewhere.headers().get("access-control-allow-origin"), None);
    // The third is the last one.
    let call = module.post("/calls", &token, &CALL(), StatusCode::CREATED).await?;
    assert_eq!(ask("https://app.example.com").await?.status(), StatusCode::TOO_MANY_REQUESTS);

    room.apply("comms", &json!({"allowAgentAudioSentiment": true})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let voice = json!({"party": "agent", "basis": "audio", "label": "neutral", "score": 0, "method": "m"});
    let path = format!("/calls/{}/sentiment", call["id"].as_str().context("an id")?);
    module.post(&path, &token, &voice, StatusCode::CREATED).await?;

    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    module.post(&path, &token, &voice, StatusCode::FORBIDDEN).await.map(drop)
}

async fn twilios_callbacks_count_by_the_token_in_the_secret(room: &Room<'_>) -> Result<()> {
    const SID: &str = "AC0123456789abcdef0123456789abcdef";
    let (first, second) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    room.secret("twilio", "token", first).await?;
    let account = json!({"accountSid": SID, "authTokenSecretRef": {"name": "twilio", "key": "token"}});
    let public = "https://voice.example.com/api";
    room.apply("comms", &json!({"publicUrl": public, "providers": {"twilio": [account]}})).await?;
    room.ready("comms").await?;
    let http = reqwest::Client::new();
    let callback = async |token: &str| -> Result<StatusCode> {
        // In the order of their names, as the signature takes them.
        let parameters = [
            ("AccountSid", SID),
            ("CallSid", "CA1"),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
            ("From", "a"),
            ("To", "b"),
        ];
        let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes())?;
        mac.update(format!("{public}/providers/twilio/status").as_bytes());
        for (name, value) in parameters {
            mac.update(format!("{name}{value}").as_bytes());
        }
        let body = parameters.map(|(name, value)| format!("{name}={value}")).join("&");
        let module = room.module("comms").await?;
        let request = http
            .post(format!("{}/providers/twilio/status", module.base()))
            .header("X-Twilio-Signature", STANDARD.encode(mac.finalize().into_bytes()))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        Ok(request.send().await?.status())
    };
    assert_eq!(callback(first).await?, StatusCode::NO_CONTENT);
    assert_eq!(callback(second).await?, StatusCode::FORBIDDEN);

    room.secret("twilio", "token", second).await?;
    eventually(Duration::from_secs(90), "the changed token counts", async || {
        let status = callback(second).await?;
        anyhow::ensure!(status == StatusCode::NO_CONTENT, "seen: {status}");
        Ok(())
    })
    .await?;
    assert_eq!(callback(first).await?, StatusCode::FORBIDDEN);

    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    assert_eq!(callback(second).await?, StatusCode::NOT_FOUND);
    Ok(())
}

async fn a_broker_of_another_namespace_gets_the_events_once_that_grants_it(room: &Room<'_>) -> Result<()> {
    room.access().apply(&testbed::upstream::gateway_api().await?).await?;
    let broker = &room.stage.broker;
    let messaging =
        format!("m-{}", room.namespace.get(..40).unwrap_or(&room.namespace).trim_end_matches('-'));
    room.access().namespace(&messaging).await?;
    room.access().expose(&messaging, "broker", 5672, broker.address()).await?;
    let default_user = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "broker-default-user", "namespace": messaging},
        "stringData": {
            "host": format!("broker.{messaging}.svc"), "port": "5672", "username": broker.user(),
            "password": broker.password(),
        },
    });
    room.access().apply(&default_user.to_string()).await?;
    let mut events = Subscriber::bind(&broker.url(), "by.reference", "comms.#").await?;
    let cluster = json!({"name": "broker", "namespace": messaging});
    let spec = json!({"events": {"exchange": "by.reference", "rabbitmq": {"clusterRef": cluster}}});
    room.apply("comms", &spec).await?;
    room.condition("comms", "Ready", "False", Some("ReferenceNotGranted")).await?;

    let grant = json!({
        "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
        "metadata": {"name": "comms", "namespace": messaging},
        "spec": {
            "from": [{"group": "comms.kraliki.com", "kind": "CommsModule", "namespace": room.namespace}],
            "to": [{"group": "", "kind": "Secret", "name": "broker-default-user"}],
        },
    });
    eventually(Duration::from_secs(30), "grants can be made", async || {
        room.access().apply(&grant.to_string()).await.map(drop)
    })
    .await?;

    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "True", None).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = module.post("/calls", &token, &CALL(), StatusCode::CREATED).await?;
    let path = format!("/calls/{}/start", call["id"].as_str().context("an id")?);
    module.post(&path, &token, &json!({}), StatusCode::OK).await?;
    let event = events.next(Duration::from_secs(20)).await?;
    assert_eq!(event.routing_key, "comms.call.started");
    room.access().kubectl(&["delete", "namespace", &messaging, "--wait=false"]).await.map(drop)
}

async fn a_broker_and_a_database_are_trusted_by_the_given_authorities(room: &Room<'_>) -> Result<()> {
    let (broker, postgres) = (&room.stage.broker, room.stage.postgres().await?);
    let authority = |path: Option<std::path::PathBuf>| -> Result<String> {
        Ok(fs::read_to_string(path.context("it speaks no TLS")?)?)
    };
    room.secret("broker", "uri", &broker.tls_url()).await?;
    room.secret("database", "uri", &postgres.database().await?).await?;
    room.secret("database-ca", "ca.crt", &authority(postgres.authority())?).await?;
    let entry = |name: &str, key: &str| json!({"name": name, "key": key});
    let spec = |broker_ca: &str| {
        json!({
            "database": {"postgres": {
                "uriSecretRef": entry("database", "uri"), "caSecretRef": entry("database-ca", "ca.crt"),
            }},
            "events": {"exchange": "trusted", "rabbitmq": {
                "uriSecretRef": entry("broker", "uri"), "caSecretRef": entry(broker_ca, "ca.crt"),
            }},
        })
    };
    // PostgreSQL's authority knows nothing of the broker.
    room.apply("comms", &spec("database-ca")).await?;
    room.ready("comms").await?;
    room.condition("comms", "DatabaseReady", "True", None).await?;
    room.condition("comms", "EventsReady", "False", Some("BrokerUnreachable")).await?;

    room.secret("broker-ca", "ca.crt", &authority(broker.authority())?).await?;
    room.apply("comms", &spec("broker-ca")).await?;
    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "True", None).await.map(drop)
}

async fn a_gateway_that_is_known_by_rule_is_believed(room: &Room<'_>) -> Result<()> {
    let rule = json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]);
    room.apply("comms", &json!({"mode": "Platform", "gateway": {"allowFrom": rule}})).await?;
    room.ready("comms").await?;
    // This cluster's network keeps no policies, so this host takes the gateway's place.
    let module = room.module("comms").await?;
    let calls =
        reqwest::Client::new().request(Method::POST, format!("{}/calls", module.base())).json(&CALL());
    let answer = calls.header("X-User-Id", "user_1").header("X-Org-Id", "org_1").send().await?;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let policy = room.get("networkpolicy/comms").await?;
    assert_eq!(policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]["app"], "gateway");
    let operator = &policy["spec"]["ingress"][1]["from"][0]["namespaceSelector"]["matchLabels"];
    assert_eq!(operator, &json!({"kubernetes.io/metadata.name": "comms-system"}));
    Ok(())
}

async fn ways_in_and_monitors_are_made_where_the_cluster_knows_their_kinds(room: &Room<'_>) -> Result<()> {
    room.kinds_of_other_projects().await?;
    let ingress = json!({"ingress": {"host": "voice.example.com", "tlsSecretName": "voice-tls"}});
    let spec = json!({"exposure": ingress, "monitoring": {"serviceMonitor": true}});
    room.apply("comms", &spec).await?;
    let object = room.ready("comms").await?;
    assert_eq!(object["status"]["url"], "https://voice.example.com");
    assert_eq!(room.get("ingress/comms").await?["spec"]["rules"][0]["host"], "voice.example.com");
    room.condition("comms", "Monitored", "True", None).await?;
    room.get("servicemonitor.monitoring.coreos.com/comms").await?;
    // What a monitor would scrape is there: the Service leads to the pod's metrics.
    let endpoints = eventually(Duration::from_secs(30), "the metrics' Service has its pod", async || {
        let slices = room.get("endpointslices").await?;
        let mut slices = slices["items"].as_array().cloned().unwrap_or_default().into_iter();
        let slice =
            slices.find(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == "comms-metrics");
        slice.filter(|slice| slice["endpoints"][0]["addresses"][0].is_string()).context("there is none")
    })
    .await?;
    let address = endpoints["endpoints"][0]["addresses"][0].as_str().context("an address")?.to_owned();
    let metrics = reqwest::get(format!("http://{address}:9018/metrics")).await?;
    assert_eq!(metrics.status(), StatusCode::OK);

    room.apply(
        "comms",
        &json!({"exposure": {"httpRoute": {"parentRefs": [{"name": "public"}], "hostnames": ["v.example"]}}}),
    )
    .await?;
    let object = room.ready("comms").await?;
    assert_eq!(object["status"]["url"], "https://v.example");
    eventually(Duration::from_secs(30), "the route has taken the Ingress' place", async || {
        room.get("httproute/comms").await?;
        anyhow::ensure!(room.get("ingress/comms").await.is_err(), "the Ingress is still there");
        Ok(())
    })
    .await
}
