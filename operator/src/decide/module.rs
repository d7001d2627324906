//! The validated spec: states that must not be cannot be written in it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use url::Url;

use crate::api::{
    self, CommsModule, DeletionPolicy, GoDuration, ImagePullPolicy, LogLevel, MANAGEMENT_PORT, Mode,
    ParseDurationError, PodTemplate, Resources, SecretKeyRef,
};

use super::{Release, Scaling, quantity, scaling};

/// A module that can be built.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// Name of the resource and of its children.
    pub name: String,
    /// Namespace of both.
    pub namespace: String,
    /// Points from the children to the resource.
    pub owner: OwnerReference,
    /// Image to run.
    pub image: String,
    /// When to pull it; Kubernetes decides where there is none.
    pub pull_policy: Option<ImagePullPolicy>,
    /// Secrets to pull it with.
    pub pull_secrets: Vec<String>,
    /// Port of the pods and of the Service.
    pub port: u16,
    /// `/` or a path without a slash at its end.
    pub base_path: String,
    /// Who checks identities.
    pub identity: Identity,
    /// What is published.
    pub events: Events,
    /// Where the data is.
    pub database: Database,
    /// What is logged.
    pub log_level: LogLevel,
    /// CPU and memory, where the user says so.
    pub resources: Option<Resources>,
    /// Who says how many pods there are.
    pub scaling: Scaling,
    /// Whether several pods give up one at a time only.
    pub disruption_budget: bool,
    /// What the user merges over the pods' template.
    pub pod_template: Option<PodTemplate>,
    /// Whether changes wait.
    pub paused: bool,
}

impl Eq for Module {}

/// Who checks identities.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// The module.
    Standalone(Standalone),
    /// The gateway.
    Platform(Gateway),
}

/// Tokens and the first administrator.
#[derive(Clone, Debug, PartialEq)]
pub struct Standalone {
    /// Life of an access token.
    pub access_token_ttl: GoDuration,
    /// Life of a session.
    pub refresh_token_ttl: GoDuration,
    /// Claim `iss`.
    pub issuer: String,
    /// Claim `aud`.
    pub audience: String,
    /// The first administrator's organisation.
    pub organization_id: String,
    /// The first administrator's address.
    pub admin_email: String,
    /// The first administrator's password.
    pub admin_password: AdminPassword,
}

/// Where the first administrator's password comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum AdminPassword {
    /// The operator makes it.
    Generated,
    /// The user gave it.
    Given(SecretKeyRef),
}

/// How the gateway is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Gateway {
    /// It sends this entry's value.
    Proof(SecretKeyRef),
    /// It is not: whoever reaches the port is believed.
    Everyone,
}

/// What is published.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// Topic exchange.
    pub exchange: String,
    /// How long published events are kept.
    pub retention: GoDuration,
    /// The broker.
    pub broker: Broker,
}

/// The broker.
#[derive(Clone, Debug, PartialEq)]
pub enum Broker {
    /// Publishing is switched off.
    Disabled,
    /// None is given.
    NotConfigured,
    /// At an address without credentials.
    Address(String),
    /// At the address in this entry.
    Secret(SecretKeyRef),
}

impl Broker {
    /// Whether events go to a broker.
    pub fn publishes(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Secret(_))
    }
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq)]
pub enum Database {
    /// On a volume of the module's own.
    Embedded {
        /// The size asked for.
        size: String,
        /// Storage class; the default one where there is none.
        storage_class: Option<String>,
        /// Whether it outlives the module.
        deletion: DeletionPolicy,
    },
    /// In PostgreSQL, at the address in this entry.
    Postgres(SecretKeyRef),
}

impl Database {
    /// Whether several pods can use it at once.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Why a spec cannot be built. Admission refuses the same; this is for objects stored before a rule was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpec {
    /// A section of the other mode.
    #[error("{section} is not for {mode:?} mode: remove spec.{section} or change spec.mode")]
    WrongMode {
        /// The section.
        section: &'static str,
        /// The mode.
        mode: Mode,
    },
    /// Nothing says whom to trust.
    #[error(
        "Platform mode must know whom to trust: set spec.gateway.proofSecretRef or spec.gateway.trustEveryone, not both"
    )]
    Trust,
    /// The port of the management endpoints.
    #[error("port {MANAGEMENT_PORT} is the management port: choose another spec.port")]
    ManagementPort,
    /// Two databases.
    #[error(
        "a module has one database: keep spec.database.embedded or spec.database.postgres and remove the other"
    )]
    TwoDatabases,
    /// None or two addresses of the broker.
    #[error(
        "the broker has one address: keep spec.events.rabbitmq.uri or spec.events.rabbitmq.uriSecretRef and remove the other"
    )]
    BrokerSource,
    /// The broker's address is not one.
    #[error(
        "spec.events.rabbitmq.uri is not an amqp:// or amqps:// address without credentials: \
         write it as amqp://host:port/vhost, or name a Secret in spec.events.rabbitmq.uriSecretRef"
    )]
    BrokerAddress,
    /// A duration is not one.
    #[error("spec.{field}: {source}")]
    Duration {
        /// The field.
        field: &'static str,
        /// Why.
        source: ParseDurationError,
    },
    /// Sessions shorter than tokens.
    #[error("make spec.auth.refreshTokenTtl at least as long as spec.auth.accessTokenTtl")]
    RefreshBeforeAccess,
    /// Several pods, or an autoscaler, without a database that they share.
    #[error(
        "the embedded database is for one pod: remove spec.autoscaling and set spec.replicas to 1, or give all pods one \
         PostgreSQL by spec.database.postgres.uriSecretRef"
    )]
    SharedDatabase,
    /// An autoscaler that cannot do anything.
    #[error(
        "the autoscaler has no room: set spec.replicas and spec.autoscaling.minReplicas to at least 1, and \
         spec.autoscaling.maxReplicas to at least spec.autoscaling.minReplicas"
    )]
    AutoscalingRange,
    /// Fewer than no pods.
    #[error("spec.replicas is {0}: set it to 0 or more")]
    Replicas(i32),
    /// The size is not a quantity.
    #[error("spec.database.embedded.size {0:?} is not a quantity above zero: write one such as 1Gi")]
    Size(String),
}

impl Module {
    /// Checks a resource and fills in what follows from the mode and the release.
    pub fn new(resource: &CommsModule, release: &Release) -> Result<Self, InvalidSpec> {
        let spec = &resource.spec;
        if spec.port == MANAGEMENT_PORT {
            return Err(InvalidSpec::ManagementPort);
        }
        let identity = identity(spec)?;
        let own_path = match identity {
            Identity::Standalone(_) => "/",
            Identity::Platform(_) => "/api/communications",
        };
        let database = database(spec.database.clone().unwrap_or_default())?;
        Ok(Self {
            name: resource.name_any(),
            namespace: resource.namespace().unwrap_or_default(),
            owner: OwnerReference {
                block_owner_deletion: Some(true),
                ..resource.controller_owner_ref(&()).unwrap_or_default()
            },
            image: spec.image.clone().unwrap_or_else(|| release.image.clone()),
            pull_policy: spec.image_pull_policy,
            pull_secrets: spec.image_pull_secrets.iter().map(|secret| secret.name.clone()).collect(),
            port: spec.port,
            base_path: spec.base_path.clone().unwrap_or_else(|| own_path.to_owned()),
            identity,
            events: events(spec.events.clone().unwrap_or_default())?,
            scaling: scaling::scaling(spec, &database)?,
            database,
            log_level: spec.log_level,
            resources: spec.resources.clone(),
            disruption_budget: spec.pod_disruption_budget.unwrap_or_default().enabled,
            pod_template: spec.pod_template.clone(),
            paused: spec.paused,
        })
    }

    /// Whether volume, keys and first password outlive the module.
    pub fn deletion(&self) -> DeletionPolicy {
        match self.database {
            Database::Embedded { deletion, .. } => deletion,
            Database::Postgres(_) => DeletionPolicy::Retain,
        }
    }

    /// Where the module is reached inside the cluster.
    pub fn url(&self) -> String {
        let path = if self.base_path == "/" { "" } else { &self.base_path };
        format!("http://{}.{}.svc:{}{path}", self.name, self.namespace, self.port)
    }
}

fn identity(spec: &api::CommsModuleSpec) -> Result<Identity, InvalidSpec> {
    let mode = spec.mode;
    match mode {
        Mode::Standalone if spec.gateway.is_some() => {
            Err(InvalidSpec::WrongMode { section: "gateway", mode })
        }
        Mode::Platform if spec.auth.is_some() => Err(InvalidSpec::WrongMode { section: "auth", mode }),
        Mode::Standalone => standalone(spec.auth.clone().unwrap_or_default()).map(Identity::Standalone),
        Mode::Platform => {
            let gateway = spec.gateway.clone().unwrap_or_default();
            match (gateway.proof_secret_ref, gateway.trust_everyone.unwrap_or(false)) {
                (Some(proof), false) => Ok(Identity::Platform(Gateway::Proof(proof))),
                (None, true) => Ok(Identity::Platform(Gateway::Everyone)),
                _ => Err(InvalidSpec::Trust),
            }
        }
    }
}

fn standalone(auth: api::Auth) -> Result<Standalone, InvalidSpec> {
    let access = parsed("auth.accessTokenTtl", &auth.access_token_ttl)?;
    let refresh = parsed("auth.refreshTokenTtl", &auth.refresh_token_ttl)?;
    if refresh < access {
        return Err(InvalidSpec::RefreshBeforeAccess);
    }
    let admin = auth.admin.unwrap_or_default();
    Ok(Standalone {
        access_token_ttl: auth.access_token_ttl,
        refresh_token_ttl: auth.refresh_token_ttl,
        issuer: auth.issuer,
        audience: auth.audience,
        organization_id: auth.organization_id,
        admin_email: admin.email,
        admin_password: admin.password_secret_ref.map_or(AdminPassword::Generated, AdminPassword::Given),
    })
}

fn events(events: api::Events) -> Result<Events, InvalidSpec> {
    parsed("events.retention", &events.retention)?;
    let broker = match events.rabbitmq {
        _ if !events.enabled => Broker::Disabled,
        None => Broker::NotConfigured,
        Some(api::RabbitMq { uri: Some(uri), uri_secret_ref: None }) => {
            let url = broker_url(&uri).ok_or(InvalidSpec::BrokerAddress)?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(InvalidSpec::BrokerAddress);
            }
            Broker::Address(uri)
        }
        Some(api::RabbitMq { uri: None, uri_secret_ref: Some(reference) }) => Broker::Secret(reference),
        Some(_) => return Err(InvalidSpec::BrokerSource),
    };
    Ok(Events { exchange: events.exchange, retention: events.retention, broker })
}

fn database(database: api::Database) -> Result<Database, InvalidSpec> {
    let embedded = match (database.embedded, database.postgres) {
        (Some(_), Some(_)) => return Err(InvalidSpec::TwoDatabases),
        (None, Some(postgres)) => return Ok(Database::Postgres(postgres.uri_secret_ref)),
        (embedded, None) => embedded.unwrap_or_default(),
    };
    match quantity::Amount::parse(&embedded.size) {
        Some(size) if size > quantity::Amount::ZERO => Ok(Database::Embedded {
            size: embedded.size,
            storage_class: embedded.storage_class_name,
            deletion: embedded.deletion_policy,
        }),
        _ => Err(InvalidSpec::Size(embedded.size)),
    }
}

fn parsed(field: &'static str, duration: &GoDuration) -> Result<std::time::Duration, InvalidSpec> {
    duration.parse().map_err(|source| InvalidSpec::Duration { field, source })
}

/// The address of a broker, if it is one.
pub(super) fn broker_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "amqp" | "amqps") && url.host_str().is_some_and(|host| !host.is_empty())
    })
}
