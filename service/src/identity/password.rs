//! Passwords: bcrypt, off the async threads and behind a bound.

use crate::wording::{Sentence, Spoken, say, shown_in_english};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// bcrypt's work factor: 2^12 rounds, about a quarter of a second.
pub const COST: u32 = 12;
/// The longest password in bytes: bcrypt takes 72, and one of them ends the text.
pub const MAX_BYTES: usize = 71;
/// The shortest password in characters.
pub const MIN_CHARACTERS: usize = 8;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// It is too short.
    TooShort,
    /// It is too long; it is never cut.
    TooLong(usize),
}

impl Spoken for PasswordRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::TooShort => say!("password-too-short", least = MIN_CHARACTERS),
            Self::TooLong(bytes) => say!("password-too-long", bytes = *bytes, most = MAX_BYTES),
        }
    }
}

shown_in_english!(PasswordRefusal, PasswordError);

/// Whether this may become somebody's password.
pub fn check_password(password: &SecretString) -> Result<(), PasswordRefusal> {
    let password = password.expose_secret();
    if password.len() > MAX_BYTES {
        return Err(PasswordRefusal::TooLong(password.len()));
    }
    if password.chars().count() < MIN_CHARACTERS {
        return Err(PasswordRefusal::TooShort);
    }
    Ok(())
}

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The hash cannot be read, or randomness failed.
    Bcrypt(#[from] bcrypt::BcryptError),
    /// Too many passwords wait to be processed.
    Busy,
    /// The process is ending.
    Stopping,
}

impl Spoken for PasswordError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Bcrypt(error) => say!("password-unusable", reason = error.to_string()),
            Self::Busy => say!("logins-busy"),
            Self::Stopping => say!("stopping"),
        }
    }
}

/// Hashes and compares passwords, at most one a core at a time.
#[derive(Debug, Clone)]
pub struct Passwords {
    cost: u32,
    /// Has the form of a hash, and costs as much to compare with as one, but is the hash of nothing.
    nobodys_hash: Arc<str>,
    permits: Arc<Semaphore>,
    /// Those who wait for a permit, and those who have one.
    places: Arc<Semaphore>,
}

/// How many may wait for each core: about 15 seconds' work at the usual cost.
const PLACES_PER_CORE: usize = 64;

/// 144 bits of chance in 24 characters.
pub fn random_password() -> SecretString {
    let mut bytes = [0; 18];
    rand::rng().fill_bytes(&mut bytes);
    SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

impl Passwords {
    /// With bcrypt's work factor, from 4 to 31.
    pub fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            nobodys_hash: format!("$2b${cost:02}${}", ".".repeat(53)).into(),
            permits: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores * PLACES_PER_CORE)),
        }
    }

    /// The hash to keep of a checked password.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.off_the_async_threads(move || bcrypt::non_truncating_hash(password.expose_secret(), cost)).await
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash, which is so for an unknown user, the
    /// answer is no, but takes as long.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, PasswordError> {
        if password.expose_secret().len() > MAX_BYTES {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys_hash.to_string());
        let equal = self
            .off_the_async_threads(move || bcrypt::non_truncating_verify(password.expose_secret(), &hash))
            .await?;
        Ok(known && equal)
    }

    async fn off_the_async_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.try_acquire().map_err(|_| PasswordError::Busy)?;
        // The permit goes into the thread: a caller who goes away does not make room for another hash.
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordError::Stopping)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        Ok(task.await.map_err(|_| PasswordError::Stopping)??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn an_over_long_password_is_refused_by_its_bytes() {
        assert_eq!(check_password(&secret(&"x".repeat(71))), Ok(()));
        assert_eq!(check_password(&secret(&"x".repeat(72))), Err(PasswordRefusal::TooLong(72)));
        assert_eq!(check_password(&secret(&"ž".repeat(36))), Err(PasswordRefusal::TooLong(72)));
        assert_eq!(check_password(&secret("žžžžžžž")), Err(PasswordRefusal::TooShort));
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let passwords = Passwords::new(4);
        let hash = passwords.hash(secret("correct horse")).await.unwrap();
        let verify = |text: &str| passwords.verify(secret(text), Some(hash.clone()));
        assert!(verify("correct horse").await.unwrap());
        assert!(!verify("correct horsE").await.unwrap());
        assert!(!verify(&"x".repeat(72)).await.unwrap());
        assert!(!passwords.verify(secret("correct horse"), None).await.unwrap());
    }

    #[tokio::test]
    async fn when_too_many_wait_the_next_one_is_told_so() {
        let passwords = Passwords::new(4);
        let all = u32::try_from(passwords.places.available_permits()).unwrap();
        let taken = passwords.places.acquire_many(all).await.unwrap();
        assert!(matches!(passwords.hash(secret("correct horse")).await, Err(PasswordError::Busy)));
        drop(taken);
        assert!(passwords.hash(secret("correct horse")).await.is_ok());
    }

    #[tokio::test]
    async fn nobodys_hash_costs_a_whole_comparison() {
        for cost in [4, COST] {
            let passwords = Passwords::new(cost);
            let parts: bcrypt::HashParts = passwords.nobodys_hash.parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
            assert!(bcrypt::non_truncating_verify("any", &passwords.nobodys_hash).is_ok_and(|equal| !equal));
        }
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_match() {
        assert!(Passwords::new(4).verify(secret("any"), Some("damaged".into())).await.is_err());
    }
}
