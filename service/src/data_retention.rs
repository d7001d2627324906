//! What is older than an organisation wants to keep is deleted.

use crate::domain::retention::{RetentionPolicy, kept_since};
use crate::identity::Identity;
use crate::ledger::{Expected, Ledger};
use crate::store::retention_policies::{self, KeptPolicy};
use crate::store::{StoreError, audit, calls, transcripts};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::Timestamp;

/// How many calls are deleted in one transaction, so that other writes get in between.
const CHUNK: i64 = 200;
/// How many transcripts are, each with its segments.
const TRANSCRIPTS_CHUNK: i64 = 20;
/// How many entries of the audit log are.
const AUDIT_CHUNK: i64 = 1000;

/// Why a policy was not put in place.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The one before has changed since.
    Stale,
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for PolicyError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Stale => say!("policy-stale"),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(PolicyError);

/// The organisations' policies, and what follows from them.
#[derive(Debug, Clone)]
pub struct DataRetention(Ledger);

impl DataRetention {
    /// Over what is kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// The organisation's policy, if it has one.
    pub async fn policy(&self, identity: &Identity) -> Result<Option<KeptPolicy>, StoreError> {
        retention_policies::find(&mut *self.0.reader().await?, &identity.organization_id).await
    }

    /// Puts a policy in place of the `expected` one.
    pub async fn set_policy(
        &self,
        identity: &Identity,
        expected: &Expected,
        policy: RetentionPolicy,
    ) -> Result<KeptPolicy, PolicyError> {
        let expected = expected.clone();
        self.0
            .change(identity.into(), move |change| {
                Box::pin(async move {
                    let (organization, now) = (&change.actor.organization_id, change.now);
                    let before = retention_policies::find(change.tx, organization).await?;
                    let version = before.map_or(0, |kept| kept.version);
                    let put = expected.fits(version)
                        && retention_policies::put(change.tx, organization, &policy, version, now).await?;
                    let kept = KeptPolicy { policy, version: version + 1, updated_at: now };
                    if put { Ok(kept) } else { Err(PolicyError::Stale) }
                })
            })
            .await
    }

    /// Deletes what is older than its organisation wants to keep.
    pub async fn enforce(&self) -> Result<(), StoreError> {
        let now = self.0.now();
        let policies = retention_policies::all(&mut *self.0.reader().await?).await?;
        for (organization, policy) in policies {
            if let Some(days) = policy.audit_days {
                self.delete_audit(organization.clone(), kept_since(days, now)).await?;
            }
            if let Some(days) = policy.calls_days {
                self.delete_calls(organization.clone(), kept_since(days, now)).await?;
            }
            if let Some(days) = policy.transcripts_days {
                self.delete_transcripts(organization, kept_since(days, now)).await?;
            }
        }
        Ok(())
    }

    async fn delete_audit(&self, organization: String, before: Timestamp) -> Result<u64, StoreError> {
        let chunks = self.0.store().in_chunks(move |tx| {
            let organization = organization.clone();
            Box::pin(async move { audit::prune(tx, &organization, before, AUDIT_CHUNK).await })
        });
        chunks.await
    }

    async fn delete_calls(&self, organization: String, before: Timestamp) -> Result<u64, StoreError> {
        let chunks = self.0.store().in_chunks(move |tx| {
            let organization = organization.clone();
            Box::pin(async move { calls::delete_ended(tx, &organization, before, CHUNK).await })
        });
        chunks.await
    }

    async fn delete_transcripts(&self, organization: String, before: Timestamp) -> Result<u64, StoreError> {
        let chunks = self.0.store().in_chunks(move |tx| {
            let organization = organization.clone();
            Box::pin(
                async move { transcripts::delete_old(tx, &organization, before, TRANSCRIPTS_CHUNK).await },
            )
        });
        chunks.await
    }
}
