//! Fields of a module's spec that no other test here is about, by what they do. `docs/fields.md` names the test of each.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::Registry;
use testbed::collector::Collector;
use testbed::module::{Account, Module, token_parts};
use testbed::registry::LOGIN;
use testbed::subscriber::Subscriber;
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![
    accounts_and_tokens_are_as_the_spec_says,
    an_image_is_pulled_with_the_secret_that_the_spec_names,
    a_broker_by_address_gets_the_events_unless_they_are_turned_off,
    events_wait_and_are_kept_as_long_as_the_spec_says,
    a_gateway_that_proves_itself_is_believed,
    calls_without_news_end_and_debugging_shows_in_log_and_traces,
    proxies_that_are_trusted_tell_who_logs_in,
    a_volume_is_of_the_size_and_class_that_the_spec_says,
    what_guards_and_leads_to_pods_is_as_the_spec_says,
];

const SOON: Duration = Duration::from_secs(120);
const CALL: fn() -> Value =
    || json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});

/// Makes a call and reports that it has been started, and gives its id.
async fn start_call(module: &Module, token: &str) -> Result<String> {
    let call = module.post("/calls", token, &CALL(), StatusCode::CREATED).await?;
    let id = call["id"].as_str().context("an id")?.to_owned();
    module.post(&format!("/calls/{id}/start"), token, &json!({}), StatusCode::OK).await?;
    Ok(id)
}

async fn accounts_and_tokens_are_as_the_spec_says(room: &Room<'_>) -> Result<()> {
    room.secret("first", "word", "correct horse battery staple").await?;
    let spec = json!({
        "basePath": "/voice",
        "auth": {
            "issuer": "https://id.example.com", "audience": "voice", "organizationId": "acme", "refreshTokenTtl": "100h",
            "admin": {"email": "boss@example.com", "passwordSecretRef": {"name": "first", "key": "word"}},
        },
    });
    room.apply("comms", &spec).await?;
    let object = room.ready("comms").await?;
    let url = object["status"]["url"].as_str().context("a URL")?;
    assert!(url.ends_with(":3018/voice"), "it is {url}");
    let module = room.module("comms").await?;
    let above = module.base().strip_suffix("/voice").context("it is served below its base path")?;
    assert_eq!(reqwest::get(format!("{above}/health")).await?.status(), StatusCode::NOT_FOUND);

    let body = json!({"email": "boss@example.com", "password": "correct horse battery staple"});
    let answer = module.call(Method::POST, "/auth/login", None, Some(&body)).await?;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let (_, access) = token_parts(answer.body["access_token"].as_str().context("an access token")?)?;
    let seen = (&access["iss"], &access["aud"], &access["org"], &access["email"]);
    assert_eq!(
        seen,
        (&json!("https://id.example.com"), &json!("voice"), &json!("acme"), &json!("boss@example.com"))
    );
    let (_, refresh) = token_parts(answer.body["refresh_token"].as_str().context("a refresh token")?)?;
    let life = refresh["exp"].as_i64().context("exp")? - refresh["iat"].as_i64().context("iat")?;
    assert_eq!(life, 100 * 60 * 60);
    let made = room.kubectl(&["get", "secret", "comms-admin", "--ignore-not-found"]).await?;
    assert_eq!(made, "", "no password is made where one is given");
    Ok(())
}

async fn an_image_is_pulled_with_the_secret_that_the_spec_names(room: &Room<'_>) -> Result<()> {
    let cluster = &room.stage.cluster;
    let registry = Registry::guarded(cluster.host()).await?;
    let image =
        room.stage.product.service.renamed("localhost/cc-lite:guarded").await?.push_to(&registry).await?;
    cluster.pull_from(registry.address())?;
    room.apply("comms", &json!({"image": image.reference})).await?;
    room.condition("comms", "Ready", "False", Some("ImageUnusable")).await?;

    let server = format!("--docker-server={}", registry.address());
    let (user, password) =
        (format!("--docker-username={}", LOGIN.0), format!("--docker-password={}", LOGIN.1));
    room.kubectl(&["create", "secret", "docker-registry", "pull", &server, &user, &password]).await?;
    let spec = json!({
        "image": image.reference, "imagePullPolicy": "Always", "imagePullSecrets": [{"name": "pull"}],
    });
    room.apply("comms", &spec).await?;

    room.ready("comms").await?;
    room.module("comms").await?;
    let pod = room.pod("comms").await?;
    assert_eq!(pod["spec"]["containers"][0]["image"], json!(image.reference));
    assert_eq!(pod["spec"]["containers"][0]["imagePullPolicy"], "Always");
    Ok(())
}

async fn a_broker_by_address_gets_the_events_unless_they_are_turned_off(room: &Room<'_>) -> Result<()> {
    let broker = &room.stage.broker;
    room.broker().await?;
    let url = broker.vhost().await?;
    let vhost = url.rsplit('/').next().context("a vhost")?;
    // An address carries no credentials, so RabbitMQ's own guest has to be let in.
    broker.ctl(&["add_user", "guest", "guest"]).await?;
    broker.ctl(&["set_permissions", "--vhost", vhost, "guest", ".*", ".*", ".*"]).await?;
    let mut events = Subscriber::bind(&url, "by.address", "comms.#").await?;
    let spec = |enabled: bool| {
        let uri = format!("amqp://rabbitmq:5672/{vhost}");
        json!({"events": {"enabled": enabled, "exchange": "by.address", "rabbitmq": {"uri": uri}}})
    };
    room.apply("comms", &spec(false)).await?;
    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "False", Some("Disabled")).await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    start_call(&module, &token).await?;

    room.apply("comms", &spec(true)).await?;
    room.ready("comms").await?;
    room.condition("comms", "EventsReady", "True", None).await?;
    let module = room.module("comms").await?;
    let call = start_call(&module, &token).await?;
    let event = events.next(Duration::from_secs(20)).await?;
    assert_eq!(event.body["data"]["call_id"], json!(call), "the first that comes is of the second call");
    Ok(())
}

async fn events_wait_and_are_kept_as_long_as_the_spec_says(room: &Room<'_>) -> Result<()> {
    room.broker().await?;
    let nowhere = json!({"backlogLimit": "3", "rabbitmq": {"uri": "amqp://nowhere:5672"}});
    room.apply("comms", &json!({ "events": nowhere })).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    eventually(SOON, "no more events may wait", async || {
        let call = module.call(Method::POST, "/calls", Some(&token), Some(&CALL())).await?;
        if call.status == StatusCode::CREATED {
            let start = format!("/calls/{}/start", call.body["id"].as_str().context("an id")?);
            let started = module.call(Method::POST, &start, Some(&token), Some(&json!({}))).await?;
            ensure!(started.status == StatusCode::SERVICE_UNAVAILABLE, "one more was taken: {started:?}");
        } else {
            ensure!(call.status == StatusCode::SERVICE_UNAVAILABLE, "seen: {call:?}");
        }
        Ok(())
    })
    .await?;
    assert_eq!(module.call(Method::GET, "/calls", Some(&token), None).await?.status, StatusCode::OK);

    let exchange = room.namespace.clone();
    let mut events = Subscriber::bind(&room.stage.broker.url(), &exchange, "comms.#").await?;
    let rabbitmq = json!({"uriSecretRef": {"name": "rabbitmq", "key": "uri"}});
    let kept_for = |retention: &str| json!({"events": {"retention": retention, "exchange": exchange, "rabbitmq": rabbitmq}});
    room.apply("comms", &kept_for("1h")).await?;
    room.ready("comms").await?;
    // What has waited comes now.
    for _ in 0..3 {
        events.next(Duration::from_secs(60)).await?;
    }
    let replay = async || {
        let since = ["--", "/cc-lite", "events", "replay", "--since", "1h", "--dry-run"];
        room.kubectl(&[&["exec", "deployment/comms"], &since[..]].concat()).await
    };
    replay().await.context("events are kept for an hour")?;
    room.apply("comms", &kept_for("1s")).await?;
    room.ready("comms").await?;
    eventually(SOON, "what was published is forgotten", async || match replay().await {
        Ok(said) => anyhow::bail!("it is kept: {said}"),
        Err(error) => {
            let said = format!("{error:#}");
            ensure!(said.contains("The history that is kept begins at"), "{said}");
            Ok(())
        }
    })
    .await
}

async fn a_gateway_that_proves_itself_is_believed(room: &Room<'_>) -> Result<()> {
    let proof = "0123456789abcdef0123456789abcdef";
    room.secret("gateway", "proof", proof).await?;
    let reference = json!({"proofSecretRef": {"name": "gateway", "key": "proof"}});
    room.apply("comms", &json!({"mode": "Platform", "gateway": reference})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let call = async |shown: Option<&str>| -> Result<StatusCode> {
        let mut request = reqwest::Client::new().post(format!("{}/calls", module.base())).json(&CALL());
        request = request.header("X-User-Id", "user_1").header("X-Org-Id", "org_1");
        if let Some(shown) = shown {
            request = request.header("X-Gateway-Secret", shown);
        }
        Ok(request.send().await?.status())
    };
    assert_eq!(call(Some(proof)).await?, StatusCode::CREATED);
    assert_eq!(call(None).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(call(Some("fedcba9876543210fedcba9876543210")).await?, StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn calls_without_news_end_and_debugging_shows_in_log_and_traces(room: &Room<'_>) -> Result<()> {
    let collector = Collector::bind(room.stage.cluster.host()).await?;
    let spec = json!({"staleCallTimeout": "1m", "logLevel": "debug", "otlpEndpoint": collector.url()});
    room.apply("comms", &spec).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    let call = format!("/calls/{}", start_call(&module, &token).await?);

    let span = collector
        .span(SOON, "that of a call being made", |span| span.attribute("http.route") == "/calls")
        .await?;
    assert_eq!(span.resource.get("k8s.namespace.name"), Some(&room.namespace));
    let log = room.kubectl(&["logs", "deployment/comms"]).await?;
    let is_debug =
        |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["level"] == "DEBUG");
    assert!(log.lines().any(is_debug), "no line of level debug is in:\n{log}");
    eventually(SOON, "the call without news is ended", async || {
        let call = module.get(&call, &token).await?;
        ensure!(call["status"] == "failed", "it is {}", call["status"]);
        Ok(())
    })
    .await
}

async fn proxies_that_are_trusted_tell_who_logs_in(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({"trustedProxies": ["10.0.0.0/8", "172.16.0.0/12"]})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let admin = Account::admin_of(&room.access().client().await?, &room.namespace, "comms").await?;
    let login = async |from: &str, password: &str| -> Result<StatusCode> {
        let request = reqwest::Client::new()
            .post(format!("{}/auth/login", module.base()))
            .header("X-Forwarded-For", from)
            .json(&json!({"email": admin.email, "password": password}));
        Ok(request.send().await?.status())
    };
    // Whoever guesses uses up the account's attempts, and those of its user, who comes from elsewhere, are left.
    assert_eq!(login("203.0.113.1", &admin.password).await?, StatusCode::OK);
    eventually(SOON, "guesses are limited", async || {
        let status = login("203.0.113.9", "a guess").await?;
        ensure!(status == StatusCode::TOO_MANY_REQUESTS, "it was answered {status}");
        Ok(())
    })
    .await?;
    assert_eq!(login("203.0.113.9", &admin.password).await?, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(login("203.0.113.1", &admin.password).await?, StatusCode::OK);
    Ok(())
}

async fn a_volume_is_of_the_size_and_class_that_the_spec_says(room: &Room<'_>) -> Result<()> {
    let embedded = json!({"size": "1500Mi", "storageClassName": "local"});
    room.apply("comms", &json!({"database": {"embedded": embedded}})).await?;
    room.ready("comms").await?;
    let claim = room.get("persistentvolumeclaim/comms-data").await?;
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "1500Mi");
    assert_eq!(
        (&claim["spec"]["storageClassName"], &claim["status"]["phase"]),
        (&json!("local"), &json!("Bound"))
    );
    Ok(())
}

async fn what_guards_and_leads_to_pods_is_as_the_spec_says(room: &Room<'_>) -> Result<()> {
    room.kinds_of_other_projects().await?;
    let database = room.postgres().await?;
    let prometheus = json!([{"namespaceSelector": {"matchLabels": {"team": "watch"}}}]);
    let ingress = json!({
        "host": "voice.example.com", "className": "public", "annotations": {"example.com/timeout": "90"},
    });
    let mut spec = json!({
        "database": database, "replicas": 2,
        "resources": {"requests": {"cpu": "30m", "memory": "48Mi"}, "limits": {"cpu": "900m", "memory": "300Mi"}},
        "monitoring": {"serviceMonitor": true, "labels": {"release": "prometheus"}, "allowFrom": prometheus},
        "exposure": {"ingress": ingress},
    });
    room.apply("comms", &spec).await?;
    room.ready("comms").await?;
    let container = &room.get("deployment/comms").await?["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["resources"], spec["resources"]);
    let budget = room.get("poddisruptionbudget/comms").await?;
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    let monitor = room.get("servicemonitor.monitoring.coreos.com/comms").await?;
    assert_eq!(monitor["metadata"]["labels"]["release"], "prometheus");
    let policy = room.get("networkpolicy/comms").await?.to_string();
    assert!(policy.contains(r#""matchLabels":{"team":"watch"}"#), "nobody is let in to metrics: {policy}");
    let ingress = room.get("ingress/comms").await?;
    assert_eq!(ingress["spec"]["ingressClassName"], "public");
    assert_eq!(ingress["metadata"]["annotations"]["example.com/timeout"], "90");

    spec["podDisruptionBudget"] = json!({"enabled": false});
    spec["networkPolicy"] = json!({"enabled": false});
    spec["monitoring"] = json!({"serviceMonitor": true});
    let parent = json!({
        "group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "edge", "name": "public",
        "sectionName": "https", "port": 443,
    });
    spec["exposure"] = json!({"httpRoute": {"parentRefs": [parent], "hostnames": ["v.example"]}});
    room.apply("comms", &spec).await?;
    room.ready("comms").await?;
    let route = room.get("httproute/comms").await?;
    assert_eq!(route["spec"]["parentRefs"], json!([parent]));
    assert_eq!(route["spec"]["hostnames"], json!(["v.example"]));
    eventually(SOON, "what is no longer asked for is gone", async || {
        for child in ["poddisruptionbudget/comms", "networkpolicy/comms", "ingress/comms"] {
            let there = room.kubectl(&["get", child, "--ignore-not-found", "--output", "name"]).await?;
            ensure!(there.is_empty(), "{there} is there");
        }
        Ok(())
    })
    .await
}
