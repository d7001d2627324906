//! What a step means to people, as events tell it.

use std::time::Duration;

use jiff::Timestamp;
use keyset::Kid;

/// Why a key was staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The key that signs is old enough.
    Age,
    /// `spec.keys.rotateRequest` says so.
    Request(String),
    /// The user's own Secret holds it.
    Own,
    /// Keys are made here again.
    Return,
}

/// Something that a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The keys of a Secret without a keyring were taken over.
    Adopted(Kid),
    /// The keyring was damaged, and made anew from the keys in use.
    KeyringRebuilt(Kid),
    /// What pods read was gone or was changed by somebody, and was put right.
    SetRestored(Kid),
    /// A new key is given to the pods to accept.
    Staged(Kid, Occasion),
    /// A staged key is wanted no more.
    Dropped(Kid),
    /// A key signs.
    Promoted {
        /// It.
        kid: Kid,
        /// The one that signed before.
        before: Kid,
        /// How long after it was made.
        after: Duration,
    },
    /// No pod signs with a former key any more.
    Retired {
        /// It.
        kid: Kid,
        /// Until when it is accepted.
        until: Timestamp,
    },
    /// A former key is no longer accepted.
    Removed(Kid),
    /// A key is no longer accepted, from now on.
    Revoked {
        /// It.
        kid: Kid,
        /// The new key, where the revoked one signed.
        successor: Option<Kid>,
    },
    /// Every pod was seen to refuse a revoked key.
    Refused {
        /// It.
        kid: Kid,
        /// How long that took.
        after: Duration,
    },
}

impl Happening {
    /// The event's reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Adopted(_) => "KeysAdopted",
            Self::KeyringRebuilt(_) => "KeyringRebuilt",
            Self::SetRestored(_) => "KeysRestored",
            Self::Staged(..) => "KeyStaged",
            Self::Dropped(_) => "KeyDropped",
            Self::Promoted { .. } => "KeyPromoted",
            Self::Retired { .. } => "KeyRetired",
            Self::Removed(_) => "KeyRemoved",
            Self::Revoked { .. } => "KeyRevoked",
            Self::Refused { .. } => "KeyRefused",
        }
    }

    /// Whether somebody should have a look.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::KeyringRebuilt(_) | Self::SetRestored(_) | Self::Revoked { .. })
    }

    /// The event's sentence.
    pub fn note(&self) -> String {
        match self {
            Self::Adopted(kid) => {
                format!("The keys that were there are looked after from now on; key {kid} signs.")
            }
            Self::KeyringRebuilt(kid) => format!(
                "The keyring was damaged and is made anew from the keys in use; key {kid} signs, and no token ends. Which \
                 keys were revoked before is no longer known: keep them in spec.keys.revokedKids."
            ),
            Self::SetRestored(kid) => format!(
                "The Secret that pods read their keys from was gone or changed, and is as the keyring says again; key {kid} \
                 signs."
            ),
            Self::Staged(kid, Occasion::Age) => {
                format!(
                    "Key {kid} is given to the pods to accept, for the one that signs has reached its age."
                )
            }
            Self::Staged(kid, Occasion::Request(request)) => {
                format!("Key {kid} is given to the pods to accept, as rotateRequest {request:?} asks.")
            }
            Self::Staged(kid, Occasion::Own) => {
                format!(
                    "Key {kid} is given to the pods to accept, for the Secret of spec.keys.secretRef holds it."
                )
            }
            Self::Staged(kid, Occasion::Return) => {
                format!(
                    "Key {kid} is given to the pods to accept, for spec.keys.secretRef is not set any more."
                )
            }
            Self::Dropped(kid) => {
                format!("Key {kid} was on its way and is not wanted any more. It has signed nothing.")
            }
            Self::Promoted { kid, before, after } => {
                format!(
                    "Key {kid} signs from now on, {:.1} s after it was made; tokens of {before} stay valid.",
                    after.as_secs_f64()
                )
            }
            Self::Retired { kid, until } => {
                format!("No pod signs with key {kid} any more; it is accepted until {until:.0}.")
            }
            Self::Removed(kid) => {
                format!("Key {kid} is no longer accepted: all tokens that it signed have ended.")
            }
            Self::Revoked { kid, successor: None } => {
                format!("Key {kid} is revoked: tokens that it signed end now.")
            }
            Self::Revoked { kid, successor: Some(successor) } => {
                format!(
                    "Key {kid} is revoked: tokens that it signed end now, and key {successor} signs in its place."
                )
            }
            Self::Refused { kid, after } => {
                format!(
                    "Every pod refuses revoked key {kid}, {:.1} s after it was revoked.",
                    after.as_secs_f64()
                )
            }
        }
    }
}
