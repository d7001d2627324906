//! Erasing what is known of one person: calls keep their times and results, and nothing that leads to the person. It is
//! done in many small transactions, and gone on with after a crash.

use crate::identity::Identity;
use crate::ledger::Ledger;
use crate::numbers::masked;
use crate::store::erasures::{self, Erasure};
use crate::store::{StoreError, contacts, idempotency, overwrite, sentiments, transcripts};
use jiff::SignedDuration;

/// How many calls one transaction erases, of those from and of those to the number.
const CHUNK: i64 = 50;
/// How old an unfinished erasure is before another process goes on with it.
const ABANDONED: SignedDuration = SignedDuration::from_mins(2);
/// How long receipts keep where recordings were.
const RECORDINGS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Erases persons.
#[derive(Debug, Clone)]
pub struct Erasures(Ledger);

impl Erasures {
    /// From what is kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Erases what the organisation knows of the person with this number; the receipt.
    pub async fn erase(
        &self,
        identity: &Identity,
        number: String,
        reason: Option<String>,
    ) -> Result<Erasure, StoreError> {
        let erasure = Erasure {
            id: self.0.next_id(),
            organization_id: identity.organization_id.clone(),
            masked_number: masked(&number),
            number: Some(number),
            requested_by: identity.user_id.clone(),
            reason,
            created_at: self.0.now(),
            completed_at: None,
            erased: erasures::Erased::default(),
        };
        let begun = erasure.clone();
        self.0
            .change::<_, StoreError, _>(identity.into(), move |mut change| {
                Box::pin(async move {
                    change.is_about(format!("/erasures/{}", begun.id));
                    erasures::insert(change.tx, &begun).await
                })
            })
            .await?;
        self.finish(&erasure.id).await?;
        self.find(identity, &erasure.id).await?.ok_or(StoreError::Content("erasures"))
    }

    /// The organisation's receipt with this id.
    pub async fn find(&self, identity: &Identity, id: &str) -> Result<Option<Erasure>, StoreError> {
        erasures::find(&mut *self.0.reader().await?, &identity.organization_id, id).await
    }

    /// The organisation's receipts, newest first.
    pub async fn list(
        &self,
        identity: &Identity,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Erasure>, StoreError> {
        erasures::list(&mut *self.0.reader().await?, &identity.organization_id, before, limit).await
    }

    /// Goes on with what a process that has ended left unfinished, and forgets what receipts need no more.
    pub async fn look_after(&self) -> Result<(), StoreError> {
        let now = self.0.now();
        let abandoned = now.saturating_sub(ABANDONED).unwrap_or(now);
        for id in erasures::unfinished(&mut *self.0.reader().await?, abandoned).await? {
            self.finish(&id).await?;
        }
        let old = now.saturating_sub(RECORDINGS_KEPT).unwrap_or(now);
        self.0
            .store()
            .write(move |tx| Box::pin(async move { erasures::forget_recordings(tx, old).await }))
            .await
    }

    async fn finish(&self, id: &str) -> Result<(), StoreError> {
        while !self.step(id).await? {}
        Ok(())
    }

    /// Erases a part; whether that was the last.
    async fn step(&self, id: &str) -> Result<bool, StoreError> {
        let (id, now, kind) = (id.to_owned(), self.0.now(), self.0.store().kind());
        self.0
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    let Some(Erasure { organization_id, number: Some(number), mut erased, .. }) =
                        erasures::lock(tx, &id).await?
                    else {
                        return Ok(true);
                    };
                    // Campaigns are locked before calls.
                    let contacts = contacts::erase(tx, &organization_id, &number, now, CHUNK).await?;
                    erased.contacts += contacts;
                    let calls = erasures::erase_calls(tx, &organization_id, &number, now, CHUNK).await?;
                    let done = calls.is_empty() && contacts == 0;
                    overwrite(tx, kind, true).await?;
                    for (call, recording) in calls {
                        erased.calls += 1;
                        sentiments::delete_of_call(tx, &call).await?;
                        erased.transcripts += i64::from(transcripts::delete_of_call(tx, &call).await?);
                        erased.events += erasures::erase_events(tx, &call, &number).await?;
                        erased.recordings.extend(recording);
                    }
                    if done {
                        idempotency::forget(tx, &organization_id, &number).await?;
                    }
                    overwrite(tx, kind, false).await?;
                    erasures::progress(tx, &id, &erased, done.then_some(now)).await?;
                    Ok(done)
                })
            })
            .await
    }
}
