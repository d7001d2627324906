//! What the Secrets with keys hold. Each content is read once in a reconcile, which asks for it many times: reading checks
//! that each pair is one, and costs more than all else that is decided.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use keyset::{KeySet, KeySetError};

use crate::{
    observe::Children,
    rotation::{KEYRING_JSON, Keyring, KeyringError, Published, Stored},
};

/// What was read so far.
#[derive(Debug, Default)]
pub struct KeySecrets {
    keyring: Memo<Stored>,
    set: Memo<Published>,
}

/// What was read last, and of what.
#[derive(Debug)]
struct Memo<T>(Mutex<Option<(Content, Arc<T>)>>);

/// A content by its hash, so that no further copy of a key is kept.
type Content = u64;

impl KeySecrets {
    /// The keyring as it is stored.
    pub(super) fn stored(&self, children: &Children) -> Arc<Stored> {
        let Some(secret) = &children.keyring else { return Arc::new(Stored::Absent) };
        self.keyring.of(secret, |secret| {
            let entry = secret.data.as_ref().and_then(|data| data.get(KEYRING_JSON));
            match entry.map(|entry| Keyring::from_json(&entry.0)) {
                Some(Ok(ring)) => Stored::Ring(Box::new(ring)),
                Some(Err(error)) => Stored::Unusable(error),
                None => Stored::Unusable(KeyringError::Damaged(format!("it has no entry {KEYRING_JSON}"))),
            }
        })
    }

    /// What pods read.
    pub(super) fn published(&self, children: &Children) -> Arc<Published> {
        let Some(secret) = &children.keys else { return Arc::new(Published::Absent) };
        self.set.of(secret, |secret| match key_set(secret) {
            Ok(set) => Published::Set { set: Box::new(set), created_at: created_at(secret) },
            Err(error) => Published::Broken(error.to_string()),
        })
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Memo<T> {
    fn of(&self, secret: &Secret, read: impl FnOnce(&Secret) -> T) -> Arc<T> {
        let content = content(secret);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, value)) if *known == content => Arc::clone(value),
            _ => {
                let value = Arc::new(read(secret));
                *last = Some((content, Arc::clone(&value)));
                value
            }
        }
    }
}

fn content(secret: &Secret) -> Content {
    let mut hash = DefaultHasher::new();
    created_at(secret).hash(&mut hash);
    for (name, value) in secret.data.iter().flatten() {
        (name, &value.0).hash(&mut hash);
    }
    hash.finish()
}

/// The key set in a Secret.
pub(super) fn key_set(secret: &Secret) -> Result<KeySet, KeySetError> {
    let data: BTreeMap<String, Vec<u8>> =
        secret.data.iter().flatten().map(|(name, value)| (name.clone(), value.0.clone())).collect();
    KeySet::from_secret_data(&data)
}

fn created_at(secret: &Secret) -> Option<Timestamp> {
    secret.metadata.creation_timestamp.as_ref().map(|time| time.0)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;
    use keyset::KeyPair;

    use super::*;

    fn with(set: &KeySet) -> Children {
        let data = set.to_secret_data().into_iter().map(|(name, value)| (name, ByteString(value))).collect();
        Children { keys: Some(Secret { data: Some(data), ..Secret::default() }), ..Children::default() }
    }

    #[test]
    fn a_content_is_read_once_and_another_one_anew() {
        let secrets = KeySecrets::default();
        let [one, other] = [(); 2].map(|()| KeySet::of_pair(KeyPair::generate(&mut rand::rng())));
        let kid = |published: &Published| match published {
            Published::Set { set, .. } => Some(set.signing_kid().clone()),
            Published::Absent | Published::Broken(_) => None,
        };
        let first = secrets.published(&with(&one));
        assert!(Arc::ptr_eq(&first, &secrets.published(&with(&one))), "it was read again");
        assert_eq!(kid(&first).as_ref(), Some(one.signing_kid()));
        assert_eq!(kid(&secrets.published(&with(&other))).as_ref(), Some(other.signing_kid()));
        assert_eq!(kid(&secrets.published(&Children::default())), None);
    }
}
