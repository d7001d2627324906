//! What the operator remembers of a module's keys: the entry [`KEYRING_JSON`] of Secret `<name>-keyring`, which no pod reads.

use std::{collections::BTreeSet, fmt, time::Duration};

use jiff::Timestamp;
use keyset::{Jwk, Jwks, KeyPair, KeySet, Kid, PublicKey};
use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::{CLOCK_MARGIN, OwnKeys, Rules, after};

/// The entry of the Secret.
pub const KEYRING_JSON: &str = "keyring.json";
/// The version that is written and read here.
const VERSION: u32 = 1;

/// The keys of a module, and what was done with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Keyring {
    version: u32,
    /// The generation of the newest key: each has one of its own.
    pub generation: u64,
    /// The key that signs.
    pub active: Active,
    /// The key that will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged: Option<Staged>,
    /// Keys that signed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<Former>,
    /// Keys that were revoked, oldest first. They never come back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<Revoked>,
    /// The newest request that was carried out, or found at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_request: Option<String>,
    /// When a key took over last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rotation: Option<Timestamp>,
    /// Fingerprint of the set that pods had before the last change, and have until it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_before: Option<String>,
}

/// The key that signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Active {
    /// Which key of the module it is.
    pub generation: u64,
    /// Its public half.
    pub jwk: Jwk,
    /// Its private half.
    pub private: PrivateHalf,
    /// When it was made, as far as known.
    pub created_at: Timestamp,
    /// Since when it signs.
    pub activated_at: Timestamp,
    /// The longest life of a token that it has signed, in seconds.
    pub longest_life: u64,
    /// Whether it is the user's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// The key that will sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Staged {
    /// Which key of the module it is.
    pub generation: u64,
    /// Its public half.
    pub jwk: Jwk,
    /// Its private half.
    pub private: PrivateHalf,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when no pod was seen that does not accept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// The request that it carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Whether it is the user's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// A key that signed. Its private half is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Former {
    /// Which key of the module it was.
    pub generation: u64,
    /// Its public half.
    pub jwk: Jwk,
    /// When it was made, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Since when it signed, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// When another took over.
    pub demoted_at: Timestamp,
    /// Since when no pod signs with it any more. None while some may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
    /// The longest life of a token that it has signed, in seconds.
    pub longest_life: u64,
    /// Whether the user's own set lists it, so that it stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

/// A key that was revoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revoked {
    /// The key.
    pub kid: Kid,
    /// When it was made, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Since when every pod was seen to refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
}

/// A private key as PKCS#8 in PEM. It is wiped from memory when the value ends, and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateHalf(Zeroizing<String>);

/// Why an entry is not taken for a keyring. No message repeats any part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Written by a later release.
    #[error("it is of version {0}, which this operator does not know")]
    Newer(u32),
    /// Damaged.
    #[error("{0}")]
    Damaged(String),
}

impl Keyring {
    /// The keyring of a key set that has none. What is accepted beside the key that signs may have signed until now. The
    /// request that is there already is not carried out.
    pub fn adopting(set: &KeySet, created_at: Option<Timestamp>, rules: &Rules, now: Timestamp) -> Self {
        let (signing, others) = parts(set);
        let generation = u64::try_from(others.len()).unwrap_or(u64::MAX).saturating_add(1);
        let former = others.into_iter().zip(1..).map(|(jwk, generation)| Former {
            generation,
            jwk,
            created_at: None,
            activated_at: None,
            demoted_at: now,
            retired_at: None,
            longest_life: rules.token_life.as_secs(),
            listed: false,
        });
        Self {
            version: VERSION,
            generation,
            active: Active {
                generation,
                jwk: signing,
                private: PrivateHalf::of(set),
                created_at: created_at.unwrap_or(now),
                activated_at: now,
                longest_life: rules.token_life.as_secs(),
                own: false,
            },
            staged: None,
            former: former.collect(),
            revoked: Vec::new(),
            observed_request: rules.request.clone(),
            last_rotation: None,
            set_before: None,
        }
    }

    /// Reads an entry.
    pub fn from_json(json: &[u8]) -> Result<Self, KeyringError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        // Serde's own words may repeat a value.
        let damaged = |error: &serde_json::Error| {
            KeyringError::Damaged(format!(
                "it does not read as one at line {}, column {}",
                error.line(),
                error.column()
            ))
        };
        let Versioned { version } = serde_json::from_slice(json).map_err(|error| damaged(&error))?;
        if version != VERSION {
            return Err(KeyringError::Newer(version));
        }
        let ring: Self = serde_json::from_slice(json).map_err(|error| damaged(&error))?;
        ring.check().map_err(|what| KeyringError::Damaged(what.to_owned()))?;
        Ok(ring)
    }

    /// The entry's contents. It holds private keys: do not log it.
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("strings and numbers always serialize"))
    }

    fn check(&self) -> Result<(), &'static str> {
        let belongs = |private: &PrivateHalf, jwk: &Jwk| {
            KeyPair::from_pem(&private.0).is_ok_and(|pair| *pair.public() == jwk.key)
        };
        let staged = self.staged.as_ref();
        if !belongs(&self.active.private, &self.active.jwk)
            || staged.is_some_and(|staged| !belongs(&staged.private, &staged.jwk))
        {
            return Err("the halves of a pair do not belong together");
        }
        let revoked = |jwk: &Jwk| self.revoked.iter().any(|revoked| revoked.kid == jwk.kid);
        if self.jwks().any(revoked) {
            return Err("a revoked key is among those to accept");
        }
        let mut generations = BTreeSet::new();
        let distinct = self.generations().all(|generation| generations.insert(generation));
        if !distinct || generations.last().is_some_and(|newest| *newest > self.generation) {
            return Err("two keys are of one generation");
        }
        Jwks::new(self.jwks().cloned()).map(drop).map_err(|_| "a key is there twice")
    }

    /// Every key to accept. A key of the user's that comes back is there once, though it is staged and a former one.
    pub(super) fn jwks(&self) -> impl Iterator<Item = &Jwk> {
        let staged = self.staged.iter().map(|staged| &staged.jwk);
        let former = self.former_only().map(|former| &former.jwk);
        [&self.active.jwk].into_iter().chain(staged).chain(former)
    }

    /// Former keys, but for one of the user's that comes back and is staged.
    pub(super) fn former_only(&self) -> impl DoubleEndedIterator<Item = &Former> {
        let staged = self.staged.as_ref().map(|staged| &staged.jwk);
        self.former.iter().filter(move |former| Some(&former.jwk) != staged)
    }

    /// Former keys that are not kept for their own sake.
    pub(super) fn passing(&self) -> usize {
        self.former.iter().filter(|former| !former.listed).count()
    }

    fn generations(&self) -> impl Iterator<Item = u64> {
        let staged = self.staged.iter().map(|staged| staged.generation);
        let former = self.former.iter().map(|former| former.generation);
        [self.active.generation].into_iter().chain(staged).chain(former)
    }

    /// The key set that pods are to have.
    pub fn set(&self) -> KeySet {
        let signing = KeyPair::from_pem(&self.active.private.0).expect("it was read or made as one");
        KeySet::new(signing, self.accepted()).expect("the key that signs is among those to accept")
    }

    /// The fingerprint of that set, for which no private half has to be read.
    pub fn set_sha256(&self) -> String {
        KeySet::sha256_of(&self.active.jwk.kid, &self.accepted())
    }

    fn accepted(&self) -> Jwks {
        Jwks::new(self.jwks().cloned()).expect("no key is there twice")
    }

    /// Whether a key is to be accepted: the active, the staged or a former one.
    pub fn accepts(&self, kid: &str) -> bool {
        self.jwks().any(|jwk| jwk.kid.as_str() == kid)
    }

    /// Whether a key was revoked.
    pub fn has_revoked(&self, kid: &str) -> bool {
        self.revoked.iter().any(|revoked| revoked.kid.as_str() == kid)
    }

    /// Whether a key is revoked, by the spec or before.
    pub(super) fn refuses(&self, kid: &str, rules: &Rules) -> bool {
        rules.revoked.contains(kid) || self.has_revoked(kid)
    }

    /// A former key that signs again is no former one; what it has signed before counts.
    pub(super) fn take_back(&mut self) {
        let active = &mut self.active;
        for former in self.former.iter().filter(|former| former.jwk == active.jwk) {
            active.longest_life = active.longest_life.max(former.longest_life);
        }
        self.former.retain(|former| former.jwk != active.jwk);
    }

    /// The next generation, which is taken by asking for it.
    pub(super) fn take_generation(&mut self) -> u64 {
        self.generation = self.generation.saturating_add(1);
        self.generation
    }
}

impl Active {
    /// Of a pair that nobody was told of before.
    pub(super) fn sudden(generation: u64, pair: Pair, rules: &Rules, now: Timestamp) -> Self {
        let Pair { jwk, private, own } = pair;
        let longest_life = rules.token_life.as_secs();
        Self { generation, jwk, private, created_at: now, activated_at: now, longest_life, own }
    }
}

impl Staged {
    /// Of a pair.
    pub(super) fn new(generation: u64, pair: Pair, request: Option<String>, now: Timestamp) -> Self {
        let Pair { jwk, private, own } = pair;
        Self { generation, jwk, private, created_at: now, acknowledged_at: None, request, own }
    }
}

impl Former {
    /// When it may go, once no pod signs with it any more and the user's own set does not list it.
    pub fn remove_at(&self, rules: &Rules) -> Option<Timestamp> {
        if self.listed {
            return None;
        }
        let life = Duration::from_secs(self.longest_life).saturating_add(CLOCK_MARGIN);
        Some(after(self.retired_at?, rules.retention.max(life)))
    }
}

/// The public half that a set signs with, and those that it accepts besides.
pub(super) fn parts(set: &KeySet) -> (Jwk, Vec<Jwk>) {
    let jwk = |(kid, key): (&Kid, &PublicKey)| Jwk { kid: kid.clone(), key: key.clone() };
    let (mut signing, others): (Vec<_>, Vec<_>) =
        set.jwks().iter().map(jwk).partition(|jwk| jwk.kid == *set.signing_kid());
    (signing.pop().expect("a set accepts its signing key"), others)
}

/// A pair that is to become a key of the module.
pub(super) struct Pair {
    jwk: Jwk,
    private: PrivateHalf,
    own: bool,
}

impl Pair {
    /// Makes one.
    pub(super) fn make(rng: &mut impl CryptoRng) -> Self {
        let pair = KeyPair::generate(rng);
        let key = pair.public().clone();
        Self { jwk: Jwk { kid: key.thumbprint(), key }, private: PrivateHalf(pair.to_pem()), own: false }
    }

    /// Takes the user's.
    pub(super) fn own(keys: &OwnKeys) -> Self {
        Self { jwk: keys.jwk.clone(), private: keys.private.clone(), own: true }
    }
}

impl PrivateHalf {
    /// That of the key that signs.
    pub(super) fn of(set: &KeySet) -> Self {
        Self(set.signing_pem())
    }

    pub(super) fn pem(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateHalf")
    }
}

impl Serialize for PrivateHalf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PrivateHalf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|pem| Self(Zeroizing::new(pem)))
    }
}
