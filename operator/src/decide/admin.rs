//! The first administrator's password: made once, then taken as it is.

use k8s_openapi::api::core::v1::Secret;
use rand::{
    CryptoRng,
    distr::{Alphanumeric, Distribution},
};

use crate::{
    build::{admin::PASSWORD, names},
    observe::Children,
};

use super::{AdminPassword, Hold, HoldReason, Identity, Module};

/// Characters of a made password: 24 of 62 are 142 bits.
const LENGTH: usize = 24;

/// The first administrator's Secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Admin {
    /// It is there.
    Present,
    /// It has to be made with this address and password.
    New {
        /// Address to log in with.
        email: String,
        /// Password to log in with.
        password: String,
    },
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Present => "Present",
            Self::New { .. } => "New",
        })
    }
}

/// Takes the password that is there or makes one, where the user gave none.
pub(super) fn decide(
    module: &Module,
    children: &Children,
    rng: &mut impl CryptoRng,
) -> Result<Option<Admin>, Hold> {
    let Identity::Standalone(auth) = &module.identity else { return Ok(None) };
    if auth.admin_password != AdminPassword::Generated {
        return Ok(None);
    }
    match &children.admin {
        None => Ok(Some(Admin::New { email: auth.admin_email.clone(), password: password(rng) })),
        Some(secret) if has_password(secret) => Ok(Some(Admin::Present)),
        Some(_) => Err(Hold::new(
            HoldReason::InvalidSecret,
            format!(
                "Secret {} has no key {PASSWORD}: restore it, or delete the Secret for a new one",
                names(&module.name).admin
            ),
        )),
    }
}

fn has_password(secret: &Secret) -> bool {
    let password = secret.data.as_ref().and_then(|data| data.get(PASSWORD));
    password.is_some_and(|value| !value.0.is_empty())
}

fn password(rng: &mut impl CryptoRng) -> String {
    Alphanumeric.sample_iter(rng).take(LENGTH).map(char::from).collect()
}
