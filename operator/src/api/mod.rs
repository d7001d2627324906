//! The `CommsModule` resource: one file per section of its spec, and one for its status.
//!
//! The documentation of these types becomes the descriptions in the `CustomResourceDefinition`, so it is written for
//! who reads `kubectl explain commsmodule`.

mod auth;
mod database;
mod duration;
mod events;
mod exposure;
mod gateway;
mod image;
mod keys;
mod mode;
mod network;
mod providers;
mod resources;
mod secret;
mod status;
mod workload;

pub use auth::{Admin, Auth};
pub use database::{Database, DeletionPolicy, Embedded, Postgres};
pub use duration::{GoDuration, ParseDurationError};
pub use events::{ClusterRef, Events, RabbitMq};
pub use exposure::{Exposure, IngressExposure, ParentRef, RouteExposure};
pub use gateway::Gateway;
pub use image::{ImagePullPolicy, PullSecret};
pub use keys::{Keys, Rotation};
pub use mode::{LogLevel, Mode};
pub use network::{IpBlock, Monitoring, NetworkPolicySettings, Peer};
pub use providers::{Providers, TwilioAccount};
pub use resources::{Amount, Resources};
pub use secret::{SecretKeyRef, SecretRef};
pub use status::{CommsModuleStatus, Effective, EffectiveRotation, KeyPhase, KeyStatus};
pub use workload::{Autoscaling, DisruptionBudget, PodTemplate};

use std::collections::BTreeSet;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// Who owns the fields that the operator writes.
pub const FIELD_MANAGER: &str = "comms-operator";

/// The port that the operator and probes use; `spec.port` has to be another one.
pub const MANAGEMENT_PORT: u16 = 9018;

/// What to run. An empty spec is a working standalone module on the embedded database, without a broker.
#[derive(CustomResource, KubeSchema, Deserialize, Serialize, Clone, Debug, PartialEq)]
#[kube(
    group = "comms.kraliki.com",
    version = "v1alpha1",
    kind = "CommsModule",
    plural = "commsmodules",
    shortname = "comms",
    category = "ocelot",
    namespaced,
    derive = "PartialEq",
    status = "CommsModuleStatus",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    doc = "A running communications module of Voice by Kraliki: calls, campaigns, transcripts and their events.",
    // Deleting the definition deletes every module, so `helm uninstall` leaves it.
    annotation("helm.sh/resource-policy", "keep"),
    printcolumn(name = "Mode", type_ = "string", json_path = ".spec.mode"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(
        name = "Replicas",
        type_ = "integer",
        json_path = ".status.replicas",
        description = "Pods that exist"
    ),
    printcolumn(
        name = "Key",
        type_ = "string",
        json_path = ".status.activeKey",
        description = "Beginning of the id of the key that signs"
    ),
    printcolumn(
        name = "Rotates",
        type_ = "string",
        json_path = ".status.nextRotationTime",
        description = "When the next key is made"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Image", type_ = "string", json_path = ".status.image", priority = 1),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url", priority = 1),
    printcolumn(
        name = "Events",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="EventsReady")].reason"#,
        priority = 1
    ),
    validation = Rule::new("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 52")
        .message("the name becomes a Service's name: start with a letter, use lower-case letters, digits and '-', at most 52 characters")
)]
#[x_kube(
    validation = Rule::new("self.mode == 'Standalone' || !has(self.auth)")
        .message("auth is for Standalone mode: remove spec.auth, or set spec.mode to Standalone"),
    validation = Rule::new("self.mode == 'Standalone' || !has(self.keys)")
        .message("a gateway signs its own tokens: remove spec.keys, or set spec.mode to Standalone"),
    validation = Rule::new("!has(self.keys) || !has(self.keys.rotation) || !has(self.keys.rotation.retention) || !self.keys.rotation.retention.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (has(self.auth) && !self.auth.refreshTokenTtl.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$')) || duration(self.keys.rotation.retention) >= duration(has(self.auth) ? self.auth.refreshTokenTtl : '168h')")
        .message("a key goes only after the last token that it signed: make spec.keys.rotation.retention at least as long as spec.auth.refreshTokenTtl, or remove it"),
    validation = Rule::new("!has(self.keys) || !has(self.keys.rotation) || !self.keys.rotation.interval.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (has(self.keys.rotation.retention) && !self.keys.rotation.retention.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$')) || (has(self.auth) && !self.auth.refreshTokenTtl.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$')) || duration(self.keys.rotation.interval).getSeconds() * 8 >= duration(has(self.keys.rotation.retention) ? self.keys.rotation.retention : (has(self.auth) ? self.auth.refreshTokenTtl : '168h')).getSeconds()")
        .message("no more than 8 former keys are accepted beside the one that signs: make spec.keys.rotation.interval at least an eighth of spec.keys.rotation.retention and of spec.auth.refreshTokenTtl"),
    validation = Rule::new("self.mode == 'Platform' || !has(self.gateway)")
        .message("gateway is for Platform mode: remove spec.gateway, or set spec.mode to Platform"),
    validation = Rule::new("self.mode == 'Standalone' || has(self.gateway)")
        .message("Platform mode must know whom to trust: set spec.gateway.proofSecretRef to the Secret whose value your gateway sends as X-Gateway-Secret, spec.gateway.allowFrom to the pods of your gateway, or spec.gateway.trustEveryone to true where nothing but the gateway reaches the port"),
    validation = Rule::new("!has(self.exposure) || self.mode == 'Standalone' || !has(self.gateway) || has(self.gateway.proofSecretRef)")
        .message("who comes in from outside could claim to be anybody: set spec.gateway.proofSecretRef, so that only the gateway is believed, or remove spec.exposure"),
    validation = Rule::new("!has(self.networkPolicy) || self.networkPolicy.enabled || !has(self.gateway) || !has(self.gateway.allowFrom)")
        .message("spec.gateway.allowFrom is kept by a NetworkPolicy: set spec.networkPolicy.enabled to true, or remove spec.gateway.allowFrom and set spec.gateway.proofSecretRef"),
    validation = Rule::new("!has(self.networkPolicy) || self.networkPolicy.enabled || !has(self.monitoring) || !has(self.monitoring.allowFrom)")
        .message("spec.monitoring.allowFrom is kept by a NetworkPolicy: set spec.networkPolicy.enabled to true, or remove spec.monitoring.allowFrom"),
    validation = Rule::new("!has(self.providers) || !has(self.providers.twilio) || size(self.providers.twilio) == 0 || has(self.publicUrl)")
        .message("Twilio signs the address that it calls: set spec.publicUrl to the API's address as Twilio calls it, with the base path, or remove spec.providers.twilio"),
    validation = Rule::new("self.mode == 'Standalone' || !has(self.providers) || !has(self.providers.twilio) || self.providers.twilio.all(account, has(account.organizationId))")
        .message("Platform mode has no organisation of its own: set organizationId of each of spec.providers.twilio"),
    validation = Rule::new("self.replicas <= 1 || (has(self.database) && has(self.database.postgres))")
        .message("the embedded database is for one pod: set spec.replicas to 1, or give all pods one PostgreSQL by spec.database.postgres.uriSecretRef"),
    validation = Rule::new("!has(self.autoscaling) || (has(self.database) && has(self.database.postgres))")
        .message("the embedded database is for one pod: remove spec.autoscaling, or give all pods one PostgreSQL by spec.database.postgres.uriSecretRef"),
    validation = Rule::new("!has(self.autoscaling) || self.replicas > 0")
        .message("no autoscaler starts from nothing: set spec.replicas to at least 1, or remove spec.autoscaling to stop all pods"),
    validation = Rule::new("!has(self.autoscaling) || !has(self.resources) || (has(self.resources.requests) && 'cpu' in self.resources.requests) || (has(self.resources.limits) && 'cpu' in self.resources.limits)")
        .message("the autoscaler measures CPU by what pods request: set spec.resources.requests.cpu, such as 100m, or remove spec.autoscaling")
)]
#[serde(rename_all = "camelCase")]
pub struct CommsModuleSpec {
    /// Who checks identities: `Standalone` signs and checks its own tokens, `Platform` trusts the identity headers
    /// of the gateway before it.
    #[serde(default)]
    pub mode: Mode,
    /// Container image of the module. Without it, the operator's own release is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9][^ ]*$')")
        .message("write spec.image as [registry/]repository[:tag][@digest], without spaces and with a lower-case repository"))]
    pub image: Option<String>,
    /// When the node pulls the image. Without it Kubernetes decides by the tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<ImagePullPolicy>,
    /// Secrets of this namespace with credentials for the image's registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub image_pull_secrets: Vec<PullSecret>,
    /// TCP port on which the module and its Service serve HTTP.
    #[serde(default = "default_port")]
    #[schemars(range(min = 1024, max = 65535), extend("format" = "int32"))]
    #[x_kube(validation = Rule::new("self != 9018")
        .message("port 9018 is the management port: choose another spec.port, such as 3018"))]
    pub port: u16,
    /// Path under which the module serves: `/` in Standalone mode and `/api/communications` in Platform mode unless
    /// said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    #[x_kube(validation = Rule::new("self == '/' || self.matches('^(/[A-Za-z0-9._~-]+)+$')")
        .message("write spec.basePath as / or as /one/or/more/segments of letters, digits and . _ ~ -, without a slash at the end"))]
    pub base_path: Option<String>,
    /// Tokens and the first administrator; Standalone mode only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// What tokens are signed with; Standalone mode only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    /// What the module tells the rest of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Events>,
    /// Where the module keeps its data: on a volume of its own unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// How the module knows that a request comes from the gateway; Platform mode only, and required there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// Telephony providers whose word counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<Providers>,
    /// Address of the API as the outside calls it, base path included, such as `https://voice.example.com/api`.
    /// Providers' signatures cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(
        validation = Rule::new("self.startsWith('https://') || self.startsWith('http://')")
            .message("write spec.publicUrl as https://host/path, or http:// where there is no TLS"),
        validation = Rule::new("!self.matches('^[a-z]+://[^/]*@')")
            .message("a resource is no place for credentials: write spec.publicUrl without a user name and password"),
        validation = Rule::new("isURL(self) && url(self).getHostname() != '' && !self.contains('?') && !self.contains('#')")
            .message("spec.publicUrl does not parse: write it as https://host/path, without query and fragment")
    )]
    pub public_url: Option<String>,
    /// Addresses and networks of the proxies in front, such as `10.0.0.0/8`, whose `X-Forwarded-For` counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 43)))]
    #[x_kube(validation = Rule::new("self.all(proxy, isIP(proxy) || isCIDR(proxy))")
        .message("write each of spec.trustedProxies as an address or a network, such as 192.0.2.7 or 10.0.0.0/8"))]
    pub trusted_proxies: Vec<String>,
    /// Origins of the web pages that may call the API from a browser, such as `https://app.example.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 253)))]
    #[x_kube(validation = Rule::new("self.all(origin, origin.matches('^https?://[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[1-9][0-9]{0,4})?$') && !origin.matches('^(https://.*:443|http://.*:80)$'))")
        .message("write each of spec.corsOrigins as an origin, such as https://app.example.com or http://localhost:5173: in lower case, without a path, and without the port that the scheme has anyway"))]
    pub cors_origins: Vec<String>,
    /// How many requests each user may make in how much time, such as `600/1m`; each pod counts for itself. Without it,
    /// as many as they like.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[1-9][0-9]{0,6}/([0-9]{1,2}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$') && self.matches('/.*[1-9][0-9]*[hms]') && int(self.split('/')[0]) <= 1000000 && duration(self.split('/')[1]) <= duration('24h')")
        .message("write spec.rateLimit as requests and a time, such as 600/1m: from 1 to 1000000 in 1s to 24h"))]
    pub rate_limit: Option<String>,
    /// How long a call may stay without news before it is ended.
    #[serde(default = "default_stale_call_timeout")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (duration(self) >= duration('1m') && duration(self) <= duration('744h'))")
        .message("a call is ended after 1m to 744h without news: set spec.staleCallTimeout to a duration between, such as 4h"))]
    pub stale_call_timeout: GoDuration,
    /// Says that an exception of Article 5(1)(f) of the EU AI Act holds here, so that agents' moods may be told from their
    /// voice.
    #[serde(default)]
    pub allow_agent_audio_sentiment: bool,
    /// The way in from outside the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// Who may reach the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_policy: Option<NetworkPolicySettings>,
    /// Who watches the module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
    /// How much the module writes into its log.
    #[serde(default)]
    pub log_level: LogLevel,
    /// Collector that the module sends traces to by OTLP over HTTP, such as `http://collector.tracing:4318`. Without it
    /// there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(
        validation = Rule::new("self.startsWith('http://')")
            .message("traces are sent by plain HTTP: write spec.otlpEndpoint as http://host:port, such as http://collector.tracing:4318; where TLS is needed, name a collector in the cluster that sends on with it"),
        validation = Rule::new("!self.contains('@')")
            .message("a resource is no place for credentials: write spec.otlpEndpoint without a user name and password, and name a collector in the cluster that sends on with them"),
        validation = Rule::new("isURL(self) && url(self).getHostname() != '' && !self.contains('?') && !self.contains('#')")
            .message("spec.otlpEndpoint does not parse: write it as http://host:port, without query and fragment")
    )]
    pub otlp_endpoint: Option<String>,
    /// Pods that serve. More than one needs PostgreSQL; with none, the module stops and keeps its data. While
    /// `autoscaling` is set, the autoscaler chooses the number instead.
    #[serde(default = "default_replicas")]
    #[schemars(range(min = 0, max = 1000), extend("format" = "int32"))]
    pub replicas: i32,
    /// Lets Kubernetes choose the number of pods by the CPU that they use; PostgreSQL only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoscaling: Option<Autoscaling>,
    /// How many pods may be taken away at once while nodes are maintained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_disruption_budget: Option<DisruptionBudget>,
    /// Any part of a `PodTemplateSpec`, merged over what the operator builds: maps by key, lists of named things by name.
    /// `null` takes away. Selector labels, the signing keys, ports and image stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_template: Option<PodTemplate>,
    /// Stops all changes to what runs, while the status still tells how it is.
    #[serde(default)]
    pub paused: bool,
    /// CPU and memory of the module's container. Without it, it asks for 20m CPU and 32Mi memory and has no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
}

fn default_port() -> u16 {
    3018
}

fn default_replicas() -> i32 {
    1
}

fn default_stale_call_timeout() -> GoDuration {
    GoDuration::new("4h")
}

impl CommsModuleSpec {
    /// Names of the Secrets that users made in the module's namespace and that this spec refers to.
    pub fn referenced_secrets(&self) -> BTreeSet<&str> {
        let password =
            self.auth.iter().flat_map(|auth| &auth.admin).flat_map(|admin| &admin.password_secret_ref);
        let broker = self
            .events
            .iter()
            .flat_map(|events| &events.rabbitmq)
            .flat_map(|rabbitmq| rabbitmq.uri_secret_ref.iter().chain(&rabbitmq.ca_secret_ref));
        let database = self
            .database
            .iter()
            .flat_map(|database| &database.postgres)
            .flat_map(|postgres| [&postgres.uri_secret_ref].into_iter().chain(&postgres.ca_secret_ref));
        let proof = self.gateway.iter().flat_map(|gateway| &gateway.proof_secret_ref);
        let twilio = self.providers.iter().flat_map(|providers| &providers.twilio);
        let tokens = twilio.map(|account| &account.auth_token_secret_ref);
        let all = password.chain(broker).chain(database).chain(proof).chain(tokens);
        all.map(|reference| reference.name.as_str()).chain(self.own_keys()).collect()
    }

    /// Name of the user's Secret with the signing keys.
    pub fn own_keys(&self) -> Option<&str> {
        Some(self.keys.as_ref()?.secret_ref.as_ref()?.name.as_str())
    }

    /// The cluster of RabbitMQ's operator that this spec refers to.
    pub fn broker_cluster(&self) -> Option<&ClusterRef> {
        self.events.as_ref()?.rabbitmq.as_ref()?.cluster_ref.as_ref()
    }
}
