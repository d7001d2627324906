//! What can be done with transcripts: the domain's decisions, kept together with the index and the events that tell of
//! them.

use crate::calls::tell_beside;
use crate::domain::call::Call;
use crate::domain::event::EventData;
use crate::domain::transcript::query::SearchQuery;
use crate::domain::transcript::segment::{Redaction, Segment, SegmentDetails};
use crate::domain::transcript::{Appended, Ending, Transcript, TranscriptRefusal, TranscriptStatus};
use crate::identity::Identity;
use crate::ledger::{Change, Expected, Ledger};
use crate::store::transcript_search::{self, Found};
use crate::store::{StoreError, calls, overwrite, transcripts};
use crate::wording::{Sentence, Spoken, say, shown_in_english};

/// How many places of segments that are not final a refusal names.
const NAMED: i64 = 20;

/// Why a transcript was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// The organisation has no such call, or the call no transcript, or it no such segment.
    Unknown,
    /// It has been changed since.
    Stale {
        /// Its version now.
        current: i64,
    },
    /// It does not allow it.
    Refused {
        /// Why.
        refusal: TranscriptRefusal,
        /// Where the transcript stands.
        status: TranscriptStatus,
    },
    /// Segments may still be replaced.
    Partial {
        /// How many.
        count: i64,
        /// The first of them, by their sequence.
        places: Vec<i64>,
    },
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for TranscriptError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::Stale { current } => say!("transcript-stale", version = *current),
            Self::Refused { refusal, .. } => refusal.sentence(),
            Self::Partial { count, places } => {
                say!("transcript-partial", count = *count, places = listed(places))
            }
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(TranscriptError);

fn listed(places: &[i64]) -> String {
    places.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Segments that come together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Language of the transcript, where it is known by now.
    pub language: Option<String>,
    /// The segments.
    pub segments: Vec<SegmentDetails>,
}

/// The transcripts of all organisations.
#[derive(Debug, Clone)]
pub struct Transcripts(Ledger);

impl Transcripts {
    /// Kept in `ledger`.
    pub fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// The transcript of the organisation's call, with its segments in order.
    pub async fn find(
        &self,
        identity: &Identity,
        call_id: &str,
    ) -> Result<(Transcript, Vec<Segment>), TranscriptError> {
        let mut connection = self.0.reader().await?;
        let transcript = transcripts::of_call(&mut connection, &identity.organization_id, call_id).await?;
        let transcript = transcript.ok_or(TranscriptError::Unknown)?;
        let segments = transcripts::segments(&mut connection, &transcript.id).await?;
        Ok((transcript, segments))
    }

    /// Takes in segments of a call; its first ones begin the transcript.
    pub async fn append(
        &self,
        identity: &Identity,
        call_id: &str,
        expected: &Expected,
        batch: Batch,
    ) -> Result<Appended, TranscriptError> {
        let (call_id, expected, kind) = (call_id.to_owned(), expected.clone(), self.0.store().kind());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let (call, transcript) = locked(&mut change, &call_id, &expected).await?;
                    let is_new = transcript.is_none();
                    let transcript = transcript.unwrap_or_else(|| begun(&change, &call));
                    let places: Vec<i64> = batch.segments.iter().map(|segment| segment.sequence).collect();
                    let known = transcripts::segments_at(change.tx, &transcript.id, &places).await?;
                    let known =
                        known.into_iter().map(|segment| (segment.details.sequence, segment)).collect();
                    let given =
                        batch.segments.into_iter().map(|details| (change.next_id(), details)).collect();
                    let appended = transcript
                        .append(&known, batch.language, given, change.now)
                        .map_err(|refusal| refused(refusal, &transcript))?;
                    keep(&mut change, &appended.transcript, is_new).await?;
                    for segment in &appended.added {
                        transcripts::insert_segment(change.tx, &appended.transcript, segment).await?;
                    }
                    for segment in &appended.replaced {
                        transcripts::update_segment(change.tx, segment).await?;
                    }
                    let organization = &appended.transcript.organization_id;
                    for segment in appended.added.iter().chain(&appended.replaced) {
                        if segment.details.is_final {
                            transcript_search::put(change.tx, kind, organization, segment).await?;
                        }
                    }
                    Ok(appended)
                })
            })
            .await
    }

    /// Brings the transcript of a call to its end; a call of which nothing was said gets an empty one.
    pub async fn finish(
        &self,
        identity: &Identity,
        call_id: &str,
        expected: &Expected,
        ending: Ending,
    ) -> Result<Transcript, TranscriptError> {
        let (call_id, expected) = (call_id.to_owned(), expected.clone());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let (call, transcript) = locked(&mut change, &call_id, &expected).await?;
                    let is_new = transcript.is_none();
                    let transcript = transcript.unwrap_or_else(|| begun(&change, &call));
                    let finished = match transcript.finish(&ending, call.ended_at.is_some(), change.now) {
                        Ok(finished) => finished,
                        Err(TranscriptRefusal::Partial(count)) => {
                            let places = transcripts::partial(change.tx, &transcript.id, NAMED).await?;
                            return Err(TranscriptError::Partial { count, places });
                        }
                        Err(refusal) => return Err(refused(refusal, &transcript)),
                    };
                    let Some((next, event)) = finished else { return Ok(transcript) };
                    keep(&mut change, &next, is_new).await?;
                    tell_beside(&mut change, &call, event.as_slice()).await?;
                    Ok(next)
                })
            })
            .await
    }

    /// Takes a part of a segment out, for good: neither the tables nor the index hold it any more.
    pub async fn redact(
        &self,
        identity: &Identity,
        call_id: &str,
        expected: &Expected,
        sequence: i64,
        range: Redaction,
    ) -> Result<(Transcript, Segment), TranscriptError> {
        let (call_id, expected, kind) = (call_id.to_owned(), expected.clone(), self.0.store().kind());
        self.0
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let (_, transcript) = locked(&mut change, &call_id, &expected).await?;
                    let transcript = transcript.ok_or(TranscriptError::Unknown)?;
                    let mut found = transcripts::segments_at(change.tx, &transcript.id, &[sequence]).await?;
                    let segment = found.pop().ok_or(TranscriptError::Unknown)?;
                    let redacted = transcript
                        .redact(&segment, range, change.now)
                        .map_err(|refusal| refused(refusal, &transcript))?;
                    let Some((next, segment)) = redacted else { return Ok((transcript, segment)) };
                    overwrite(change.tx, kind, true).await?;
                    transcripts::update_segment(change.tx, &segment).await?;
                    transcript_search::put(change.tx, kind, &next.organization_id, &segment).await?;
                    transcripts::update(change.tx, &next).await?;
                    overwrite(change.tx, kind, false).await?;
                    Ok((next, segment))
                })
            })
            .await
    }

    /// The organisation's segments that the query finds, newest first, after the one with the id `after`.
    pub async fn search(
        &self,
        identity: &Identity,
        query: &SearchQuery,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Found>, TranscriptError> {
        let (mut connection, kind) = (self.0.reader().await?, self.0.store().kind());
        let organization = &identity.organization_id;
        Ok(transcript_search::find(&mut connection, kind, organization, query, after, limit).await?)
    }
}

/// What is told of the call's transcript now that the call has ended. The call must be locked.
pub(crate) async fn on_call_ended(
    change: &mut Change<'_>,
    call: &Call,
) -> Result<Vec<EventData>, StoreError> {
    let transcript = transcripts::lock(change.tx, &call.organization_id, &call.id).await?;
    let Some((told, event)) = transcript.and_then(|transcript| transcript.tell(change.now)) else {
        return Ok(Vec::new());
    };
    transcripts::update(change.tx, &told).await?;
    Ok(vec![event])
}

/// The call and its transcript, if it has one, both locked.
async fn locked(
    change: &mut Change<'_>,
    call_id: &str,
    expected: &Expected,
) -> Result<(Call, Option<Transcript>), TranscriptError> {
    let organization = &change.actor.organization_id;
    let call = calls::lock(change.tx, organization, call_id).await?.ok_or(TranscriptError::Unknown)?;
    let transcript = transcripts::lock(change.tx, organization, call_id).await?;
    let current = transcript.as_ref().map_or(0, |transcript| transcript.version);
    if expected.fits(current) { Ok((call, transcript)) } else { Err(TranscriptError::Stale { current }) }
}

fn begun(change: &Change<'_>, call: &Call) -> Transcript {
    let language = call.details.language.clone();
    let organization = call.organization_id.clone();
    Transcript::new(change.next_id(), organization, call.id.clone(), language, change.now)
}

async fn keep(change: &mut Change<'_>, transcript: &Transcript, is_new: bool) -> Result<(), StoreError> {
    if is_new {
        transcripts::insert(change.tx, transcript).await
    } else {
        transcripts::update(change.tx, transcript).await
    }
}

fn refused(refusal: TranscriptRefusal, transcript: &Transcript) -> TranscriptError {
    TranscriptError::Refused { refusal, status: transcript.status }
}
