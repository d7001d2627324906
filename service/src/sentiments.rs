//! What can be done with analyses of moods: the domain's decisions, kept together with the events that tell of them.

pub mod analyzer;
pub mod english;
mod text;

use crate::calls::tell_beside;
use crate::domain::call::Call;
use crate::domain::event::EventData;
use crate::domain::sentiment::trend::{Quarter, quarters};
use crate::domain::sentiment::{
    Basis, Outcome, SegmentReference, Sentiment, SentimentDetails, SentimentRefusal, SentimentStatus, permit,
};
use crate::domain::transcript::segment::Party;
use crate::identity::Identity;
use crate::identity::permission::{Permission, may};
use crate::ledger::{Change, Ledger};
use crate::store::sentiments::{SentimentFilter, insert, update};
use crate::store::{StoreError, calls, sentiments, transcripts};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use analyzer::SentimentAnalyzer;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many analyses are made at once.
const AT_ONCE: usize = 2;

/// Why an analysis was not read, made or taken.
#[derive(Debug, thiserror::Error)]
pub enum SentimentError {
    /// The organisation has no such call, or the call no such segment or analysis.
    Unknown,
    /// One's role does not include analyses of agents.
    Forbidden,
    /// The segment was said by another party.
    OtherParty(Party),
    /// It is not taken.
    Refused {
        /// Why.
        refusal: SentimentRefusal,
        /// Where the analysis stands.
        status: SentimentStatus,
    },
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for SentimentError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::Forbidden => say!("permission-missing", permission = Permission::AgentSentiment.as_str()),
            Self::OtherParty(party) => say!("segment-other-party", party = party.as_str()),
            Self::Refused { refusal, .. } => refusal.sentence(),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(SentimentError);

/// An analysis that somebody else made, or is to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSentiment {
    /// Place of the segment that it is about; none when it is about the whole call.
    pub segment_sequence: Option<i64>,
    /// Whose mood; by default the segment's party, or the customer's.
    pub party: Option<Party>,
    /// What it is made from.
    pub basis: Basis,
    /// How it is made.
    pub method: String,
    /// Version of the method.
    pub method_version: Option<String>,
    /// What has come of it.
    pub outcome: Outcome,
}

/// The analyses of all organisations.
#[derive(Clone)]
pub struct Sentiments {
    ledger: Ledger,
    analyzer: Arc<dyn SentimentAnalyzer>,
    agent_audio_allowed: bool,
    turns: Arc<Semaphore>,
}

impl Sentiments {
    /// Kept in `ledger`; those that are asked for here are made by `analyzer`. `agent_audio_allowed` says that an
    /// exception of Article 5(1)(f) of the EU AI Act holds for this deployment.
    pub fn new(ledger: Ledger, analyzer: Arc<dyn SentimentAnalyzer>, agent_audio_allowed: bool) -> Self {
        Self { ledger, analyzer, agent_audio_allowed, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Analyses of a call that this user may see, newest first, and how the party's mood goes over the call.
    pub async fn list(
        &self,
        identity: &Identity,
        call_id: &str,
        party: Option<Party>,
        after: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<Sentiment>, [Quarter; 4]), SentimentError> {
        let may_see_agents = may(identity.role, Permission::AgentSentiment);
        let organization = &identity.organization_id;
        let mut connection = self.ledger.reader().await?;
        let call =
            calls::find(&mut connection, organization, call_id).await?.ok_or(SentimentError::Unknown)?;
        if party == Some(Party::Agent) && !may_see_agents {
            return Err(SentimentError::Forbidden);
        }
        let seen = if may_see_agents { party } else { Some(Party::Customer) };
        let filter = SentimentFilter { party: seen, after, limit };
        let found = sentiments::list(&mut connection, organization, call_id, filter).await?;
        let trend_of = party.unwrap_or(Party::Customer);
        let points = sentiments::points(&mut connection, organization, call_id, trend_of).await?;
        let last_word = points.iter().map(|point| point.ends_ms).max().unwrap_or_default();
        let length = call.duration().map_or(0, |seconds| seconds.saturating_mul(1000)).max(last_word);
        Ok((found, quarters(&points, length)))
    }

    /// Takes in an analysis that somebody else made, or is to make.
    pub async fn record(
        &self,
        identity: &Identity,
        call_id: &str,
        new: NewSentiment,
    ) -> Result<Sentiment, SentimentError> {
        let (call_id, allowed) = (call_id.to_owned(), self.agent_audio_allowed);
        let may_judge_agents = may(identity.role, Permission::AgentSentiment);
        self.ledger
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let call = locked_call(&mut change, &call_id).await?;
                    let (segment, party) = subject(&mut change, &call, &new).await?;
                    check(party, new.basis, may_judge_agents, allowed, &new.outcome)?;
                    let details = SentimentDetails {
                        segment,
                        party,
                        basis: new.basis,
                        method: new.method,
                        method_version: new.method_version,
                    };
                    let id = change.next_id();
                    let sentiment =
                        Sentiment::new(id, organization, call.id.clone(), details, new.outcome, change.now);
                    let (sentiment, event) = told(&mut change, &call, sentiment).await?;
                    insert(change.tx, &sentiment).await?;
                    tell_beside(&mut change, &call, event.as_slice()).await?;
                    Ok(sentiment)
                })
            })
            .await
    }

    /// Takes in what came of an analysis that was requested.
    pub async fn settle(
        &self,
        identity: &Identity,
        call_id: &str,
        id: &str,
        outcome: Outcome,
    ) -> Result<Sentiment, SentimentError> {
        let (call_id, id) = (call_id.to_owned(), id.to_owned());
        let may_judge_agents = may(identity.role, Permission::AgentSentiment);
        self.ledger
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let call = locked_call(&mut change, &call_id).await?;
                    let known = sentiments::lock(change.tx, &organization, &call_id, &id).await?;
                    let known = known
                        .filter(|known| may_judge_agents || known.details.party != Party::Agent)
                        .ok_or(SentimentError::Unknown)?;
                    let settled = known.settle(outcome, change.now).map_err(|refusal| {
                        SentimentError::Refused { refusal, status: known.outcome.status() }
                    })?;
                    let Some(settled) = settled else { return Ok(known) };
                    let (settled, event) = told(&mut change, &call, settled).await?;
                    update(change.tx, &settled).await?;
                    tell_beside(&mut change, &call, event.as_slice()).await?;
                    Ok(settled)
                })
            })
            .await
    }

    /// Has the analyser tell the party's mood from the call's transcript: of each of the party's final segments, and of
    /// the whole call. The answer is that of the whole call, and how many segments have one.
    pub async fn analyze(
        &self,
        identity: &Identity,
        call_id: &str,
        party: Party,
    ) -> Result<(Sentiment, usize), SentimentError> {
        let may_judge_agents = may(identity.role, Permission::AgentSentiment);
        check(party, Basis::Text, may_judge_agents, self.agent_audio_allowed, &Outcome::Requested)?;
        let spoken = {
            let mut connection = self.ledger.reader().await?;
            let organization = &identity.organization_id;
            let call = calls::find(&mut connection, organization, call_id).await?;
            let call = call.ok_or(SentimentError::Unknown)?;
            let transcript = transcripts::of_call(&mut connection, organization, call_id).await?;
            let segments = match &transcript {
                None => Vec::new(),
                Some(transcript) => transcripts::segments(&mut connection, &transcript.id).await?,
            };
            let language = transcript.and_then(|transcript| transcript.language).or(call.details.language);
            text::Spoken { language, segments, party }
        };
        let judged = text::judge(&*self.analyzer, &self.turns, spoken).await;
        let call_id = call_id.to_owned();
        let (method, version) = (self.analyzer.method().to_owned(), self.analyzer.version().to_owned());
        self.ledger
            .change(identity.into(), move |mut change| {
                Box::pin(async move {
                    let organization = change.organization_id().to_owned();
                    let call = locked_call(&mut change, &call_id).await?;
                    let transcript = transcripts::of_call(change.tx, &organization, &call_id).await?;
                    if transcript.is_none() && !judged.segments.is_empty() {
                        return Err(SentimentError::Unknown);
                    }
                    let make = |change: &Change<'_>, segment, outcome| {
                        let details = SentimentDetails {
                            segment,
                            party,
                            basis: Basis::Text,
                            method: method.clone(),
                            method_version: Some(version.clone()),
                        };
                        let organization = change.organization_id().to_owned();
                        Sentiment::new(
                            change.next_id(),
                            organization,
                            call.id.clone(),
                            details,
                            outcome,
                            change.now,
                        )
                    };
                    let mut events = Vec::new();
                    let count = judged.segments.len();
                    for (segment, verdict) in judged.segments {
                        let sentiment = make(&change, Some(segment), Outcome::Analyzed(verdict));
                        let (sentiment, event) = told(&mut change, &call, sentiment).await?;
                        insert(change.tx, &sentiment).await?;
                        events.extend(event);
                    }
                    let whole = make(&change, None, judged.whole);
                    let (whole, event) = told(&mut change, &call, whole).await?;
                    insert(change.tx, &whole).await?;
                    events.extend(event);
                    tell_beside(&mut change, &call, &events).await?;
                    Ok((whole, count))
                })
            })
            .await
    }
}

impl std::fmt::Debug for Sentiments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sentiments").finish_non_exhaustive()
    }
}

/// What is told of the call's analyses now that the call has ended. The call must be locked.
pub(crate) async fn on_call_ended(
    change: &mut Change<'_>,
    call: &Call,
) -> Result<Vec<EventData>, StoreError> {
    let mut events = Vec::new();
    for waiting in sentiments::untold(change.tx, &call.organization_id, &call.id).await? {
        if let Some((told, event)) = waiting.tell(None, true, change.now) {
            update(change.tx, &told).await?;
            events.push(event);
        }
    }
    Ok(events)
}

/// The call, locked.
async fn locked_call(change: &mut Change<'_>, id: &str) -> Result<Call, SentimentError> {
    let call = calls::lock(change.tx, &change.actor.organization_id, id).await?;
    call.ok_or(SentimentError::Unknown)
}

/// The segment and the party that a new analysis is about.
async fn subject(
    change: &mut Change<'_>,
    call: &Call,
    new: &NewSentiment,
) -> Result<(Option<SegmentReference>, Party), SentimentError> {
    let Some(sequence) = new.segment_sequence else {
        return Ok((None, new.party.unwrap_or(Party::Customer)));
    };
    let transcript = transcripts::of_call(change.tx, &call.organization_id, &call.id).await?;
    let transcript = transcript.ok_or(SentimentError::Unknown)?;
    let mut found = transcripts::segments_at(change.tx, &transcript.id, &[sequence]).await?;
    let segment = found.pop().ok_or(SentimentError::Unknown)?;
    let said_by = segment.details.party;
    if said_by == Party::System || new.party.is_some_and(|party| party != said_by) {
        return Err(SentimentError::OtherParty(said_by));
    }
    Ok((Some(SegmentReference { id: segment.id, sequence }), said_by))
}

fn check(
    party: Party,
    basis: Basis,
    may_judge_agents: bool,
    agent_audio_allowed: bool,
    outcome: &Outcome,
) -> Result<(), SentimentError> {
    permit(party, basis, agent_audio_allowed)
        .map_err(|refusal| SentimentError::Refused { refusal, status: outcome.status() })?;
    if party == Party::Agent && !may_judge_agents { Err(SentimentError::Forbidden) } else { Ok(()) }
}

/// The analysis with whether it was told of, and the event that tells of it. It is not kept by this, and neither must it
/// have been before.
async fn told(
    change: &mut Change<'_>,
    call: &Call,
    sentiment: Sentiment,
) -> Result<(Sentiment, Option<EventData>), StoreError> {
    let before = match &sentiment.details.segment {
        Some(segment) => sentiments::latest_label(change.tx, &segment.id).await?,
        None => None,
    };
    let told = sentiment.tell(before, call.ended_at.is_some(), change.now);
    Ok(told.map_or((sentiment, None), |(told, event)| (told, Some(event))))
}
