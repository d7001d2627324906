//! Ed25519 key sets: what the service signs and verifies tokens with, and what the operator makes and rotates.
//!
//! Everything here is pure (bytes in, values or errors out; randomness is handed in) but [`directory`], which reads
//! and writes the key directory. One set has the same three files wherever it lies, in a directory or as the data of
//! a Kubernetes Secret: [`PRIVATE_PEM`], [`PUBLIC_PEM`] and [`JWKS_JSON`].

pub mod directory;
mod jwk;
mod key_pair;
mod kid;
mod public_key;
mod set;

pub use jwk::{Jwk, Jwks, JwksError};
pub use key_pair::{KeyPair, PrivateKeyError};
pub use kid::{Kid, KidError};
pub use public_key::{InvalidSignature, PublicKey, PublicKeyError, SIGNATURE_LENGTH};
pub use set::{JWKS_JSON, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM};
