//! The exchange of refresh tokens.
//!
//! A refresh token is used once. Who presents it again gets the very same successor for as long as that is fresh and
//! unused: two tabs, or an answer that got lost. Once the successor was used, the token has been copied, and the
//! session ends (RFC 9700 section 4.14.2).

use super::hex;
use crate::clock::Clock;
use crate::store::notifications::{Channel, notify};
use crate::store::sessions::{self, RefreshToken};
use crate::store::users::{self, User};
use crate::store::{DatabaseKind, StoreError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;
use token::Claims;

/// How long an unused successor is given out again.
const SUCCESSOR_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What became of a presented refresh token. Ending the session is a change to keep, so none of these is an error of
/// the transaction.
pub(super) enum Exchange {
    Given { user: Box<User>, access_issued_at: Timestamp, issued_at: Timestamp },
    Ended,
    Replayed,
    Copied { ended_at: Timestamp },
}

pub(super) async fn exchange(
    tx: &mut AnyConnection,
    presented: &Claims,
    successor: &str,
    clock: &dyn Clock,
    life: SignedDuration,
    kind: DatabaseKind,
) -> Result<Exchange, StoreError> {
    let (jti_hash, successor_hash) = (hashed(&presented.jti), hashed(successor));
    users::lock(tx, &presented.sub).await?;
    let now = clock.now();
    let redeemed = sessions::redeem(tx, &jti_hash, &successor_hash, now).await?;
    let Some(user) = user_of_open_session(tx, &presented.sid).await? else {
        return Ok(Exchange::Ended);
    };
    let made_at = issue_time(&user, now);
    if redeemed {
        sessions::record(tx, &successor_hash, &presented.sid, made_at).await?;
        sessions::extend(tx, &presented.sid, now + life).await?;
        return Ok(Exchange::Given { user: Box::new(user), access_issued_at: made_at, issued_at: made_at });
    }
    let Some(token) = sessions::token(tx, &jti_hash).await? else {
        return Ok(Exchange::Ended);
    };
    let successor = match &token.successor_hash {
        Some(hash) => sessions::token(tx, hash).await?,
        None => None,
    };
    match on_replay(successor.as_ref(), now) {
        Replay::SameSuccessor(issued_at) => {
            // Never newer than what is recorded, so that a change of rights knows of every access token.
            let access_issued_at = issue_time(&user, issued_at);
            Ok(Exchange::Given { user: Box::new(user), access_issued_at, issued_at })
        }
        Replay::Refuse => Ok(Exchange::Replayed),
        Replay::EndSession => {
            sessions::end(tx, &token.session_id, now).await?;
            notify(tx, kind, Channel::Revocations).await?;
            Ok(Exchange::Copied { ended_at: now })
        }
    }
}

async fn user_of_open_session(tx: &mut AnyConnection, session_id: &str) -> Result<Option<User>, StoreError> {
    match sessions::find(tx, session_id).await?.filter(|session| !session.ended) {
        Some(session) => Ok(users::by_id(tx, &session.user_id).await?.filter(|user| !user.is_disabled())),
        None => Ok(None),
    }
}

/// What to do about a refresh token that was used before.
#[derive(Debug, PartialEq, Eq)]
enum Replay {
    /// Give the successor made at this time once more.
    SameSuccessor(Timestamp),
    /// Give nothing: too late for a lost answer, but nothing shows that the token was copied.
    Refuse,
    /// The token was copied.
    EndSession,
}

fn on_replay(successor: Option<&RefreshToken>, now: Timestamp) -> Replay {
    match successor {
        Some(successor) if successor.used_at.is_none() => {
            if now.duration_since(successor.issued_at) <= SUCCESSOR_GRACE {
                Replay::SameSuccessor(successor.issued_at)
            } else {
                Replay::Refuse
            }
        }
        _ => Replay::EndSession,
    }
}

/// What is recorded of a `jti`: lower-case hex SHA-256.
pub(super) fn hashed(jti: &str) -> String {
    hex(&Sha256::digest(jti))
}

/// The `jti` of a refresh token's successor. It follows from the predecessor's, so that the same successor can be made
/// again from what its presenter brings, while only hashes are recorded.
pub(super) fn successor_of(jti: &str) -> String {
    let digest = Sha256::new().chain_update(b"cc-lite refresh successor\0").chain_update(jti).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// When a token counts as made: at a time from which the user's tokens are not refused. It is ahead by less than a
/// second right after their rights changed, which verifiers' leeway covers.
pub(super) fn issue_time(user: &User, now: Timestamp) -> Timestamp {
    let allowed = Timestamp::from_second(user.not_before).unwrap_or(now);
    now.max(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn successor(used_at: Option<Timestamp>) -> RefreshToken {
        RefreshToken {
            jti_hash: "h".into(),
            session_id: "s".into(),
            issued_at: at(100),
            used_at,
            successor_hash: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_replay_gets_the_same_successor_for_a_minute_while_that_is_unused() {
        let unused = successor(None);
        assert_eq!(on_replay(Some(&unused), at(100)), Replay::SameSuccessor(at(100)));
        assert_eq!(on_replay(Some(&unused), at(160)), Replay::SameSuccessor(at(100)));
        assert_eq!(on_replay(Some(&unused), at(161)), Replay::Refuse);
    }

    #[test]
    fn a_replay_after_the_successor_was_used_ends_the_session() {
        assert_eq!(on_replay(Some(&successor(Some(at(110)))), at(111)), Replay::EndSession);
        assert_eq!(on_replay(None, at(111)), Replay::EndSession);
    }

    #[test]
    fn a_successor_follows_from_its_predecessor_alone() {
        assert_eq!(successor_of("j1"), successor_of("j1"));
        assert_ne!(successor_of("j1"), successor_of("j2"));
        assert!(super::super::is_identifier(&successor_of("j1")));
        assert_eq!(hashed(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
