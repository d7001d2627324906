//! Stage 2, pure: what should be.
//!
//! Takes what was observed and gives either a [`Plan`], which can be built as it is, or a [`Hold`], which says what has
//! to happen first and leaves everything that runs as it is.

mod admin;
mod claim;
mod config_hash;
mod image_trial;
mod keys;
mod module;
pub mod quantity;
mod references;
#[cfg(test)]
pub(crate) mod tests;
mod volume;

use k8s_openapi::jiff::Timestamp;
use rand::CryptoRng;

pub use admin::Admin;
pub use claim::{Claim, claim_of};
pub use keys::Keys;
pub use module::{
    AdminPassword, Broker, Database, Events, Gateway, Identity, InvalidSpec, Module, Standalone,
};
pub use references::Use;
pub use volume::Volume;

use crate::observe::Observed;

use image_trial::Verdict;

/// What runs where the resource says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Image of the module that belongs to this operator.
    pub image: String,
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
    /// The key that signs, where it is known.
    pub active: Option<ActiveKey>,
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
    /// Changes with everything in Secrets that a pod reads only at its start.
    pub config_hash: String,
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
    /// The key that signs, where it is known.
    pub active: Option<ActiveKey>,
}

/// The key that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveKey {
    /// Its id.
    pub kid: String,
    /// When its Secret was made.
    pub created_at: Option<Timestamp>,
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
    /// An entry of a Secret is not what it should be.
    InvalidSecret,
    /// The module's key Secret does not hold a key set.
    InvalidKeys,
    /// The image was tried and cannot be used.
    ImageUnusable,
}

impl Hold {
    fn new(reason: HoldReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), module: None, active: None }
    }
}

/// Decides what should be. `rng` is used where a key or a password has to be made.
pub fn decide(observed: &Observed, release: &Release, rng: &mut impl CryptoRng) -> Decision {
    let module = match Module::new(&observed.module, release) {
        Ok(module) => module,
        Err(error) => return Decision::Hold(Hold::new(HoldReason::InvalidSpec, error.to_string())),
    };
    let active = keys::active(&observed.children);
    let hold = match plan(&module, observed, rng) {
        Ok((keys, admin, volume, config_hash)) => match image_trial::verdict(&module, &observed.children) {
            Verdict::GoOn => {
                return Decision::Run(Box::new(Plan { module, keys, admin, volume, config_hash }));
            }
            Verdict::Try => return Decision::Try(Box::new(Trial { module, active })),
            Verdict::Refuse(hold) => hold,
        },
        Err(hold) => hold,
    };
    Decision::Hold(Hold { module: Some(Box::new(module)), active, ..hold })
}

type Parts = (Option<Keys>, Option<Admin>, Option<Volume>, String);

fn plan(module: &Module, observed: &Observed, rng: &mut impl CryptoRng) -> Result<Parts, Hold> {
    let children = &observed.children;
    claim::check(module, children)?;
    let entries = references::resolve(module, &observed.secrets)?;
    let keys = keys::decide(module, children, rng)?;
    let admin = admin::decide(module, children, rng)?;
    let volume = volume::decide(module, children);
    let config_hash = config_hash::config_hash(&entries);
    Ok((keys, admin, volume, config_hash))
}
