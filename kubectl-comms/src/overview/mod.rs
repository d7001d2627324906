//! `status`: how modules are, on one page or in one table, and what to do next.

mod advice;
mod gather;
mod page;
mod pods;

use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    age,
    arguments::Status,
    cluster::Cluster,
    failure::Failure,
    module::{Condition, Key, SecretEntry},
};

/// How one module is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Where it is.
    pub namespace: String,
    /// What it is called.
    pub name: String,
    /// `Standalone` or `Platform`.
    pub mode: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Whether it is on its way out.
    pub deleting: bool,
    /// Whether the operator has seen the newest spec.
    pub observed: bool,
    /// Whether it serves as its spec says.
    pub ready: bool,
    /// Pods that serve.
    pub ready_replicas: i32,
    /// Pods that exist.
    pub replicas: i32,
    /// Where it is reached.
    pub url: Option<String>,
    /// What runs.
    pub image: Option<String>,
    /// `Embedded` or `PostgreSQL`.
    pub database: Option<String>,
    /// The embedded database's volume.
    pub volume: Option<Volume>,
    /// Where the first administrator's password is.
    pub password_secret: Option<SecretEntry>,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Its keys.
    pub keys: Vec<Key>,
    /// When the key that signs changes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_rotation: Option<Timestamp>,
    /// Its pods.
    pub pods: Vec<PodLine>,
    /// What could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
}

/// The volume of an embedded database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Name of the claim.
    pub name: String,
    /// `Bound`, `Pending` or `Lost`.
    pub phase: String,
    /// How large it is.
    pub size: Option<String>,
    /// Of which class.
    pub storage_class: Option<String>,
}

/// A pod as a table shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodLine {
    /// Its name.
    pub name: String,
    /// Containers that are ready, of how many.
    pub ready: String,
    /// What it is at, as kubectl tells it.
    pub status: String,
    /// How often containers were started again.
    pub restarts: i32,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Where it runs.
    pub node: Option<String>,
}

impl Overview {
    /// A condition.
    pub fn condition(&self, type_: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == type_)
    }
}

/// All modules, for programs.
#[derive(Serialize)]
struct All<'a> {
    items: &'a [Overview],
}

/// Shows what was asked for.
pub async fn run(cluster: &Cluster, asked: &Status, out: &mut impl Write) -> Result<(), Failure> {
    let now = age::now();
    if let Some(name) = asked.name.as_deref() {
        let module = cluster.module(Some(name)).await?;
        let overview = gather::overview(cluster, &module).await;
        return match asked.output {
            Some(format) => format.write(&overview, out),
            None => page::page(&overview, now, out),
        };
    }
    let modules = cluster.modules(asked.all_namespaces).await?;
    let mut overviews = Vec::with_capacity(modules.len());
    for module in &modules {
        overviews.push(gather::overview(cluster, module).await);
    }
    match (asked.output, overviews.as_slice()) {
        (Some(format), all) => format.write(&All { items: all }, out),
        (None, []) if asked.all_namespaces => {
            writeln!(out, "There are no CommsModules. A first one: kubectl apply -f examples/minimal.yaml")?;
            Ok(())
        }
        (None, []) => Err(Failure::NoModule(cluster.namespace.clone())),
        (None, [only]) => page::page(only, now, out),
        (None, all) => page::list(all, now, out),
    }
}
