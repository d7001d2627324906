//! The public half: what is accepted as one, and the verification that the whole project uses.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    Signature, SigningKey, VerifyingKey,
    ed25519::pkcs8::{
        self, EncodePublicKey,
        spki::{
            SubjectPublicKeyInfoRef,
            der::{Document, pem::LineEnding},
        },
    },
};
use sha2::{Digest, Sha256};

use crate::Kid;

/// Length of an Ed25519 signature in bytes (RFC 8032 section 5.1.6).
pub const SIGNATURE_LENGTH: usize = ed25519_dalek::SIGNATURE_LENGTH;

/// An Ed25519 public key that is safe to verify with: canonically encoded and not of small order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

/// Why bytes are refused as a public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not a PEM document with the label `PUBLIC KEY` that holds a `SubjectPublicKeyInfo` (RFC 5280, RFC 7468).
    #[error(
        "the public key is not SPKI in PEM (-----BEGIN PUBLIC KEY-----): \
         write it with `openssl pkey -in ed25519_private.pem -pubout`"
    )]
    NotSpkiPem,
    /// Another algorithm than Ed25519 (RFC 8410 section 3).
    #[error(
        "the public key is not of the algorithm Ed25519: make one with `openssl genpkey -algorithm ed25519`"
    )]
    NotEd25519,
    /// Other than 32 bytes.
    #[error("the public key has {0} bytes: an Ed25519 public key has 32, export it again")]
    WrongLength(usize),
    /// Not the encoding of any point of the curve (RFC 8032 section 5.1.3).
    #[error("the public key is not a point of the curve: it is damaged, export it again")]
    NotOnCurve,
    /// A point of the curve, but not in its one canonical encoding (RFC 8032 section 5.1.2).
    #[error("the public key is not canonically encoded: nothing honest writes it so, make a new key pair")]
    NotCanonical,
    /// A point of small order, under which anybody can forge signatures.
    #[error("the public key is weak (of small order), so anybody could sign for it: make a new key pair")]
    Weak,
}

/// The signature does not belong to this message and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not valid for this message and key")]
pub struct InvalidSignature;

impl PublicKey {
    /// The public half of `signing`: derived, it is canonical and strong by construction.
    pub(crate) fn of(signing: &SigningKey) -> Self {
        Self(signing.verifying_key())
    }

    /// Takes the 32 bytes of RFC 8032 section 5.1.5.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        let array = bytes.try_into().map_err(|_| PublicKeyError::WrongLength(bytes.len()))?;
        let key = VerifyingKey::from_bytes(array).map_err(|_| PublicKeyError::NotOnCurve)?;
        if key.is_weak() {
            return Err(PublicKeyError::Weak);
        }
        if key.to_edwards().compress().as_bytes() != array {
            return Err(PublicKeyError::NotCanonical);
        }
        Ok(Self(key))
    }

    /// Reads SPKI in PEM (RFC 8410 section 4, RFC 7468 section 13).
    pub fn from_pem(pem: &str) -> Result<Self, PublicKeyError> {
        let (label, document) = Document::from_pem(pem.trim()).map_err(|_| PublicKeyError::NotSpkiPem)?;
        if label != "PUBLIC KEY" {
            return Err(PublicKeyError::NotSpkiPem);
        }
        let info =
            document.decode_msg::<SubjectPublicKeyInfoRef<'_>>().map_err(|_| PublicKeyError::NotSpkiPem)?;
        if info.algorithm != pkcs8::ALGORITHM_ID {
            return Err(PublicKeyError::NotEd25519);
        }
        let bytes = info.subject_public_key.as_bytes().ok_or(PublicKeyError::NotSpkiPem)?;
        Self::from_bytes(bytes)
    }

    /// Writes SPKI in PEM.
    pub fn to_pem(&self) -> String {
        pkcs8::PublicKeyBytes(self.0.to_bytes())
            .to_public_key_pem(LineEnding::LF)
            .expect("32 bytes always fit into SPKI")
    }

    /// The 32 bytes of RFC 8032 section 5.1.5.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The JWK member `x` (RFC 8037 section 2): the bytes in base64url without padding.
    pub(crate) fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }

    /// The key's SHA-256 thumbprint (RFC 7638; members for OKP keys: RFC 8037 section 2): 43 characters.
    pub fn thumbprint(&self) -> Kid {
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x());
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        digest.try_into().expect("base64url is printable and 43 characters long")
    }

    /// Verifies a signature of [`SIGNATURE_LENGTH`] bytes over `message`, strictly: RFC 8032 section 5.1.7 and no
    /// small-order component, so that one message has no second valid signature that the signer did not make.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let signature = Signature::from_slice(signature).map_err(|_| InvalidSignature)?;
        self.0.verify_strict(message, &signature).map_err(|_| InvalidSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.x())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Verifier;

    /// The neutral element, encoded.
    const NEUTRAL: [u8; 32] = {
        let mut encoded = [0; 32];
        encoded[0] = 1;
        encoded
    };

    /// Whether the signature holds without strictness, and what becomes of it here.
    fn verdicts(key: VerifyingKey, message: &[u8], signature: &[u8]) -> (bool, Result<(), InvalidSignature>) {
        let lax = key.verify(message, &Signature::from_slice(signature).unwrap()).is_ok();
        (lax, PublicKey(key).verify(message, signature))
    }

    #[test]
    fn a_forgery_under_a_weak_key_fails_though_the_key_had_come_in() {
        let key = VerifyingKey::from_bytes(&NEUTRAL).unwrap();
        // R is the base point and S is 1: with a neutral key that fits every message.
        let mut signature = [0x66; 64];
        signature[0] = 0x58;
        signature[32..].copy_from_slice(&NEUTRAL);
        for message in [&b"any"[..], b"message"] {
            assert_eq!(verdicts(key, message, &signature), (true, Err(InvalidSignature)));
        }
    }

    /// For R = 0 the signer's S is k·a modulo L, where k is SHA-512 of R, the key and the message (RFC 8032 section
    /// 5.1.6): computed apart from this program.
    #[test]
    fn a_signature_with_a_neutral_r_fails_though_its_signer_made_it() {
        const S: [u8; 32] = [
            0xd4, 0xc5, 0x32, 0x31, 0x31, 0xff, 0x96, 0x83, 0xcf, 0xb3, 0xd3, 0x01, 0x97, 0xc7, 0x86, 0xc9,
            0x04, 0x3f, 0x10, 0x52, 0xd6, 0xc2, 0xd5, 0x29, 0x3f, 0x19, 0xd6, 0xf3, 0x6b, 0x91, 0x11, 0x04,
        ];
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(verdicts(key, b"message", &[NEUTRAL, S].concat()), (true, Err(InvalidSignature)));
    }
}
