//! `spec.events`: what the module publishes, and where.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::{GoDuration, SecretKeyRef};

/// What the module tells the rest of the platform.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Events {
    /// Whether events are published. They are kept for `retention` either way.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
    /// Topic exchange to publish to.
    #[serde(default = "default_exchange")]
    #[schemars(length(min = 1, max = 127))]
    #[x_kube(
        validation = Rule::new("!self.startsWith('amq.')")
            .message("exchanges named amq.* belong to the broker: choose another spec.events.exchange, such as ocelot.events"),
        validation = Rule::new("self.matches('^[A-Za-z0-9_.:-]+$')")
            .message("write spec.events.exchange with letters, digits and . _ : - only")
    )]
    pub exchange: String,
    /// How long published events are kept for replay, such as `24h`.
    #[serde(default = "default_retention")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || duration(self) <= duration('8784h')")
        .message("published events are kept for at most 8784h: set spec.events.retention to less, such as 24h"))]
    pub retention: GoDuration,
    /// How many events may wait for the broker before changes are refused with 503: a number, a size such as `512Mi`, or
    /// `off`. Without it, half of the embedded database's volume; with PostgreSQL there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(validation = Rule::new("self == 'off' || self.matches('^([1-9][0-9]{0,11}|[1-9][0-9]{0,6}[KMGT]i)$')")
        .message("write spec.events.backlogLimit as a number of events such as 1000000, a size such as 512Mi, or off"))]
    pub backlog_limit: Option<String>,
    /// The broker. Without it nothing is published, and the module is ready all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rabbitmq: Option<RabbitMq>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            enabled: default_enabled(),
            exchange: default_exchange(),
            retention: default_retention(),
            backlog_limit: None,
            rabbitmq: None,
        }
    }
}

/// The broker: its address by exactly one of `uri`, `uriSecretRef` and `clusterRef`.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("[has(self.uri), has(self.uriSecretRef), has(self.clusterRef)].filter(given, given).size() <= 1")
        .message("the broker's address has two sources: keep one of spec.events.rabbitmq.uri, spec.events.rabbitmq.uriSecretRef and spec.events.rabbitmq.clusterRef and remove the others"),
    validation = Rule::new("has(self.uri) || has(self.uriSecretRef) || has(self.clusterRef)")
        .message("the broker's address is missing: set spec.events.rabbitmq.uriSecretRef, spec.events.rabbitmq.clusterRef, or spec.events.rabbitmq.uri where no password is needed"),
    validation = Rule::new("!has(self.caSecretRef) || !has(self.uri) || !self.uri.startsWith('amqp://')")
        .message("an authority vouches for TLS only: write spec.events.rabbitmq.uri as amqps://host:port/vhost, or remove spec.events.rabbitmq.caSecretRef")
)]
#[serde(rename_all = "camelCase")]
pub struct RabbitMq {
    /// Address without credentials, such as `amqp://rabbitmq.messaging.svc:5672/%2f`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(
        validation = Rule::new("self.startsWith('amqp://') || self.startsWith('amqps://')")
            .message("write spec.events.rabbitmq.uri as amqp://host:port/vhost, or amqps:// for TLS"),
        validation = Rule::new("!self.matches('^[a-z]+://[^/]*@')")
            .message("a resource is no place for credentials: put the whole address into a Secret and name it in spec.events.rabbitmq.uriSecretRef"),
        validation = Rule::new("isURL(self) && url(self).getHostname() != ''")
            .message("spec.events.rabbitmq.uri does not parse: write it as amqp://host:port/vhost, with a vhost of / as %2f")
    )]
    pub uri: Option<String>,
    /// The entry with the whole address, credentials included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_secret_ref: Option<SecretKeyRef>,
    /// A `RabbitmqCluster` of RabbitMQ's cluster operator, whose default user is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_ref: Option<ClusterRef>,
    /// The entry with the authorities, as PEM, that vouch for the broker's certificate besides the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretKeyRef>,
}

/// A `RabbitmqCluster` of RabbitMQ's cluster operator.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
pub struct ClusterRef {
    /// Name of the cluster; its default user is in the Secret `<name>-default-user`.
    #[schemars(length(min = 1, max = 240))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')")
        .message("write spec.events.rabbitmq.clusterRef.name as the name of a RabbitmqCluster: lower-case letters, digits, '-' and '.'"))]
    pub name: String,
    /// Its namespace; the module's without it. Another namespace has to hold a `ReferenceGrant` from `CommsModules` of
    /// this one to that Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')")
        .message("write spec.events.rabbitmq.clusterRef.namespace as the name of a namespace: lower-case letters, digits and '-'"))]
    pub namespace: Option<String>,
}

impl ClusterRef {
    /// Name of the Secret with the cluster's default user.
    pub fn secret(&self) -> String {
        format!("{}-default-user", self.name)
    }

    /// The cluster's namespace, where the module is in `own`.
    pub fn namespace_from<'a>(&'a self, own: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(own)
    }
}

fn default_enabled() -> bool {
    true
}

fn default_exchange() -> String {
    "ocelot.events".into()
}

fn default_retention() -> GoDuration {
    GoDuration::new("24h")
}
