//! Stage 2, pure: what should be.
//!
//! Takes what was observed and gives either a [`Plan`], which can be built as it is, or a [`Hold`], which says what has
//! to happen first and leaves everything that runs as it is.

mod admin;
mod broker;
mod claim;
mod config_hash;
mod image_trial;
mod key_secrets;
mod keys;
mod module;
pub(crate) mod network;
mod pod_template;
mod providers;
pub mod quantity;
mod references;
mod replicas;
mod rotation;
mod scaling;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod volume;

use k8s_openapi::{
    api::{core::v1::PodTemplateSpec, networking::v1::NetworkPolicyPeer},
    jiff::Timestamp,
};
use rand::CryptoRng;

pub use admin::Admin;
pub use broker::BrokerAddress;
pub use claim::{Claim, claim_of};
pub use key_secrets::KeySecrets;
pub use keys::{Keys, key_standing, next_for_keys, published_set};
pub use module::{
    AdminPassword, Broker, Database, Events, Gateway, Identity, InvalidSpec, Module, Postgres, Standalone,
};
pub use network::{InvalidNetwork, Network};
pub use providers::TwilioAccounts;
pub use references::Use;
pub use replicas::{KEPT, OVERRULED, Replicas};
pub use rotation::{InvalidRotation, Rotation};
pub use scaling::Scaling;
pub use settings::{InvalidSettings, ServiceSettings, TwilioAccount};
pub use volume::Volume;

use crate::{kinds::Kinds, observe::Observed, rotation::Report};

use image_trial::Verdict;

/// What the operator's own settings say about modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Image of the module that belongs to this operator: it runs where the resource names none.
    pub image: String,
    /// Whether `spec.podTemplate` may leave the restricted Pod Security profile.
    pub allow_unrestricted_pods: bool,
    /// Namespace of the operator's own pods; none where it runs outside the cluster.
    pub namespace: Option<String>,
}

/// What should be.
#[derive(Debug)]
pub enum Decision {
    /// The module can run.
    Run(Box<Plan>),
    /// Another image has to show first that it runs.
    Try(Box<Trial>),
    /// Something has to happen first; what runs is left as it is.
    Hold(Hold),
}

/// Another image, to be tried before the pod that serves gives way to it.
#[derive(Debug)]
pub struct Trial {
    /// The validated spec.
    pub module: Module,
    /// What its pods are like.
    pub template: Box<PodTemplateSpec>,
    /// How it stands with the keys, as far as known.
    pub keys: Option<Box<Report>>,
}

/// Everything that the children are built from.
#[derive(Debug)]
pub struct Plan {
    /// The validated spec.
    pub module: Module,
    /// Signing keys; none in Platform mode.
    pub keys: Option<Keys>,
    /// The first administrator's Secret; none where the user gave one and in Platform mode.
    pub admin: Option<Admin>,
    /// The volume; none with PostgreSQL.
    pub volume: Option<Volume>,
    /// What the pods are like.
    pub template: PodTemplateSpec,
    /// How many there are.
    pub replicas: Replicas,
    /// The broker's address, where it comes from a cluster of RabbitMQ's operator.
    pub broker: Option<BrokerAddress>,
    /// Twilio's accounts, where there are any.
    pub twilio: Option<TwilioAccounts>,
    /// Who may reach the API now; none where no policy guards the pods, and everybody where the list is empty.
    pub api_peers: Option<Vec<NetworkPolicyPeer>>,
    /// Namespace of the operator's own pods.
    pub operator_namespace: Option<String>,
    /// Which kinds of other projects the cluster has.
    pub kinds: Kinds,
}

/// Why nothing is done, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The stable reason.
    pub reason: HoldReason,
    /// A sentence that says what to do next.
    pub message: String,
    /// The validated spec, where there is one.
    pub module: Option<Box<Module>>,
    /// How it stands with the keys, as far as known.
    pub keys: Option<Box<Report>>,
}

/// Why nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// The spec is one that admission would refuse.
    InvalidSpec,
    /// An object of somebody else has the name of a child.
    NameTaken,
    /// Children of a deleted module of the same name are still there.
    PredecessorPresent,
    /// A referenced Secret or an entry of it is missing.
    SecretNotFound,
    /// Another namespace does not let the module refer to what is in it.
    ReferenceNotGranted,
    /// An entry of a Secret is not what it should be.
    InvalidSecret,
    /// The module's key Secret does not hold a key set.
    InvalidKeys,
    /// The image was tried and cannot be used.
    ImageUnusable,
    /// The user's pod template leaves the restricted profile.
    UnrestrictedPod,
}

impl Hold {
    fn new(reason: HoldReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), module: None, keys: None }
    }
}

/// Decides what should be. `rng` is used where a key or a password has to be made.
pub fn decide(observed: &Observed, release: &Release, now: Timestamp, rng: &mut impl CryptoRng) -> Decision {
    let module = match Module::new(&observed.module, release) {
        Ok(module) => module,
        Err(error) => return Decision::Hold(Hold::new(HoldReason::InvalidSpec, error.to_string())),
    };
    let keys = keys::state(&module, observed, now);
    let hold = match plan(module.clone(), observed, release, now, rng) {
        Ok(plan) => match image_trial::verdict(&module, &observed.children) {
            Verdict::GoOn => return Decision::Run(Box::new(plan)),
            Verdict::Try => {
                let template = Box::new(plan.template);
                return Decision::Try(Box::new(Trial { module, template, keys }));
            }
            Verdict::Refuse(hold) => hold,
        },
        Err(hold) => hold,
    };
    Decision::Hold(Hold { module: Some(Box::new(module)), keys, ..hold })
}

fn plan(
    module: Module,
    observed: &Observed,
    release: &Release,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Plan, Hold> {
    let children = &observed.children;
    let replicas = replicas::decide(&module, children);
    claim::check(&module, &replicas, observed.kinds, children)?;
    let broker = broker::decide(&module, &observed.cluster_secret)?;
    let entries = references::resolve(&module, &observed.secrets, broker.as_ref())?;
    let keys = keys::decide(&module, observed, now, rng)?;
    let admin = admin::decide(&module, children, rng)?;
    let volume = volume::decide(&module, children);
    let twilio = providers::twilio(&module, &entries);
    let config_hash = config_hash::config_hash(&entries);
    let template = pod_template::decide(&module, &config_hash, release)?;
    Ok(Plan {
        api_peers: network::api_peers(&module, observed),
        operator_namespace: release.namespace.clone(),
        kinds: observed.kinds,
        module,
        keys,
        admin,
        volume,
        broker,
        twilio,
        template,
        replicas,
    })
}
