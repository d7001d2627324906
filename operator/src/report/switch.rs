//! Switches of the database and of the mode: what happens to the data is told when they happen.

use k8s_openapi::{
    api::core::v1::{Container, Pod},
    jiff::Timestamp,
};
use kube::{Client, Resource};

use crate::{
    api::CommsModule,
    build::{CONTAINER, container_of, names},
    decide::{Claim, Database, Identity, Module, claim_of},
    observe::Children,
};

use super::{Telling, event};

/// Something that the module was switched to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The event's reason.
    pub reason: &'static str,
    /// What happens to the data.
    pub note: String,
}

/// What the Deployment that is there would be switched to.
pub fn switches(module: &Module, live: &Children) -> Vec<Switch> {
    let Some(container) = live.deployment.as_ref().and_then(container_of) else { return Vec::new() };
    [of_database(module, live, container), of_mode(module, live, container)].into_iter().flatten().collect()
}

/// Publishes an event about each.
pub async fn report_switches(
    client: &Client,
    telling: &Telling,
    module: &CommsModule,
    switches: &[Switch],
    now: Timestamp,
) {
    for Switch { reason, note } in switches {
        event::tell(client, telling, &module.object_ref(&()), ("Normal", reason, note), now).await;
    }
}

/// Whether a pod is one of a module on PostgreSQL.
pub(super) fn is_on_postgres(pod: &Pod) -> bool {
    let mut containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    containers.any(|container| container.name == CONTAINER && uses_postgres(container))
}

fn uses_postgres(container: &Container) -> bool {
    setting(container, "DATABASE_URL_FILE").is_some()
}

fn of_database(module: &Module, live: &Children, container: &Container) -> Option<Switch> {
    let note = match (&module.database, uses_postgres(container)) {
        (Database::Postgres(_), false) => {
            let volume = names(&module.name).volume;
            let kept =
                live.volume.as_ref().is_some_and(|live| claim_of(&live.metadata, module) != Claim::Ours);
            let fate = if kept {
                format!(
                    "is retained on volume {volume} and taken up again where spec.database.postgres is removed"
                )
            } else {
                format!(
                    "is deleted with volume {volume} once PostgreSQL serves, as deletionPolicy Delete says"
                )
            };
            format!(
                "PostgreSQL replaces the embedded database, and nothing is copied: what was in the latter {fate}."
            )
        }
        (Database::Embedded { .. }, true) => format!(
            "The embedded database on volume {} replaces PostgreSQL, and nothing is copied: what is in PostgreSQL stays there.",
            names(&module.name).volume
        ),
        _ => return None,
    };
    Some(Switch { reason: "DatabaseChanged", note })
}

fn of_mode(module: &Module, live: &Children, container: &Container) -> Option<Switch> {
    let was_platform = setting(container, "CC_LITE_MODE") == Some("platform");
    let note = match (&module.identity, was_platform) {
        (Identity::Platform(_), false) => {
            let names = names(&module.name);
            let kept = |secret: &Option<k8s_openapi::api::core::v1::Secret>| {
                secret.as_ref().is_none_or(|live| claim_of(&live.metadata, module) != Claim::Ours)
            };
            let secrets = format!("Secrets {} and {}", names.keys, names.admin);
            let fate = if kept(&live.keys) && kept(&live.admin) {
                format!("{secrets} are retained")
            } else {
                format!("{secrets} are deleted, as deletionPolicy Delete says")
            };
            format!(
                "Platform mode replaces Standalone mode: calls and campaigns stay and are seen by requests of their \
                 organisation, accounts rest, tokens are worth nothing, and {fate}."
            )
        }
        (Identity::Standalone(_), true) => {
            "Standalone mode replaces Platform mode: calls and campaigns stay and are seen by accounts of their \
             organisation, and the gateway's headers are worth nothing."
                .into()
        }
        _ => return None,
    };
    Some(Switch { reason: "ModeChanged", note })
}

fn setting<'a>(container: &'a Container, name: &str) -> Option<&'a str> {
    let entry = container.env.iter().flatten().find(|entry| entry.name == name)?;
    Some(entry.value.as_deref().unwrap_or_default())
}
