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
            rabbitmq: None,
        }
    }
}

/// The broker, by exactly one of its fields.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(
    validation = Rule::new("!(has(self.uri) && has(self.uriSecretRef))")
        .message("the broker's address has two sources: keep spec.events.rabbitmq.uri or spec.events.rabbitmq.uriSecretRef and remove the other"),
    validation = Rule::new("has(self.uri) || has(self.uriSecretRef)")
        .message("the broker's address is missing: set spec.events.rabbitmq.uriSecretRef, or spec.events.rabbitmq.uri where no password is needed")
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
