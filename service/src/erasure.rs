//! Erasing what is known of one person: calls keep their times and results, and nothing that leads to the person. It is
//! done in many small transactions, and gone on with after a crash.

use crate::identity::Identity;
use crate::ledger::Ledger;
use crate::numbers::{is_e164, masked};
use crate::store::erasures::{self, Erasure, PersonalCall};
use crate::store::{StoreError, contacts, idempotency, overwrite, sentiments, transcripts};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use std::collections::BTreeSet;

/// How many calls one transaction erases, of those from and of those to the number.
const CHUNK: i64 = 50;
/// How old an unfinished erasure is before another process goes on with it.
const ABANDONED: SignedDuration = SignedDuration::from_mins(2);
/// How long receipts keep where recordings were.
const RECORDINGS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Whoever has this number, E.164.
    Number(String),
    /// A contact of a campaign, by its id: with its number, and with what other numbers its calls have.
    Contact(String),
}

/// Why nobody was erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// No campaign of the organisation has the contact.
    UnknownContact,
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for ErasureError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::UnknownContact => say!("contact-unknown"),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(ErasureError);

/// Erases persons.
#[derive(Debug, Clone)]
pub struct Erasures(Ledger);

impl Erasures {
    /// From what is kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Erases what the organisation knows of this person; the receipt.
    pub async fn erase(
        &self,
        identity: &Identity,
        person: Person,
        reason: Option<String>,
    ) -> Result<Erasure, ErasureError> {
        let (contact_id, number) = match person {
            Person::Number(number) => (None, Some(number)),
            Person::Contact(id) => {
                let mut reader = self.0.reader().await?;
                let number = contacts::number_of(&mut reader, &identity.organization_id, &id).await?;
                (Some(id), number.ok_or(ErasureError::UnknownContact)?)
            }
        };
        let erasure = Erasure {
            id: self.0.next_id(),
            organization_id: identity.organization_id.clone(),
            contact_id,
            masked_number: number.as_deref().map(masked),
            number,
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
        Ok(self.find(identity, &erasure.id).await?.ok_or(StoreError::Content("erasures"))?)
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
                    let Some(erasure) = erasures::lock(tx, &id).await? else { return Ok(true) };
                    if erasure.completed_at.is_some() {
                        return Ok(true);
                    }
                    let mut erased = erasure.erased.clone();
                    let (calls, contacts) = next_part(tx, &erasure, now).await?;
                    let done = calls.is_empty() && contacts == 0;
                    erased.contacts += contacts;
                    let (organization, number) = (&erasure.organization_id, erasure.number.as_deref());
                    let mut others = BTreeSet::new();
                    overwrite(tx, kind, true).await?;
                    for call in calls {
                        erased.calls += 1;
                        erasures::erase_call(tx, &call, number, now).await?;
                        sentiments::delete_of_call(tx, &call.id).await?;
                        erased.transcripts += i64::from(transcripts::delete_of_call(tx, &call.id).await?);
                        let numbers: Vec<&str> = number.into_iter().chain([call.number.as_str()]).collect();
                        erased.events += erasures::erase_events(tx, &call.id, &numbers).await?;
                        erased.recordings.extend(call.recording);
                        others.insert(call.number);
                    }
                    for other in others.iter().filter(|other| is_e164(other) && number != Some(other)) {
                        idempotency::forget(tx, organization, other).await?;
                    }
                    if done {
                        for known in number.into_iter().chain(erasure.contact_id.as_deref()) {
                            idempotency::forget(tx, organization, known).await?;
                        }
                    }
                    overwrite(tx, kind, false).await?;
                    erasures::progress(tx, &id, &erased, done.then_some(now)).await?;
                    Ok(done)
                })
            })
            .await
    }
}

/// Calls that are next to be erased, and how many contacts have been. Calls of the person's contacts come first: their
/// numbers may be others, and nothing leads there once the contacts are erased.
async fn next_part(
    tx: &mut AnyConnection,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<(Vec<PersonalCall>, i64), StoreError> {
    let organization = &erasure.organization_id;
    let mut ids = BTreeSet::from_iter(erasure.contact_id.clone());
    if let Some(number) = &erasure.number {
        ids.extend(contacts::with_number(tx, organization, number, CHUNK).await?);
    }
    let calls = erasures::calls_with_contact(tx, organization, &ids, CHUNK).await?;
    let Some(number) = erasure.number.as_deref().filter(|_| calls.is_empty()) else { return Ok((calls, 0)) };
    // Campaigns are locked before calls.
    let contacts = contacts::erase(tx, organization, number, now, CHUNK).await?;
    Ok((erasures::calls_with_number(tx, organization, number, CHUNK).await?, contacts))
}
