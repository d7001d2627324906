//! The module's settings, as the environment of its container.

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector};

use crate::{
    api::MANAGEMENT_PORT,
    decide::{Broker, Database, Gateway, Identity, Module},
};

use super::{
    mounts::{ADMIN_PASSWORD, BROKER_URI, DATA, DATABASE_URI, GATEWAY_PROOF, KEYS},
    pod::DRAIN_DELAY,
};

pub(super) fn environment(module: &Module) -> Vec<EnvVar> {
    let mut all = vec![
        set("CC_LITE_PORT", module.port.to_string()),
        set("CC_LITE_MANAGEMENT_PORT", MANAGEMENT_PORT.to_string()),
        set("CC_LITE_BASE_PATH", &module.base_path),
        set("RUST_LOG", module.log_level.as_directive()),
    ];
    match &module.identity {
        Identity::Standalone(auth) => all.extend([
            set("CC_LITE_MODE", "standalone"),
            set("CC_LITE_KEYS_DIR", KEYS),
            set("CC_LITE_ADMIN_EMAIL", &auth.admin_email),
            set("CC_LITE_ADMIN_PASSWORD_FILE", ADMIN_PASSWORD),
            set("CC_LITE_ISSUER", &auth.issuer),
            set("CC_LITE_AUDIENCE", &auth.audience),
            set("CC_LITE_ORG_ID", &auth.organization_id),
            set("CC_LITE_ACCESS_TOKEN_TTL", auth.access_token_ttl.as_str()),
            set("CC_LITE_REFRESH_TOKEN_TTL", auth.refresh_token_ttl.as_str()),
        ]),
        Identity::Platform(gateway) => {
            all.push(set("CC_LITE_MODE", "platform"));
            all.push(match gateway {
                Gateway::Proof(_) => set("CC_LITE_GATEWAY_SECRET_FILE", GATEWAY_PROOF),
                Gateway::Everyone => set("CC_LITE_GATEWAY_TRUST_EVERYONE", "true"),
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
    all.extend([
        set("ENABLE_EVENTS", module.events.broker.publishes().to_string()),
        set("EVENTS_EXCHANGE", &module.events.exchange),
        set("EVENTS_RETENTION", module.events.retention.as_str()),
    ]);
    match &module.events.broker {
        Broker::Address(uri) => all.push(set("RABBITMQ_URL", uri)),
        Broker::Secret(_) => all.push(set("RABBITMQ_URL_FILE", BROKER_URI)),
        Broker::Disabled | Broker::NotConfigured => {}
    }
    all.push(pod_uid());
    all
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
