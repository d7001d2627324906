//! The module's settings, as the environment of its container.

use std::time::Duration;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector};

use crate::{
    api::{GoDuration, MANAGEMENT_PORT},
    decide::{Broker, Database, Gateway, Identity, Module, Postgres, ServiceSettings, network::TRUST},
};

use super::{
    mounts::{
        ADMIN_PASSWORD, BROKER_AUTHORITY, BROKER_URI, DATA, DATABASE_AUTHORITY, DATABASE_URI, GATEWAY_PROOF,
        KEYS, TWILIO_ACCOUNTS,
    },
    pod::DRAIN_DELAY,
};

/// The settings that say how long tokens live.
pub(crate) const TOKEN_LIVES: [&str; 2] = ["CC_LITE_ACCESS_TOKEN_TTL", "CC_LITE_REFRESH_TOKEN_TTL"];
/// How long verifiers elsewhere may go on with keys, unless the service is told otherwise.
const VERIFIER_CACHE_TTL: Duration = Duration::from_secs(60);

pub(super) fn environment(module: &Module) -> Vec<EnvVar> {
    let mut all = vec![
        set("CC_LITE_PORT", module.port.to_string()),
        set("CC_LITE_MANAGEMENT_PORT", MANAGEMENT_PORT.to_string()),
        set("CC_LITE_BASE_PATH", &module.base_path),
        set("RUST_LOG", module.log_level.as_directive()),
    ];
    match &module.identity {
        Identity::Standalone(auth) => {
            all.extend([
                set("CC_LITE_MODE", "standalone"),
                set("CC_LITE_KEYS_DIR", KEYS),
                set("CC_LITE_ADMIN_EMAIL", &auth.admin_email),
                set("CC_LITE_ADMIN_PASSWORD_FILE", ADMIN_PASSWORD),
                set("CC_LITE_ISSUER", &auth.issuer),
                set("CC_LITE_AUDIENCE", &auth.audience),
                set("CC_LITE_ORG_ID", &auth.organization_id),
                set(TOKEN_LIVES[0], auth.access_token_ttl.as_str()),
                set(TOKEN_LIVES[1], auth.refresh_token_ttl.as_str()),
            ]);
            let ttl = auth.rotation.verifier_cache_ttl;
            // Left out where it makes no difference: pods of former releases need not be replaced for it.
            if ttl != VERIFIER_CACHE_TTL {
                all.push(set("CC_LITE_VERIFIER_CACHE_TTL", GoDuration::of(ttl).as_str()));
            }
        }
        Identity::Platform(gateway) => {
            all.push(set("CC_LITE_MODE", "platform"));
            all.push(match gateway {
                Gateway::Proof(_) => set("CC_LITE_GATEWAY_SECRET_FILE", GATEWAY_PROOF),
                // Who else could reach the port is the network's to say.
                Gateway::Network | Gateway::Everyone => set(TRUST, "true"),
            });
        }
    }
    match &module.database {
        Database::Embedded { .. } => all.push(set("DATABASE_URL", format!("sqlite://{DATA}/cc-lite.db"))),
        Database::Postgres(_) => all.extend([
            set("DATABASE_URL_FILE", DATABASE_URI),
            set("CC_LITE_DRAIN_DELAY", format!("{DRAIN_DELAY}s")),
        ]),
    }
    if let Database::Postgres(Postgres { authority: Some(_), .. }) = &module.database {
        all.push(set("DATABASE_CA_FILE", DATABASE_AUTHORITY));
    }
    all.extend([
        set("ENABLE_EVENTS", module.events.broker.publishes().to_string()),
        set("EVENTS_EXCHANGE", &module.events.exchange),
        set("EVENTS_RETENTION", module.events.retention.as_str()),
    ]);
    match &module.events.broker {
        Broker::Address(uri) => all.push(set("RABBITMQ_URL", uri)),
        Broker::Secret(_) | Broker::Cluster(_) => all.push(set("RABBITMQ_URL_FILE", BROKER_URI)),
        Broker::Disabled | Broker::NotConfigured => {}
    }
    if module.events.authority.is_some() {
        all.push(set("RABBITMQ_CA_FILE", BROKER_AUTHORITY));
    }
    if let Some(limit) = module.events.backlog_limit.as_ref().filter(|_| module.events.broker.publishes()) {
        all.push(set("EVENTS_BACKLOG_LIMIT", limit));
    }
    all.extend(service(&module.service));
    if let Some(collector) = &module.service.otlp_endpoint {
        all.push(set("OTEL_EXPORTER_OTLP_ENDPOINT", collector));
        // Which module it is, among those that send to the same collector.
        let Module { namespace, name, .. } = module;
        let whose = format!("k8s.namespace.name={namespace},k8s.deployment.name={name}");
        all.push(set("OTEL_RESOURCE_ATTRIBUTES", whose));
    }
    all.push(pod_uid());
    all
}

/// Settings that follow from nothing else; what is not given is left to the service.
fn service(settings: &ServiceSettings) -> Vec<EnvVar> {
    let mut all = vec![
        set("CC_LITE_STALE_CALL_TIMEOUT", settings.stale_call_timeout.as_str()),
        set("CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT", settings.allow_agent_audio_sentiment.to_string()),
    ];
    let given = [
        ("CC_LITE_PUBLIC_URL", settings.public_url.clone()),
        ("CC_LITE_RATE_LIMIT", settings.rate_limit.clone()),
        ("CC_LITE_TRUSTED_PROXIES", joined(&settings.trusted_proxies)),
        ("CC_LITE_CORS_ORIGINS", joined(&settings.cors_origins)),
    ];
    all.extend(given.into_iter().filter_map(|(name, value)| Some(set(name, value?))));
    if !settings.twilio.is_empty() {
        all.push(set("CC_LITE_TWILIO_ACCOUNTS_FILE", TWILIO_ACCOUNTS));
    }
    all
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(","))
}

fn set(name: &str, value: impl Into<String>) -> EnvVar {
    // Kubernetes expands $(NAME) in values; a doubled dollar sign stands for itself.
    EnvVar { name: name.to_owned(), value: Some(value.into().replace('$', "$$")), value_from: None }
}

fn pod_uid() -> EnvVar {
    let field_ref = ObjectFieldSelector { api_version: Some("v1".into()), field_path: "metadata.uid".into() };
    EnvVar {
        name: "POD_UID".into(),
        value: None,
        value_from: Some(EnvVarSource { field_ref: Some(field_ref), ..EnvVarSource::default() }),
    }
}
