//! Wrong combinations are refused with what to write instead, and writing that passes.

use anyhow::{Context, Result, ensure};
use comms_operator::api::CommsModule;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use crate::trial::Trial;

/// A refused spec, a part of the sentence, and the spec that follows the sentence.
pub(crate) type Case = (Value, &'static str, Value);

fn general_cases() -> Vec<Case> {
    vec![
        (json!({"port": 9018}), "choose another spec.port, such as 3018", json!({"port": 3018})),
        (json!({"port": 80}), "greater than or equal to 1024", json!({"port": 1024})),
        (
            json!({"basePath": "voice/"}),
            "write spec.basePath as / or as /one/or/more/segments",
            json!({"basePath": "/voice"}),
        ),
        (
            json!({"image": "My Image"}),
            "write spec.image as [registry/]repository",
            json!({"image": "r.example:5000/my@sha256:0"}),
        ),
        (
            json!({"resources": {"requests": {"memory": "lots"}}}),
            "write each of spec.resources.requests as a quantity",
            json!({"resources": {"requests": {"memory": "64Mi", "cpu": 1}}}),
        ),
        (
            json!({"resources": {"limits": {"cpu": "one"}}}),
            "write each of spec.resources.limits as a quantity",
            json!({"resources": {"limits": {"cpu": "500m"}}}),
        ),
        (
            json!({"logLevel": "loud"}),
            "supported values: \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
            json!({"logLevel": "warn"}),
        ),
    ]
}

fn mode_cases() -> Vec<Case> {
    let secret = json!({"name": "s", "key": "k"});
    let platform = json!({"mode": "Platform", "gateway": {"proofSecretRef": secret}});
    vec![
        (
            json!({"mode": "Platform", "gateway": {"trustEveryone": true}, "auth": {}}),
            "remove spec.auth, or set spec.mode to Standalone",
            platform.clone(),
        ),
        (
            json!({"mode": "Platform", "gateway": {"trustEveryone": true}, "keys": {"secretRef": {"name": "signing"}}}),
            "remove spec.keys, or set spec.mode to Standalone",
            platform.clone(),
        ),
        (
            json!({"gateway": {"trustEveryone": true}}),
            "remove spec.gateway, or set spec.mode to Platform",
            json!({"mode": "Platform", "gateway": {"trustEveryone": true}}),
        ),
        (
            json!({"mode": "Platform"}),
            "must know whom to trust: set spec.gateway.proofSecretRef",
            platform.clone(),
        ),
        (
            json!({"mode": "Platform", "gateway": {}}),
            "must know whom to trust: set spec.gateway.proofSecretRef",
            platform.clone(),
        ),
        (
            json!({"mode": "Platform", "gateway": {"proofSecretRef": secret, "trustEveryone": true}}),
            "remove spec.gateway.proofSecretRef or spec.gateway.trustEveryone",
            platform,
        ),
    ]
}

fn broker_cases() -> Vec<Case> {
    let secret = json!({"name": "s", "key": "k"});
    let rabbitmq = |rabbitmq: Value| json!({"events": {"rabbitmq": rabbitmq}});
    let uri = |uri: &str| rabbitmq(json!({ "uri": uri }));
    let good_uri = uri("amqps://rabbitmq.messaging.svc:5671/%2f");
    vec![
        (
            rabbitmq(json!({"uri": "amqp://b", "uriSecretRef": secret})),
            "keep one of spec.events.rabbitmq.uri, spec.events.rabbitmq.uriSecretRef and spec.events.rabbitmq.clusterRef",
            uri("amqp://b"),
        ),
        (
            rabbitmq(json!({})),
            "the broker's address is missing: set spec.events.rabbitmq.uriSecretRef",
            rabbitmq(json!({"uriSecretRef": secret})),
        ),
        (
            uri("amqp://user:pw@b:5672/%2f"),
            "put the whole address into a Secret",
            rabbitmq(json!({"uriSecretRef": secret})),
        ),
        (uri("http://b:5672"), "write spec.events.rabbitmq.uri as amqp://host:port/vhost", good_uri.clone()),
        (uri("amqp://b:56x2"), "does not parse: write it as amqp://host:port/vhost", good_uri.clone()),
        (uri("amqp://"), "does not parse: write it as amqp://host:port/vhost", good_uri),
        (
            json!({"events": {"exchange": "amq.topic"}}),
            "choose another spec.events.exchange",
            json!({"events": {"exchange": "ocelot.events"}}),
        ),
        (
            json!({"events": {"retention": "0s"}}),
            "a duration of zero has no use here",
            json!({"events": {"retention": "24h"}}),
        ),
        (
            json!({"events": {"exchange": "my exchange"}}),
            "write spec.events.exchange with letters",
            json!({"events": {"exchange": "my.exchange"}}),
        ),
        (
            json!({"events": {"retention": "9000h"}}),
            "published events are kept for at most 8784h",
            json!({"events": {"retention": "8784h"}}),
        ),
        (
            rabbitmq(json!({"uriSecretRef": {"name": "s", "key": "a/b"}})),
            "write a key of the Secret's data",
            rabbitmq(json!({"uriSecretRef": {"name": "s", "key": "a_b"}})),
        ),
    ]
}

fn key_cases() -> Vec<Case> {
    let rotation = |rotation: Value| json!({"keys": {"rotation": rotation}});
    vec![
        (
            rotation(json!({"propagationDelay": "30s"})),
            "make spec.keys.rotation.propagationDelay at least as long as spec.keys.rotation.verifierCacheTtl",
            rotation(json!({"propagationDelay": "30s", "verifierCacheTtl": "30s"})),
        ),
        (
            rotation(json!({"propagationDelay": "25h"})),
            "set spec.keys.rotation.propagationDelay to 24h or less",
            rotation(json!({"propagationDelay": "24h"})),
        ),
        (
            rotation(json!({"verifierCacheTtl": "1s"})),
            "set spec.keys.rotation.verifierCacheTtl to a duration between",
            rotation(json!({"verifierCacheTtl": "2s"})),
        ),
        (
            rotation(json!({"retention": "167h"})),
            "make spec.keys.rotation.retention at least as long as spec.auth.refreshTokenTtl",
            rotation(json!({"retention": "168h"})),
        ),
        (
            rotation(json!({"interval": "20h"})),
            "make spec.keys.rotation.interval at least an eighth of spec.keys.rotation.retention",
            rotation(json!({"interval": "21h"})),
        ),
        (
            json!({"keys": {"rotation": {"interval": "5m59s"}}, "auth": {"refreshTokenTtl": "15m"}}),
            "make spec.keys.rotation.interval at least 5m longer than spec.keys.rotation.propagationDelay",
            json!({"keys": {"rotation": {"interval": "6m"}}, "auth": {"refreshTokenTtl": "15m"}}),
        ),
        (
            json!({"keys": {"secretRef": {"name": "signing"}, "rotateRequest": "now"}}),
            "keys of your own change when you change their Secret",
            json!({"keys": {"rotateRequest": "now"}}),
        ),
        (
            rotation(json!({"interval": "30 days"})),
            "write a duration in hours, minutes and seconds",
            rotation(json!({"interval": "720h"})),
        ),
    ]
}

fn auth_cases() -> Vec<Case> {
    let auth = |auth: Value| json!({ "auth": auth });
    vec![
        (
            auth(json!({"accessTokenTtl": "25h"})),
            "an access token lives from 1m to 24h",
            auth(json!({"accessTokenTtl": "24h"})),
        ),
        (
            auth(json!({"refreshTokenTtl": "9000h"})),
            "a session lives from 1m to 8784h",
            auth(json!({"refreshTokenTtl": "8784h"})),
        ),
        (
            auth(json!({"issuer": "a b"})),
            "write spec.auth.issuer with visible",
            auth(json!({"issuer": "https://a.b/"})),
        ),
        (
            auth(json!({"audience": "\u{e9}"})),
            "write spec.auth.audience with visible",
            auth(json!({"audience": "e"})),
        ),
        (
            auth(json!({"accessTokenTtl": "10d"})),
            "write a duration in hours, minutes and seconds",
            auth(json!({"accessTokenTtl": "10h"})),
        ),
        (
            auth(json!({"accessTokenTtl": ""})),
            "a duration of zero has no use here",
            auth(json!({"accessTokenTtl": "1h30m"})),
        ),
        (
            auth(json!({"accessTokenTtl": "5h", "refreshTokenTtl": "4h59m"})),
            "make spec.auth.refreshTokenTtl at least as long",
            auth(json!({"accessTokenTtl": "5h", "refreshTokenTtl": "5h"})),
        ),
        (
            auth(json!({"organizationId": "a b"})),
            "write spec.auth.organizationId with letters",
            auth(json!({"organizationId": "a_b"})),
        ),
        (
            auth(json!({"admin": {"email": "me"}})),
            "write spec.auth.admin.email as name@domain",
            auth(json!({"admin": {"email": "me@example.com"}})),
        ),
        (
            auth(json!({"admin": {"passwordSecretRef": {"name": "My Secret", "key": "k"}}})),
            "write the name of a Secret in this namespace",
            auth(json!({"admin": {"passwordSecretRef": {"name": "my-secret", "key": "k"}}})),
        ),
    ]
}

fn data_cases() -> Vec<Case> {
    let secret = json!({"name": "s", "key": "k"});
    let embedded = |embedded: Value| json!({"database": {"embedded": embedded}});
    vec![
        (
            json!({"database": {"embedded": {}, "postgres": {"uriSecretRef": secret}}}),
            "keep spec.database.embedded or spec.database.postgres",
            json!({"database": {"postgres": {"uriSecretRef": secret}}}),
        ),
        (
            embedded(json!({"size": "lots"})),
            "write spec.database.embedded.size as a quantity above zero",
            embedded(json!({"size": "1Gi"})),
        ),
        (
            embedded(json!({"size": "0"})),
            "write spec.database.embedded.size as a quantity above zero",
            embedded(json!({"size": "1G"})),
        ),
    ]
}

#[tokio::test]
async fn each_wrong_combination_is_refused_with_what_to_write_and_that_passes() -> Result<()> {
    refused_and_mended(
        [general_cases(), mode_cases(), broker_cases(), auth_cases(), key_cases(), data_cases()].concat(),
    )
    .await
}

/// Sees to it that each wrong spec is refused with its sentence, and that what follows the sentence is taken.
pub(crate) async fn refused_and_mended(cases: Vec<Case>) -> Result<()> {
    let trial = Trial::without_operator().await?;
    let dry_run = PostParams { dry_run: true, ..PostParams::default() };
    let resource = ApiResource::erase::<CommsModule>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, &resource);
    let object = |spec: &Value| DynamicObject::new("comms", &resource).data(json!({ "spec": spec }));
    for (wrong, sentence, right) in cases {
        let refusal = api.create(&dry_run, &object(&wrong)).await;
        let refusal = refusal.err().with_context(|| format!("{wrong} was accepted"))?.to_string();
        ensure!(
            refusal.contains(sentence),
            "{wrong} was to be refused with {sentence:?}, and was with {refusal}"
        );
        api.create(&dry_run, &object(&right)).await.with_context(|| format!("the fix {right}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_volume_neither_shrinks_nor_changes_its_class() -> Result<()> {
    let trial = Trial::without_operator().await?;
    trial
        .create("comms", json!({"database": {"embedded": {"size": "2Gi", "storageClassName": "fast"}}}))
        .await?;
    let merge = async |embedded: Value| {
        let patch = json!({"spec": {"database": {"embedded": embedded}}});
        trial.api::<CommsModule>().patch("comms", &PatchParams::default(), &Patch::Merge(patch)).await
    };
    let refused = merge(json!({"size": "1024Mi"})).await.err().context("it shrank")?.to_string();
    assert!(refused.contains("a volume cannot shrink: set spec.database.embedded.size back"), "{refused}");
    for class in [json!("slow"), Value::Null] {
        let refused =
            merge(json!({"storageClassName": class})).await.err().context("it changed")?.to_string();
        assert!(refused.contains("a volume keeps its storage class"), "{refused}");
    }
    merge(json!({"size": "3Gi"})).await?;
    Ok(())
}

#[tokio::test]
async fn a_name_that_no_service_can_have_is_refused() -> Result<()> {
    let trial = Trial::without_operator().await?;
    for name in ["1st", "a.b", &"x".repeat(53)] {
        let refused = trial.create(name, json!({})).await.err().context("it was accepted")?.to_string();
        assert!(refused.contains("the name becomes a Service's name: start with a letter"), "{refused}");
    }
    trial.create(&"x".repeat(52), json!({})).await.map(drop)
}

#[tokio::test]
async fn defaults_stand_in_the_stored_object_and_create_no_section() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let spec_of = async |name: &str| -> Result<Value> {
        Ok(serde_json::to_value(trial.get::<CommsModule>(name).await?.spec)?)
    };
    let resource = ApiResource::erase::<CommsModule>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(trial.client.clone(), &trial.namespace, &resource);
    let create = async |name: &str, spec: Value| {
        let object = DynamicObject::new(name, &resource).data(json!({ "spec": spec }));
        api.create(&PostParams::default(), &object).await
    };
    create("bare", json!({})).await?;
    assert_eq!(
        spec_of("bare").await?,
        json!({
            "mode": "Standalone", "port": 3018, "logLevel": "info", "replicas": 1, "paused": false,
            "staleCallTimeout": "4h", "allowAgentAudioSentiment": false,
        })
    );
    create("sections", json!({"auth": {"admin": {}}, "events": {}, "database": {"embedded": {}}})).await?;
    assert_eq!(
        spec_of("sections").await?,
        json!({
            "mode": "Standalone", "port": 3018, "logLevel": "info", "replicas": 1, "paused": false,
            "staleCallTimeout": "4h", "allowAgentAudioSentiment": false,
            "auth": {
                "accessTokenTtl": "15m", "refreshTokenTtl": "168h", "issuer": "cc-lite", "audience": "cc-lite",
                "organizationId": "default", "admin": {"email": "admin@localhost"},
            },
            "events": {"enabled": true, "exchange": "ocelot.events", "retention": "24h"},
            "database": {"embedded": {"size": "1Gi", "deletionPolicy": "Retain"}},
        })
    );
    Ok(())
}
