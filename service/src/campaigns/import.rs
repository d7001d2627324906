//! Imports of contacts: a file is read as it comes in, and kept in small transactions, so that other writes get in
//! between and what was kept stays when it breaks off.

use super::contacts::open_campaign;
use super::rows::{Row, Rows, RowsError};
use super::{CampaignError, Campaigns, complete_if_done, locked};
use crate::domain::campaign::Campaign;
use crate::domain::contact::{Contact, ContactDetails, ContactStatus};
use crate::domain::contact_import::{ContactImport, ImportFormat, ImportState, RowError, Tally};
use crate::domain::event::Actor;
use crate::identity::Identity;
use crate::ledger::Change;
use crate::store::{StoreError, campaigns, contact_imports, contacts, suppressions};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use futures::{Stream, StreamExt};
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;
use tokio::time::Instant;

/// The longest file, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How many rows are kept in one transaction.
const CHUNK: usize = 500;
/// How long nothing may come in.
const IDLE: Duration = Duration::from_secs(30);
/// How often it is written down how far a slow import has got.
const PROGRESS: Duration = Duration::from_secs(10);

/// Why an import broke off. What was kept before stays.
#[derive(Debug, thiserror::Error)]
pub enum Break {
    /// The file is too long.
    TooLarge,
    /// The connection was cut, or nothing came for half a minute.
    Cut,
    /// The rest cannot be read.
    Rows(#[from] RowsError),
}

impl Spoken for Break {
    fn sentence(&self) -> Sentence {
        match self {
            Self::TooLarge => say!("import-too-large"),
            Self::Cut => say!("import-cut"),
            Self::Rows(error) => error.sentence(),
        }
    }
}

impl Break {
    fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge => "content_too_large",
            Self::Cut => "connection_lost",
            Self::Rows(_) => "unreadable",
        }
    }
}

/// Why an import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The campaign is not there, or takes no contacts, or the database failed.
    Campaign(#[from] CampaignError),
    /// It broke off.
    Broken {
        /// How far it had got.
        import: Box<ContactImport>,
        /// Why.
        cause: Break,
    },
}

impl Spoken for ImportError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Campaign(error) => error.sentence(),
            Self::Broken { import, cause } => {
                say!("import-broken", cause = cause.sentence(), rows = import.rows_read)
            }
        }
    }
}

shown_in_english!(Break, ImportError);

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Campaign(error.into())
    }
}

impl Campaigns {
    /// Begins an import into a campaign that takes contacts.
    pub async fn begin_import(
        &self,
        identity: &Identity,
        campaign_id: &str,
        format: ImportFormat,
    ) -> Result<ContactImport, CampaignError> {
        let campaign_id = campaign_id.to_owned();
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let campaign = open_campaign(&mut change, &campaign_id).await?;
                    let import = ContactImport {
                        id: change.next_id(),
                        organization_id: campaign.organization_id,
                        campaign_id: campaign.id,
                        state: ImportState::Running,
                        format,
                        rows_read: 0,
                        added: 0,
                        duplicates: 0,
                        suppressed: 0,
                        refused: 0,
                        errors: Vec::new(),
                        end_reason: None,
                        user_id: change.actor.user_id.clone(),
                        created_at: change.now,
                        updated_at: change.now,
                        ended_at: None,
                    };
                    contact_imports::insert(change.tx, &import).await?;
                    Ok(import)
                })
            })
            .await
    }

    /// Reads contacts from `pieces` of a file, to its end. Goes on only while it is polled, so whoever must not leave it
    /// in the middle gives it a task of its own.
    pub async fn go_on_with<B: AsRef<[u8]>, E>(
        &self,
        mut import: ContactImport,
        pieces: impl Stream<Item = Result<B, E>> + Send,
    ) -> Result<ContactImport, ImportError> {
        let actor =
            Actor { organization_id: import.organization_id.clone(), user_id: import.user_id.clone() };
        let outcome = self.read_rows(&actor, &mut import, pieces).await?;
        let reason = outcome.as_ref().err().map(|cause| cause.reason().to_owned());
        if let Err(Break::Rows(error)) = &outcome {
            import.errors.push(RowError::new(import.rows_read + 1, "#", error.sentence()));
        }
        let import = self.end_import(actor, import, reason).await?;
        match outcome {
            Ok(()) => Ok(import),
            Err(cause) => Err(ImportError::Broken { import: Box::new(import), cause }),
        }
    }

    /// The campaign's import with this id.
    pub async fn find_import(
        &self,
        identity: &Identity,
        campaign_id: &str,
        id: &str,
    ) -> Result<ContactImport, CampaignError> {
        let mut connection = self.0.reader().await?;
        let organization_id = &identity.organization_id;
        let found = contact_imports::find(&mut connection, organization_id, campaign_id, id).await?;
        found.ok_or(CampaignError::Unknown)
    }

    /// The campaign's imports that began before the one with the id `before`, newest first, at most `limit`.
    pub async fn list_imports(
        &self,
        identity: &Identity,
        campaign_id: &str,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ContactImport>, CampaignError> {
        let campaign = self.find(identity, campaign_id).await?;
        let mut connection = self.0.reader().await?;
        Ok(contact_imports::list(&mut connection, &campaign.id, before, limit).await?)
    }

    async fn read_rows<B: AsRef<[u8]>, E>(
        &self,
        actor: &Actor,
        import: &mut ContactImport,
        pieces: impl Stream<Item = Result<B, E>> + Send,
    ) -> Result<Result<(), Break>, ImportError> {
        let mut pieces = pin!(pieces);
        let (mut rows, mut waiting) = (Rows::new(import.format), Vec::with_capacity(CHUNK));
        let (mut bytes, mut kept_at) = (0u64, Instant::now());
        let broken = loop {
            let piece = match tokio::time::timeout(IDLE, pieces.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(None) => break rows.finish(&mut waiting).err().map(Break::from),
                Ok(Some(Err(_))) | Err(_) => break Some(Break::Cut),
            };
            let piece = piece.as_ref();
            bytes = bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if bytes > MAX_BYTES {
                break Some(Break::TooLarge);
            }
            // A large piece is taken apart, so that its rows do not all wait at once.
            for part in piece.chunks(CHUNK * 64) {
                if let Err(error) = rows.feed(part, &mut waiting) {
                    return self.keep_all(actor, import, waiting, Some(error.into())).await;
                }
                while waiting.len() >= CHUNK {
                    let chunk = waiting.drain(..CHUNK).collect();
                    self.keep_rows(actor, import, chunk).await?;
                    kept_at = Instant::now();
                }
            }
            if kept_at.elapsed() >= PROGRESS {
                self.keep_rows(actor, import, std::mem::take(&mut waiting)).await?;
                kept_at = Instant::now();
            }
        };
        self.keep_all(actor, import, waiting, broken).await
    }

    /// Keeps the last rows that were read.
    async fn keep_all(
        &self,
        actor: &Actor,
        import: &mut ContactImport,
        mut waiting: Vec<Row>,
        broken: Option<Break>,
    ) -> Result<Result<(), Break>, ImportError> {
        while !waiting.is_empty() {
            let chunk = waiting.drain(..CHUNK.min(waiting.len())).collect();
            self.keep_rows(actor, import, chunk).await?;
        }
        Ok(broken.map_or(Ok(()), Err))
    }

    /// Keeps these rows, and how far the import has got, both or neither.
    async fn keep_rows(
        &self,
        actor: &Actor,
        import: &mut ContactImport,
        rows: Vec<Row>,
    ) -> Result<(), CampaignError> {
        let before = import.clone();
        let kept = self
            .0
            .change(actor.clone(), move |mut change| {
                Box::pin(async move {
                    let mut campaign = open_campaign(&mut change, &before.campaign_id).await?;
                    let tally = add_rows(&mut change, &mut campaign, rows).await?;
                    let import = before.advanced(tally, change.now);
                    contact_imports::update(change.tx, &import).await?;
                    campaigns::update(change.tx, &campaign).await?;
                    Ok(import)
                })
            })
            .await;
        match kept {
            Ok(kept) => {
                *import = kept;
                Ok(())
            }
            Err(error) => {
                let reason = match &error {
                    CampaignError::Refused { .. } => "campaign_ended",
                    _ => "database_failed",
                };
                // When this fails too, its silence will tell.
                let _ = self.end_import(actor.clone(), import.clone(), Some(reason.to_owned())).await;
                Err(error)
            }
        }
    }

    async fn end_import(
        &self,
        actor: Actor,
        import: ContactImport,
        reason: Option<String>,
    ) -> Result<ContactImport, CampaignError> {
        self.0
            .change(actor, move |mut change| {
                Box::pin(async move {
                    let campaign = locked(&mut change, &import.campaign_id).await?;
                    let ended = import.ended(reason.as_deref(), change.now);
                    contact_imports::update(change.tx, &ended).await?;
                    complete_if_done(&mut change, campaign).await?;
                    Ok(ended)
                })
            })
            .await
    }
}

/// Adds the rows that fit to the campaign; what all of them came to.
async fn add_rows(
    change: &mut Change<'_>,
    campaign: &mut Campaign,
    rows: Vec<Row>,
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let mut fitting: Vec<ContactDetails> = Vec::with_capacity(rows.len());
    for (number, row) in (1..).zip(rows) {
        match row {
            Ok(details) => fitting.push(details),
            Err(mut errors) => {
                for error in &mut errors {
                    error.row = number;
                }
                tally.refused += 1;
                tally.errors.append(&mut errors);
            }
        }
    }
    let numbers: Vec<&str> = fitting.iter().map(|details| details.number.as_str()).collect();
    let suppressed = suppressions::among(change.tx, &campaign.organization_id, &numbers).await?;
    let new: Vec<Contact> = fitting
        .into_iter()
        .map(|details| {
            let reason = suppressed.get(&details.number).map(String::as_str);
            let (organization, campaign) = (campaign.organization_id.clone(), campaign.id.clone());
            Contact::new(change.next_id(), organization, campaign, details, reason, change.now)
        })
        .collect();
    let added = contacts::insert(change.tx, &new).await?;
    let mut zones = BTreeSet::new();
    for contact in &new {
        if !added.contains(&contact.id) {
            tally.duplicates += 1;
            continue;
        }
        zones.insert(contact.details.time_zone.as_deref().unwrap_or_default());
        *campaign.counters.of(contact.status) += 1;
        if contact.status == ContactStatus::Skipped {
            tally.suppressed += 1;
        } else {
            tally.added += 1;
        }
    }
    contacts::add_time_zones(change.tx, &campaign.id, &zones).await?;
    Ok(tally)
}
