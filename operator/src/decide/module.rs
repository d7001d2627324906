//! The validated spec: states that must not be cannot be written in it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource, ResourceExt};
use url::Url;

use crate::api::{
    self, ClusterRef, CommsModule, DeletionPolicy, GoDuration, ImagePullPolicy, LogLevel, MANAGEMENT_PORT,
    Mode, ParseDurationError, PodTemplate, Resources, SecretKeyRef,
};

use super::{
    Release, Scaling,
    network::{InvalidNetwork, Network, network},
    quantity,
    rotation::{InvalidRotation, Rotation, rotation},
    scaling,
    settings::{InvalidSettings, ServiceSettings, settings},
};

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
    /// What the service is told besides.
    pub service: ServiceSettings,
    /// Who may reach it.
    pub network: Network,
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
    /// The user's Secret with the signing keys; without one they are the operator's own.
    pub own_keys: Option<String>,
    /// When the operator's own keys are rotated.
    pub rotation: Box<Rotation>,
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
    /// By its place in the network, which a `NetworkPolicy` sees to: whoever reaches the port is believed.
    Network,
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
    /// How many events may wait, as the service takes it.
    pub backlog_limit: Option<String>,
    /// The broker.
    pub broker: Broker,
    /// The entry with the authorities that vouch for it.
    pub authority: Option<SecretKeyRef>,
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
    /// The one of RabbitMQ's cluster operator.
    Cluster(ClusterRef),
}

impl Broker {
    /// Whether events go to a broker.
    pub fn publishes(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Secret(_) | Self::Cluster(_))
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
    /// In PostgreSQL.
    Postgres(Postgres),
}

/// A PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// The entry with its address.
    pub uri: SecretKeyRef,
    /// The entry with the authorities that vouch for it.
    pub authority: Option<SecretKeyRef>,
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
        "Platform mode must know whom to trust: set spec.gateway.proofSecretRef, spec.gateway.allowFrom or both, or \
         spec.gateway.trustEveryone alone"
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
        "the broker has one address: keep one of spec.events.rabbitmq.uri, spec.events.rabbitmq.uriSecretRef and \
         spec.events.rabbitmq.clusterRef and remove the others"
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
    /// The keys' rotation.
    #[error(transparent)]
    Rotation(#[from] InvalidRotation),
    /// A setting of the service.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// A rule of the network.
    #[error(transparent)]
    Network(#[from] InvalidNetwork),
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
            events: events(spec.events.clone().unwrap_or_default(), &database)?,
            scaling: scaling::scaling(spec, &database)?,
            database,
            service: settings(spec)?,
            network: network(spec, &identity)?,
            identity,
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

    /// Where the module is reached: from outside where it is exposed under a name, else inside the cluster.
    pub fn url(&self) -> String {
        self.outside_url().unwrap_or_else(|| {
            let path = self.path();
            format!("http://{}.{}.svc:{}{path}", self.name, self.namespace, self.port)
        })
    }

    /// Where the module is reached from outside, as far as the spec tells.
    pub fn outside_url(&self) -> Option<String> {
        let exposure = self.network.exposure.as_ref()?;
        if let Some(address) = &self.service.public_url {
            return Some(address.trim_end_matches('/').to_owned());
        }
        if let Some(ingress) = &exposure.ingress {
            let scheme = if ingress.tls_secret_name.is_some() { "https" } else { "http" };
            return Some(format!("{scheme}://{}{}", ingress.host, self.path()));
        }
        // What the Gateway's listener speaks is not known here: TLS is what one has.
        let names = exposure.http_route.iter().flat_map(|route| &route.hostnames);
        let host = names.into_iter().find(|host| !host.starts_with('*'))?;
        Some(format!("https://{host}{}", self.path()))
    }

    /// The base path, empty where it is the root.
    fn path(&self) -> &str {
        if self.base_path == "/" { "" } else { &self.base_path }
    }
}

fn identity(spec: &api::CommsModuleSpec) -> Result<Identity, InvalidSpec> {
    let mode = spec.mode;
    match mode {
        Mode::Standalone if spec.gateway.is_some() => {
            Err(InvalidSpec::WrongMode { section: "gateway", mode })
        }
        Mode::Platform if spec.auth.is_some() => Err(InvalidSpec::WrongMode { section: "auth", mode }),
        Mode::Platform if spec.keys.is_some() => Err(InvalidSpec::WrongMode { section: "keys", mode }),
        Mode::Standalone => standalone(spec).map(Identity::Standalone),
        Mode::Platform => {
            let gateway = spec.gateway.clone().unwrap_or_default();
            let trust = (gateway.proof_secret_ref, !gateway.allow_from.is_empty(), gateway.trust_everyone);
            match trust {
                (Some(proof), _, None | Some(false)) => Ok(Identity::Platform(Gateway::Proof(proof))),
                (None, true, None | Some(false)) => Ok(Identity::Platform(Gateway::Network)),
                (None, false, Some(true)) => Ok(Identity::Platform(Gateway::Everyone)),
                _ => Err(InvalidSpec::Trust),
            }
        }
    }
}

fn standalone(spec: &api::CommsModuleSpec) -> Result<Standalone, InvalidSpec> {
    let auth = spec.auth.clone().unwrap_or_default();
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
        own_keys: spec.own_keys().map(ToOwned::to_owned),
        rotation: Box::new(rotation(spec.keys.as_ref(), access, refresh)?),
    })
}

fn events(events: api::Events, database: &Database) -> Result<Events, InvalidSpec> {
    parsed("events.retention", &events.retention)?;
    let authority = events.rabbitmq.as_ref().and_then(|rabbitmq| rabbitmq.ca_secret_ref.clone());
    let sources =
        events.rabbitmq.map(|rabbitmq| (rabbitmq.uri, rabbitmq.uri_secret_ref, rabbitmq.cluster_ref));
    let broker = match sources {
        _ if !events.enabled => Broker::Disabled,
        None => Broker::NotConfigured,
        Some((Some(uri), None, None)) => {
            let url = broker_url(&uri).ok_or(InvalidSpec::BrokerAddress)?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(InvalidSpec::BrokerAddress);
            }
            Broker::Address(uri)
        }
        Some((None, Some(reference), None)) => Broker::Secret(reference),
        Some((None, None, Some(cluster))) => Broker::Cluster(cluster),
        Some(_) => return Err(InvalidSpec::BrokerSource),
    };
    Ok(Events {
        exchange: events.exchange,
        retention: events.retention,
        backlog_limit: events.backlog_limit.or_else(|| half_of(database)),
        authority: authority.filter(|_| broker.publishes()),
        broker,
    })
}

/// Half of the embedded database's volume, as the service takes a size: events that wait must not fill the disk that
/// calls are kept on.
fn half_of(database: &Database) -> Option<String> {
    let Database::Embedded { size, .. } = database else { return None };
    let kibibytes = quantity::Amount::parse(size)?.bytes()? / 2048;
    Some(format!("{}Ki", kibibytes.max(1)))
}

fn database(database: api::Database) -> Result<Database, InvalidSpec> {
    let embedded = match (database.embedded, database.postgres) {
        (Some(_), Some(_)) => return Err(InvalidSpec::TwoDatabases),
        (None, Some(postgres)) => {
            return Ok(Database::Postgres(Postgres {
                uri: postgres.uri_secret_ref,
                authority: postgres.ca_secret_ref,
            }));
        }
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
