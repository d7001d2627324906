//! Keys of the user's.

use keyset::{Jwk, Jwks, KeyPair, KeySet, Kid};

use super::{
    Keyring, Rules,
    keyring::{PrivateHalf, parts},
};

/// Where keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// They are made here.
    Made,
    /// They are the user's.
    Own(Box<OwnKeys>),
    /// They are to be the user's, and those cannot be had.
    Missing,
}

/// A key set of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKeys {
    /// Public half of the key that is to sign.
    pub jwk: Jwk,
    /// Its private half.
    pub(super) private: PrivateHalf,
    /// What is to be accepted besides, as long as it is listed.
    pub listed: Vec<Jwk>,
}

/// Why a key set of the user's cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be had.
    Missing,
    /// The key that is to sign is revoked.
    Revoked(Kid),
    /// An id belongs to another key of the module, or a key has another id.
    Renamed(Kid),
}

impl OwnKeys {
    /// The keys of a set.
    pub fn of(set: &KeySet) -> Self {
        let (jwk, listed) = parts(set);
        Self { jwk, private: PrivateHalf::of(set), listed }
    }

    /// The set that they make, for pods that have had none.
    pub(super) fn set(&self) -> KeySet {
        let signing = KeyPair::from_pem(self.private.pem()).expect("it comes from a set");
        let accepted = Jwks::new([&self.jwk].into_iter().chain(&self.listed).cloned());
        KeySet::new(signing, accepted.expect("they come from a set")).expect("it comes from a set")
    }

    /// Why they cannot be taken beside the keys that there are.
    pub(super) fn unfit(&self, keyring: &Keyring, rules: &Rules) -> Option<Unfit> {
        if keyring.refuses(self.jwk.kid.as_str(), rules) {
            return Some(Unfit::Revoked(self.jwk.kid.clone()));
        }
        let clashes =
            |own: &&Jwk| keyring.jwks().any(|other| (other.kid == own.kid) != (other.key == own.key));
        let renamed = [&self.jwk].into_iter().chain(&self.listed).find(clashes)?;
        Some(Unfit::Renamed(renamed.kid.clone()))
    }
}
