//! Every token that was given out, and what must become of it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::seq::IndexedRandom;
use testbed::module::token_parts;
use testbed::wait::eventually;

/// How far the judgement of a time may lie from it: clocks may differ by 5 s, and seconds are cut off.
const MARGIN: Duration = Duration::from_secs(7);
/// How long a token is remembered: longer than its key is accepted, which is two minutes from the last pod's signing with it,
/// so that it is also presented when that is gone.
const REMEMBERED: Duration = Duration::from_secs(200);

/// A token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) kid: String,
    begun: Instant,
    ends: Instant,
}

impl Token {
    /// One that was given out just now.
    pub(super) fn new(text: &str) -> Result<Self> {
        let (header, claims) = token_parts(text)?;
        let times = claims["exp"].as_u64().zip(claims["iat"].as_u64()).context("the token has no times")?;
        let begun = Instant::now();
        Ok(Self {
            text: text.to_owned(),
            kid: header["kid"].as_str().context("the token has no kid")?.to_owned(),
            begun,
            ends: begun + Duration::from_secs(times.0 - times.1),
        })
    }
}

/// What must become of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Either,
    Refused,
}

/// Who judges tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Judge {
    /// A pod.
    Service,
    /// Somebody who goes by the published keys, which they may remember for this long.
    Outside(Duration),
}

#[derive(Default)]
struct Counts {
    issued: u64,
    accepted: u64,
    refused: u64,
    unanswered: u64,
    outside_accepted: u64,
    outside_refused: u64,
}

#[derive(Default)]
struct State {
    tokens: Vec<Token>,
    /// Keys that were revoked, and since when no pod accepts them.
    revoked: HashMap<String, Option<Instant>>,
    /// Keys that were seen to sign.
    signed: HashSet<String>,
    /// Those that took a revoked one's place, and since when every pod knows them.
    sudden: HashMap<String, Option<Instant>>,
    counts: Counts,
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Ledger(Mutex<State>);

impl Ledger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    /// An access token was given out.
    pub(super) fn issued(&self, text: &str) -> Result<()> {
        let token = Token::new(text)?;
        let mut state = self.state();
        state.tokens.retain(|token| token.begun.elapsed() < REMEMBERED);
        if state.signed.insert(token.kid.clone()) {
            // Its first token may come only after all have refused the revoked key: what they fetched before is remembered.
            let pending = state.revoked.values().any(Option::is_none);
            let last = state.revoked.values().max().copied();
            if let Some(last) = last {
                state.sudden.insert(token.kid.clone(), last.filter(|_| !pending));
            }
        }
        state.tokens.push(token);
        state.counts.issued += 1;
        Ok(())
    }

    /// Any token.
    pub(super) fn any(&self) -> Option<Token> {
        self.state().tokens.choose(&mut rand::rng()).cloned()
    }

    /// The newest, or any, as often as the other.
    pub(super) fn newest_or_any(&self) -> Option<Token> {
        if rand::random() { self.state().tokens.last().cloned() } else { self.any() }
    }

    /// A key is about to be revoked.
    pub(super) fn revoking(&self, kid: &str) {
        self.state().revoked.insert(kid.to_owned(), None);
    }

    /// No pod accepts it any more, and all know the one in its place.
    pub(super) fn refused(&self, kid: &str) {
        let mut state = self.state();
        let now = Instant::now();
        state.revoked.insert(kid.to_owned(), Some(now));
        state.sudden.values_mut().filter(|since| since.is_none()).for_each(|since| *since = Some(now));
    }

    /// What must become of a token that is presented now.
    pub(super) fn fate(&self, token: &Token, judge: Judge) -> Fate {
        let remembers = match judge {
            Judge::Service => Duration::ZERO,
            Judge::Outside(remembers) => remembers,
        };
        let (now, state) = (Instant::now(), self.state());
        match state.revoked.get(&token.kid) {
            Some(Some(since)) if now >= *since + remembers => return Fate::Refused,
            Some(_) => return Fate::Either,
            None => {}
        }
        // Nobody is waited for when a key is revoked, so a pod may sign with the new one before others know it.
        match state.sudden.get(&token.kid) {
            Some(Some(since)) if now >= *since + remembers => {}
            Some(_) => return Fate::Either,
            None => {}
        }
        if now + MARGIN < token.ends {
            Fate::Accepted
        } else if now > token.ends + MARGIN {
            Fate::Refused
        } else {
            Fate::Either
        }
    }

    /// Notes a judgement, of a token with this fate when it was presented. Fails where it was wrong.
    pub(super) fn judged(
        &self,
        token: &Token,
        judge: Judge,
        before: Fate,
        accepted: bool,
        said: &str,
    ) -> Result<()> {
        // What ended meanwhile may be judged either way.
        let fate = if before == self.fate(token, judge) { before } else { Fate::Either };
        let counts = &mut self.state().counts;
        *match (judge, accepted) {
            (Judge::Service, true) => &mut counts.accepted,
            (Judge::Service, false) => &mut counts.refused,
            (Judge::Outside(_), true) => &mut counts.outside_accepted,
            (Judge::Outside(_), false) => &mut counts.outside_refused,
        } += 1;
        let right = match fate {
            Fate::Accepted => accepted,
            Fate::Refused => !accepted,
            Fate::Either => true,
        };
        ensure!(
            right,
            "a token of {} that is {:.1} s old was to be {fate:?} by {judge:?}, which said: {said}",
            token.kid,
            token.begun.elapsed().as_secs_f64()
        );
        Ok(())
    }

    /// Notes that nobody answered: pods are being killed.
    pub(super) fn unanswered(&self) {
        self.state().counts.unanswered += 1;
    }

    /// Waits until a hundred more were accepted here, and five outside.
    pub(super) async fn goes_on(&self) -> Result<()> {
        let seen = || {
            let state = self.state();
            (state.counts.accepted, state.counts.outside_accepted)
        };
        let (accepted, outside) = seen();
        eventually(Duration::from_secs(60), "more tokens are accepted", async || {
            let now = seen();
            ensure!(
                now.0 >= accepted + 100 && now.1 >= outside + 5,
                "{now:?} after {:?}",
                (accepted, outside)
            );
            Ok(())
        })
        .await
    }

    /// All counts in a sentence.
    pub(super) fn summary(&self) -> String {
        let Counts { issued, accepted, refused, unanswered, outside_accepted, outside_refused } =
            self.state().counts;
        format!(
            "{issued} tokens: accepted {accepted} times and refused {refused} times by the module, {outside_accepted} and \
             {outside_refused} by PyJWT, as was right each time; {unanswered} requests met a pod that had just ended"
        )
    }
}
