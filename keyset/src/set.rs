//! The set that a module works with: one pair to sign with, and every public key to accept.

use std::{collections::BTreeMap, fmt::Write};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Jwk, Jwks, JwksError, KeyPair, Kid, PrivateKeyError, PublicKey, PublicKeyError, SIGNATURE_LENGTH,
};

/// File with the signing key: PKCS#8 in PEM.
pub const PRIVATE_PEM: &str = "ed25519_private.pem";
/// File with the signing key's public half: SPKI in PEM.
pub const PUBLIC_PEM: &str = "ed25519_public.pem";
/// File with every public key to accept: a JWK set. Absent means just the pair.
pub const JWKS_JSON: &str = "jwks.json";

/// The signing pair and every accepted public key, the pair's own among them.
#[derive(Debug)]
pub struct KeySet {
    signing: KeyPair,
    signing_kid: Kid,
    accepted: Jwks,
    sha256: String,
}

/// Why parts do not make a key set. File names stand for the parts wherever they lie. Each message is whole: no
/// variant has a `source` that would say a part of it again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// A part is missing.
    #[error("{0} is missing: add it, or remove the other key files so that a new set can be made")]
    Missing(&'static str),
    /// A part is not text.
    #[error("{0} is not UTF-8 text: it is damaged or not the file meant, restore it")]
    NotText(&'static str),
    /// The private key is refused.
    #[error("{PRIVATE_PEM}: {0}")]
    Private(PrivateKeyError),
    /// The public key is refused.
    #[error("{PUBLIC_PEM}: {0}")]
    Public(PublicKeyError),
    /// The two halves do not belong together.
    #[error(
        "{PUBLIC_PEM} is not the public half of {PRIVATE_PEM}: \
         write it anew with `openssl pkey -in {PRIVATE_PEM} -pubout -out {PUBLIC_PEM}`"
    )]
    PairMismatch,
    /// The JWK set is refused.
    #[error("{JWKS_JSON}: {0}")]
    Jwks(JwksError),
    /// Tokens signed with the signing key would not be accepted.
    #[error(
        "{JWKS_JSON} does not hold the signing key (thumbprint {0}): add its public half, or remove {JWKS_JSON}"
    )]
    SigningKeyNotAccepted(Kid),
}

impl KeySet {
    /// The set of a single pair, named by its thumbprint.
    pub fn of_pair(signing: KeyPair) -> Self {
        let key = signing.public().clone();
        let accepted = Jwks::new([Jwk { kid: key.thumbprint(), key }]).expect("one key has no duplicate");
        Self::new(signing, accepted).expect("the set was made of this key")
    }

    /// A pair among accepted keys; it signs under the id that `accepted` gives it.
    pub fn new(signing: KeyPair, accepted: Jwks) -> Result<Self, KeySetError> {
        let signing_kid = accepted
            .iter()
            .find(|(_, key)| *key == signing.public())
            .map(|(kid, _)| kid.clone())
            .ok_or_else(|| KeySetError::SigningKeyNotAccepted(signing.public().thumbprint()))?;
        let sha256 = Self::sha256_of(&signing_kid, &accepted);
        Ok(Self { signing, signing_kid, accepted, sha256 })
    }

    /// Reads the three files' contents; no `jwks_json` means just the pair.
    pub fn from_parts(
        private_pem: &str,
        public_pem: &str,
        jwks_json: Option<&str>,
    ) -> Result<Self, KeySetError> {
        let signing = KeyPair::from_pem(private_pem).map_err(KeySetError::Private)?;
        let public = PublicKey::from_pem(public_pem).map_err(KeySetError::Public)?;
        if public != *signing.public() {
            return Err(KeySetError::PairMismatch);
        }
        match jwks_json {
            Some(json) => Self::new(signing, Jwks::from_json(json).map_err(KeySetError::Jwks)?),
            None => Ok(Self::of_pair(signing)),
        }
    }

    /// Reads the data of a Kubernetes Secret: [`PRIVATE_PEM`], [`PUBLIC_PEM`] and, if present, [`JWKS_JSON`]. Other
    /// entries are ignored.
    pub fn from_secret_data(data: &BTreeMap<String, Vec<u8>>) -> Result<Self, KeySetError> {
        Self::from_files(|name| data.get(name).map(Vec::as_slice))
    }

    /// Reads the set from contents by file name; `None` is an absent file.
    pub(crate) fn from_files<'a>(
        contents: impl Fn(&'static str) -> Option<&'a [u8]>,
    ) -> Result<Self, KeySetError> {
        let text = |name| match contents(name) {
            Some(bytes) => str::from_utf8(bytes).map(Some).map_err(|_| KeySetError::NotText(name)),
            None => Ok(None),
        };
        let required = |name| text(name)?.ok_or(KeySetError::Missing(name));
        Self::from_parts(required(PRIVATE_PEM)?, required(PUBLIC_PEM)?, text(JWKS_JSON)?)
    }

    /// The three files' contents by name, as the data of a Kubernetes Secret. It holds the private key: do not log it.
    pub fn to_secret_data(&self) -> BTreeMap<String, Vec<u8>> {
        self.to_files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
    }

    /// The three files' contents; the private key comes last, so that who writes them in order commits with it.
    pub(crate) fn to_files(&self) -> [(&'static str, Zeroizing<Vec<u8>>); 3] {
        [
            (PUBLIC_PEM, Zeroizing::new(self.signing.public().to_pem().into_bytes())),
            (JWKS_JSON, Zeroizing::new(self.accepted.to_json().into_bytes())),
            (PRIVATE_PEM, Zeroizing::new(self.signing.to_pem().as_bytes().to_vec())),
        ]
    }

    /// The id to put into the header of what [`sign`](Self::sign) signs.
    pub fn signing_kid(&self) -> &Kid {
        &self.signing_kid
    }

    /// The signing key's private half: PKCS#8 in PEM. Do not log it.
    pub fn signing_pem(&self) -> Zeroizing<String> {
        self.signing.to_pem()
    }

    /// Signs with the signing key.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.signing.sign(message)
    }

    /// The key to verify with for a token's `kid`; `None` means that the token is refused.
    pub fn verifier(&self, kid: &str) -> Option<&PublicKey> {
        self.accepted.get(kid)
    }

    /// Every accepted public key.
    pub fn jwks(&self) -> &Jwks {
        &self.accepted
    }

    /// SHA-256 in lower-case hex over the signing id and every accepted id and key: equal exactly for sets that sign
    /// and accept alike, however their files are written.
    pub fn set_sha256(&self) -> &str {
        &self.sha256
    }

    /// What [`set_sha256`](Self::set_sha256) is for the set that signs under `signing_kid` and accepts `accepted`.
    pub fn sha256_of(signing_kid: &Kid, accepted: &Jwks) -> String {
        // Ids hold no line break and `x` no space, so no two sets share this form.
        let mut canonical = format!("{signing_kid}\n");
        for (kid, key) in accepted.iter() {
            canonical.push_str(&key.x());
            canonical.push(' ');
            canonical.push_str(kid.as_str());
            canonical.push('\n');
        }
        Sha256::digest(canonical).iter().fold(String::with_capacity(64), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
            hex
        })
    }
}
