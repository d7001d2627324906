//! What is refused although its token is still valid: tokens of sessions that were ended, and tokens made before their
//! user's rights changed. All of it is in memory, so that asking costs no query.
//!
//! The process that ends a session knows at once. The others of the same PostgreSQL are told (`NOTIFY`) and look every
//! second besides, so that a lost notification costs a second.

use crate::clock::Clock;
use crate::outage::Outage;
use crate::store::notifications::{Channel, Listener};
use crate::store::{DatabaseKind, Store, StoreError, sessions, users};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use token::{Claims, LONGEST_ACCESS_LIFE};
use tokio_util::sync::CancellationToken;

/// How often other processes' changes are looked for.
const INTERVAL: Duration = Duration::from_secs(1);
/// How far back is looked each time: longer than a transaction takes and clocks of processes are apart.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// Why a valid token is refused all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// Its session has ended.
    Session,
    /// Its user's rights have changed since it was made; the session may go on with a new one.
    Outdated,
}

/// What is refused at present. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Revocations(Arc<RwLock<Refused>>);

#[derive(Debug, Default)]
struct Refused {
    /// Ended sessions, with when they ended.
    sessions: HashMap<String, Timestamp>,
    /// Users, with the second before which tokens were made that are refused.
    not_before: HashMap<String, i64>,
}

impl Revocations {
    /// Whether a token that is valid by itself is refused.
    pub fn of(&self, claims: &Claims) -> Option<Revoked> {
        let refused = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if refused.sessions.contains_key(&claims.sid) {
            return Some(Revoked::Session);
        }
        let outdated = refused.not_before.get(&claims.sub).is_some_and(|not_before| claims.iat < *not_before);
        outdated.then_some(Revoked::Outdated)
    }

    /// From now on tokens of this session are refused.
    pub fn end_session(&self, id: &str, at: Timestamp) {
        self.change(|refused| {
            refused.sessions.insert(id.to_owned(), at);
        });
    }

    /// From now on this user's access tokens are refused that were made before `second`.
    pub fn refuse_before(&self, user_id: &str, second: i64) {
        self.change(|refused| {
            let not_before = refused.not_before.entry(user_id.to_owned()).or_default();
            *not_before = second.max(*not_before);
        });
    }

    /// Loads all that matters: what concerns tokens that may still be valid.
    pub async fn load(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        self.catch_up(store, oldest_that_matters(now)).await
    }

    async fn catch_up(&self, store: &Store, since: Timestamp) -> Result<(), StoreError> {
        let mut reader = store.reader().await?;
        let ended = sessions::ended_since(&mut reader, since).await?;
        let not_before = users::not_before_since(&mut reader, since.as_second()).await?;
        self.change(|refused| {
            refused.sessions.extend(ended);
            refused.not_before.extend(not_before);
        });
        Ok(())
    }

    /// Forgets what concerns only tokens that are no longer valid.
    fn forget(&self, now: Timestamp) {
        let oldest = oldest_that_matters(now);
        self.change(|refused| {
            refused.sessions.retain(|_, ended| *ended >= oldest);
            refused.not_before.retain(|_, second| *second >= oldest.as_second());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Refused)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Follows what other processes of the same database end, until told to stop.
    pub async fn follow(self, store: Store, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let mut listener = None;
        let mut outage = Outage::default();
        loop {
            if listener.is_none() {
                listener = Listener::listen(&store, Channel::Revocations).await.ok().flatten();
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
                () = Listener::heard_by(&mut listener) => {}
            }
            let now = clock.now();
            self.forget(now);
            if store.kind() == DatabaseKind::Sqlite {
                continue;
            }
            let outcome = self.catch_up(&store, now.saturating_sub(OVERLAP).unwrap_or(now)).await;
            outage.observe(
                &outcome,
                "sessions that other processes end are not seen for now",
                "sessions that other processes end are seen again",
            );
        }
    }
}

fn oldest_that_matters(now: Timestamp) -> Timestamp {
    let life = SignedDuration::from_secs(LONGEST_ACCESS_LIFE) + OVERLAP;
    now.saturating_sub(life).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use token::{Role, TokenType};

    fn claims(sid: &str, sub: &str, iat: i64) -> Claims {
        Claims {
            sub: sub.into(),
            email: "a@b".into(),
            role: Role::Agent,
            org: "o".into(),
            sid: sid.into(),
            token_type: TokenType::Access,
            exp: iat + 900,
            iat,
            nbf: iat,
            iss: "i".into(),
            aud: "a".into(),
            jti: "j".into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_ended_session_and_a_token_from_before_are_refused_and_nothing_else() {
        let revocations = Revocations::default();
        assert_eq!(revocations.of(&claims("s1", "u1", 100)), None);
        revocations.end_session("s1", at(101));
        revocations.refuse_before("u2", 200);
        assert_eq!(revocations.of(&claims("s1", "u1", 100)), Some(Revoked::Session));
        assert_eq!(revocations.of(&claims("s2", "u1", 100)), None);
        assert_eq!(revocations.of(&claims("s3", "u2", 199)), Some(Revoked::Outdated));
        assert_eq!(revocations.of(&claims("s3", "u2", 200)), None);
    }

    #[test]
    fn a_later_time_is_not_taken_back_by_an_earlier_one() {
        let revocations = Revocations::default();
        revocations.refuse_before("u", 200);
        revocations.refuse_before("u", 100);
        assert_eq!(revocations.of(&claims("s", "u", 199)), Some(Revoked::Outdated));
    }

    #[test]
    fn what_no_valid_token_can_meet_is_forgotten() {
        let revocations = Revocations::default();
        revocations.end_session("s", at(100));
        revocations.refuse_before("u", 100);
        revocations.forget(at(100 + LONGEST_ACCESS_LIFE));
        assert_eq!(revocations.of(&claims("s", "u", 100)), Some(Revoked::Session));
        revocations.forget(at(100 + LONGEST_ACCESS_LIFE + 61));
        let refused = revocations.0.read().unwrap();
        assert!(refused.sessions.is_empty() && refused.not_before.is_empty(), "{refused:?}");
    }
}
