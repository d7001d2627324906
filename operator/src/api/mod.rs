//! The `CommsModule` resource: one file per section of its spec, and one for its status.
//!
//! The documentation of these types becomes the descriptions in the `CustomResourceDefinition`, so it is written for
//! who reads `kubectl explain commsmodule`.

mod auth;
mod database;
mod duration;
mod events;
mod gateway;
mod image;
mod mode;
mod resources;
mod secret;
mod status;
mod workload;

pub use auth::{Admin, Auth};
pub use database::{Database, DeletionPolicy, Embedded, Postgres};
pub use duration::{GoDuration, ParseDurationError};
pub use events::{Events, RabbitMq};
pub use gateway::Gateway;
pub use image::{ImagePullPolicy, PullSecret};
pub use mode::{LogLevel, Mode};
pub use resources::{Amount, Resources};
pub use secret::SecretKeyRef;
pub use status::{CommsModuleStatus, Effective, KeyPhase, KeyStatus};
pub use workload::{Autoscaling, DisruptionBudget, PodTemplate};

use std::collections::BTreeSet;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// Who owns the fields that the operator writes.
pub const FIELD_MANAGER: &str = "comms-operator";

/// The port that the operator and probes use; `spec.port` has to be another one.
pub const MANAGEMENT_PORT: u16 = 9018;

/// What to run. An empty spec is a working standalone module on the embedded database, without a broker.
#[derive(CustomResource, KubeSchema, Deserialize, Serialize, Clone, Debug, Default, PartialEq)]
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
    validation = Rule::new("self.mode == 'Platform' || !has(self.gateway)")
        .message("gateway is for Platform mode: remove spec.gateway, or set spec.mode to Platform"),
    validation = Rule::new("self.mode == 'Standalone' || has(self.gateway)")
        .message("Platform mode must know whom to trust: set spec.gateway.proofSecretRef to the Secret whose value your gateway sends as X-Gateway-Secret, or spec.gateway.trustEveryone to true where nothing but the gateway reaches the port"),
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
    /// What the module tells the rest of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Events>,
    /// Where the module keeps its data: on a volume of its own unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// How the module knows that a request comes from the gateway; Platform mode only, and required there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// How much the module writes into its log.
    #[serde(default)]
    pub log_level: LogLevel,
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

impl CommsModuleSpec {
    /// Names of the Secrets that users made and that this spec refers to.
    pub fn referenced_secrets(&self) -> BTreeSet<&str> {
        let password =
            self.auth.iter().flat_map(|auth| &auth.admin).flat_map(|admin| &admin.password_secret_ref);
        let broker = self
            .events
            .iter()
            .flat_map(|events| &events.rabbitmq)
            .flat_map(|rabbitmq| &rabbitmq.uri_secret_ref);
        let database = self
            .database
            .iter()
            .flat_map(|database| &database.postgres)
            .map(|postgres| &postgres.uri_secret_ref);
        let proof = self.gateway.iter().flat_map(|gateway| &gateway.proof_secret_ref);
        password.chain(broker).chain(database).chain(proof).map(|reference| reference.name.as_str()).collect()
    }
}
