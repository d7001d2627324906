//! Every field that the definition has is changed and changed back: what is there then is what a fresh module has.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use comms_operator::api::CommsModule;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, PostParams},
};
use serde_json::{Map, Value, json};
use testbed::wait::eventually;

use crate::{
    state::{differences, state},
    trial::{SOON, Trial},
};

/// Fields that cannot be changed and changed back, and why.
const ONE_WAY: [(&str, &str); 6] = [
    ("keys.rotateRequest", "a key that was made stays: a_request_rotates_the_keys_as_pods_acknowledge_them"),
    (
        "autoscaling.minReplicas",
        "pods that it has added stay until something is measured, which nothing is here",
    ),
    ("gateway.trustEveryone", "is true, or the proof is there: two of the modules here differ by it"),
    ("mode", "needs other sections with it: the_mode_and_the_database_can_be_changed_and_changed_back"),
    ("database.embedded.size", "a volume never shrinks: a_volume_grows_and_keeps_its_class"),
    ("database.embedded.storageClassName", "a volume keeps its class: a_volume_grows_and_keeps_its_class"),
];

/// Another value of a field than its default, where its schema does not tell one.
fn hint(path: &str) -> Option<Value> {
    let reference = |name: &str, key: &str| json!({"name": name, "key": key});
    let last = path.rsplit('.').next().unwrap_or_default();
    Some(match (path, last) {
        ("basePath", _) => json!("/voice"),
        ("image", _) => json!("cc-lite:next"),
        ("database.postgres.uriSecretRef", _) => reference("database", "uri"),
        ("events.backlogLimit", _) => json!("64Mi"),
        ("events.rabbitmq.clusterRef", _) => json!({"name": "rabbit"}),
        ("corsOrigins", _) => json!(["https://app.example.com"]),
        ("otlpEndpoint", _) => json!("http://collector.tracing:4318"),
        ("publicUrl", _) => json!("https://other.example.com"),
        ("rateLimit", _) => json!("600/1m"),
        ("staleCallTimeout", _) => json!("2h"),
        ("trustedProxies", _) => json!(["10.0.0.0/8"]),
        ("providers.twilio", _) => json!([{
            "accountSid": "AC0123456789abcdef0123456789abcdef", "authTokenSecretRef": reference("twilio", "token"),
        }]),
        ("exposure.ingress.host", _) => json!("other.example.com"),
        ("exposure.httpRoute.hostnames", _) => json!(["other.example.com"]),
        (_, "allowFrom") => json!([{"podSelector": {"matchLabels": {"app": "gateway"}}}]),
        (_, "caSecretRef") => reference("authority", "ca.crt"),
        ("keys.secretRef", _) => json!({"name": "signing"}),
        (_, "passwordSecretRef") => reference("password", "password"),
        (_, "proofSecretRef") => reference("proof", "proof"),
        (_, "uriSecretRef") => reference("broker", "uri"),
        (_, "uri") => json!("amqp://broker:5672"),
        (_, "email") => json!("somebody@example.com"),
        ("keys.revokedKids", _) => json!(["nobody"]),
        ("keys.rotation.interval", _) => json!("800h"),
        ("keys.rotation.propagationDelay", _) => json!("2m"),
        ("keys.rotation.retention", _) => json!("200h"),
        ("keys.rotation.verifierCacheTtl", _) => json!("30s"),
        (_, "refreshTokenTtl" | "retention") => json!("100h"),
        (_, last) if last.ends_with("Ttl") => json!("10m"),
        ("resources.requests" | "resources.limits", _) => json!({"cpu": "30m"}),
        ("podTemplate", _) => json!({"metadata": {"annotations": {"example.com/team": "voice"}}}),
        _ => return None,
    })
}

/// Modules of which fields are changed; the first that admits another value of a field is taken, but for the fields of
/// [`OF_BASE`].
fn bases() -> Vec<Value> {
    let postgres = json!({"postgres": {"uriSecretRef": {"name": "other-database", "key": "uri"}}});
    vec![
        json!({}),
        json!({"mode": "Platform", "gateway": {"trustEveryone": true}}),
        json!({"mode": "Platform", "gateway": {"proofSecretRef": {"name": "other-proof", "key": "proof"}}}),
        json!({"database": postgres, "replicas": 2}),
        json!({"events": {"rabbitmq": {"uri": "amqp://other-broker:5672"}}}),
        json!({"database": postgres, "autoscaling": {"maxReplicas": 3}}),
        json!({"exposure": {"ingress": {"host": "voice.example.com"}}}),
        json!({"exposure": {"httpRoute": {"parentRefs": [{"name": "gateway"}]}}}),
        json!({"monitoring": {"serviceMonitor": true}}),
        json!({"publicUrl": "https://voice.example.com"}),
        json!({"events": {"rabbitmq": {"uri": "amqps://other-broker:5671"}}}),
    ]
}

/// Sections that do something in one of the modules only.
const OF_BASE: [(&str, usize); 8] = [
    ("podDisruptionBudget.", 3),
    ("autoscaling.", 5),
    ("exposure.ingress.", 6),
    ("exposure.httpRoute.", 7),
    ("monitoring.labels", 8),
    ("providers.", 9),
    ("events.rabbitmq.caSecretRef", 10),
    ("events.", 4),
];

/// All fields below a schema that hold a value and not a section.
fn fields(schema: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    let properties = schema["properties"].as_object();
    match properties.filter(|_| path.is_empty() || hint(path).is_none()) {
        Some(properties) => {
            for (name, schema) in properties {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                fields(schema, &below, found);
            }
        }
        None => {
            found.insert(path.to_owned(), schema.clone());
        }
    }
}

/// A value that fits a schema and is not its default.
fn value(path: &str, schema: &Value) -> Option<Value> {
    if let Some(hint) = hint(path) {
        return Some(hint);
    }
    let default = &schema["default"];
    if let Some(choices) = schema["enum"].as_array() {
        return choices.iter().find(|choice| *choice != default && !choice.is_null()).cloned();
    }
    if schema["x-kubernetes-int-or-string"] == true {
        return Some(json!(1));
    }
    Some(match schema["type"].as_str()? {
        "boolean" => json!(default != &json!(true)),
        "integer" => {
            let least = default.as_i64().or(schema["minimum"].as_i64()).unwrap_or_default();
            json!(least + 1)
        }
        "string" => json!("another"),
        "array" => json!([value(path, &schema["items"])?]),
        "object" if schema["properties"].is_object() => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fill = |name: &Value| {
                let name = name.as_str()?;
                Some((name.to_owned(), value(&format!("{path}.{name}"), &schema["properties"][name])?))
            };
            Value::Object(required.iter().map(fill).collect::<Option<Map<_, _>>>()?)
        }
        "object" => match &schema["additionalProperties"] {
            Value::Object(_) => json!({"another": value(path, &schema["additionalProperties"])?}),
            _ => return None,
        },
        _ => return None,
    })
}

/// The spec with another value of a field. Of two ways to say the same the other one goes.
fn with(base: &Value, path: &str, value: Value) -> Value {
    let (mut spec, parts) = (base.clone(), path.split('.').collect::<Vec<_>>());
    let mut section = &mut spec;
    for part in &parts[..parts.len() - 1] {
        if section[*part].is_null() {
            section[*part] = json!({});
        }
        section = &mut section[*part];
    }
    section[parts[parts.len() - 1]] = value;
    spec
}

struct Modules {
    api: Api<DynamicObject>,
    resource: ApiResource,
}

impl Modules {
    fn object(&self, name: &str, spec: &Value) -> DynamicObject {
        DynamicObject::new(name, &self.resource).data(json!({ "spec": spec }))
    }

    async fn admits(&self, spec: &Value) -> bool {
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        self.api.create(&dry, &self.object("dry", spec)).await.is_ok()
    }

    async fn create(&self, name: &str, spec: &Value) -> Result<()> {
        self.api.create(&PostParams::default(), &self.object(name, spec)).await?;
        Ok(())
    }

    async fn replace(&self, name: &str, spec: &Value) -> Result<()> {
        eventually(SOON, &format!("{name} is replaced"), async || {
            let mut object = self.api.get(name).await?;
            object.data["spec"] = spec.clone();
            self.api.replace(name, &PostParams::default(), &object).await?;
            Ok(())
        })
        .await
    }

    async fn observed(&self, trial: &Trial, name: &str) -> Result<()> {
        eventually(SOON, &format!("the status of {name} is of its present spec"), async || {
            let module: CommsModule = trial.get(name).await?;
            let observed = module.status.as_ref().and_then(|status| status.observed_generation);
            ensure!(observed == module.metadata.generation, "it is of {observed:?}");
            Ok(())
        })
        .await
    }
}

/// A change of one field.
struct Change {
    module: String,
    field: String,
    base: usize,
    spec: Value,
}

#[tokio::test]
async fn each_field_can_be_changed_and_changed_back_and_leaves_nothing_behind() -> Result<()> {
    let trial = Trial::begin().await?;
    for (name, key, value) in [
        ("database", "uri", "postgres://comms:pw@postgres/comms"),
        ("other-database", "uri", "postgres://comms:pw@other/comms"),
        ("broker", "uri", "amqp://user:pw@broker:5672/%2f"),
        ("password", "password", "correct horse battery"),
        ("proof", "proof", "0123456789abcdef0123456789abcdef"),
        ("twilio", "token", "0123456789abcdef0123456789abcdef"),
        ("authority", "ca.crt", "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n"),
        ("other-proof", "proof", "fedcba9876543210fedcba9876543210"),
    ] {
        trial.secret(name, key, value).await?;
    }
    let resource = ApiResource::erase::<CommsModule>(&());
    let api = Api::namespaced_with(trial.client.clone(), &trial.namespace, &resource);
    let modules = Modules { api, resource };
    let definition: Value = serde_saphyr::from_str(&comms_operator::crd::yaml()?)?;
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let mut all = BTreeMap::new();
    fields(schema, "", &mut all);
    assert!(all.len() > 20, "{:?}", all.keys());

    let bases = bases();
    let (mut changes, mut without) = (Vec::new(), Vec::new());
    for (field, schema) in all.iter().filter(|(field, _)| ONE_WAY.iter().all(|(way, _)| way != field)) {
        let mut found = None;
        let only = OF_BASE.iter().find(|(section, _)| field.starts_with(section)).map(|(_, number)| *number);
        for (number, base) in
            bases.iter().enumerate().filter(|(number, _)| only.is_none_or(|only| only == *number))
        {
            let Some(value) = value(field, schema) else { break };
            let mut spec = with(base, field, value);
            // One of the sources of the same.
            if ["uri", "uriSecretRef", "clusterRef"]
                .iter()
                .any(|one| *field == format!("events.rabbitmq.{one}"))
                && let Some(rabbitmq) = spec.pointer_mut("/events/rabbitmq").and_then(Value::as_object_mut)
            {
                rabbitmq.retain(|key, _| field.ends_with(&format!(".{key}")));
            }
            if spec != *base && modules.admits(&spec).await {
                let module = format!("changed-{}-x", changes.len());
                found = Some(Change { module, field: field.clone(), base: number, spec });
                break;
            }
        }
        match found {
            Some(change) => changes.push(change),
            None => without.push(field),
        }
    }
    assert!(
        without.is_empty(),
        "no module admits another value of {without:?}: add one to `hint`, or a module to `bases`"
    );

    let mut fresh = Vec::new();
    for (number, base) in bases.iter().enumerate() {
        let name = format!("fresh-{number}-x");
        modules.create(&name, base).await?;
        trial.until(&name, "Ready", "False", "RollingOut").await?;
        trial.settle(&name).await?;
        fresh.push(state(&trial, &name).await?);
    }
    for change in &changes {
        modules.create(&change.module, &bases[change.base]).await?;
    }
    for change in &changes {
        modules.observed(&trial, &change.module).await?;
        modules.replace(&change.module, &change.spec).await?;
    }
    let mut idle = Vec::new();
    for change in &changes {
        modules.observed(&trial, &change.module).await.with_context(|| change.field.clone())?;
        if state(&trial, &change.module).await? == fresh[change.base] {
            idle.push(&change.field);
        }
        modules.replace(&change.module, &bases[change.base]).await?;
    }
    assert!(idle.is_empty(), "another value changes nothing: {idle:?}");
    for Change { module, field, base, .. } in &changes {
        eventually(SOON, &format!("{module} is as if {field} had never been changed"), async || {
            let state = state(&trial, module).await?;
            ensure!(state == fresh[*base], "it differs:\n{}", differences(&state, &fresh[*base]).join("\n"));
            Ok(())
        })
        .await?;
    }
    Ok(())
}
