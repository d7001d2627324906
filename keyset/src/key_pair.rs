//! The private half together with its public one.

use std::fmt;

use ed25519_dalek::{
    Signer, SigningKey,
    ed25519::pkcs8::{
        EncodePrivateKey, KeypairBytes, PrivateKeyInfoRef,
        spki::der::{SecretDocument, pem::LineEnding},
    },
    rand_core::CryptoRng,
};
use zeroize::Zeroizing;

use crate::{PublicKey, SIGNATURE_LENGTH};

/// An Ed25519 key pair. The private half is wiped from memory when the value ends and is never shown by `Debug`.
pub struct KeyPair {
    signing: SigningKey,
    public: PublicKey,
}

/// Why a text is refused as a private key. No message repeats any part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// Not an unencrypted PEM document with the label `PRIVATE KEY` that holds PKCS#8 (RFC 5208, RFC 5958).
    #[error(
        "the private key is not unencrypted PKCS#8 in PEM (-----BEGIN PRIVATE KEY-----): \
         make one with `openssl genpkey -algorithm ed25519`"
    )]
    NotPkcs8Pem,
    /// Another algorithm than Ed25519 (RFC 8410 section 3).
    #[error(
        "the private key is not of the algorithm Ed25519: make one with `openssl genpkey -algorithm ed25519`"
    )]
    NotEd25519,
    /// PKCS#8, but its private or public field does not hold 32 bytes as RFC 8410 section 7 has them.
    #[error("the private key is damaged: an Ed25519 key has 32 bytes, restore it or make a new key pair")]
    Malformed,
    /// The public half in the same document (PKCS#8 version 2) belongs to another private half.
    #[error("the private key carries a public half that is not its own: restore it or make a new key pair")]
    OtherPublicHalf,
}

impl KeyPair {
    /// Makes a new pair from 32 bytes of `rng` (RFC 8032 section 5.1.5).
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::of(SigningKey::generate(rng))
    }

    fn of(signing: SigningKey) -> Self {
        Self { public: PublicKey::of(&signing), signing }
    }

    /// Reads PKCS#8 version 1 (RFC 5208) or 2 (RFC 5958) in PEM.
    pub fn from_pem(pem: &str) -> Result<Self, PrivateKeyError> {
        let (label, document) =
            SecretDocument::from_pem(pem.trim()).map_err(|_| PrivateKeyError::NotPkcs8Pem)?;
        if label != "PRIVATE KEY" {
            return Err(PrivateKeyError::NotPkcs8Pem);
        }
        let info =
            document.decode_msg::<PrivateKeyInfoRef<'_>>().map_err(|_| PrivateKeyError::NotPkcs8Pem)?;
        if info.algorithm != ed25519_dalek::ed25519::pkcs8::ALGORITHM_ID {
            return Err(PrivateKeyError::NotEd25519);
        }
        let halves = KeypairBytes::try_from(info).map_err(|_| PrivateKeyError::Malformed)?;
        let pair = Self::of(SigningKey::from_bytes(&halves.secret_key));
        match &halves.public_key {
            Some(public) if public.as_ref() != pair.public.as_bytes() => {
                Err(PrivateKeyError::OtherPublicHalf)
            }
            _ => Ok(pair),
        }
    }

    /// Writes PKCS#8 version 1 in PEM: OpenSSL 3 refuses version 2, which would carry the public half too.
    pub fn to_pem(&self) -> Zeroizing<String> {
        KeypairBytes { secret_key: self.signing.to_bytes(), public_key: None }
            .to_pkcs8_pem(LineEnding::LF)
            .expect("32 bytes always fit into PKCS#8")
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message` (RFC 8032 section 5.1.6).
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.signing.sign(message).to_bytes()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}
