//! What is mounted into the pods, and where.

use k8s_openapi::{
    api::core::v1::{
        EmptyDirVolumeSource, KeyToPath, PersistentVolumeClaimVolumeSource, SecretVolumeSource, Volume,
        VolumeMount,
    },
    apimachinery::pkg::api::resource::Quantity,
};

use crate::{
    api::SecretKeyRef,
    decide::{AdminPassword, Broker, Database, Gateway, Identity, Module, Postgres},
};

use super::{admin::PASSWORD, broker::URI, names, providers::TWILIO};

/// The key directory.
pub(crate) const KEYS: &str = "/etc/cc-lite/keys";
/// The volume of the key directory.
pub(crate) const KEYS_VOLUME: &str = "keys";
/// File with the first administrator's password.
pub(super) const ADMIN_PASSWORD: &str = "/etc/cc-lite/admin/password";
/// File with the broker's address.
pub(super) const BROKER_URI: &str = "/etc/cc-lite/rabbitmq/uri";
/// File with PostgreSQL's address.
pub(super) const DATABASE_URI: &str = "/etc/cc-lite/database/uri";
/// File with the authorities that vouch for the broker.
pub(super) const BROKER_AUTHORITY: &str = "/etc/cc-lite/rabbitmq-ca/ca.crt";
/// File with the authorities that vouch for PostgreSQL.
pub(super) const DATABASE_AUTHORITY: &str = "/etc/cc-lite/database-ca/ca.crt";
/// File with Twilio's accounts.
pub(super) const TWILIO_ACCOUNTS: &str = "/etc/cc-lite/providers/twilio";
/// File with what the gateway proves itself by.
pub(super) const GATEWAY_PROOF: &str = "/etc/cc-lite/gateway/proof";
/// Directory of the embedded database.
pub(super) const DATA: &str = "/var/lib/cc-lite";

/// Readable for owner and group, so that a pod that is not root reads it through `fsGroup`.
const GROUP_READABLE: i32 = 0o440;

/// A volume with the place where it is mounted.
pub(super) struct Mount {
    pub(super) volume: Volume,
    pub(super) mount: VolumeMount,
}

/// All volumes of the pod.
pub(super) fn mounts(module: &Module) -> Vec<Mount> {
    let names = names(&module.name);
    let mut mounts = Vec::new();
    match &module.identity {
        Identity::Standalone(auth) => {
            mounts.push(mount(secret(KEYS_VOLUME, &names.keys, None), KEYS, true));
            mounts.push(match &auth.admin_password {
                AdminPassword::Generated => entry("admin", &names.admin, PASSWORD, ADMIN_PASSWORD),
                AdminPassword::Given(SecretKeyRef { name, key }) => entry("admin", name, key, ADMIN_PASSWORD),
            });
        }
        Identity::Platform(Gateway::Proof(SecretKeyRef { name, key })) => {
            mounts.push(entry("gateway", name, key, GATEWAY_PROOF));
        }
        Identity::Platform(Gateway::Network | Gateway::Everyone) => {}
    }
    match &module.events.broker {
        Broker::Secret(SecretKeyRef { name, key }) => mounts.push(entry("rabbitmq", name, key, BROKER_URI)),
        Broker::Cluster(_) => mounts.push(entry("rabbitmq", &names.broker, URI, BROKER_URI)),
        Broker::Address(_) | Broker::Disabled | Broker::NotConfigured => {}
    }
    if let Some(SecretKeyRef { name, key }) = &module.events.authority {
        mounts.push(entry("rabbitmq-ca", name, key, BROKER_AUTHORITY));
    }
    match &module.database {
        Database::Embedded { .. } => mounts.push(mount(claim("data", &names.volume), DATA, false)),
        Database::Postgres(Postgres { uri, authority }) => {
            mounts.push(entry("database", &uri.name, &uri.key, DATABASE_URI));
            if let Some(SecretKeyRef { name, key }) = authority {
                mounts.push(entry("database-ca", name, key, DATABASE_AUTHORITY));
            }
        }
    }
    if !module.service.twilio.is_empty() {
        mounts.push(entry("providers", &names.providers, TWILIO, TWILIO_ACCOUNTS));
    }
    mounts.push(mount(scratch("tmp"), "/tmp", false));
    mounts
}

fn mount(volume: Volume, path: &str, read_only: bool) -> Mount {
    let mount = VolumeMount {
        name: volume.name.clone(),
        mount_path: path.to_owned(),
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    };
    Mount { volume, mount }
}

/// One entry of a Secret as the file `path`; its directory is mounted, never the file, so that changes arrive.
fn entry(volume: &str, name: &str, key: &str, path: &str) -> Mount {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("/", path));
    let item = KeyToPath { key: key.to_owned(), path: file.to_owned(), mode: None };
    mount(secret(volume, name, Some(item)), directory, true)
}

fn secret(volume: &str, name: &str, item: Option<KeyToPath>) -> Volume {
    Volume {
        name: volume.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(name.to_owned()),
            default_mode: Some(GROUP_READABLE),
            items: item.map(|item| vec![item]),
            optional: None,
        }),
        ..Volume::default()
    }
}

fn claim(volume: &str, name: &str) -> Volume {
    Volume {
        name: volume.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: name.to_owned(),
            read_only: None,
        }),
        ..Volume::default()
    }
}

fn scratch(volume: &str) -> Volume {
    Volume {
        name: volume.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource { medium: None, size_limit: Some(Quantity("64Mi".into())) }),
        ..Volume::default()
    }
}
