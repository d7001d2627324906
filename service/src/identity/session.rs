//! Sessions: login, the exchange of refresh tokens, and logout.
//!
//! A refresh token is used once. Who presents it again gets the very same successor for as long as that is fresh and
//! unused: two tabs, or an answer that got lost. Once the successor was used, the token has been copied, and the
//! session ends (RFC 9700 section 4.14.2).

use super::keys::KeyRing;
use super::password::{PasswordError, Passwords};
use super::verified::VerifiedTokens;
use super::{Identity, normal_email};
use crate::clock::Clock;
use crate::ids::IdSource;
use crate::store::sessions::{self, RefreshToken};
use crate::store::users::{self, User};
use crate::store::{Store, StoreError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;
use std::sync::Arc;
use token::{Bearer, TokenRefusal, TokenRules, TokenType};

/// How long an unused successor is given out again.
const SUCCESSOR_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What a login or refresh gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// Goes with each request.
    pub access_token: String,
    /// Is given for the next pair, once.
    pub refresh_token: String,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown address, wrong password or disabled account: which of them is not told.
    #[error("The address or the password is wrong.")]
    Credentials,
    /// The token is not one of ours, or not valid now.
    #[error("The token is refused: {0}.")]
    Token(#[from] TokenRefusal),
    /// The session was ended, or its user may not log in any more.
    #[error("The session has ended: log in again.")]
    Ended,
    /// The refresh token was used before.
    #[error("The refresh token was used before: log in again.")]
    Replayed,
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives out and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    rules: TokenRules,
    keys: KeyRing,
    verified: VerifiedTokens,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Sessions {
    /// Over the accounts in `store`.
    pub fn new(
        store: Store,
        rules: TokenRules,
        keys: KeyRing,
        passwords: Passwords,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { store, rules, keys, verified: VerifiedTokens::default(), passwords, clock, ids }
    }

    /// The keys in force.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Who the bearer of this access token is.
    pub fn authenticate(&self, access_token: &str) -> Result<Identity, TokenRefusal> {
        let (keys, now) = (self.keys.in_force(), self.clock.now());
        let claims = self.verified.claims(&self.rules, &keys, access_token, now)?;
        // What ends a token before its time is asked here, for remembered tokens as for new ones.
        Ok(Identity::from(&*claims))
    }

    /// Begins a session.
    pub async fn login(&self, email: &str, password: SecretString) -> Result<TokenPair, SessionError> {
        let user = match normal_email(email) {
            Some(email) => users::by_email(&mut *self.store.reader().await?, &email).await?,
            None => None,
        };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let equal = self.passwords.verify(password, hash).await?;
        let user = user.filter(|user| equal && !user.disabled).ok_or(SessionError::Credentials)?;

        let now = self.clock.now();
        let session_id = self.ids.next_id().to_string();
        let jti = self.ids.next_id().to_string();
        let pair = self.pair(&user, &session_id, &jti, now, now);
        let (user_id, expires_at) = (user.id, self.expiry(now));
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    sessions::begin(tx, &session_id, &user_id, now, expires_at).await?;
                    sessions::record(tx, &hashed(&jti), &session_id, now).await
                })
            })
            .await?;
        Ok(pair)
    }

    /// Gives the next pair of tokens for a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenPair, SessionError> {
        let now = self.clock.now();
        let claims = self.verify_refresh_token(refresh_token, now)?;
        let successor = successor_of(&claims.jti);
        let expires_at = self.expiry(now);
        let (jti, next, sid) = (claims.jti, successor.clone(), claims.sid.clone());
        let exchange = self
            .store
            .write(move |tx| Box::pin(async move { exchange(tx, &jti, &next, &sid, now, expires_at).await }))
            .await?;
        match exchange {
            Exchange::Given { user, issued_at } => {
                Ok(self.pair(&user, &claims.sid, &successor, now, issued_at))
            }
            Exchange::Ended => Err(SessionError::Ended),
            Exchange::Replayed => Err(SessionError::Replayed),
        }
    }

    /// Ends the session of a refresh token. One that has ended already stays so.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), SessionError> {
        let now = self.clock.now();
        let claims = self.verify_refresh_token(refresh_token, now)?;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    sessions::end(tx, &claims.sid, now).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The account of someone who is logged in, if it still may be used.
    pub async fn account(&self, identity: &Identity) -> Result<User, SessionError> {
        let user = users::by_id(&mut *self.store.reader().await?, &identity.user_id).await?;
        user.filter(|user| !user.disabled).ok_or(SessionError::Ended)
    }

    fn verify_refresh_token(&self, token: &str, now: Timestamp) -> Result<token::Claims, TokenRefusal> {
        self.rules.verify(&self.keys.in_force().set, token, TokenType::Refresh, now)
    }

    fn expiry(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_secs(self.rules.life_seconds(TokenType::Refresh))
    }

    fn pair(
        &self,
        user: &User,
        session_id: &str,
        refresh_jti: &str,
        now: Timestamp,
        refresh_issued_at: Timestamp,
    ) -> TokenPair {
        let bearer = Bearer {
            user_id: &user.id,
            email: &user.email,
            role: user.role,
            organization_id: &user.organization_id,
            session_id,
        };
        let access_jti = self.ids.next_id().to_string();
        let keys = &self.keys.in_force().set;
        TokenPair {
            access_token: self.rules.issue(keys, TokenType::Access, &bearer, &access_jti, now),
            refresh_token: self.rules.issue(
                keys,
                TokenType::Refresh,
                &bearer,
                refresh_jti,
                refresh_issued_at,
            ),
            expires_in: self.rules.life_seconds(TokenType::Access),
        }
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// What became of a presented refresh token. Ending the session is a change to keep, so none of these is an error.
enum Exchange {
    Given { user: Box<User>, issued_at: Timestamp },
    Ended,
    Replayed,
}

async fn exchange(
    tx: &mut AnyConnection,
    jti: &str,
    successor: &str,
    session_id: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Exchange, StoreError> {
    let (jti_hash, successor_hash) = (hashed(jti), hashed(successor));
    let redeemed = sessions::redeem(tx, &jti_hash, &successor_hash, now).await?;
    let Some(user) = user_of_open_session(tx, session_id).await? else { return Ok(Exchange::Ended) };
    if redeemed {
        sessions::record(tx, &successor_hash, session_id, now).await?;
        sessions::extend(tx, session_id, expires_at).await?;
        return Ok(Exchange::Given { user: Box::new(user), issued_at: now });
    }
    let Some(token) = sessions::token(tx, &jti_hash).await? else { return Ok(Exchange::Ended) };
    let successor = match &token.successor_hash {
        Some(hash) => sessions::token(tx, hash).await?,
        None => None,
    };
    match on_replay(successor.as_ref(), now) {
        Replay::SameSuccessor(issued_at) => Ok(Exchange::Given { user: Box::new(user), issued_at }),
        Replay::Refuse => Ok(Exchange::Replayed),
        Replay::EndSession => {
            sessions::end(tx, &token.session_id, now).await?;
            Ok(Exchange::Replayed)
        }
    }
}

async fn user_of_open_session(tx: &mut AnyConnection, session_id: &str) -> Result<Option<User>, StoreError> {
    match sessions::find(tx, session_id).await?.filter(|session| !session.ended) {
        Some(session) => Ok(users::by_id(tx, &session.user_id).await?.filter(|user| !user.disabled)),
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
fn hashed(jti: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(jti).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The `jti` of a refresh token's successor. It follows from the predecessor's, so that the same successor can be made
/// again from what its presenter brings, while only hashes are recorded.
fn successor_of(jti: &str) -> String {
    let digest = Sha256::new().chain_update(b"cc-lite refresh successor\0").chain_update(jti).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(digest)
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
