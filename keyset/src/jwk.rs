//! Public keys as JSON Web Keys (RFC 7517, RFC 8037) and sets of them.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny},
    ser::SerializeStruct,
};

use crate::{Kid, KidError, PublicKey, PublicKeyError};

/// One public key and its id: an OKP JWK (RFC 8037 section 2) for verifying signatures.
///
/// Serialized as `{"kty":"OKP","crv":"Ed25519","kid":…,"use":"sig","alg":"EdDSA","x":…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// The key's id in its set.
    pub kid: Kid,
    /// The key.
    pub key: PublicKey,
}

/// Read as strictly as in a set.
impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJwk::deserialize(deserializer)?.check(1).map_err(D::Error::custom)
    }
}

/// A JWK set (RFC 7517 section 5) of distinct Ed25519 public keys with distinct ids, ordered by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwks(BTreeMap<Kid, PublicKey>);

/// Why a JWK set is refused. Keys are counted from 1, as a person would; no message repeats a value that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Not JSON, or JSON of another shape; members that must be strings are not.
    #[error(
        r#"the JWK set is not of the form {{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"…"}}]}} (line {line}, column {column}): correct it there"#
    )]
    Json {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// An empty list of keys.
    #[error("the JWK set has no keys: list every public key to accept, or leave the set out")]
    Empty,
    /// A required member is missing or says something else than an Ed25519 verification key has.
    #[error(
        "key {at} of the JWK set needs \"{member}\": \"{expected}\" to be an Ed25519 signing key's public half"
    )]
    Member {
        /// Which key.
        at: usize,
        /// The JWK member's name.
        member: &'static str,
        /// What it must say.
        expected: &'static str,
    },
    /// The member `d`, which is the private half.
    #[error(
        "key {at} of the JWK set holds a private half (\"d\"): remove it, and replace the key if others saw it"
    )]
    PrivateMember {
        /// Which key.
        at: usize,
    },
    /// `x` is not base64url without padding (RFC 7515 section 2).
    #[error(
        "key {at} of the JWK set has an \"x\" that is not base64url without padding: export the key again"
    )]
    NotBase64Url {
        /// Which key.
        at: usize,
    },
    /// `x` is not an acceptable public key.
    #[error("key {at} of the JWK set is refused: {error}")]
    Key {
        /// Which key.
        at: usize,
        /// Why.
        error: PublicKeyError,
    },
    /// `kid` is not acceptable.
    #[error("key {at} of the JWK set is refused: {error}")]
    Kid {
        /// Which key.
        at: usize,
        /// Why.
        error: KidError,
    },
    /// Two keys of one id.
    #[error("the JWK set has two keys with the kid {0:?}: rename or remove one")]
    DuplicateKid(String),
    /// One key under two ids, so that removing one id would not end it.
    #[error("the JWK set has one key under the kids {0:?} and {1:?}: remove one")]
    DuplicateKey(String, String),
}

/// The members looked at; others are ignored, as RFC 7517 section 4 asks.
#[derive(Deserialize)]
struct RawJwk {
    kty: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    /// A `null` counts as present too.
    #[serde(default, deserialize_with = "present")]
    d: bool,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    key_ops: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RawJwks {
    keys: Vec<RawJwk>,
}

fn present<'de, D: Deserializer<'de>>(member: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(member).map(|_| true)
}

impl RawJwk {
    /// `at` counts from 1.
    fn check(self, at: usize) -> Result<Jwk, JwksError> {
        let expect = |member, expected, fits: bool| {
            if fits { Ok(()) } else { Err(JwksError::Member { at, member, expected }) }
        };
        if self.d {
            return Err(JwksError::PrivateMember { at });
        }
        expect("kty", "OKP", self.kty.as_deref() == Some("OKP"))?;
        expect("crv", "Ed25519", self.crv.as_deref() == Some("Ed25519"))?;
        expect("use", "sig", self.usage.is_none_or(|usage| usage == "sig"))?;
        // RFC 9864 renames EdDSA over this curve to Ed25519: the same algorithm.
        expect("alg", "EdDSA", self.alg.is_none_or(|alg| alg == "EdDSA" || alg == "Ed25519"))?;
        expect(
            "key_ops",
            "verify",
            self.key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify")),
        )?;
        let x = self.x.ok_or(JwksError::Member { at, member: "x", expected: "<32 bytes in base64url>" })?;
        let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| JwksError::NotBase64Url { at })?;
        let key = PublicKey::from_bytes(&bytes).map_err(|error| JwksError::Key { at, error })?;
        let kid = match self.kid {
            Some(kid) => kid.try_into().map_err(|error| JwksError::Kid { at, error })?,
            None => key.thumbprint(),
        };
        Ok(Jwk { kid, key })
    }
}

impl Jwks {
    /// Collects keys into a set.
    pub fn new(keys: impl IntoIterator<Item = Jwk>) -> Result<Self, JwksError> {
        let mut set = BTreeMap::<Kid, PublicKey>::new();
        for Jwk { kid, key } in keys {
            if set.contains_key(&kid) {
                return Err(JwksError::DuplicateKid(kid.into()));
            }
            if let Some((other, _)) = set.iter().find(|(_, present)| **present == key) {
                return Err(JwksError::DuplicateKey(other.to_string(), kid.into()));
            }
            set.insert(kid, key);
        }
        if set.is_empty() { Err(JwksError::Empty) } else { Ok(Self(set)) }
    }

    /// Reads a set strictly: Ed25519 keys only, every one acceptable, no private members. A key without `kid` is named
    /// by its thumbprint.
    pub fn from_json(json: &str) -> Result<Self, JwksError> {
        // Serde would take `[[…]]` for the set as well: an array in place of an object with its members in order.
        if json.trim_ascii_start().starts_with('[') {
            return Err(JwksError::Json { line: 1, column: 1 });
        }
        let raw: RawJwks = serde_json::from_str(json)
            .map_err(|error| JwksError::Json { line: error.line(), column: error.column() })?;
        let keys: Vec<Jwk> =
            raw.keys.into_iter().zip(1..).map(|(key, at)| key.check(at)).collect::<Result<_, _>>()?;
        Self::new(keys)
    }

    /// Writes the set as JSON, `{"keys":[…]}`, ordered by id: equal sets give equal text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings always serialize")
    }

    /// The key with this id.
    pub fn get(&self, kid: &str) -> Option<&PublicKey> {
        self.0.get(kid)
    }

    /// Every key with its id, ordered by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Kid, &PublicKey)> {
        self.0.iter()
    }
}

impl Serialize for Jwks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Set {
            keys: Vec<Jwk>,
        }
        let keys = self.iter().map(|(kid, key)| Jwk { kid: kid.clone(), key: key.clone() }).collect();
        Set { keys }.serialize(serializer)
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Jwk", 6)?;
        members.serialize_field("kty", "OKP")?;
        members.serialize_field("crv", "Ed25519")?;
        members.serialize_field("kid", &self.kid)?;
        members.serialize_field("use", "sig")?;
        members.serialize_field("alg", "EdDSA")?;
        members.serialize_field("x", &self.key.x())?;
        members.end()
    }
}
